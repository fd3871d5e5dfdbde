"""Residual networks as published, and the plain networks that they are compared with.

Sources
    He, Zhang, Ren and Sun 2016, "Deep Residual Learning for Image Recognition", https://arxiv.org/abs/1512.03385. A
    section, table or figure that is cited without a name is of this paper.
    He, Zhang, Ren and Sun 2015, "Delving Deep into Rectifiers", https://arxiv.org/abs/1502.01852, equation 10: the
    initialisation that the paper takes.

Axes
    B       images in the batch
    C       channels; height and width are H and W
    d_in    channels of the input image

Shortcuts (section 4.1)
    "padding"       option A: the input, with zero channels where more are needed; no parameters
    "projection"    option B: a 1x1 convolution where the shape changes, the input itself elsewhere
    "projections"   option C: a 1x1 convolution everywhere
    None            no shortcut: the plain network

A layer in the names is a layer with weights: convolutions and the last linear one; those of shortcuts do not count.
Everything runs on any device, in float64 to bfloat16, and follows the ordinary `.to(...)`.
"""

import math
from collections.abc import Sequence
from typing import ClassVar, Literal

import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import Float
from torch import Tensor, nn

__all__ = [
    "BasicBlock",
    "Block",
    "Bottleneck",
    "PaddingShortcut",
    "ResNet",
    "Shortcut",
    "initialise_he",
    "resnet18",
    "resnet34",
    "resnet50",
    "resnet101",
    "resnet152",
    "small",
]

Shortcut = Literal["padding", "projection", "projections"] | None

# ---------------------------------------------------------------------------------------------------------------------
# Blocks
# ---------------------------------------------------------------------------------------------------------------------


