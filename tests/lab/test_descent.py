"""Plain gradient descent, against steps taken by hand and by torch.optim."""

import math

import pytest
import torch
from torch import Tensor, nn

from dlcheck import Run
from dlcheck.lab import descent, train


def _squared(y: Tensor, answers: Tensor) -> Tensor:
    return (y - answers).square().mean()


def test_steps_by_hand() -> None:
    """From w = 4, the loss w² at a rate of 1/4 halves w in each step."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.constant_(model.weight, 4.0)
    losses = descent.descend([model], _squared, torch.ones(1, 1, 1), torch.zeros(1, 1, 1), lr=0.25, steps=3)
    assert losses.tolist() == [[16.0, 4.0, 1.0]]
    assert model.weight.item() == pytest.approx(0.5)


def test_seeds_together_as_each_alone_with_sgd() -> None:
    """Every seed ends where torch.optim.SGD takes it alone."""
    run = Run([3, 5])
    x, answers = torch.randn(2, 2, 8, 4, generator=torch.Generator().manual_seed(0)).double()
    make = lambda: nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 4)).double()
    together, alone = train.initialised(run, make), train.initialised(run, make)
    descent.descend(together, _squared, x, answers, lr=0.1, steps=20)
    for ours, theirs, one, wanted in zip(together, alone, x, answers, strict=True):
        sgd = torch.optim.SGD(theirs.parameters(), lr=0.1)
        for _ in range(20):
            sgd.zero_grad()
            torch.autograd.backward(_squared(theirs(one), wanted))
            sgd.step()
        torch.testing.assert_close(dict(ours.named_parameters()), dict(theirs.named_parameters()))


def test_a_diverged_seed_harms_no_other() -> None:
    """One seed's inputs are not numbers; the other ends where it ends alone."""
    x = torch.ones(2, 1, 3)
    x[0] = math.nan
    both, one = (train.initialised(Run(seeds), lambda: nn.Linear(3, 1)) for seeds in ([1, 2], [2]))
    descent.descend(both, _squared, x, torch.zeros(2, 1, 1), lr=0.1, steps=3)
    descent.descend(one, _squared, x[1:], torch.zeros(1, 1, 1), lr=0.1, steps=3)
    torch.testing.assert_close(both[1].weight, one[0].weight)
    assert both[0].weight.isnan().all()
