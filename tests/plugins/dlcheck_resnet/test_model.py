"""Facts about the reference ResNet. The public one in `transformers`, with the same weights, is the oracle."""

import importlib
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import TypeCheckError
from torch import nn
from transformers import ResNetConfig, ResNetForImageClassification

from dlcheck.lab import probes
from oracle import Where, at, checked, close

NAME = "dlcheck_resnet.model"
m: Any = checked(NAME)

everywhere = at(Where("cpu", torch.float64, 1e-10), Where("cuda", torch.float32, 1e-3))


def shaken(net: nn.Module) -> None:
    """No gain, shift or statistic stays at 0 or 1, where a forgotten one would not be noticed."""
    with torch.no_grad():
        for name, state in [*net.named_parameters(), *net.named_buffers()]:
            if state.dim() == 1:
                state.add_(0.1 * torch.randn_like(state)).abs_() if "var" in name else state.add_(
                    0.1 * torch.randn_like(state)
                )


# ---------------------------------------------------------------------------------------------------------------------
# The oracle: which of our layers is which of theirs
# ---------------------------------------------------------------------------------------------------------------------

Pairs = list[tuple[nn.Module, nn.Module]]


def layers(module: nn.Module | None) -> list[nn.Module]:
    """Convolutions and normalisations, in order."""
    found = [] if module is None else module.modules()
    return [layer for layer in found if isinstance(layer, nn.Conv2d | nn.BatchNorm2d)]


def pairs(ours: Any, theirs: Any) -> Pairs:
    found: Pairs = list(zip(layers(ours.stem), layers(theirs.resnet.embedder), strict=True))
    their_blocks = [block for stage in theirs.resnet.encoder.stages for block in stage.layers]
    for mine, other in zip(ours.blocks, their_blocks, strict=True):
        found += zip(layers(mine.residual), layers(other.layer), strict=True)
        found += zip(layers(mine.shortcut), layers(other.shortcut), strict=True)
    return [*found, (ours.classifier, theirs.classifier[-1])]


@everywhere
@pytest.mark.parametrize("training", [True, False], ids=["batch statistics", "running statistics"])
@pytest.mark.parametrize("block", ["basic", "bottleneck"])
def test_nets_are_those_of_the_public_implementation(where: Where, block: str, training: bool) -> None:
    """The same weights give the same logits, the same gradient of every parameter and of the images."""
    blocks, width = (2, 1, 2), 8
    made = m.BasicBlock if block == "basic" else m.Bottleneck
    ours = m.ResNet(made, blocks, width=width, classes=5).to(where.device, where.dtype)
    sizes = [width * 2**stage * made.expansion for stage in range(3)]
    config = ResNetConfig(
        embedding_size=width,
        hidden_sizes=sizes,
        depths=list(blocks),
        layer_type=block,
        downsample_in_bottleneck=True,
        num_labels=5,
    )
    theirs = ResNetForImageClassification(config).to(where.device, where.dtype)
    shaken(ours)
    for mine, other in (matched := pairs(ours, theirs)):
        other.load_state_dict(mine.state_dict())
    assert len({id(p) for mine, _ in matched for p in mine.parameters()}) == len(list(ours.parameters()))
    images = torch.randn(3, 3, 64, 64).to(where.device, where.dtype)
    inputs = [images.clone().requires_grad_() for _ in range(2)]
    out, expected = ours.train(training)(inputs[0]), theirs.train(training)(inputs[1]).logits
    close(out, expected, where)
    upstream = torch.randn_like(expected)
    torch.autograd.backward([out, expected], [upstream, upstream])
    close(inputs[0].grad, inputs[1].grad, where)
    for mine, other in matched:
        for p, q in zip(mine.parameters(), other.parameters(), strict=True):
            close(p.grad, q.grad, where)


# ---------------------------------------------------------------------------------------------------------------------
# Blocks by hand
# ---------------------------------------------------------------------------------------------------------------------


def test_signatures_are_checked_while_these_tests_run() -> None:
    """An image without an axis for the batch is refused, so every test here is a test of the shapes, too."""
    with pytest.raises(TypeCheckError):
        m.PaddingShortcut(2)(torch.randn(4, 5, 5))


