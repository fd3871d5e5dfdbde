"""Activation functions from their formulas, and the plain deep nets in which they show what they do.

Sources
    LeCun, Bottou, Orr and Müller 1998, "Efficient BackProp": sigmoid and tanh.
    Glorot and Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks", equation 12:
    the initialisation "xavier".
    Nair and Hinton 2010, "Rectified Linear Units Improve Restricted Boltzmann Machines"; Glorot, Bordes and Bengio
    2011, "Deep Sparse Rectifier Neural Networks": ReLU.
    Maas, Hannun and Ng 2013, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", equation 2: Leaky ReLU.
    He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", https://arxiv.org/abs/1502.01852, section 2.2: the
    initialisation "he".
    Hochreiter and Schmidhuber 1997, "Long Short-Term Memory": the cell of `dlcheck_lstm`, whose tanh are exchanged.

Axes
    B       examples in the batch
    d_in    width of the input: units, or channels, height and width of an image

Derivatives are those that automatic differentiation finds. Everything runs on any device, in float64 to bfloat16, and
under `torch.func`.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn

from dlcheck_lstm.model import FREE, LSTM, Affine, Forced, State, gate

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Adder",
    "Init",
    "PlainNet",
    "SquashedLSTM",
    "convolutional",
    "dense",
    "identity",
    "initialise",
    "leaky_relu",
    "relu",
    "sigmoid",
    "tanh",
]

Activation = Callable[[Tensor], Tensor]
Init = Literal["xavier", "he", "framework"]

# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------


def sigmoid(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """1 / (1 + e^-x); the derivative is y (1 - y) for y = sigmoid(x)."""
    above, below = torch.exp(-x.clamp(min=0)), torch.exp(x.clamp(max=0))  # e^-x overflows far below 0; these never do
    return torch.where(x >= 0, 1 / (1 + above), below / (1 + below))


def tanh(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """(e^x - e^-x) / (e^x + e^-x); the derivative is 1 - y² for y = tanh(x)."""
    above, below = torch.expm1(-2 * x.clamp(min=0)), torch.expm1(2 * x.clamp(max=0))  # e^∓2x - 1, exact near 0 too
    return torch.where(x >= 0, -above / (above + 2), below / (below + 2))


def relu(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """max(0, x); the derivative is 1 where x > 0 and 0 elsewhere, at 0 too."""
    return torch.where(x > 0, x, 0.0)


def leaky_relu(x: Float[Tensor, "*shape"], slope: float = 0.01) -> Float[Tensor, "*shape"]:
    """x where x > 0 and slope · x elsewhere; the derivative is 1 and `slope`, at 0 `slope`."""
    return torch.where(x > 0, x, slope * x)


def identity(x: Float[Tensor, "*shape"]) -> Float[Tensor, "*shape"]:
    """x: no activation at all."""
    return x


ACTIVATIONS: dict[str, Activation] = {
    activation.__name__: activation for activation in (sigmoid, tanh, relu, leaky_relu, identity)
}

# ---------------------------------------------------------------------------------------------------------------------
# Plain deep nets
# ---------------------------------------------------------------------------------------------------------------------


class PlainNet(nn.Module):
    """Layer, activation, layer, activation, ..., layer: the last one has no activation after it."""

    def __init__(self, layers: Iterable[nn.Module], activation: Activation) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.activation = activation

    def forward(self, x: Float[Tensor, "B *d_in"]) -> Float[Tensor, "B *d_out"]:
        *hidden, last = self.layers
        for layer in hidden:
            x = self.activation(layer(x))
        y: Tensor = last(x)
        return y


def dense(widths: Iterable[int], activation: Activation, init: Init = "he", gain: float = 1.0) -> PlainNet:
    """Fully connected layers from each of `widths` to the next."""
    layers = (nn.Linear(a, b) for a, b in pairwise(widths))
    return PlainNet([initialise(layer, init, gain) for layer in layers], activation)


def convolutional(channels: Iterable[int], activation: Activation, init: Init = "he", gain: float = 1.0) -> PlainNet:
    """Convolutions of 3 x 3 with zero padding, which keeps the size of the image."""
    layers = (nn.Conv2d(a, b, 3, padding=1) for a, b in pairwise(channels))
    return PlainNet([initialise(layer, init, gain) for layer in layers], activation)


@torch.no_grad()
def initialise(layer: nn.Linear | nn.Conv2d, init: Init, gain: float = 1.0) -> nn.Linear | nn.Conv2d:
    """Draw the weights anew, normal with mean 0, and set the biases to 0; "framework" leaves PyTorch's own draw.

    Variances: "xavier" 2 / (fan_in + fan_out), "he" 2 / fan_in; PyTorch's is 1 / (3 fan_in), of weights and biases.
    `gain` multiplies the weights.
    """
    if init != "framework":
        receptive = layer.weight[0, 0].numel()
        fan_in, fan_out = layer.weight.shape[1] * receptive, layer.weight.shape[0] * receptive
        variance = 2 / fan_in if init == "he" else 2 / (fan_in + fan_out)
        layer.weight.normal_(0.0, variance**0.5)
        if layer.bias is not None:
            layer.bias.zero_()
    layer.weight.mul_(gain)
    return layer


# ---------------------------------------------------------------------------------------------------------------------
# A recurrent cell whose squashing function can be exchanged
# ---------------------------------------------------------------------------------------------------------------------


class SquashedLSTM(LSTM):
    """An LSTM whose two tanh, of the candidate and of the cell's output, are `squash`; its gates stay sigmoid."""

    def __init__(self, d_in: int, d: int, squash: Activation = tanh) -> None:
        super().__init__(d_in, d)
        self.squash = squash

    def step(self, x: Float[Tensor, "*seeds B parts"], state: State, forced: Forced = FREE) -> State:
        h, c = state
        i, f, g, o = (x + self.hidden(h)).chunk(4, dim=-1)
        c = gate(f, "forget", forced) * c + gate(i, "input", forced) * self.squash(g)
        return gate(o, "output", forced) * self.squash(c), c


class Adder(nn.Module):
    """A number for each sequence of numbers and marks, read off the last state of a `SquashedLSTM`."""

    def __init__(self, d: int, squash: Activation = tanh) -> None:
        super().__init__()
        self.cell = SquashedLSTM(2, d, squash)
        self.answer = Affine(d, 1)

    def forward(self, x: Float[Tensor, "*seeds B T 2"], forced: Forced = FREE) -> Float[Tensor, "*seeds B"]:
        h: Tensor = self.cell(x, forced=forced)[1][0]
        answer: Tensor = self.answer(h)
        return answer.squeeze(-1)
