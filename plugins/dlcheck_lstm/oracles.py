"""What the questions on recurrent networks ask, computed by running the reference cells.

Each function takes the values that its question varies, by name. `Solution.wrong` has, for each misconception that the
bank names, what a student who holds it would answer.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from dlcheck.lab.gradients import step_norms
from dlcheck.lab.probes import size
from dlcheck.quiz.base import Solution, confirmed
from dlcheck.quiz.code import Exercise
from dlcheck_lstm.model import GRU, LSTM, RNN, Recurrent, chrono_, set_bias_

# Shapes and sizes


def shape_of_outputs(B: int, T: int, d_in: int, d: int) -> Solution:
    outputs, _ = LSTM(d_in, d)(torch.randn(B, T, d_in))
    return Solution(
        tuple(outputs.shape), {"last-only": (B, d), "as-wide-as-input": (B, T, d_in), "all-parts": (B, T, 4 * d)}
    )


def shape_of_recurrent_weights(d_in: int, d: int) -> Solution:
    cell = LSTM(d_in, d)
    return Solution(
        tuple(cell.hidden.w.shape), {"one-part": (d, d), "of-the-input": (d_in, 4 * d), "without-candidate": (d, 3 * d)}
    )


def shape_of_cell_state(B: int, T: int, d: int) -> Solution:
    _, (_, c) = LSTM(5, d)(torch.randn(B, T, 5))
    return Solution(tuple(c.shape), {"every-step": (B, T, d), "one-number": (B, 1)})


def parameters_of_lstm(d_in: int, d: int) -> Solution:
    """With two bias vectors, as frameworks have them."""
    return Solution(
        size(LSTM(d_in, d)),
        {"plain-rnn": size(RNN(d_in, d)), "gru": size(GRU(d_in, d)), "input-forgotten": 4 * (d * d + 2 * d)},
    )


def ratio_of_gru(d_in: int, d: int) -> Solution:
    ratio = size(GRU(d_in, d)) / size(LSTM(d_in, d))
    return Solution(ratio, {"two-of-three-gates": 2 / 3, "two-of-four": 1 / 2, "nothing-saved": 1.0})


def parameters_by_length(T: int) -> Solution:
    """How many times as many parameters a cell needs for sequences that are T times as long."""
    cell = LSTM(3, 4)
    before = size(cell)
    cell(torch.randn(1, T, 3))
    return Solution(size(cell) / before, {"one-per-step": T, "one-per-pair": T * T})


def sizes_in_order(d: int) -> dict[str, int]:
    return {
        "rnn": size(RNN(d, d)),
        "gru": size(GRU(d, d)),
        "lstm": size(LSTM(d, d)),
        "wide-rnn": size(RNN(2 * d, 2 * d)),
    }


# One step


def new_cell_state(f: float, c: float, i: float, g: float) -> Solution:
    """Of a cell whose gates are held and whose candidate is set by its bias."""
    cell = LSTM(1, 1).double()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        set_bias_(cell, "candidate", math.atanh(g))
        state = torch.zeros(1, 1).double(), torch.full((1, 1), c).double()
        _, (_, new) = cell(torch.zeros(1, 1, 1).double(), state, {"forget": f, "input": i})
    wrong = {
        "gates-swapped": i * c + f * g,
        "forgetting-the-share": (1 - f) * c + i * g,
        "nothing-forgotten": c + i * g,
    }
    return Solution(float(new), wrong)


def new_state_of_gru(z: float, h: float, n: float) -> Solution:
    cell = GRU(1, 1).double()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        set_bias_(cell, "candidate", math.atanh(n))
        start = (torch.full((1, 1), h).double(),)
        _, (new,) = cell(torch.zeros(1, 1, 1).double(), start, {"update": z})
    return Solution(float(new), {"roles-swapped": z * n + (1 - z) * h, "not-mixed": h + z * n})


def opening_at_bias(b: int) -> Solution:
    """The mean opening of the forget gate of a cell with this bias, on an empty state and no input."""
    cell = LSTM(4, 64)
    set_bias_(cell, "forget", float(b))
    h = torch.zeros(8, 64)
    with torch.no_grad():
        _, f, _, _ = cell.parts(cell.input(torch.zeros(8, 4)), h)
    opening = float(f.mean())
    return Solution(opening, {"closed": 1 - opening, "tanh": math.tanh(b)})


def left_along_the_cell(f: float, T: int) -> Solution:
    """Of the gradient along the cell state, with the forget gate held."""
    cell = LSTM(3, 4).double()
    c = torch.zeros(1, 4).double().requires_grad_()
    h = torch.zeros(1, 4).double()
    held = {"forget": f, "output": 0.0}
    _, (_, last) = cell(torch.randn(1, T, 3).double(), (h, c), held)
    (gradient,) = torch.autograd.grad(last[0, 0], c)
    return Solution(float(gradient[0, 0]), {"once": f, "nothing-lost": 1.0, "what-is-forgotten": (1 - f) ** T})


def steps_until_half(b: int) -> Solution:
    """Steps after which less than half of a cell state is left, the forget gate having nothing but its bias."""
    cell = LSTM(1, 1).double()
    with torch.no_grad():
        for parameter in cell.parameters():
            parameter.zero_()
        set_bias_(cell, "forget", float(b))
        state = torch.zeros(1, 1).double(), torch.ones(1, 1).double()
        steps = 0
        while float(state[1]) >= 0.5:
            h, c = cell.step(cell.input(torch.zeros(1, 1).double()), state)
            state = h, c
            steps += 1
    return Solution(steps, {"as-many-as-the-bias": b, "time-constant": round(1 + math.exp(b))})


def bounded_by_one(T: int) -> list[str]:
    """What stays between -1 and 1, gates held open, while the candidate is as large as it gets."""
    with torch.no_grad():
        x = 50 * torch.ones(1, T, 2)
        lstm, gru, rnn = LSTM(2, 8), GRU(2, 8), RNN(2, 8)
        for cell in (lstm, gru, rnn):
            cell.input.w.fill_(1.0)
        outputs, (_, c) = lstm(x, None, {"forget": 1.0, "input": 1.0})
        seen = {"lstm-hidden": outputs, "lstm-cell": c, "gru-hidden": gru(x)[0], "rnn-hidden": rnn(x)[0]}
    return [name for name, values in seen.items() if float(values.abs().max()) <= 1]


def changed_by(gate: str) -> list[str]:
    """Which of the results of a step a gate of the LSTM changes when it is shut."""
    cell = LSTM(3, 8)
    x, state = torch.randn(1, 1, 3), (torch.randn(1, 8), torch.randn(1, 8))
    with torch.no_grad():
        _, (h, c) = cell(x, state)
        _, (shut_h, shut_c) = cell(x, state, {gate: 0.0})
    found = {"hidden": not torch.equal(h, shut_h), "cell": not torch.equal(c, shut_c)}
    return [name for name, changed in found.items() if changed]


def what_shut_output_changes() -> str:
    """Of the results of a step: "hidden", "cell" or "both"."""
    changed = changed_by("output")
    return changed[0] if len(changed) == 1 else "both"


def which_gates_change_cell() -> list[str]:
    return [gate for gate in LSTM.PARTS if gate != "candidate" and "cell" in changed_by(gate)]


def what_keeps_for_ever() -> list[str]:
    """Held gates under which a cell state is unchanged after 50 steps of input."""
    cell = LSTM(3, 8)
    held: dict[str, dict[str, float]] = {
        "forget-open": {"forget": 1.0},
        "forget-open-input-shut": {"forget": 1.0, "input": 0.0},
        "both-shut": {"forget": 0.0, "input": 0.0},
        "output-shut": {"output": 0.0},
        "forget-open-input-and-output-shut": {"forget": 1.0, "input": 0.0, "output": 0.0},
    }
    x, state = torch.randn(1, 50, 3), (torch.randn(1, 8), torch.randn(1, 8))
    with torch.no_grad():
        return [name for name, gates in held.items() if torch.allclose(cell(x, state, gates)[1][1], state[1])]


def what_resumes() -> str:
    """What has to be handed on for an LSTM to go on as if it had not been interrupted."""
    cell, x = LSTM(3, 8), torch.randn(1, 10, 3)
    with torch.no_grad():
        whole = cell(x)[0][:, 5:]
        _, (h, c) = cell(x[:, :5])
        states = {"hidden": (h, 0 * c), "cell": (0 * h, c), "both": (h, c), "nothing": None}
        return next(name for name, state in states.items() if torch.allclose(cell(x[:, 5:], state)[0], whole))


def shut_reset_gate() -> str:
    """What the new state of a GRU that keeps nothing depends on while its reset gate is shut."""
    cell, held = GRU(3, 8), {"reset": 0.0, "update": 0.0}
    x, h = torch.randn(2, 1, 1, 3), torch.randn(2, 1, 8)
    with torch.no_grad():
        by_input = not torch.equal(cell(x[0], (h[0],), held)[0], cell(x[1], (h[0],), held)[0])
        by_state = not torch.allclose(cell(x[0], (h[0],), held)[0], cell(x[0], (h[1],), held)[0])
    return {(True, True): "both", (True, False): "input", (False, True): "state"}[by_input, by_state]


# Gradients through time


def power_of_ten(cell: Recurrent, T: int) -> float:
    """Of the gradient by the input T steps ago over that by the last one."""
    x = torch.randn(4, T + 1, 8, dtype=torch.float64, requires_grad=True)
    outputs, _ = cell.double()(x)
    norms = step_norms((outputs[:, -1] * torch.randn(4, 32, dtype=torch.float64)).sum(), x)
    return math.log10(norms[0] / norms[-1])


def gradients_in_order(T: int) -> dict[str, float]:
    """Started as a framework does, with an open forget gate, and with large recurrent weights."""
    shut, open_, usual, wild = LSTM(8, 32), LSTM(8, 32), LSTM(8, 32), RNN(8, 32)
    set_bias_(shut, "forget", -3.0)
    set_bias_(open_, "forget", 3.0)
    with torch.no_grad():
        wild.hidden.w.mul_(6)
    cells: dict[str, Recurrent] = {"shut": shut, "usual": usual, "open": open_, "wild": wild}
    return {name: power_of_ten(cell, T) for name, cell in cells.items()}


def longest_memory(longest: int) -> Solution:
    """The bound of the time constants 1 / (1 - f) under chrono initialisation, and the largest one of a wide cell."""
    cell = LSTM(1, 512)
    chrono_(cell, longest)
    bias = cell.input.b.detach()[512 : 2 * 512]
    constant = float((1 / (1 - torch.sigmoid(bias.double()))).max())
    right = confirmed(longest, constant, within=0.08)
    return Solution(right, {"twice": 2.0 * longest, "logarithm": math.log(longest)}, {"measured": constant})


# Functions to write


def cases_of_step(cell: Recurrent, vectors: int) -> list[list[Tensor]]:
    """Two steps: x W and the states, then the recurrent weights and biases."""
    d = cell.d
    return [
        [
            torch.randn(B, 3),
            *(torch.randn(B, d) for _ in range(vectors)),
            *(p.detach().clone() for p in cell.parameters()),
        ]
        for B in (2, 5)
    ]


def stepped(cell: Recurrent, x: Tensor, state: tuple[Tensor, ...], weights: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """One step of a cell with these weights, with gradients by them."""
    names = [name for name, _ in cell.named_parameters()]
    _, new = torch.func.functional_call(cell, dict(zip(names, weights, strict=True)), (x[:, None], state))
    return tuple(new)


def write_lstm_step(d: int) -> Exercise:
    cell = LSTM(3, d)

    def reference(x: Tensor, h: Tensor, c: Tensor, *weights: Tensor) -> Any:
        return torch.cat(stepped(cell, x, (h, c), weights), dim=-1)

    return Exercise(reference, cases_of_step(cell, 2), gradients=True)


def write_gru_step(d: int) -> Exercise:
    cell = GRU(3, d)

    def reference(x: Tensor, h: Tensor, *weights: Tensor) -> Any:
        return stepped(cell, x, (h,), weights)[0]

    return Exercise(reference, cases_of_step(cell, 1), gradients=True)


def write_rnn(d: int) -> Exercise:
    """All hidden states of a plain RNN, from a state of zeros."""
    cell = RNN(3, d)
    names = [name for name, _ in cell.named_parameters()]

    def reference(x: Tensor, *weights: Tensor) -> Tensor:
        states: Tensor = torch.func.functional_call(cell, dict(zip(names, weights, strict=True)), (x,))[0]
        return states

    cases = [[torch.randn(B, T, 3), *(p.detach().clone() for p in cell.parameters())] for B, T in ((2, 4), (3, 7))]
    return Exercise(reference, cases, gradients=True)


def write_cell_update() -> Exercise:
    """From pre-activations (B, 4 d) in the order of the framework, the candidate third."""

    def reference(z: Tensor, c: Tensor) -> Tensor:
        cell = LSTM(1, c.shape[-1])
        nn.init.zeros_(cell.hidden.w)
        nn.init.zeros_(cell.hidden.b)
        return cell.step(z, (torch.zeros_like(c), c))[1]

    return Exercise(reference, [[torch.randn(B, 24), torch.randn(B, 6)] for B in (2, 5)], gradients=True)


def write_forget_bias(d: int) -> Exercise:
    """A bias of 1 at the forget gate, 0 elsewhere, for a vector in the order of the framework."""

    def reference(n: int) -> Tensor:
        cell = LSTM(1, n)
        with torch.no_grad():
            cell.input.b.zero_()
        set_bias_(cell, "forget", 1.0)
        return cell.input.b.detach()

    return Exercise(reference, [[d], [d + 3]])
