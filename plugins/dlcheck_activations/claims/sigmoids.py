"""What the sigmoid is: smooth, never steeper than a quarter, and so a brake on every gradient that passes it."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, at_most, claim, equals, lazy, per_seed

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")

EFFICIENT = "LeCun et al. 1998, Efficient BackProp, section 4.4"
XAVIER = "Glorot and Bengio 2010, section 3.1"


@claim(
    en="The sigmoid is differentiable everywhere: at every point its slopes to the left and to the right are the same.",
    ko="시그모이드는 모든 점에서 미분 가능하다. 어느 점에서든 좌미분계수와 우미분계수가 같다.",
    source=EFFICIENT,
    notes=["001-25"],
    rule=equals("largest gap", 0.0, atol=1e-4),  # h times a second derivative of at most 0.1
    controls={"ReLU instead": {"activation": "relu"}},
    seconds=0.1,
)
@per_seed
def sigmoid_is_differentiable(run: Run, seed: int, *, activation: str = "sigmoid") -> dict[str, float]:
    """Largest difference between the slopes over the 0.001 to the left and to the right of 0 and of 1,000 points."""
    x = torch.cat([torch.zeros(1), 3 * torch.randn(1000, generator=run.generator(seed))])
    x, h, f = x.to(run.exact_dtype).to(run.device), 1e-3, model.ACTIVATIONS[activation]
    left, right = (f(x) - f(x - h)) / h, (f(x + h) - f(x)) / h
    return {"largest gap": float((right - left).abs().max())}


@claim(
    en="The derivative of the sigmoid is largest at 0, and there it is 0.25.",
    ko="시그모이드의 도함수는 0에서 가장 크고, 그 값은 0.25이다.",
    source=XAVIER,
    notes=["001-25"],
    rule=equals("gap", 0.0, atol=1e-12, working_atol=1e-4),
    controls={"tanh instead": {"activation": "tanh"}},
    seconds=0.1,
)
@per_seed
def sigmoid_is_never_steeper_than_a_quarter(run: Run, seed: int, *, activation: str = "sigmoid") -> dict[str, float]:
    """The larger of |slope at 0 - 0.25| and of what the slope at any of 10,000 random points has above 0.25."""
    drawn = 5 * torch.randn(10_000, generator=run.generator(seed), dtype=torch.float64)
    slopes = derivative(run, activation, torch.cat([torch.zeros(1), drawn]))
    above = (slopes.max() - 0.25).clamp(min=0)
    return {"gap": float(torch.maximum((slopes[0] - 0.25).abs(), above))}


@claim(
    en="Each sigmoid on the way leaves at most a quarter of the gradient: behind 20 of them, joined by weights of 1, "
    "at most 0.25^20 of it arrives, whatever the input and the biases.",
    ko="시그모이드를 하나 지날 때마다 기울기는 많아야 4분의 1만 남는다. 가중치 1로 이어진 시그모이드 20개를 지나면 "
    "입력과 편향이 무엇이든 기울기는 많아야 0.25^20배가 된다.",
    source="Hochreiter 1991, section 3.1; Bengio et al. 1994, section 3",
    notes=["001-25"],
    rule=at_most("gradient", 1.0, unit="x 0.25^20"),
    controls={"tanh instead": {"activation": "tanh"}},
    seconds=0.1,
)
@per_seed
def twenty_sigmoids_leave_a_quarter_each(run: Run, seed: int, *, activation: str = "sigmoid") -> dict[str, float]:
    """The largest derivative of 20 activations in a row by their input, of 1,000 inputs and biases; unit 0.25^20."""
    draw, f = run.generator(seed), model.ACTIVATIONS[activation]
    x = torch.randn(1000, generator=draw).to(run.device).requires_grad_()
    y = x
    for _ in range(20):
        y = f(y + 0.1 * torch.randn(1000, generator=draw).to(run.device))
    (slope,) = torch.autograd.grad(y.sum(), x)
    return {"gradient": float(slope.abs().max()) / 0.25**20}


def derivative(run: Run, activation: str, x: Any) -> Any:
    """The derivative of an activation of the model at each point of `x`, by automatic differentiation."""
    x = x.to(run.exact_dtype).to(run.device).requires_grad_()
    return torch.autograd.grad(model.ACTIVATIONS[activation](x).sum(), x)[0]