def test_a_block_by_hand() -> None:
    """One pixel, one channel, no normalisation: x = 2, weights 3 and -1 in the middle: relu(-1 relu(3·2) + 2) = 0."""
    block = m.BasicBlock(1, 1, norm=False)
    for layer, weight in ((block.residual[0], 3.0), (block.residual[2], -1.0)):
        nn.init.zeros_(layer.bias)
        nn.init.zeros_(layer.weight)
        layer.weight.data[0, 0, 1, 1] = weight
    x = torch.full((1, 1, 1, 1), 2.0)
    assert block.add(x).item() == -4
    assert block(x).item() == 0


def test_option_a_takes_every_other_pixel_and_adds_zeros() -> None:
    """Of nets side by side, each has its own zeros behind its own channels."""
    x = torch.arange(2 * 2 * 4 * 4.0).view(1, 4, 4, 4)
    out = m.PaddingShortcut(1, stride=2, groups=2)(x)
    assert out.shape == (1, 6, 2, 2)
    torch.testing.assert_close(out[:, [0, 1, 3, 4]], x[:, :, ::2, ::2])
    assert out[:, [2, 5]].eq(0).all()


@pytest.mark.parametrize(("kind", "convolutions"), [("padding", 0), ("projection", 2), ("projections", 6), (None, 0)])
def test_shortcuts_of_the_three_options(kind: str | None, convolutions: int) -> None:
    """In three stages of two blocks: none, one for each change of shape, one for each block; none in plain nets."""
    net = m.small(14, width=4, shortcut=kind)
    assert sum(len(layers(block.shortcut)) for block in net.blocks) == 2 * convolutions
    assert (net.blocks[0].shortcut is None) == (kind is None)
    assert net(torch.randn(2, 3, 8, 8)).shape == (2, 10)


def test_unknown_shortcuts_and_depths_are_refused() -> None:
    """The message says what was expected and what was got."""
    plain = importlib.import_module(NAME)
    with pytest.raises(ValueError, match="got 'identity'"):
        plain.BasicBlock(4, 4, shortcut="identity")
    with pytest.raises(ValueError, match=r"expected 6 n \+ 2 layers .* got 18"):
        plain.small(18)


# ---------------------------------------------------------------------------------------------------------------------
# The nets of the paper
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layers", "parameters"),
    [(18, 11_689_512), (34, 21_797_672), (50, 25_557_032), (101, 44_549_160), (152, 60_192_808)],
)
def test_published_nets(layers: int, parameters: int) -> None:
    """Parameters as published, and as many layers with weights as the name says."""
    plain = importlib.import_module(NAME)
    assert probes.parameter_count(lambda: getattr(plain, f"resnet{layers}")()) == parameters
    with torch.device("meta"):
        assert getattr(plain, f"resnet{layers}")().weight_layers == layers


@pytest.mark.parametrize(("layers", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_nets_for_cifar(layers: int, millions: float) -> None:
    """Table 6 of the paper, as precise as it is printed there."""
    plain = importlib.import_module(NAME)
    counted = probes.parameter_count(lambda: plain.small(layers)) / 1e6
    assert counted == pytest.approx(millions, abs=0.05 if layers == 110 else 0.01)


def test_he_keeps_the_second_moment() -> None:
    """Weights have variance 2 / (k² d_in): 5,000 of them within 10 %; biases are zero."""
    net = m.ResNet(m.BasicBlock, (1,), width=24, norm=False)
    weight = net.blocks[0].residual[0].weight
    assert weight.var().item() == pytest.approx(2 / (9 * 24), rel=0.1)
    assert net.blocks[0].residual[0].bias.eq(0).all()


def test_a_plain_net_is_the_same_net_without_skips() -> None:
    """Drawn from one seed, both have the same weights, and they differ in what they compute."""
    nets = []
    for kind in ("padding", None):
        torch.manual_seed(1)
        nets.append(m.small(8, width=4, shortcut=kind).eval())
    for a, b in zip(*(net.parameters() for net in nets), strict=True):
        assert torch.equal(a, b)
    x = torch.randn(2, 3, 8, 8)
    assert not torch.allclose(nets[0](x), nets[1](x))


def test_running_statistics_follow_the_batches() -> None:
    """After one batch in training mode the first normalisation holds a tenth of its mean, as PyTorch defines it."""
    net = m.small(8, width=4)
    x = torch.randn(5, 3, 8, 8)
    net.train()(x)
    mean = F.conv2d(x, net.stem[0].weight, padding=1).mean((0, 2, 3))
    torch.testing.assert_close(net.stem[1].running_mean, 0.1 * mean)
