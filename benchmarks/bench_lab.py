"""Eight seeds trained together against the same eight trained one after the other: `python benchmarks/bench_lab.py`.

Both sides do the same training, with the same models and data, on one thread. In turn it is the loop that anybody would
write, with the fastest of PyTorch's Adams: zero_grad, loss, backward, clip_grad_norm_, step, schedule. Sides alternate
as A B B A in one process, so that a machine that grows busier or hotter slows both; only each round's ratio is kept.
What is gained shrinks as the batch grows: with more arithmetic in each call there is less overhead to share.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch reads it

import statistics
from collections.abc import Callable
from time import process_time
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from torch import Tensor, nn

from dlcheck import Run
from dlcheck.lab import train
from dlcheck_lstm.model import LSTM, Affine
from dlcheck_lstm.readers import Reader
from dlcheck_transformer.readers import Reader as TransformerReader

SEEDS = list(range(8))
ROUNDS = 3
CLASSES = 10


class Case(NamedTuple):
    """target: the time of all seeds together is to be at most this share of the time of the loop.

    stacked: the layers take an axis of seeds, instead of vmap.  in_turn: the model of the loop, if it is another.
    """

    name: str
    make: Callable[[], nn.Module]
    x: Callable[[], Tensor]
    steps: int
    target: float
    stacked: bool = False
    in_turn: Callable[[], nn.Module] | None = None


def mlp(layer: Callable[[int, int], nn.Module] = nn.Linear) -> nn.Module:
    return nn.Sequential(layer(64, 64), nn.ReLU(), layer(64, 64), nn.ReLU(), layer(64, CLASSES))


def cnn() -> nn.Module:
    convolutions = nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.Conv2d(8, 16, 3, padding=1), nn.ReLU()
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(1024, CLASSES))


def lstm() -> nn.Module:
    return Reader(LSTM(8, 32), CLASSES)


def transformer() -> nn.Module:
    return TransformerReader(CLASSES, CLASSES, layers=2)


def words(batch: int) -> Tensor:
    return torch.randint(CLASSES, (batch, 32))


CASES = [
    Case("MLP 64-64-64-10, batch 32", mlp, lambda: torch.randn(32, 64), 60, 1 / 2.3),
    Case(
        "MLP 64-64-64-10, batch 32, stacked",
        lambda: mlp(Affine), lambda: torch.randn(32, 64), 60, 1 / 3.5, stacked=True, in_turn=mlp,
    ),
    Case("CNN 8-16 channels on 8x8, batch 8", cnn, lambda: torch.randn(8, 1, 8, 8), 60, 1 / 3),
    Case("CNN 8-16 channels on 8x8, batch 32", cnn, lambda: torch.randn(32, 1, 8, 8), 30, 1 / 3),
    Case("LSTM cell d 32, T 50, batch 4, stacked", lstm, lambda: torch.randn(4, 50, 8), 6, 1 / 5.4, stacked=True),
    Case("LSTM cell d 32, T 50, batch 16, stacked", lstm, lambda: torch.randn(16, 50, 8), 6, 1 / 5.4, stacked=True),
    Case("transformer d 32, 2 layers, T 32, batch 4", transformer, lambda: words(4), 10, 1 / 2.6),
    Case("transformer d 32, 2 layers, T 32, batch 16", transformer, lambda: words(16), 10, 1 / 1.5),
]  # fmt: skip


def measure() -> list[tuple[str, float, float]]:
    """For each model its name, the median of time(together) / time(in turn), and the ratio that is aimed at."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    return [(f"8 seeds together: {case.name}", statistics.median(_ratios(case)), case.target) for case in CASES]


def _ratios(case: Case) -> list[float]:
    torch.manual_seed(0)
    run = Run(SEEDS)
    x = torch.stack([torch.stack([case.x() for _ in range(case.steps)]) for _ in SEEDS])
    answers = torch.randint(CLASSES, x.shape[:3])

    def seconds(make: Callable[[], nn.Module], trainer: Callable[..., Tensor], **how: bool) -> float:
        models = train.initialised(run, make)
        start = process_time()
        trainer(run, models, _loss, [x, answers], lr=1e-3, **how)
        return process_time() - start

    def together() -> float:
        return seconds(case.make, train.train, stacked=case.stacked)

    def in_turn() -> float:
        return seconds(case.in_turn or case.make, train.train_in_turn)

    together(), in_turn()  # the first calls choose kernels
    rounds = ((together(), in_turn(), in_turn(), together()) for _ in range(ROUNDS))
    return [(a1 + a2) / (b1 + b2) for a1, b1, b2, a2 in rounds]


def _loss(model: nn.Module, x: Tensor, answers: Tensor) -> Tensor:
    """The mean over a seed's examples, at the last position of a sequence of answers."""
    logits = model(x)
    logits = logits[:, -1] if logits.dim() > answers.dim() + 1 else logits
    return F.cross_entropy(logits.mT if logits.dim() == 3 else logits, answers, reduction="none").mean(-1)


if __name__ == "__main__":
    for name, ratio, target in measure():
        print(f"{name:60} {ratio:.3f}, {1 / ratio:.1f} times as fast (aim: {1 / target:.1f})")
