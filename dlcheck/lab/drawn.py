"""Random inputs and random weights, all from one generator, in the precision of an equality claim."""

from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from dlcheck.api import Run

M = TypeVar("M", bound=nn.Module)

STATISTICS = ("running_mean", "running_var")
"""What batch normalisation remembers of its inputs."""


def normal(run: Run, draw: Generator, *shape: int) -> Float[Tensor, "*shape"]:
    """Standard normal numbers: drawn on the CPU in float64, so that every device gets the same ones."""
    return torch.randn(shape, generator=draw, dtype=torch.float64).to(run.exact_dtype).to(run.device)


def filled(run: Run, draw: Generator, module: M) -> M:
    """`module` with every parameter and running statistic drawn anew, frozen, in evaluation mode, on the run's device.

    The usual start would hide mistakes, because biases are zero and normalisations do nothing there. Matrices keep
    the size of their input; vectors become a tenth of a standard normal, gains and variances that much more than one.
    """
    module.to(run.exact_dtype)
    statistics = [(name, held) for name, held in module.named_buffers() if name.endswith(STATISTICS)]
    with torch.no_grad():
        for name, held in [*module.named_parameters(), *statistics]:
            drawn = torch.randn(held.shape, generator=draw, dtype=torch.float64)
            if held.dim() > 1:
                held.copy_(drawn / held[0].numel() ** 0.5)
            else:
                held.copy_(drawn / 10 + (1 if name.endswith(("weight", "running_var")) else 0))
    return module.to(run.device).eval().requires_grad_(False)
