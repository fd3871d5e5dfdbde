"""Sequences longer than any in training: the operator takes them, but does what was learned still hold?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, claim, lazy

if TYPE_CHECKING:
    from torch import Generator, Tensor

data: Any = lazy("dlcheck.lab.data")
training: Any = lazy("dlcheck.lab.train")
readers: Any = lazy("dlcheck_transformer.readers")

STEPS, BATCH, LENGTH, WORDS = 200, 16, 16, 4
UNASKED = -100  # an answer that does not count


@claim(
    en="The context of self-attention is unlimited, so a Transformer with sinusoidal positions that has learned to "
    "name the previous word does so in sequences twice as long as those of its training.",
    ko="셀프 어텐션의 문맥에는 한계가 없으므로, 바로 앞 단어를 말하는 법을 배운 사인파 위치 인코딩 트랜스포머는 "
    "훈련 때보다 두 배 긴 시퀀스에서도 그 일을 해낸다.",
    notes=["000-40"],
    source="Vaswani et al. 2017, section 3.5; Press et al. 2022, Train Short, Test Long, section 2",
    rule=at_least("accuracy", 0.9),
    controls={
        "within the length of training": {"times": 1},
        "an RNN": {"recurrent": True},
    },
    expect="refuted",
    seconds=5,
)
def previous_word_at_twice_the_length(run: Run, times: int = 2, recurrent: bool = False) -> dict[str, list[float]]:
    """Accuracy of naming the previous word at the positions from half to all of `times` the trained length of 16.

    At these positions of longer sequences nothing was trained. Four random words, so chance is a quarter; a causal
    mask, so that all lengths up to 16 are trained at once; 200 steps of 16 sequences.
    """
    return {"accuracy": accuracy_at(run, "previous", times, recurrent)}


@claim(
    en="What a Transformer with sinusoidal positions has learned about the first word of a sequence holds at twice "
    "the length of its training.",
    ko="사인파 위치 인코딩을 쓰는 트랜스포머가 시퀀스의 첫 단어에 대해 배운 것은 훈련 길이의 두 배에서도 유지된다.",
    notes=["000-40"],
    source="Vaswani et al. 2017, section 3.5",
    rule=at_least("accuracy", 0.9),
    controls={"at sixteen times the length": {"times": 16}},
    seconds=4,
)
def first_word_at_twice_the_length(run: Run, times: int = 2) -> dict[str, list[float]]:
    """As `previous_word_at_twice_the_length`, but the word to name is always the first one of the sequence."""
    return {"accuracy": accuracy_at(run, "first", times)}


def accuracy_at(run: Run, which: str, times: int, recurrent: bool = False) -> list[float]:
    """Accuracy in the later half of sequences of `times` the trained length, for each seed."""
    models = training.initialised(
        run,
        lambda: (
            readers.RecurrentReader("rnn", WORDS, WORDS) if recurrent else readers.Reader(WORDS, WORDS, causal=True)
        ),
    )

    def exam(generator: Generator, size: int) -> tuple[Tensor, Tensor]:
        words, named = sequences(generator, size, times * LENGTH, which)
        named[:, : times * LENGTH // 2] = UNASKED
        return words, named

    scores: list[float] = training.learnt(
        run,
        models,
        lambda generator, size: sequences(generator, size, LENGTH, which),
        lambda network, words: network(words),
        steps=STEPS,
        batch=BATCH,
        lr=5e-3,
        examples=64,
        exam=exam,
        train=training.train_in_turn if recurrent else training.train,
    )
    return scores


def sequences(generator: Generator, size: int, length: int, which: str) -> tuple[Tensor, Tensor]:
    """Random words and, for each position, the word to name there: the "previous" or the "first"."""
    if which == "previous":
        words, named = data.neighbours(generator, size, length, WORDS, (-1,))
        named[:, 0] = UNASKED  # nothing precedes the first word
        return words, named[..., 0]
    words, first = data.first_token_recall(generator, size, length - 1, WORDS)
    return words, first[:, None].repeat(1, length)
