"""Convolutional nets of all seeds trained together: they stand side by side in the channels of one wide net.

A convolution becomes one with a group for each seed, batch normalisation normalises each channel for itself as ever,
running statistics included, and no number of one seed reaches another. The forward pass is the model's own.
Where a convolution puts out a few pixels only, its matrix is written out: one product per seed is twice as fast.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import Float, Int
from torch import Tensor, nn

from dlcheck.api import Run
from dlcheck.lab.train import one_cycle

STATE = ("weight", "bias", "running_mean", "running_var")
"""What a layer may hold, always with its output channels in front; seeds follow one another there."""
FEW = 4
"""So many pixels at most."""


class SideBySide(nn.Module):
    """The models, all of one shape, as one wide net: (seeds, B, channels, H, W) in, (seeds, B, classes) out.

    They may be built of convolutions, batch normalisation, linear layers after a flattening of (B, channels, 1, 1), and
    whatever works on each channel alone. A module without weights that mixes channels counts the nets that it serves
    in an attribute `groups`.
    """

    def __init__(self, models: Sequence[nn.Module]) -> None:
        super().__init__()
        self.seeds = len(models)
        self.wide = _widened(copy.deepcopy(models[0]), self.seeds).to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # twice as fast
        with torch.no_grad():
            for wide, *narrow in self._states(models):
                wide.copy_(torch.cat(narrow))

    def forward(self, x: Float[Tensor, "seeds B channels H W"]) -> Float[Tensor, "seeds B classes"]:
        images = x.transpose(0, 1).flatten(1, 2).contiguous(memory_format=torch.channels_last)
        logits: Tensor = self.wide(images).view(len(images), self.seeds, -1).transpose(0, 1)
        return logits

    @torch.no_grad()
    def give_back(self, models: Sequence[nn.Module]) -> None:
        """Copy each seed's weights and running statistics into its own model."""
        for wide, *narrow in self._states(models):
            for mine, part in zip(narrow, wide.chunk(self.seeds), strict=True):
                mine.copy_(part)

    def _states(self, models: Sequence[nn.Module]) -> Iterator[tuple[Tensor, ...]]:
        """Each tensor of the wide net and the same of every model."""
        for name, module in models[0].named_modules():
            for state in STATE:
                if isinstance(getattr(module, state, None), Tensor):
                    yield tuple(getattr(net.get_submodule(name), state) for net in (self.wide, *models))