class PaddingShortcut(nn.Module):
    """Every `stride`-th pixel, and `extra` channels of zeros behind the others: no parameters (section 4.1, option A).

    groups: networks that stand side by side in the channels; each has its own zeros.
    """

    def __init__(self, extra: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__()
        self.extra = extra
        self.stride = stride
        self.groups = groups

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C_out H_out W_out"]:
        x = x[:, :, :: self.stride, :: self.stride]
        if not self.extra:
            return x
        apart = x.reshape(len(x), self.groups, -1, *x.shape[2:])
        return F.pad(apart, (0, 0, 0, 0, 0, self.extra)).flatten(1, 2)


class Block(nn.Module):
    """relu(F(x) + shortcut(x)), equation 1 and Figure 2; relu(F(x)) without a shortcut.

    residual: the function F, which ends before its last ReLU.
    """

    expansion: ClassVar[int]
    """How many times `width` a block puts out."""
    layers: ClassVar[int]
    """Layers with weights in F."""

    def __init__(self, residual: nn.Module, shortcut: nn.Module | None) -> None:
        super().__init__()
        self.residual = residual
        self.shortcut = shortcut

    def forward(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C_out H_out W_out"]:
        return F.relu(self.add(x))

    def add(self, x: Float[Tensor, "B C H W"]) -> Float[Tensor, "B C_out H_out W_out"]:
        """F(x) + shortcut(x): what goes into the last ReLU."""
        out: Tensor = self.residual(x)
        return out if self.shortcut is None else out + self.shortcut(x)


class BasicBlock(Block):
    """Two 3x3 convolutions of `width` filters (Figure 5, left)."""

    expansion = 1
    layers = 2

    def __init__(
        self, d_in: int, width: int, stride: int = 1, *, shortcut: Shortcut = "projection", norm: bool = True
    ) -> None:
        residual = nn.Sequential(
            *_conv_norm(d_in, width, 3, stride, norm), nn.ReLU(), *_conv_norm(width, width, 3, 1, norm)
        )
        super().__init__(residual, _shortcut(shortcut, d_in, width, stride, norm))


class Bottleneck(Block):
    """A 1x1 convolution to `width` filters, a 3x3 one, and a 1x1 one back to 4 `width` (Figure 5, right).

    A stride is taken by the first 1x1 convolution, as published; some later implementations let the 3x3 one take it.
    """

    expansion = 4
    layers = 3

    def __init__(
        self, d_in: int, width: int, stride: int = 1, *, shortcut: Shortcut = "projection", norm: bool = True
    ) -> None:
        residual = nn.Sequential(
            *_conv_norm(d_in, width, 1, stride, norm),
            nn.ReLU(),
            *_conv_norm(width, width, 3, 1, norm),
            nn.ReLU(),
            *_conv_norm(width, 4 * width, 1, 1, norm),
        )
        super().__init__(residual, _shortcut(shortcut, d_in, 4 * width, stride, norm))


def _conv_norm(d_in: int, d_out: int, kernel: int, stride: int, norm: bool) -> list[nn.Module]:
    """A convolution, and right after it batch normalisation, which makes a bias pointless (section 3.4)."""
    conv = nn.Conv2d(d_in, d_out, kernel, stride, padding=kernel // 2, bias=not norm)
    return [conv, nn.BatchNorm2d(d_out)] if norm else [conv]


def _shortcut(kind: Shortcut, d_in: int, d_out: int, stride: int, norm: bool) -> nn.Module | None:
    if kind is None:
        return None
    if kind == "projections" or (kind == "projection" and (stride > 1 or d_in != d_out)):
        return nn.Sequential(*_conv_norm(d_in, d_out, 1, stride, norm))
    if kind in ("padding", "projection"):
        return PaddingShortcut(d_out - d_in, stride)
    raise ValueError(f'expected shortcut to be "padding", "projection", "projections" or None, got {kind!r}')


# ---------------------------------------------------------------------------------------------------------------------
# Networks
# ---------------------------------------------------------------------------------------------------------------------


class ResNet(nn.Module):
    """Stem, stages of blocks, global average pooling and a linear layer (section 3.3, Table 1; section 4.2).

    block, blocks
        Which block, and how many of them in each stage. Each stage after the first halves height and width in its
        first block and has twice as many filters.
    width
        Filters of the first stage.
    stem
        "imagenet": 7x7 convolution and 3x3 maximum, each with stride 2; "small": one 3x3 convolution (section 4.2).
    shortcut, norm
        Which shortcuts; whether each convolution is followed by batch normalisation.

    Convolutions are initialised as by `initialise_he`.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        blocks: Sequence[int],
        *,
        classes: int = 1000,
        d_in: int = 3,
        width: int = 64,
        stem: Literal["imagenet", "small"] = "imagenet",
        shortcut: Shortcut = "projection",
        norm: bool = True,
    ) -> None:
        super().__init__()
        if stem == "imagenet":
            self.stem = nn.Sequential(
                *_conv_norm(d_in, width, 7, 2, norm), nn.ReLU(), nn.MaxPool2d(3, stride=2, padding=1)
            )
        else:
            self.stem = nn.Sequential(*_conv_norm(d_in, width, 3, 1, norm), nn.ReLU())
        channels = width
        stages: list[nn.Module] = []
        for stage, number in enumerate(blocks):
            filters, in_stage = width * 2**stage, []
            for index in range(number):
                stride = 2 if stage > 0 and index == 0 else 1
                in_stage.append(block(channels, filters, stride, shortcut=shortcut, norm=norm))
                channels = filters * block.expansion
            stages.append(nn.Sequential(*in_stage))
        self.stages = nn.Sequential(*stages)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(channels, classes)
        initialise_he(self)

    def forward(self, images: Float[Tensor, "B d_in H W"]) -> Float[Tensor, "B classes"]:
        """Logits."""
        logits: Tensor = self.classifier(self.pool(self.stages(self.stem(images))).flatten(1))
        return logits

    @property
    def blocks(self) -> list[Block]:
        """All blocks, in the order in which an image passes them."""
        return [module for module in self.stages.modules() if isinstance(module, Block)]

    @property
    def weight_layers(self) -> int:
        """Layers with weights on the longest way from an image to its logits: the depth in the network's name."""
        return 2 + sum(block.layers for block in self.blocks)


def initialise_he(model: nn.Module) -> None:
    """Draw each convolution's weights from a normal distribution of variance 2 / (k² d_in); biases start at zero."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.weight, std=math.sqrt(2 / module.weight[0].numel()))
            if module.bias is not None:
                nn.init.zeros_(module.bias)


def resnet18(shortcut: Shortcut = "projection") -> ResNet:
    """ResNet-18 of Table 1; plain-18 without a shortcut."""
    return ResNet(BasicBlock, (2, 2, 2, 2), shortcut=shortcut)


def resnet34(shortcut: Shortcut = "projection") -> ResNet:
    """ResNet-34 of Table 1; plain-34 without a shortcut."""
    return ResNet(BasicBlock, (3, 4, 6, 3), shortcut=shortcut)


def resnet50(shortcut: Shortcut = "projection") -> ResNet:
    """ResNet-50 of Table 1."""
    return ResNet(Bottleneck, (3, 4, 6, 3), shortcut=shortcut)


def resnet101(shortcut: Shortcut = "projection") -> ResNet:
    """ResNet-101 of Table 1."""
    return ResNet(Bottleneck, (3, 4, 23, 3), shortcut=shortcut)


def resnet152(shortcut: Shortcut = "projection") -> ResNet:
    """ResNet-152 of Table 1."""
    return ResNet(Bottleneck, (3, 8, 36, 3), shortcut=shortcut)


def small(
    layers: int,
    *,
    width: int = 16,
    d_in: int = 3,
    classes: int = 10,
    shortcut: Shortcut = "padding",
    norm: bool = True,
) -> ResNet:
    """The networks for CIFAR-10 (section 4.2): 6n + 2 layers, n basic blocks for each of three map sizes.

    Raises ValueError for another number of layers.
    """
    n, rest = divmod(layers - 2, 6)
    if rest or n < 1:
        raise ValueError(f"expected 6 n + 2 layers (8, 14, 20, ...), got {layers}")
    return ResNet(
        BasicBlock, (n, n, n), classes=classes, d_in=d_in, width=width, stem="small", shortcut=shortcut, norm=norm
    )
