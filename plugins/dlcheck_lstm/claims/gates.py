"""What each gate does to the cell state, read off a single cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, equals, growth, lazy, per_seed
from dlcheck_lstm.claims.framework import cell

if TYPE_CHECKING:
    from torch import Tensor

torch: Any = lazy("torch")
drawn: Any = lazy("dlcheck.lab.drawn")

OPENINGS = (0.1, 0.2, 0.4, 0.6, 0.8, 1.0)


@claim(
    en="The input gate decides how much of the input is stored: what a step adds to the cell state is proportional "
    "to the gate's opening.",
    ko="입력 게이트는 입력을 셀 상태에 얼마나 저장할지 정한다. 한 스텝이 셀 상태에 더하는 양은 게이트가 열린 정도에 "
    "비례한다.",
    source="Hochreiter and Schmidhuber 1997, section 4; Gers, Schmidhuber and Cummins 2000, section 2",
    notes=["001-05"],
    rule=growth("stored", against="opening", power=1, within=0.01),
    controls={"forget gate held instead": {"gate": "forget"}, "output gate held instead": {"gate": "output"}},
    seconds=0.1,
)
@per_seed
def input_gate_scales_what_is_stored(run: Run, seed: int, *, gate: str = "input") -> dict[str, list[float]]:
    """Norm of the change of c_t by an input of twice its size, with the gate held at 0.1 to 1 and an empty cell state.

    The change is that of c_t when the input is doubled, from a cell state of zero: only what is stored can change.
    """
    net, draw = cell(run, "lstm", 5, 16), run.generator(seed)
    x, h = drawn.normal(run, draw, 8, 1, 5), drawn.normal(run, draw, 8, 16)
    empty = (h, torch.zeros_like(h))

    def stored(opening: float) -> float:
        once, twice = (net(size * x, empty, {gate: opening})[1][1].detach() for size in (1, 2))
        return float((twice - once).norm())

    return {"stored": [stored(opening) for opening in OPENINGS], "opening": list(OPENINGS)}


@claim(
    en="The forget gate decides how much of the memory is kept: what is left of a cell state is proportional to the "
    "gate's opening, all of it at 1.",
    ko="망각 게이트는 기억을 얼마나 유지할지 정한다. 셀 상태 가운데 남는 양은 게이트가 열린 정도에 비례하고, 1이면 "
    "전부 남는다.",
    source="Gers, Schmidhuber and Cummins 2000, section 2.2",
    notes=["001-06"],
    rule=growth("kept", against="opening", power=1, within=0.01),
    controls={"input gate held instead": {"gate": "input"}, "output gate held instead": {"gate": "output"}},
    seconds=0.1,
)
@per_seed
def forget_gate_scales_what_is_kept(run: Run, seed: int, *, gate: str = "forget") -> dict[str, list[float]]:
    """Norm of the change of c_t when the cell state before the step is doubled, with the gate held at 0.1 to 1."""
    net, draw = cell(run, "lstm", 5, 16), run.generator(seed)
    x, h, c = drawn.normal(run, draw, 8, 1, 5), drawn.normal(run, draw, 8, 16), drawn.normal(run, draw, 8, 16)

    def kept(opening: float) -> float:
        once, twice = (net(x, (h, size * c), {gate: opening})[1][1].detach() for size in (1, 2))
        return float((twice - once).norm())

    return {"kept": [kept(opening) for opening in OPENINGS], "opening": list(OPENINGS)}


@claim(
    en="Along the cell state itself, the gradient to the past is the product of the forget gates in between.",
    ko="셀 상태만을 따라가면, 과거로 가는 기울기는 그 사이에 있는 망각 게이트 값을 모두 곱한 것이다.",
    source="Gers, Schmidhuber and Cummins 2000, section 2.3; Hochreiter and Schmidhuber 1997, section 3.2",
    notes=["001-06", "001-02"],
    rule=equals("largest relative difference", 0, atol=1e-10, working_atol=1e-4),
    controls={
        "by way of the hidden state too": {"hidden_path": True},
        "the input gates' product": {"factor": "input"},
    },
    seconds=0.2,
)
@per_seed
def gradient_along_the_cell_is_the_product_of_forget_gates(
    run: Run, seed: int, *, hidden_path: bool = False, factor: str = "forget"
) -> dict[str, float]:
    """The largest relative difference between dc_20/dc_0 of each unit and the product of its 20 forget gates.

    Along the cell state alone: the gates take the hidden state as it is and pass no gradient back by way of it, as in
    the papers' truncated derivation. In one control they do.
    """
    net, draw = cell(run, "lstm", 5, 16), run.generator(seed)
    x = net.input(drawn.normal(run, draw, 20, 5))
    h, start = drawn.normal(run, draw, 1, 16), drawn.normal(run, draw, 1, 16).requires_grad_()
    c, product = start, torch.ones_like(h)
    for step in x[:, None]:
        seen = h if hidden_path else h.detach()
        product = product * _opening(net, step, seen, factor)
        h, c = net.step(step, (seen, c))
    (gradient,) = torch.autograd.grad(c.sum(), start)
    return {"largest relative difference": float((gradient / product - 1).detach().abs().max())}


def _opening(net: Any, step: Tensor, h: Tensor, gate: str) -> Tensor:
    i, f, _, _ = net.parts(step, h)
    opening: Tensor = {"input": i, "forget": f}[gate].detach()
    return opening
