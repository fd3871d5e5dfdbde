"""Random blocks and images, all from one generator, in the precision of an equality claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, lazy

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

torch: Any = lazy("torch")


def normal(run: Run, draw: Generator, *shape: int) -> Tensor:
    """Standard normal numbers: drawn on the CPU in float64, so that every device gets the same ones."""
    drawn: Tensor = torch.randn(shape, generator=draw, dtype=torch.float64)
    return drawn.to(run.exact_dtype).to(run.device)


def filled(run: Run, draw: Generator, module: nn.Module) -> Any:
    """`module` with every parameter and running statistic drawn anew, frozen, in evaluation mode, on the run's device.

    The usual start would hide mistakes, because batch normalisation does nothing there. Gains and variances lie around
    1, shifts and means around 0; weights keep the size of their input.
    """
    module.to(run.exact_dtype)
    with torch.no_grad():
        for name, state in [*module.named_parameters(), *module.named_buffers()]:
            if not state.is_floating_point():
                continue
            drawn = torch.randn(state.shape, generator=draw, dtype=torch.float64)
            if state.dim() > 1:
                state.copy_(drawn * (2 / state[0].numel()) ** 0.5)
            else:
                state.copy_(torch.exp(drawn / 10) if name.endswith(("weight", "running_var")) else drawn / 10)
    return module.to(run.device).eval().requires_grad_(False)
