"""Readers of all seeds, trained together and handed back as one, with new examples to try them on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from dlcheck import Run, lazy

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from dlcheck_lstm.readers import Reader

torch: Any = lazy("torch")
F: Any = lazy("torch.nn.functional")
data: Any = lazy("dlcheck.lab.data")
training: Any = lazy("dlcheck.lab.train")

BATCH, NEW = 16, 512


def taught(
    run: Run,
    make: Callable[[], Reader],
    draw: Callable[[Generator, int], tuple[Tensor, Tensor]],
    loss: Callable[..., Tensor],
    *,
    steps: int,
    batch: int = BATCH,
    lr: float = 2e-2,
) -> tuple[Reader, Tensor, Tensor]:
    """All trained readers as one, with an axis of seeds in front, and for each seed 512 new inputs and answers.

    draw(generator, n): n inputs and their answers.  loss(reader, x, answers): one number for each seed.
    """
    generators = [run.generator(seed) for seed in run.seeds]
    examples = data.batches(run, [draw(generator, steps * batch) for generator in generators], steps)
    models = training.initialised(run, make)
    losses = training.train(run, models, loss, examples, lr=lr, stacked=True)
    run.curve("training loss", range(0, steps, 10), losses[:, ::10].tolist())
    x, answers = (torch.stack(new).to(run.device) for new in zip(*(draw(g, NEW) for g in generators), strict=True))
    return training.together(models).requires_grad_(False), x, answers


def cross_entropy(logits: Tensor, answers: Tensor) -> Tensor:
    """(seeds, B, classes), (seeds, B) -> one mean for each seed."""
    each: Tensor = F.cross_entropy(logits.mT, answers, reduction="none").mean(-1)
    return each


def accuracy(logits: Tensor, answers: Tensor) -> list[float]:
    """The share of answers with the largest logit, for each seed; not-a-number has none."""
    hits = (logits.argmax(-1) == answers) & logits.isfinite().all(-1)
    shares: list[float] = hits.float().mean(-1).tolist()
    return shares
