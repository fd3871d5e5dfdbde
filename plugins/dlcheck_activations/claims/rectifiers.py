"""What ReLU is, as a function and as a derivative, and what a net made of it computes."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, claim, count, equals, lazy, per_seed
from dlcheck_activations.claims.sigmoids import derivative

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
units: Any = lazy("dlcheck.lab.units")

SOURCE = "Glorot, Bordes and Bengio 2011, section 3; Nair and Hinton 2010, section 2"


@claim(
    en="ReLU returns 0 for a negative input and the input itself for a positive one.",
    ko="ReLU는 입력이 음수이면 0을, 양수이면 입력값을 그대로 반환한다.",
    source=SOURCE,
    notes=["001-28"],
    rule=equals("largest gap", 0.0, atol=1e-12, working_atol=1e-12),
    controls={"Leaky ReLU": {"activation": "leaky_relu"}, "tanh": {"activation": "tanh"}},
    seconds=0.1,
)
@per_seed
def relu_is_zero_or_its_input(run: Run, seed: int, *, activation: str = "relu") -> dict[str, float]:
    """Largest difference to 0 over 1,000 negative inputs and to the input over 1,000 positive ones, up to 1,000."""
    size = (1000 * torch.rand(1000, generator=run.generator(seed), dtype=torch.float64)).to(run.exact_dtype)
    size, f = size.to(run.device), model.ACTIVATIONS[activation]
    return {"largest gap": float(torch.maximum(f(-size).abs().max(), (f(size) - size).abs().max()))}


@claim(
    en="The derivative of ReLU is 0 or 1.",
    ko="ReLU를 미분하면 0 또는 1이다.",
    source=SOURCE,
    notes=["001-29"],
    rule=equals("distance", 0.0, atol=1e-12, working_atol=1e-6),
    controls={"Leaky ReLU": {"activation": "leaky_relu"}, "tanh": {"activation": "tanh"}},
    seconds=0.1,
)
@per_seed
def relu_derivative_is_zero_or_one(run: Run, seed: int, *, activation: str = "relu") -> dict[str, float]:
    """How far the derivative is, at worst over 10,000 inputs, from 0 for negative and from 1 for positive inputs."""
    x = torch.randn(10_000, generator=run.generator(seed), dtype=torch.float64)
    wanted = (x > 0).to(run.exact_dtype).to(run.device)
    return {"distance": float((derivative(run, activation, x) - wanted).abs().max())}


@claim(
    en="A net of ReLUs is piecewise linear, and depth multiplies the pieces: 6 layers of 2 units fold a line into 2^6 "
    "= 64 pieces.",
    ko="ReLU로 이루어진 신경망은 구간별 선형 함수이고, 층을 쌓으면 구간의 수가 곱으로 늘어난다. 유닛이 2개인 층 6개는 "
    "직선을 2^6 = 64개 구간으로 접는다.",
    source="Montúfar et al. 2014, section 3; Telgarsky 2016, section 3.1",
    notes=["001-28"],
    rule=count("linear pieces", "sets of active units", published=64, draws=8),
    controls={"the 12 units side by side": {"deep": False}, "a linear net": {"activation": "identity"}},
    seconds=0.2,
)
@per_seed
def depth_multiplies_linear_pieces(
    run: Run, seed: int, *, deep: bool = True, activation: str = "relu"
) -> dict[str, int]:
    """Pieces of the line from 0 to 1 on which the net's slope is constant, at 8,192 points, and how often the set of
    active units changes along it.

    Each layer is a tent, two units that rise to a ridge near the middle and fall again; where, is drawn.
    """
    draw, f = run.generator(seed), model.ACTIVATIONS[activation]
    x = ((torch.arange(8192) + 0.5) / 8192).to(run.exact_dtype).to(run.device).requires_grad_()
    if deep:
        y, seen = _folded(x, (0.5 + 0.02 * torch.randn(6, generator=draw)).tolist(), f)
    else:
        seen = [x - kink for kink in torch.rand(12, generator=draw).tolist()]
        y = sum(height * f(z) for height, z in enumerate(seen, start=1))
    (slope,) = torch.autograd.grad(y.sum(), x)
    changes = ((slope[1:] - slope[:-1]).abs() > 1e-3 * slope[1:].abs()).sum()
    return {"linear pieces": 1 + int(changes), "sets of active units": units.linear_pieces(torch.stack(seen, dim=1))}


def _folded(x: Any, ridges: list[float], f: Any) -> tuple[Any, list[Any]]:
    """Tents on tents, each from 0 up to 1 at its ridge m and down to 0 at 1, and the pre-activations of all units."""
    seen = []
    for m in ridges:
        seen += [x, x - m]
        x = f(x) / m - f(x - m) * (1 / m + 1 / (1 - m))
    return x, seen