class _GroupedConv2d(nn.Conv2d):
    """Convolutions side by side; a grouped one is slow on maps of a few pixels."""

    def forward(self, x: Float[Tensor, "B channels H W"]) -> Float[Tensor, "B channels_out H_out W_out"]:
        sides = [
            (side + 2 * pad - size) // stride + 1  # type: ignore[operator]  # padding is in numbers
            for side, pad, size, stride in zip(x.shape[2:], self.padding, self.kernel_size, self.stride, strict=True)
        ]
        if math.prod(sides) > FEW:
            return super().forward(x)
        by_seed = x.permute(0, 2, 3, 1).reshape(len(x), -1, self.groups, self.in_channels // self.groups)
        y = torch.bmm(by_seed.permute(2, 0, 1, 3).flatten(2), _matrices(self, x.shape[2:]).mT)
        y = y.view(self.groups, len(x), *sides, -1).permute(1, 2, 3, 0, 4).flatten(3)
        return (y if self.bias is None else y + self.bias).permute(0, 3, 1, 2)  # channels last, as in the wide net


def _matrices(conv: nn.Conv2d, sides: Sequence[int]) -> Float[Tensor, "seeds pixels_out*d_out pixels_in*d_in"]:
    """What each seed's convolution does to a map of these sides: each tap stands where it connects two pixels."""
    pixels = math.prod(sides)
    one_lit = torch.eye(pixels).to(conv.weight).view(pixels, 1, *sides)
    taps = F.unfold(one_lit, conv.kernel_size, padding=conv.padding, stride=conv.stride)  # type: ignore[arg-type]  # in numbers
    placed = conv.weight.flatten(2) @ taps.permute(1, 2, 0).flatten(1)  # (seeds * d_out, d_in, P_out * P_in)
    apart = placed.view(conv.groups, -1, placed.shape[1], taps.shape[2], pixels)
    return apart.permute(0, 3, 1, 4, 2).flatten(3).flatten(1, 2)


class _GroupedLinear(nn.Module):
    """Linear layers side by side: (B, seeds * d_in) to (B, seeds * d_out)."""

    def __init__(self, one: nn.Linear, seeds: int) -> None:
        super().__init__()
        self.seeds = seeds
        self.weight = nn.Parameter(one.weight.detach().repeat(seeds, 1))
        self.bias = None if one.bias is None else nn.Parameter(one.bias.detach().repeat(seeds))

    def forward(self, x: Tensor) -> Tensor:
        matrices = self.weight.view(self.seeds, -1, self.weight.shape[1])
        y = torch.bmm(x.view(len(x), self.seeds, -1).transpose(0, 1), matrices.mT).transpose(0, 1).flatten(1)
        return y if self.bias is None else y + self.bias


def _widened(model: nn.Module, seeds: int) -> nn.Module:
    """`model` with room for as many side by side, in place."""
    for module in list(model.modules()):
        for name, child in module.named_children():
            if isinstance(child, nn.Linear):
                setattr(module, name, _GroupedLinear(child, seeds))
        if isinstance(module, nn.Conv2d | nn.BatchNorm2d):
            for state in STATE:
                held = getattr(module, state, None)
                if isinstance(held, Tensor):
                    held.data = held.data.repeat(seeds, *[1] * (held.dim() - 1))
        if isinstance(module, nn.BatchNorm2d):
            module.num_features *= seeds
        if isinstance(module, nn.Conv2d):
            if module.padding_mode == "zeros" and module.dilation == (1, 1) and not isinstance(module.padding, str):
                module.__class__ = _GroupedConv2d
            module.in_channels *= seeds
            module.out_channels *= seeds
        if isinstance(groups := getattr(module, "groups", None), int):
            module.groups = groups * seeds  # type: ignore[assignment]  # a plain number, not a part
    return model


def train_side_by_side(
    run: Run,
    models: Sequence[nn.Module],
    images: Float[Tensor, "seeds steps B channels H W"],
    labels: Int[Tensor, "seeds steps B"],
    *,
    lr: float,
    momentum: float = 0.9,
    weight_decay: float = 1e-4,
) -> Float[Tensor, "seeds steps"]:
    """Minimise the cross-entropy by gradient descent with momentum, one model per seed, and return all losses.

    lr: of the one cycle, reached after a tenth of the steps and falling to zero, both in a straight line.

    The models end up trained, in place and in training mode. A seed that diverges harms no other.
    """
    wide = SideBySide(models).train()
    optimiser = torch.optim.SGD(wide.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay, fused=True)
    schedule = one_cycle(optimiser, steps := images.shape[1])
    losses = []
    for step in range(steps):
        run.progress(step, steps)
        optimiser.zero_grad()
        loss = cross_entropies(wide(images[:, step]), labels[:, step])
        torch.autograd.backward(loss.sum())
        optimiser.step()
        schedule.step()
        losses.append(loss.detach())
    wide.give_back(models)
    return torch.stack(losses, dim=1)


def cross_entropies(logits: Float[Tensor, "seeds B classes"], labels: Int[Tensor, "seeds B"]) -> Float[Tensor, seeds]:
    """The mean cross-entropy of each seed."""
    each: Tensor = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), reduction="none")
    return each.view_as(labels).mean(dim=1)


@torch.no_grad()
def errors(
    models: Sequence[nn.Module], images: Float[Tensor, "seeds N channels H W"], labels: Int[Tensor, "seeds N"]
) -> list[float]:
    """The share of images that each seed's model, in evaluation mode, gets wrong; a diverged one gets all wrong."""
    logits = SideBySide(models).eval()(images)
    right = (logits.argmax(-1) == labels) & logits.isfinite().all(-1)
    wrong: list[float] = (1 - right.float().mean(dim=1)).tolist()
    return wrong
