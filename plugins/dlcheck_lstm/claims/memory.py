"""A trained LSTM under the knife: erase one of its vectors, or hold one of its gates, and see what it still knows.

The task of all but one claim: of 12 random tokens out of four, one in the first half is marked; which was it?
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, exceeds, lazy
from dlcheck_lstm.claims.taught import accuracy, cross_entropy, taught

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from dlcheck_lstm.readers import Reader

torch: Any = lazy("torch")
F: Any = lazy("torch.nn.functional")
sequences: Any = lazy("dlcheck.lab.sequences")
readers: Any = lazy("dlcheck_lstm.readers")

TOKENS, LENGTH, WIDTH, STEPS, KEEP = 4, 12, 24, 200, 2.0
HALF = LENGTH // 2
BY = 0.3
"""Chance is a quarter, so a memory that is lost costs 0.75 at most; 0.3 is beyond any noise of 512 examples."""


def recalls_the_marked_token(run: Run) -> tuple[Reader, Tensor, Tensor]:
    """An LSTM per seed that has learnt the task, and new examples."""
    return taught(
        run,
        lambda: readers.Reader(readers.remembering("lstm", TOKENS + 1, WIDTH, keep=KEEP), TOKENS),
        lambda generator, size: sequences.marked_token(generator, size, LENGTH, TOKENS),
        lambda reader, x, answers: cross_entropy(reader(x), answers),
        steps=STEPS,
    )


def held(reader: Reader, x: Tensor, gate: str, value: float, start: int, stop: int) -> Tensor:
    """The answers when a gate is held at a value from step `start` to before step `stop`."""
    state = reader.cell.start(x)
    for step, forced in ((slice(0, start), {}), (slice(start, stop), {gate: value}), (slice(stop, None), {})):
        if x[..., step, :].shape[-2]:
            _, state = reader.cell(x[..., step, :], state, forced)
    answers: Tensor = reader.answer(state[0])
    return answers


def erased(reader: Reader, x: Tensor, vectors: Sequence[str], after: Sequence[int]) -> Tensor:
    """The answers when `vectors`, "hidden" or "cell", are set to zero after each of the steps with these numbers."""
    state = reader.cell.start(x)
    for step in range(1, x.shape[-2] + 1):
        _, (h, c) = reader.cell(x[..., step - 1 : step, :], state)
        if step in after:
            h, c = (torch.zeros_like(v) if name in vectors else v for name, v in (("hidden", h), ("cell", c)))
        state = h, c
    answers: Tensor = reader.answer(state[0])
    return answers


@claim(
    en="The cell state holds the long-term memory: cleared after each step of the second half it loses what came in "
    "the first; the hidden state, cleared as often, does not.",
    ko="셀 상태는 장기 기억을 담당한다. 후반부 내내 스텝마다 셀 상태를 지우면 전반부의 기억이 사라지지만, 은닉 "
    "상태를 그렇게 지우면 기억이 남는다.",
    source="Hochreiter and Schmidhuber 1997, sections 1 and 4",
    notes=["001-04", "001-01"],
    rule=exceeds("hidden state cleared", "cell state cleared", by=BY, unit="accuracy"),
    controls={"cleared after the last step alone": {"after": [LENGTH]}},
    seconds=2,
)
def cell_state_holds_the_memory(run: Run, after: Sequence[int] = tuple(range(HALF, LENGTH))) -> dict[str, list[float]]:
    """Accuracy of recalling the marked one of 12 tokens when one of the vectors is set to zero after steps 6 to 11.

    The mark is in the first six steps. After the last step only the hidden state is read, so there clearing it costs
    everything and clearing the cell state nothing.
    """
    reader, x, answers = recalls_the_marked_token(run)
    return {
        "hidden state cleared": accuracy(erased(reader, x, ["hidden"], after), answers),
        "cell state cleared": accuracy(erased(reader, x, ["cell"], after), answers),
        "untouched": accuracy(reader(x), answers),
    }


@claim(
    en="The long-term memory is in the cell state alone: erase it once in the middle of the sequence and the memory "
    "is gone.",
    ko="장기 기억은 셀 상태에만 있다. 시퀀스 중간에 셀 상태를 한 번만 지워도 기억이 사라진다.",
    source="A common reading of Hochreiter and Schmidhuber 1997, section 4",
    notes=["001-04"],
    rule=exceeds("untouched", "erased once", by=BY, unit="accuracy"),
    expect="refuted",
    controls={"hidden state erased with it": {"vectors": ["cell", "hidden"]}},
    seconds=2,
)
def erasing_the_cell_state_once_is_enough(run: Run, vectors: Sequence[str] = ("cell",)) -> dict[str, list[float]]:
    """Accuracy of recalling the marked one of 12 tokens when the cell state is set to zero once, after step 9.

    The hidden state is a copy of it, seen through the output gate; from there a trained LSTM can write it anew.
    """
    reader, x, answers = recalls_the_marked_token(run)
    return {
        "untouched": accuracy(reader(x), answers),
        "erased once": accuracy(erased(reader, x, vectors, [9]), answers),
    }


@claim(
    en="The hidden state holds the short-term memory, if the forget gate is not wide open from the start: erased "
    "before the last step, it takes the token just read with it; the cell state does not.",
    ko="망각 게이트를 활짝 열고 시작하지만 않으면, 은닉 상태는 단기 기억을 담당한다. 마지막 스텝 바로 앞에서 은닉 "
    "상태를 지우면 방금 읽은 토큰을 잊어버리지만, 셀 상태를 지우면 그렇지 않다.",
    source="Hochreiter and Schmidhuber 1997, sections 1 and 4",
    notes=["001-04"],
    rule=exceeds("cell state erased", "hidden state erased", by=BY, unit="accuracy"),
    controls={"a token from six steps ago": {"ago": 6}},
    seconds=2,
)
def hidden_state_holds_the_recent_token(run: Run, ago: int = 1) -> dict[str, list[float]]:
    """Accuracy of naming the token before the last, when one vector is set to zero between these two.

    Eight random tokens out of four, the framework's forget bias: with a bias of 2 both vectors hold some of it.
    """

    def draw(generator: Generator, size: int) -> tuple[Tensor, Tensor]:
        tokens = torch.randint(TOKENS, (size, 8), generator=generator)
        return F.one_hot(tokens, TOKENS).float(), tokens[:, -1 - ago]

    reader, x, answers = taught(
        run,
        lambda: readers.Reader(readers.remembering("lstm", TOKENS, WIDTH), TOKENS),
        draw,
        lambda reader, x, answers: cross_entropy(reader(x), answers),
        steps=STEPS,
    )
    return {
        "cell state erased": accuracy(erased(reader, x, ["cell"], [7]), answers),
        "hidden state erased": accuracy(erased(reader, x, ["hidden"], [7]), answers),
        "untouched": accuracy(reader(x), answers),
    }


@claim(
    en="What comes while the input gate is shut is not remembered; shut afterwards, it takes nothing away.",
    ko="입력 게이트가 닫혀 있는 동안 들어온 것은 기억되지 않는다. 그 뒤에 닫으면 아무것도 잃지 않는다.",
    source="Hochreiter and Schmidhuber 1997, section 4",
    notes=["001-05"],
    rule=exceeds("shut afterwards", "shut while it comes", by=BY, unit="accuracy"),
    controls={"output gate instead": {"gate": "output"}, "forget gate instead": {"gate": "forget"}},
    seconds=2,
)
def shut_input_gate_stores_nothing(run: Run, gate: str = "input") -> dict[str, list[float]]:
    """Accuracy of recalling the marked one of 12 tokens, with a gate of the trained LSTM held at 0 in either half.

    The mark is in the first half.
    """
    reader, x, answers = recalls_the_marked_token(run)
    return {
        "shut afterwards": accuracy(held(reader, x, gate, 0.0, HALF, LENGTH - 1), answers),
        "shut while it comes": accuracy(held(reader, x, gate, 0.0, 0, HALF), answers),
        "untouched": accuracy(reader(x), answers),
    }


@claim(
    en="While the forget gate is held open the memory stays; while it is held shut the memory goes.",
    ko="망각 게이트를 열어 두는 동안에는 기억이 유지되고, 닫아 두면 기억이 사라진다.",
    source="Gers, Schmidhuber and Cummins 2000, section 2.2",
    notes=["001-06"],
    rule=exceeds("open", "shut", by=BY, unit="accuracy"),
    controls={"input gate instead": {"gate": "input"}, "output gate instead": {"gate": "output"}},
    seconds=2,
)
def shut_forget_gate_wipes_the_memory(run: Run, gate: str = "forget") -> dict[str, list[float]]:
    """Accuracy of recalling the marked one of 12 tokens, with a gate held at 1 or 0 in steps 7 to 11.

    The mark is in the first six steps. One step with the gate shut is not enough: the hidden state writes it anew.
    """
    reader, x, answers = recalls_the_marked_token(run)
    return {
        "open": accuracy(held(reader, x, gate, 1.0, HALF, LENGTH - 1), answers),
        "shut": accuracy(held(reader, x, gate, 0.0, HALF, LENGTH - 1), answers),
        "untouched": accuracy(reader(x), answers),
    }


@claim(
    en="The output gate decides what is shown, not what is kept: shut until the last step it costs nothing, shut in "
    "the last step everything.",
    ko="출력 게이트는 무엇을 기억할지가 아니라 무엇을 내보낼지 정한다. 마지막 스텝 전까지 닫혀 있어도 잃는 것이 "
    "없지만, 마지막 스텝에서 닫히면 아무것도 답하지 못한다.",
    source="Hochreiter and Schmidhuber 1997, section 4",
    notes=["003-12"],
    rule=exceeds("shut before", "shut at the end", by=BY, unit="accuracy"),
    controls={"forget gate instead": {"gate": "forget"}},
    seconds=2,
)
def output_gate_decides_what_is_shown(run: Run, gate: str = "output") -> dict[str, list[float]]:
    """Accuracy of recalling the marked one of 12 tokens, with a gate held at 0 before or in the last step.

    Before: from the seventh step to the last but one.
    """
    reader, x, answers = recalls_the_marked_token(run)
    return {
        "shut before": accuracy(held(reader, x, gate, 0.0, HALF, LENGTH - 1), answers),
        "shut at the end": accuracy(held(reader, x, gate, 0.0, LENGTH - 1, LENGTH), answers),
        "untouched": accuracy(reader(x), answers),
    }
