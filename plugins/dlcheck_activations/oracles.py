"""What the questions on activations ask, computed by running the reference functions and plain nets.

Each function takes the values that its question varies, by name. `Solution.wrong` has, for each misconception that the
bank names, what a student who holds it would answer.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from dlcheck.lab.gradients import delta_norms
from dlcheck.lab.probes import size
from dlcheck.lab.units import linear_pieces, never_active
from dlcheck.quiz.base import Solution
from dlcheck.quiz.code import Exercise
from dlcheck_activations.model import (
    ACTIVATIONS,
    Activation,
    Init,
    PlainNet,
    convolutional,
    dense,
    identity,
    initialise,
    leaky_relu,
    relu,
    sigmoid,
    tanh,
)


def slope(activation: Activation, x: float) -> float:
    """The derivative at a point, by automatic differentiation."""
    point = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    return float(torch.autograd.grad(activation(point), point)[0])


def linear_layers(net: PlainNet) -> list[nn.Linear]:
    return [layer for layer in net.layers if isinstance(layer, nn.Linear)]


# One function


def slope_from_output(y: float) -> Solution:
    return Solution(slope(sigmoid, math.log(y / (1 - y))), {"rule-of-tanh": 1 - y * y, "output-itself": y})


def steepest_slope_of_sigmoid() -> Solution:
    x = torch.linspace(-10, 10, 2001, dtype=torch.float64)
    steepest = max(slope(sigmoid, float(point)) for point in x[900:1101])
    return Solution(steepest, {"that-of-tanh": slope(tanh, 0.0), "output-at-zero": float(sigmoid(torch.zeros(())))})


def what_is_bounded() -> list[str]:
    """Those that stay below 10 on inputs as large as a million."""
    x = torch.linspace(-1e6, 1e6, 1001)
    return [name.replace("_", "-") for name, f in ACTIVATIONS.items() if float(f(x).abs().max()) < 10]


def values_below_zero(x: int) -> dict[str, float]:
    point = torch.tensor(-float(x))
    return {name.replace("_", "-"): float(f(point)) for name, f in ACTIVATIONS.items() if name != "identity"}


def weight_gradient_behind_leak(w: float, x: float, leak: float) -> Solution:
    """Of leaky_relu(w x) by w, where w x is below 0."""
    weight = torch.tensor(w, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(leaky_relu(weight * x, leak), weight)
    return Solution(float(gradient), {"like-relu": 0.0, "as-if-linear": x, "by-the-input": leak * w})


def mean_over_normal(f: Activation) -> float:
    """Of f(z), where z is normal with mean 0 and variance 1: summed on a fine grid, so that no draw blurs it."""
    z = torch.linspace(-10, 10, 20_001, dtype=torch.float64)
    density = (-z.square() / 2).exp()
    return float((f(z) * density).sum() / density.sum())


def mean_output_of_sigmoid() -> Solution:
    return Solution(mean_over_normal(sigmoid), {"centred": 0.0, "largest-output": 1.0})


def mean_square_behind_relu() -> Solution:
    square = mean_over_normal(lambda z: relu(z).square())
    return Solution(square, {"mean": mean_over_normal(relu), "nothing-lost": 1.0})


# Layers


def parameters_of_dense(a: int, b: int, c: int) -> Solution:
    return Solution(
        size(dense([a, b, c], relu)),
        {
            "no-biases": a * b + b * c,
            "one-slope-per-unit": a * b + b + b + b * c + c,
            "inputs-have-biases": a * b + b * c + a + b + c,
        },
    )


def shape_behind_convolutions(B: int, channels: int, size: int, layers: int) -> Solution:
    net = convolutional([3] + [channels] * layers, relu)
    found = tuple(net(torch.randn(B, 3, size, size)).shape)
    side = size - 2 * layers
    return Solution(found, {"no-padding": (B, channels, side, side), "channels-of-input": (B, 3, size, size)})


def zeros_of_relu_layer(width: int) -> Solution:
    layer = initialise(nn.Linear(width, width), "he")
    y = relu(layer(torch.randn(500, width)))
    return Solution(float((y == 0).double().mean()), {"hardly-any": 0.0, "nearly-all": 1.0})


def he_deviation(a: int, b: int) -> Solution:
    layer = initialise(nn.Conv2d(a, b, 3, padding=1), "he")
    return Solution(
        float(layer.weight.detach().std()),
        {"variance": 2 / (9 * a), "kernel-forgotten": (2 / a) ** 0.5, "xavier": (2 / (9 * (a + b))) ** 0.5},
    )


def without_activations(layers: int) -> str:
    """What is left of a deep net without activations, tested on random points."""
    net = dense([6] * (layers + 1), identity).double()
    zero, (x, y) = torch.zeros(6, dtype=torch.float64), torch.randn(2, 6, dtype=torch.float64)
    is_affine = torch.allclose(net(x + y) - net(zero), net(x) - net(zero) + net(y) - net(zero))
    return "affine" if is_affine else "curved"


def factor_of_output(layers: int, factor: int, scaled: str) -> float:
    """By which the output of a ReLU net without biases grows when its input or all its weights are multiplied."""
    net, x = dense([32] * (layers + 1), relu).double(), torch.randn(4, 32, dtype=torch.float64)
    with torch.no_grad():
        before = net(x)
        if scaled == "weights":
            for layer in linear_layers(net):
                layer.weight.mul_(factor)
        after = net(factor * x if scaled == "input" else x)
    return float((after / before).median())


def factor_by_input(layers: int, factor: int) -> Solution:
    right = factor_of_output(layers, factor, "input")
    return Solution(right, {"each-layer-again": float(factor**layers), "squashed": 1.0})


def factor_by_weights(layers: int, factor: int) -> Solution:
    right = factor_of_output(layers, factor, "weights")
    return Solution(right, {"once": float(factor), "added-up": float(factor * layers)})


# Pieces of piecewise linear nets


def pieces_of_one_layer(units: int) -> Solution:
    """Sets of active units along a line that crosses the kinks of all of them."""
    kinks = torch.linspace(-1, 1, units)
    line = torch.linspace(-3, 3, 6001)
    return Solution(linear_pieces(line[:, None] - kinks), {"one-per-unit": units, "every-combination": 2**units})


def pieces_of_tents(layers: int) -> Solution:
    """Of layers of two units, each of which folds the line from 0 to 1 in the middle."""
    x = (torch.arange(8192, dtype=torch.float64) + 0.5) / 8192
    seen: list[Tensor] = []
    for _ in range(layers):
        seen += [x, x - 0.5]
        x = 2 * relu(x) - 4 * relu(x - 0.5)
    pieces = linear_pieces(torch.stack(seen, dim=1))
    return Solution(pieces, {"side-by-side": 2 * layers + 1, "added-up": 2 * layers, "all-masks": 4**layers})


# Gradients


def slope_behind_sigmoids(n: int) -> Solution:
    """The largest that n sigmoids in a row can have, joined by weights of 1: a bias moves each back to 0."""
    x = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    y: Tensor = x
    for _ in range(n):
        z = sigmoid(y)
        y = z - float(z.detach())
    return Solution(
        float(torch.autograd.grad(y, x)[0]), {"half-each": 0.5**n, "added-up": 0.25 * n, "nothing-lost": 1.0}
    )


def gradients_of_a_dead_unit() -> list[str]:
    """The parameters around a unit that no example activates whose gradient is exactly zero."""
    net = dense([8, 16, 4], relu)
    first, last = linear_layers(net)
    with torch.no_grad():
        first.bias[0] = -100.0
    loss = nn.functional.cross_entropy(net(torch.randn(64, 8)), torch.randint(4, (64,)))
    into, bias, out, last_bias = torch.autograd.grad(loss, [first.weight, first.bias, last.weight, last.bias])
    parts = {"into": into[0], "bias": bias[:1], "out-of": out[:, 0], "next-bias": last_bias, "neighbour": into[1]}
    return [name for name, gradient in parts.items() if not gradient.any()]


def same_sign() -> list[str]:
    """Activations behind which all weights of one unit get gradients of one sign from one example, or none."""
    found = []
    for name, f in ACTIVATIONS.items():
        if name == "identity":
            continue
        net = dense([16, 32, 1], f)
        (gradient,) = torch.autograd.grad(net(torch.randn(16)).sum(), [linear_layers(net)[1].weight])
        if bool((gradient >= 0).all() or (gradient <= 0).all()):
            found.append(name.replace("_", "-"))
    return found


def share_that_arrives(activation: str, init: Init, gain: float, layers: int) -> float:
    """Norm of the deltas of the first layer over that of the last."""
    net = dense([64] * (layers + 1), ACTIVATIONS[activation], init, gain).double()
    x, direction = torch.randn(2, 16, 64, dtype=torch.float64)
    first, *_, last = delta_norms(lambda: (net(x) * direction).sum(), net.layers)
    return first / last


def shares_in_order(layers: int) -> dict[str, float]:
    return {
        "sigmoid-xavier": share_that_arrives("sigmoid", "xavier", 1.0, layers),
        "relu-framework": share_that_arrives("relu", "framework", 1.0, layers),
        "relu-he": share_that_arrives("relu", "he", 1.0, layers),
        "relu-twice-he": share_that_arrives("relu", "he", 2.0, layers),
    }


def what_learns_from_negative(x: int) -> list[str]:
    """Activations that pass on a gradient at -x."""
    return [name.replace("_", "-") for name, f in ACTIVATIONS.items() if name != "identity" and slope(f, -x) != 0]


# Functions to write


def write_leaky() -> Exercise:
    return Exercise(leaky_relu, [(torch.randn(5, 7), leak) for leak in (0.01, 0.3)], gradients=True)


def write_tanh() -> Exercise:
    return Exercise(tanh, [(3 * torch.randn(50),), (torch.randn(4, 6),)], gradients=True)


def write_sigmoid() -> Exercise:
    far = torch.tensor([-1000.0, -100.0, -1.0, 0.0, 1.0, 100.0, 1000.0])
    return Exercise(sigmoid, [(torch.randn(20),), (far,)], gradients=True)


def write_backward() -> Exercise:
    """The gradient by the input of a sigmoid from its output and the gradient by its output."""

    def reference(y: Tensor, gradient: Tensor) -> Tensor:
        x = torch.logit(y.detach()).requires_grad_()
        return torch.autograd.grad(sigmoid(x), x, gradient)[0]

    return Exercise(reference, [(0.05 + 0.9 * torch.rand(3, 8), torch.randn(3, 8)) for _ in range(2)])


def write_dead_units() -> Exercise:
    """Some units never active, some always, the others now and then."""
    shift = torch.linspace(-6, 6, 12)
    return Exercise(never_active, [(torch.randn(examples, 12) + shift,) for examples in (5, 40)])


def write_net() -> Exercise:
    def reference(x: Tensor, weights: list[Tensor]) -> Tensor:
        net = dense([weights[0].shape[1], *(len(w) for w in weights)], relu)
        for layer, w in zip(linear_layers(net), weights, strict=True):
            layer.weight = nn.Parameter(w)
        y: Tensor = net(x)
        return y

    cases = []
    for widths in (5, 8, 8, 3), (4, 6, 2):
        cases.append((torch.randn(7, widths[0]), *(torch.randn(b, a) for a, b in pairwise(widths))))
    return Exercise(lambda x, *weights: reference(x, list(weights)), cases)
