"""Recurrent networks: the plain RNN, the LSTM and the GRU, as published and as frameworks compute them.

Sources
    RNN     Elman 1990, "Finding Structure in Time", https://doi.org/10.1207/s15516709cog1402_1
    LSTM    Hochreiter and Schmidhuber 1997, "Long Short-Term Memory", https://doi.org/10.1162/neco.1997.9.8.1735,
            with the forget gate of Gers, Schmidhuber and Cummins 2000, "Learning to Forget: Continual Prediction
            with LSTM", https://doi.org/10.1162/089976600300015015. Without peepholes.
    GRU     Cho et al. 2014, "Learning Phrase Representations using RNN Encoder-Decoder", section 2.3,
            https://arxiv.org/abs/1406.1078, with the reset gate behind the matrix product, as in cuDNN and PyTorch:
            r (h W + b) where the paper has (r h) W.
    chrono  Tallec and Ollivier 2018, "Can recurrent neural networks warp time?", https://arxiv.org/abs/1804.11188

Axes
    B, T        sequences in the batch, time steps
    d_in, d     width of the input and of the state
    nd          the parts of a cell, side by side in its matrices: d for the RNN, 3 d for the GRU, 4 d for the LSTM
    *seeds      Nothing, or one axis in front that weights, inputs and states share: then each entry is a network of
                its own, and one batched matrix product computes them all.

A state is a tuple: (h,) of RNN and GRU, (h, c) of the LSTM, each (*seeds, B, d).
"""

import math
from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

__all__ = ["FREE", "GRU", "LSTM", "RNN", "Affine", "Forced", "Recurrent", "State", "chrono_", "gate", "set_bias_"]

State = tuple[Tensor, ...]
Forced = Mapping[str, float]
FREE: Forced = MappingProxyType({})


class Affine(nn.Module):
    """x w + b, as nn.Linear computes it, with a matrix that is not transposed and may have an axis of seeds.

    Starts like the framework's recurrent layers: uniform within ± 1/sqrt(`fan`), which is `d_in` unless given.
    """

    def __init__(self, d_in: int, d_out: int, fan: int | None = None) -> None:
        super().__init__()
        bound = 1 / math.sqrt(fan or d_in)
        self.w = nn.Parameter(torch.empty(d_in, d_out).uniform_(-bound, bound))
        self.b = nn.Parameter(torch.empty(d_out).uniform_(-bound, bound))

    def forward(self, x: Float[Tensor, "*seeds B d_in"]) -> Float[Tensor, "*seeds B d_out"]:
        multiply = torch.baddbmm if self.w.dim() == 3 else torch.addmm
        return multiply(self.b.unsqueeze(-2), x, self.w)


class Recurrent(nn.Module):
    """What the three cells share: an affine map of the input, one of the hidden state, and the walk through time."""

    PARTS: ClassVar[tuple[str, ...]]
    """The parts of the cell, in the order of their columns, which is the framework's."""
    VECTORS: ClassVar[int] = 1
    """How many vectors make up the state."""

    def __init__(self, d_in: int, d: int) -> None:
        super().__init__()
        self.d = d
        self.input = Affine(d_in, len(self.PARTS) * d, fan=d)
        self.hidden = Affine(d, len(self.PARTS) * d)

    def forward(
        self, x: Float[Tensor, "*seeds B T d_in"], state: State | None = None, forced: Forced = FREE
    ) -> tuple[Float[Tensor, "*seeds B T d"], State]:
        """The hidden state after each step, and the state after the last one.

        state: zeros unless given.  forced: the values of gates that do not follow their input, by name.
        """
        state = self.start(x) if state is None else state
        ahead = self.input(x.flatten(-3, -2)).unflatten(-2, x.shape[-3:-1])  # all steps at once: none waits for another
        hidden = []
        for step in ahead.unbind(-2):
            state = self.step(step, state, forced)
            hidden.append(state[0])
        return torch.stack(hidden, dim=-2), state

    def start(self, x: Float[Tensor, "*seeds B T d_in"]) -> State:
        """Zeros."""
        return (x.new_zeros(*x.shape[:-2], self.d),) * self.VECTORS

    def step(self, x: Float[Tensor, "*seeds B nd"], state: State, forced: Forced = FREE) -> State:
        """The state after one step, whose input `x` has been through `self.input`."""
        raise NotImplementedError


class RNN(Recurrent):
    """h' = tanh(x W_x + h W_h + b) (Elman 1990)."""

    PARTS = ("candidate",)

    def step(self, x: Float[Tensor, "*seeds B d"], state: State, forced: Forced = FREE) -> State:
        (h,) = state
        return (torch.tanh(x + self.hidden(h)),)


class LSTM(Recurrent):
    """c' = f c + i g and h' = o tanh(c') (Hochreiter and Schmidhuber 1997, section 4; f: Gers et al. 2000)."""

    PARTS = ("input", "forget", "candidate", "output")
    VECTORS = 2

    def step(self, x: Float[Tensor, "*seeds B nd"], state: State, forced: Forced = FREE) -> State:
        h, c = state
        i, f, g, o = self.parts(x, h, forced)
        c = f * c + i * g
        return o * torch.tanh(c), c

    def parts(
        self, x: Float[Tensor, "*seeds B nd"], h: Float[Tensor, "*seeds B d"], forced: Forced = FREE
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Input gate i, forget gate f, candidate g and output gate o of a step, each (*seeds, B, d)."""
        i, f, g, o = (x + self.hidden(h)).chunk(4, dim=-1)
        return gate(i, "input", forced), gate(f, "forget", forced), torch.tanh(g), gate(o, "output", forced)


class GRU(Recurrent):
    """h' = (1 - z) n + z h with n = tanh(x + r (h W + b)) (Cho et al. 2014, equations 5 to 8)."""

    PARTS = ("reset", "update", "candidate")

    def step(self, x: Float[Tensor, "*seeds B nd"], state: State, forced: Forced = FREE) -> State:
        (h,) = state
        (x_r, x_z, x_n), (h_r, h_z, h_n) = x.chunk(3, dim=-1), self.hidden(h).chunk(3, dim=-1)
        r, z = gate(x_r + h_r, "reset", forced), gate(x_z + h_z, "update", forced)
        n = torch.tanh(x_n + r * h_n)
        return (n + z * (h - n),)


def gate(z: Float[Tensor, "*seeds B d"], name: str, forced: Forced = FREE) -> Float[Tensor, "*seeds B d"]:
    """How far a gate is open, from 0 to 1: the sigmoid of `z` unless it is forced."""
    return torch.full_like(z, forced[name]) if name in forced else torch.sigmoid(z)


@torch.no_grad()
def set_bias_(cell: Recurrent, part: str, value: float | Float[Tensor, "d"]) -> None:
    """Let a part of a cell start with this bias, the sum of its two. The cell must not have an axis of seeds."""
    columns = slice(start := cell.PARTS.index(part) * cell.d, start + cell.d)
    cell.input.b[columns] = value
    cell.hidden.b[columns] = 0.0


def chrono_(cell: LSTM | GRU, longest: int) -> None:
    """Let each unit start with a memory of its own length, up to `longest` steps (Tallec and Ollivier 2018, section 2).

    A gate that is open by sigmoid(log(t - 1)) = 1 - 1/t keeps a value for about t steps; t is uniform.
    """
    bias = torch.empty(cell.d).uniform_(1, longest - 1).log()
    set_bias_(cell, "forget" if isinstance(cell, LSTM) else "update", bias)
    if isinstance(cell, LSTM):
        set_bias_(cell, "input", -bias)
