"""Random inputs and random weights, all from one generator, in the precision of an equality claim."""

from typing import TypeVar

import torch
from jaxtyping import Float
from torch import Generator, Tensor, nn

from dlcheck.api import Run

M = TypeVar("M", bound=nn.Module)


def normal(run: Run, draw: Generator, *shape: int) -> Float[Tensor, "*shape"]:
    """Standard normal numbers: drawn on the CPU in float64, so that every device gets the same ones."""
    return torch.randn(shape, generator=draw, dtype=torch.float64).to(run.exact_dtype).to(run.device)


def filled(run: Run, draw: Generator, module: M) -> M:
    """`module` with every parameter drawn anew, frozen, in evaluation mode, on the run's device.

    The usual start would hide mistakes, because biases are zero and normalisations do nothing there. Matrices keep
    the size of their input; vectors become a tenth of a standard normal, on top of the one of a LayerNorm's gain.
    """
    module.to(run.exact_dtype)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            drawn = torch.randn(parameter.shape, generator=draw, dtype=torch.float64)
            if parameter.dim() > 1:
                parameter.copy_(drawn / parameter[0].numel() ** 0.5)
            else:
                parameter.copy_(drawn / 10 + (1 if "norm" in name and name.endswith("weight") else 0))
    return module.to(run.device).eval().requires_grad_(False)
