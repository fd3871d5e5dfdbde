"""BERTs that are small enough to be pre-trained within a second, and their training: all seeds together."""

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor, nn

from dlcheck.api import Run
from dlcheck.lab import train as training
from dlcheck.lab.data import batches
from dlcheck_bert.model import UNCHOSEN, Bert, Masker, PreTraining

RATE = 5e-3  # Adam's, at the height of its cycle


def small(vocabulary: int, max_len: int, *, causal: bool = False, layers: int = 1) -> Bert:
    """One layer of width 32 with two heads, no dropout, and initial weights of a size that suits the width."""
    return Bert(vocabulary, hidden=32, layers=layers, heads=2, max_len=max_len, dropout=0.0, causal=causal, std=0.1)


def evenly_reading(vocabulary: int, max_len: int) -> Bert:
    """As `small`, but what a sequence is about counts from the first step on, and where its words stand does not.

    Queries of zero attend to all words alike; places and sentence numbers start at zero. Words start small: the
    normalisation behind them brings them to size, and Adam's steps turn small vectors sooner.
    """
    bert = Bert(vocabulary, hidden=32, layers=1, heads=2, max_len=max_len, dropout=0.0, std=0.3)
    embeddings = bert.embeddings
    nn.init.normal_(embeddings.words.weight, std=0.02)
    queries = bert.get_parameter("layers.0.attention.qkv.weight")[:32]
    for weights in (embeddings.positions.weight, embeddings.segments.weight, queries):
        nn.init.zeros_(weights)
    return bert


def pretrained(
    run: Run,
    generators: Sequence[Generator],
    make: Callable[[], Bert],
    draw: Callable[[Generator, int], Int[Tensor, "B T"]],
    masker: Masker,
    *,
    steps: int,
    batch: int,
) -> list[PreTraining]:
    """For each seed a BERT that was trained, by masked language modelling alone, on what `draw` draws and packs.

    Each step takes `batch` new sequences, masked anew. The generators, one for each seed, go on to draw exams, which
    so have nothing in common with the exercises of any seed.
    """
    models = training.initialised(run, lambda: PreTraining(make()))
    exercises = at_chosen([masker(draw(generator, steps * batch), generator) for generator in generators], steps)
    losses = training.train(run, models, mlm_loss, batches(run, exercises, steps), lr=RATE)
    run.curve("loss of pre-training", range(0, steps, 10), losses[:, ::10].tolist())
    return models


def at_chosen(masked: Sequence[tuple[Tensor, Tensor]], steps: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """What a masker returned for each seed, with the labels of the chosen words alone: shown, places, answers.

    places: within all words of a step's sequences, as many for every step; UNCHOSEN is the answer at those left over.
    Only at these does `mlm_loss` compute logits, six times fewer than there are words.
    """
    labels = [each.view(steps, -1) for _, each in masked]
    room = max(int((each != UNCHOSEN).sum(dim=1).max()) for each in labels)
    places = [(each == UNCHOSEN).long().argsort(dim=1, stable=True)[:, :room] for each in labels]
    return [
        (shown, where.flatten(), each.gather(1, where).flatten())
        for (shown, _), where, each in zip(masked, places, labels, strict=True)
    ]


def mlm_loss(
    model: PreTraining, shown: Int[Tensor, "B T"], places: Int[Tensor, "K"], answers: Int[Tensor, "K"]
) -> Float[Tensor, ""]:
    """The mean of -log P(true word) over the chosen words, which stand at `places` of the B T words."""
    return training.cross_entropy(model.mlm(model.bert(shown).flatten(0, 1)[places]), answers)


def surprise(model: PreTraining, shown: Int[Tensor, "B T"], labels: Int[Tensor, "B T"]) -> float:
    """The mean of -log P(true word), in nats, over all words with a label."""
    with torch.inference_mode():
        return float(training.cross_entropy(model.mlm(model.bert(shown)), labels))


def named(model: PreTraining, shown: Int[Tensor, "B T"], truth: Int[Tensor, "B T"]) -> Float[Tensor, "T"]:
    """At each place, the share of sequences for which the model names the true token."""
    with torch.inference_mode():
        right: Tensor = model.mlm(model.bert(shown)).argmax(-1) == truth
    return right.double().mean(dim=0)
