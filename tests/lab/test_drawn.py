"""Random weights and inputs for equality claims."""

import torch
from torch import nn

from dlcheck import Run
from dlcheck.lab import drawn


def test_drawn_weights_hide_nothing() -> None:
    """No parameter keeps its start: a bias of zero or a gain of one would hide that it is not used."""
    layer, fresh = (nn.TransformerEncoderLayer(8, 2, 16) for _ in range(2))
    drawn.filled(Run([1]), Run([1]).generator(1), layer)
    for (name, anew), start in zip(layer.named_parameters(), fresh.parameters(), strict=True):
        assert not (anew == start).any(), name
        assert anew.dtype == torch.float64
        assert not anew.requires_grad


def test_running_statistics_are_drawn_too() -> None:
    """Means around 0, variances around 1 and never negative, in evaluation mode: normalisation does something."""
    norm = drawn.filled(Run([1]), Run([1]).generator(1), nn.BatchNorm2d(50))
    assert norm.running_mean is not None
    assert norm.running_var is not None
    assert abs(norm.running_mean.mean()) < 0.1 < 10 * norm.running_mean.std()
    assert abs(norm.running_var.mean() - 1) < 0.1 < 10 * norm.running_var.std()
    assert (norm.running_var > 0).all()
    assert not norm.training


def test_the_same_generator_draws_the_same_numbers() -> None:
    """In the run's precision, float64 on the CPU."""
    first, again = (drawn.normal(Run([1]), torch.Generator().manual_seed(3), 2, 3) for _ in range(2))
    assert torch.equal(first, again)
    assert first.dtype == torch.float64
