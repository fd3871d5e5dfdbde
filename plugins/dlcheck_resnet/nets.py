"""Small nets on digits as the claims train them: made with one start or another, trained together, and measured."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from torch import Generator, nn

from dlcheck import Run
from dlcheck.lab import gradients
from dlcheck.lab.digits import Images, digits, epochs
from dlcheck.lab.side_by_side import errors, train_side_by_side
from dlcheck.lab.train import initialised
from dlcheck_resnet.model import ResNet, Shortcut, small

Start = Literal["he", "framework", "zero last", "identity"]
IMAGES, BATCH, LR = 320, 32, 0.05
"""Of every training here: digits of each seed, digits of one step, and the highest learning rate of the one cycle."""


def made(
    layers: int, *, width: int = 4, shortcut: Shortcut = "padding", norm: bool = True, start: Start = "he"
) -> ResNet:
    """A net of 6n + 2 layers (section 4.2 of the paper) for digits, freshly initialised.

    start: "he", as published; "framework", the default of nn.Conv2d; "zero last", as "he" with the last convolution or
    normalisation of each block at zero, so that every block starts by passing on its shortcut; "identity", every
    convolution copies its input (nn.init.dirac_) but for the first one of each shape change, which is as "he".
    """
    net = small(layers, width=width, d_in=1, shortcut=shortcut, norm=norm)
    if start == "framework":
        for module in net.modules():
            if isinstance(module, nn.Conv2d):
                module.reset_parameters()
    elif start == "zero last":
        for block in net.blocks:
            for parameter in block.residual[-1].parameters():  # type: ignore[index]  # a Sequential
                nn.init.zeros_(parameter)
    elif start == "identity":
        for module in net.stages.modules():
            if isinstance(module, nn.Conv2d) and module.in_channels == module.out_channels:
                nn.init.dirac_(module.weight)
    return net


def gradient_ratio(run: Run, net: ResNet, generator: Generator, *, size: int = 16, enlarged: int = 4) -> float:
    """Log10 of the gradient's norm by the first block's output over that by the last block's, on `size` digits.

    Each pixel of a digit becomes `enlarged` by `enlarged` pixels: with 4, maps are 32, 16 and 8 pixels wide, as in the
    paper; on smaller ones, zeros around the map weaken every signal. -inf where no gradient arrives, nan where it is
    not finite. The net is in training mode, with the statistics of the batch.
    """
    train = digits(run.device).train
    chosen = torch.randperm(len(train.labels), generator=generator)[:size].to(run.device)
    images = train.standardised()[chosen].repeat_interleave(enlarged, 2).repeat_interleave(enlarged, 3)
    labels = train.labels[chosen]
    ends = [net.blocks[0], net.blocks[-1]]
    images = images.to(next(net.parameters()).dtype)
    first, last = gradients.delta_norms(lambda: F.cross_entropy(net.train()(images), labels), ends)
    if not (math.isfinite(first) and math.isfinite(last) and last > 0):
        return math.nan
    return math.log10(first / last) if first > 0 else -math.inf


class Trained(NamedTuple):
    """Nets of all seeds, and the digits that each was trained on."""

    nets: list[ResNet]
    own: list[Images]

    def training_errors(self) -> list[float]:
        """The share of its own training digits that each net gets wrong, with its running statistics."""
        images, labels = (torch.stack(x) for x in zip(*((o.standardised(), o.labels) for o in self.own), strict=True))
        return errors(self.nets, images, labels)

    def test_errors(self) -> list[float]:
        """The share of the 497 held-out digits that each net gets wrong."""
        test = digits(str(self.own[0].labels.device)).test
        images, labels = test.standardised(), test.labels
        return errors(self.nets, images.expand(len(self.nets), *images.shape), labels.expand(len(self.nets), -1))


def trained(
    run: Run,
    layers: int,
    passes: int,
    *,
    shortcut: Shortcut = "padding",
    norm: bool = True,
    start: Start = "he",
) -> Trained:
    """Nets of 4, 8 and 16 channels, trained on 320 digits of each seed in `passes` passes of 10 steps.

    Plain and residual nets, and those of all depths, see the same digits of their seed in the same order.
    """
    nets = initialised(run, lambda: made(layers, shortcut=shortcut, norm=norm, start=start))
    generators = [run.generator(seed) for seed in run.seeds]
    own = [digits(run.device).subset(generator, IMAGES) for generator in generators]
    losses = train_side_by_side(run, nets, *epochs(generators, own, BATCH, passes), lr=LR)
    name = f"training loss, {layers} layers{', plain' if shortcut is None else ''}"
    run.curve(name, range(0, losses.shape[1], 5), losses[:, ::5].tolist())
    return Trained(nets, own)
