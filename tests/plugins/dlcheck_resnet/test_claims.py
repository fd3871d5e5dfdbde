"""What the claims rest on."""

import math

import pytest
import torch

from dlcheck import Run
from dlcheck_resnet import nets
from dlcheck_resnet.model import Shortcut


@pytest.mark.parametrize("shortcut", [None, "padding"])
def test_a_net_of_copies_passes_an_image_on(shortcut: Shortcut) -> None:
    """Started at identity, each convolution of the first stage puts out its input."""
    torch.manual_seed(0)
    net = nets.made(14, shortcut=shortcut, start="identity")
    x = torch.rand(2, 4, 8, 8)
    for block in net.blocks[:2]:
        torch.testing.assert_close(block.residual[0](x), x)  # type: ignore[index]  # a Sequential


def test_a_silent_start_makes_every_block_its_shortcut() -> None:
    """With the last layer of each block at zero, norm or not, a block puts out its input, which is not negative."""
    for norm in (True, False):
        net = nets.made(14, norm=norm, start="zero last")
        x = torch.rand(2, 4, 8, 8)
        torch.testing.assert_close(net.blocks[0](x), x)


def test_gradient_ratio_of_silent_blocks_is_known() -> None:
    """In one stage of silent blocks the gradient passes unchanged where signals are positive: the ratio is about 1."""
    torch.manual_seed(0)
    net = nets.made(8, start="zero last")
    net.stages[2] = net.stages[1] = torch.nn.Identity()
    net.classifier = torch.nn.Linear(4, 10)
    assert nets.gradient_ratio(Run([1]), net, Run([1]).generator(1)) == pytest.approx(0, abs=1e-6)


def test_gradient_ratio_tells_nothing_from_not_a_number() -> None:
    """No gradient at all is minus infinity; weights that are not a number give not-a-number."""
    net = nets.made(8, shortcut=None, norm=False)
    for parameter in net.blocks[1].parameters():
        torch.nn.init.zeros_(parameter)
    assert nets.gradient_ratio(Run([1]), net, Run([1]).generator(1)) == -math.inf
    torch.nn.init.constant_(net.classifier.weight, math.nan)
    assert math.isnan(nets.gradient_ratio(Run([1]), net, Run([1]).generator(1)))
