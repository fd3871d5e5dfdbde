"""Nets that stand side by side are the nets that stand alone."""

import copy
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from torch import Tensor, nn

from dlcheck import Run
from dlcheck.lab.side_by_side import SideBySide, errors, train_side_by_side
from dlcheck.lab.train import initialised, one_cycle
from dlcheck_resnet.model import ResNet, small

SEEDS = [3, 4, 5]
STEPS = 4


def nets(**options: object) -> list[ResNet]:
    """Three of 14 layers in float64, with every shape of layer and shortcut."""
    return initialised(Run(SEEDS), lambda: small(14, width=4, d_in=2, classes=5, **options).double())  # type: ignore[arg-type]


def batches() -> tuple[Tensor, Tensor]:
    draw = torch.Generator().manual_seed(0)
    images = torch.randn(len(SEEDS), STEPS, 6, 2, 8, 8, generator=draw, dtype=torch.float64)
    return images, torch.randint(5, (len(SEEDS), STEPS, 6), generator=draw)


def trained_alone(model: nn.Module, images: Tensor, labels: Tensor) -> list[float]:
    """By a loop as anybody would write it."""
    optimiser = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=1e-4)
    schedule = one_cycle(optimiser, STEPS)
    losses = []
    for x, answer in zip(images, labels, strict=True):
        optimiser.zero_grad()
        loss = F.cross_entropy(model(x), answer)
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
    return losses


@pytest.mark.parametrize("norm", [True, False])
@pytest.mark.parametrize("shortcut", ["padding", "projection", None])
def test_each_seed_trains_as_it_does_alone(shortcut: str | None, norm: bool) -> None:
    """Losses, weights and running statistics after four steps are those of a loop over one net, in float64."""
    models = nets(shortcut=shortcut, norm=norm)
    alone = copy.deepcopy(models)
    images, labels = batches()
    losses = train_side_by_side(Run(SEEDS), models, images, labels, lr=0.05)
    for seed, model in enumerate(alone):
        assert losses[seed].tolist() == pytest.approx(trained_alone(model, images[seed], labels[seed]), rel=1e-9)
        for name, state in model.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                torch.testing.assert_close(models[seed].state_dict()[name], state, rtol=1e-8, atol=1e-9)


def test_a_seed_that_diverges_harms_no_other() -> None:
    """Not-a-number in the images of one seed leaves the losses of the others as they are."""
    images, labels = batches()
    clean = train_side_by_side(Run(SEEDS), nets(), images, labels, lr=0.05)
    images[1, 0, 0] = torch.nan
    spoilt = train_side_by_side(Run(SEEDS), nets(), images, labels, lr=0.05)
    assert spoilt[1].isnan().all()
    torch.testing.assert_close(spoilt[[0, 2]], clean[[0, 2]], rtol=0, atol=0)


def test_evaluation_uses_the_running_statistics_of_each_net() -> None:
    """Side by side in evaluation mode, three trained nets answer as each alone; their own modes stay."""
    models, (images, labels) = nets(), batches()
    train_side_by_side(Run(SEEDS), models, images, labels, lr=0.05)
    together = SideBySide(models).eval()(images[:, 0])
    for seed, model in enumerate(models):
        assert model.training
        torch.testing.assert_close(together[seed], model.eval()(images[seed, 0]))


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": 2},
        {"padding": 1, "bias": False},
        {"padding": (1, 2), "stride": (1, 3)},
        {"padding": "same"},
        {"padding": 2, "dilation": 2},
        {"padding": 1, "padding_mode": "circular"},
        {"groups": 2},
    ],
    ids=str,
)
@pytest.mark.parametrize("sides", [(3, 3), (3, 4), (6, 5)])
def test_every_convolution_is_each_ones_own(sides: tuple[int, int], options: dict[str, Any]) -> None:
    """On small maps and large ones, with every option that a convolution has, in float64."""
    layers = initialised(Run(SEEDS), lambda: nn.Sequential(nn.Conv2d(4, 6, 3, **options), nn.Flatten()).double())
    images = torch.randn(len(SEEDS), 5, 4, *sides, dtype=torch.float64)
    together = SideBySide(layers)(images)
    for seed, layer in enumerate(layers):
        torch.testing.assert_close(together[seed], layer(images[seed]))


def test_errors_by_hand() -> None:
    """A net that always says 2 errs on three of four images; one that has diverged errs on all."""
    models = [nn.Sequential(nn.Flatten(), nn.Linear(1, 3)) for _ in range(2)]
    for model, bias in zip(models, ([0.0, 0.0, 1.0], [0.0, 0.0, torch.nan]), strict=True):
        model[1].weight.data.zero_()
        model[1].bias.data = torch.tensor(bias)
    labels = torch.tensor([[0, 1, 2, 0]] * 2)
    assert errors(models, torch.zeros(2, 4, 1, 1, 1), labels) == [0.75, 1.0]
