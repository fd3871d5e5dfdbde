"""BERTs that are small enough to be pre-trained within a second, and their training: all seeds together."""

from collections.abc import Callable

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from dlcheck.api import Run
from dlcheck.lab import train as training
from dlcheck.lab.data import batches
from dlcheck_bert.model import Bert, Masker, PreTraining

RATE = 5e-3  # Adam's, at the height of its cycle


def small(vocabulary: int, max_len: int, *, causal: bool = False, layers: int = 1) -> Bert:
    """One layer of width 32 with two heads, no dropout, and initial weights of a size that suits the width."""
    return Bert(vocabulary, hidden=32, layers=layers, heads=2, max_len=max_len, dropout=0.0, causal=causal, std=0.1)


def pretrained(
    run: Run,
    make: Callable[[], Bert],
    draw: Callable[[Generator, int], Int[Tensor, "B T"]],
    masker: Masker,
    *,
    steps: int,
    batch: int,
) -> list[PreTraining]:
    """For each seed a BERT that was trained, by masked language modelling alone, on what `draw` draws and packs.

    Each step takes `batch` new sequences, masked anew.
    """
    models = training.initialised(run, lambda: PreTraining(make()))
    exercises = [masker(draw(generator, steps * batch), generator) for generator in map(run.generator, run.seeds)]
    losses = training.train(run, models, mlm_loss, batches(run, exercises, steps), lr=RATE)
    run.curve("loss of pre-training", range(0, steps, 10), losses[:, ::10].tolist())
    return models


def mlm_loss(model: PreTraining, shown: Int[Tensor, "B T"], labels: Int[Tensor, "B T"]) -> Float[Tensor, ""]:
    """The mean of -log P(true word) over the chosen words."""
    return training.cross_entropy(model.mlm(model.bert(shown)), labels)


def named(model: PreTraining, shown: Int[Tensor, "B T"], truth: Int[Tensor, "B T"]) -> Float[Tensor, "T"]:
    """At each place, the share of sequences for which the model names the true token."""
    with torch.inference_mode():
        right: Tensor = model.mlm(model.bert(shown)).argmax(-1) == truth
    return right.double().mean(dim=0)
