"""Gradient norms, of nets whose gradients are known by hand."""

import pytest
import torch
from torch import Tensor, nn

from dlcheck.lab import gradients


@pytest.fixture
def halving() -> nn.Sequential:
    """Three layers, each of which halves its input of two numbers."""
    layers = [nn.Linear(2, 2, bias=False) for _ in range(3)]
    for layer in layers:
        nn.init.eye_(layer.weight)
        with torch.no_grad():
            layer.weight.mul_(0.5)
    return nn.Sequential(*layers)


def test_deltas_halve_on_the_way_down(halving: nn.Sequential) -> None:
    """The loss 3 a + 4 b has a delta of norm 5 at the last layer, and each layer below has half of it."""
    loss = lambda: halving(torch.ones(1, 2)) @ torch.tensor([3.0, 4.0])
    assert gradients.delta_norms(lambda: loss().sum(), halving) == pytest.approx([1.25, 2.5, 5.0])


def test_weight_gradients_are_delta_times_activation(halving: nn.Sequential) -> None:
    """Deltas of 1.25, 2.5 and 5 meet inputs of norm √2, √2/2 and √2/4: all three products are the same."""
    loss = (halving(torch.ones(1, 2)) @ torch.tensor([3.0, 4.0])).sum()
    assert gradients.weight_norms(loss, halving) == pytest.approx([1.25 * 2**0.5] * 3)


def test_time_steps_by_hand() -> None:
    """The loss is the sum of t² x_t over T = 4: gradients 0, 1, 4 and 9, here for 4 sequences, whose norm is double."""
    x = torch.randn(4, 4, 1, generator=torch.Generator().manual_seed(0)).requires_grad_()
    loss = (x * torch.arange(4.0).square().view(1, 4, 1)).sum()
    assert gradients.step_norms(loss, x) == pytest.approx([0, 2, 8, 18])


def test_a_cell_is_seen_at_every_step() -> None:
    """A cell that keeps half of its state has deltas that halve with each step back; a tuple's first tensor is used."""

    class Half(nn.Module):
        def forward(self, h: Tensor) -> tuple[Tensor, None]:
            return h / 2, None

    cell = Half()

    def loss() -> Tensor:
        h = torch.ones(1, requires_grad=True)
        for _ in range(3):
            h, _ = cell(h)
        return h.sum()

    assert gradients.delta_norms(loss, [cell]) == pytest.approx([0.25, 0.5, 1.0])


def test_what_the_loss_does_not_depend_on_has_no_gradient() -> None:
    """Its norm is 0, not an error."""
    x, y = torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)
    assert gradients.norms((3 * x).sum(), [x, y]) == pytest.approx([3 * 2**0.5, 0])


def test_nothing_is_kept_afterwards(halving: nn.Sequential) -> None:
    """Outside the block the layers run as before, also when something went wrong in it."""

    def fail() -> None:
        with gradients.outputs(halving):
            halving(torch.ones(1, 2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    halving(torch.ones(1, 2))
    assert not any(layer._forward_hooks for layer in halving)
