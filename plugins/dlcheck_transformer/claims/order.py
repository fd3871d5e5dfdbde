"""Who knows the order of the words: positional encoding, or a causal mask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, claim, exceeds, lazy

if TYPE_CHECKING:
    from torch import Generator, Tensor

torch: Any = lazy("torch")
data: Any = lazy("dlcheck.lab.data")
training: Any = lazy("dlcheck.lab.train")
readers: Any = lazy("dlcheck_transformer.readers")

STEPS, BATCH, LENGTH = 100, 32, 8


@claim(
    en="A Transformer encoder learns which of two words comes first if positions are added to its embeddings, and "
    "does far worse, as it can only guess, if they are not.",
    ko="트랜스포머 인코더는 임베딩에 위치 인코딩을 더해 주면 두 단어 중 무엇이 먼저 나오는지 배우고, 더해 주지 않으면 "
    "추측밖에 할 수 없어 훨씬 못한다.",
    notes=["000-37", "004-18"],
    source="Vaswani et al. 2017, section 3.5",
    rule=exceeds("with positions", "without", by=0.3, unit="accuracy"),
    controls={"a task without order": {"ordered": False}},
    seconds=4,
)
def word_order_needs_positions(run: Run, ordered: bool = True) -> dict[str, list[float]]:
    """Accuracy with and without sinusoidal positions, same initial weights and sentences, after 100 steps of 32.

    Eight words, one of them "1" and one "2": does the 1 come before the 2? Chance is one half. In the control the
    label is instead whether there is a "2" or a "3" beside the 1.
    """
    return {
        "with positions": order_accuracy(run, ordered, positions="sinusoidal"),
        "without": order_accuracy(run, ordered, positions=None),
    }


@claim(
    en="A causal mask tells the order too: without any positional encoding, a Transformer with such a mask learns "
    "which of two words comes first.",
    ko="인과 마스크도 순서를 알려 준다. 위치 인코딩이 전혀 없어도 인과 마스크를 씌운 트랜스포머는 두 단어 중 무엇이 "
    "먼저 나오는지 배운다.",
    notes=["000-37", "004-18"],
    source="Haviv et al. 2022, Transformer Language Models without Positional Encodings Still Learn Positional "
    "Information, section 4",
    rule=at_least("accuracy", 0.9),
    controls={"without the mask": {"causal": False}},
    seconds=2,
)
def causal_mask_tells_order(run: Run, causal: bool = True) -> dict[str, list[float]]:
    """Accuracy without positions on the task of `word_order_needs_positions`; chance is one half."""
    return {"accuracy": order_accuracy(run, True, positions=None, causal=causal)}


def order_accuracy(run: Run, ordered: bool, positions: str | None, causal: bool = False) -> list[float]:
    """Accuracy on new sentences, for each seed. The answers of all positions are averaged: no place is special."""
    models = training.initialised(run, lambda: readers.Reader(4, 2, positions=positions, causal=causal))
    scores: list[float] = training.learnt(
        run,
        models,
        lambda generator, size: sentences(generator, size, ordered),
        lambda network, words: network(words).mean(dim=1),
        steps=STEPS,
        batch=BATCH,
        lr=1e-2,
    )
    return scores


def sentences(generator: Generator, batch: int, ordered: bool) -> tuple[Tensor, Tensor]:
    """Sentences whose label is the order of 1 and 2, or, unordered, whether the 2 has become a 3."""
    words, answer = data.word_order(generator, batch, LENGTH)
    if ordered:
        return words, answer
    answer = answer[torch.randperm(batch, generator=generator)]
    return words + (words == 2) * answer[:, None], answer
