"""LSTMs that learn without one of their gates: on which task each is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, exceeds, lazy
from dlcheck_lstm.claims.taught import accuracy, cross_entropy, taught

if TYPE_CHECKING:
    from torch import Generator, Tensor

    Draw = Callable[[Generator, int], tuple[Tensor, Tensor]]

sequences: Any = lazy("dlcheck.lab.sequences")
readers: Any = lazy("dlcheck_lstm.readers")

TOKENS, LENGTH, WIDTH, STEPS, KEEP = 4, 16, 24, 200, 2.0
LOSS = 0.1
"""The least loss of accuracy that counts as a need, for every gate the same: three times what 512 examples blur."""
SOURCE = "Greff et al. 2017, sections 4 and 5.2 (variants NIG, NFG, NOG)"


def learnt(run: Run, draw: Draw, gate: str | None) -> list[float]:
    """Accuracy after learning with a gate held open, or with all gates free, for each seed."""
    forced = {} if gate is None else {gate: 1.0}
    reader, x, wanted = taught(
        run,
        lambda: readers.Reader(readers.remembering("lstm", TOKENS + 1, WIDTH, keep=KEEP), TOKENS, forced),
        draw,
        lambda reader, x, wanted: cross_entropy(reader(x), wanted),
        steps=STEPS,
    )
    return accuracy(reader(x), wanted)


@claim(
    en="The input gate is needed to pick one thing out of many: without it, an LSTM learns less well to remember a "
    "marked token among others.",
    ko="여럿 가운데 하나를 골라 담으려면 입력 게이트가 필요하다. 입력 게이트가 없는 LSTM은 여러 토큰 속에서 표시된 "
    "토큰을 기억하는 법을 제대로 배우지 못한다.",
    source=SOURCE + "; Hochreiter and Schmidhuber 1997, section 3.2.1 (input weight conflict)",
    notes=["003-12", "001-05"],
    rule=exceeds("all gates", "without it", by=LOSS, unit="accuracy"),
    controls={"nothing else to be seen": {"distractors": False}},
    seconds=4,
)
def input_gate_picks_out(run: Run, distractors: bool = True) -> dict[str, list[float]]:
    """Accuracy of naming the marked one of 16 tokens, learnt with all gates and without this one (held open).

    200 steps of 16 sequences, width 24, forget bias 2; four tokens, so chance is a quarter.
    """
    draw = partial(sequences.marked_token, length=LENGTH, vocabulary=TOKENS, distractors=distractors)
    return {"all gates": learnt(run, draw, None), "without it": learnt(run, draw, "input")}


@claim(
    en="The forget gate is needed to replace one thing by another: without it, an LSTM learns less well to remember "
    "the last of several marked tokens.",
    ko="기억을 새것으로 바꾸려면 망각 게이트가 필요하다. 망각 게이트가 없는 LSTM은 표시된 토큰 여러 개 가운데 "
    "마지막 것을 기억하는 법을 제대로 배우지 못한다.",
    source=SOURCE + "; Gers, Schmidhuber and Cummins 2000, section 2.1",
    notes=["003-12", "001-06"],
    rule=exceeds("all gates", "without it", by=LOSS, unit="accuracy"),
    controls={"one marked token": {"marks": 1}},
    seconds=4,
)
def forget_gate_replaces(run: Run, marks: int = 4) -> dict[str, list[float]]:
    """Accuracy of naming the last of four marked ones among 16 tokens, learnt with all gates and without this one.

    200 steps of 16 sequences, width 24, forget bias 2; four tokens, so chance is a quarter.
    """
    draw = partial(sequences.marked_token, length=LENGTH, vocabulary=TOKENS, marks=marks)
    return {"all gates": learnt(run, draw, None), "without it": learnt(run, draw, "forget")}


@claim(
    en="The output gate is needed to keep silent until asked: without it, an LSTM learns less well to tell a stored "
    "token at the steps that ask for it, and nothing at the others.",
    ko="물을 때까지 침묵하려면 출력 게이트가 필요하다. 출력 게이트가 없는 LSTM은 저장한 토큰을 묻는 스텝에서만 "
    "말하고 다른 스텝에서는 침묵하는 법을 제대로 배우지 못한다.",
    source=SOURCE + "; Hochreiter and Schmidhuber 1997, section 3.2.2 (output weight conflict)",
    notes=["003-12"],
    rule=exceeds("all gates", "without it", by=LOSS, unit="accuracy"),
    expect="refuted",
    controls={"without the other two gates": {"gates": ["input", "forget"]}},
    seconds=5,
)
def output_gate_keeps_silent(run: Run, gates: Sequence[str] = ("output",)) -> dict[str, list[float]]:
    """Accuracy at the steps that ask, learnt with all gates and without this one (held open); else it is to be silent.

    A register of one token: at a fifth of 16 steps the token replaces what is stored, at three tenths it is asked for.
    250 steps of 16 sequences, width 24, forget bias 2. What the readout sees can be hushed by the other gates too.
    """
    return {"all gates": _register(run, ()), "without it": _register(run, gates)}


def _register(run: Run, ablated: Sequence[str]) -> list[float]:
    reader, x, wanted = taught(
        run,
        lambda: readers.Reader(
            readers.remembering("lstm", TOKENS + 2, WIDTH, keep=KEEP), TOKENS + 1, dict.fromkeys(ablated, 1.0)
        ),
        lambda generator, size: sequences.register(generator, size, LENGTH, TOKENS),
        lambda reader, x, wanted: cross_entropy(reader.at_each_step(x), wanted.flatten(-2)),
        steps=250,
    )
    wanted = wanted.flatten(-2)
    asked = wanted < TOKENS
    hits = (reader.at_each_step(x).argmax(-1) == wanted) & asked
    shares: list[float] = (hits.sum(-1) / asked.sum(-1)).tolist()
    return shares
