"""How tanh and sigmoid are related: by a factor of two inside as well as outside."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, claim, equals, lazy, per_seed

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")

SOURCE = "LeCun et al. 1998, Efficient BackProp, section 4.4; Goodfellow et al. 2016, Deep Learning, section 6.3.2"


def _points(run: Run, seed: int) -> Any:
    """1,000 random points between -5 and 5 and none nearer to 0 than 0.01, where every odd function is about 0."""
    size = 0.01 + 4.99 * torch.rand(1000, generator=run.generator(seed), dtype=torch.float64)
    sign = torch.tensor([-1.0, 1.0]).repeat(500)
    return (size * sign).to(run.exact_dtype).to(run.device)


@claim(
    en="Tanh is sigmoid times two minus one: tanh(x) = 2·sigmoid(x) - 1.",
    ko="tanh는 시그모이드에 2를 곱하고 1을 뺀 함수이다. 즉 tanh(x) = 2·sigmoid(x) - 1이다.",
    source="Study notes; " + SOURCE,
    notes=["001-26"],
    rule=equals("largest gap", 0.0, atol=1e-12, working_atol=1e-6),
    controls={"sigmoid of 2x": {"argument": 2.0}},
    expect="refuted",
    seconds=0.1,
)
@per_seed
def tanh_is_twice_sigmoid_minus_one(run: Run, seed: int, *, argument: float = 1.0) -> dict[str, float]:
    """Largest difference between tanh(x) and 2·sigmoid(x) - 1 over 1,000 points between -5 and 5.

    The formula has the range of tanh, but half of its slope at 0: a factor of two is missing inside the sigmoid.
    """
    x = _points(run, seed)
    return {"largest gap": float((model.tanh(x) - (2 * model.sigmoid(argument * x) - 1)).abs().max())}


@claim(
    en="What makes it exact is twice the argument: tanh(x) = 2·sigmoid(2x) - 1.",
    ko="식이 정확히 맞으려면 시그모이드 안의 x도 두 배가 되어야 한다. 즉 tanh(x) = 2·sigmoid(2x) - 1이다.",
    source=SOURCE,
    notes=["001-26"],
    rule=equals("factor furthest from 2", 2.0, atol=1e-8, working_atol=2e-3),
    controls={"2·sigmoid(x) - 1 in place of tanh": {"function": "twice sigmoid minus one"}},
    seconds=0.1,
)
@per_seed
def tanh_is_twice_sigmoid_of_twice_the_argument(run: Run, seed: int, *, function: str = "tanh") -> dict[str, float]:
    """The factor k that solves f(x) = 2·sigmoid(k x) - 1 at each of 1,000 points between -5 and 5; the one furthest
    from 2 is told.

    k x = logit((f(x) + 1) / 2), so no factor is assumed beforehand.
    """
    x = _points(run, seed)
    f = model.tanh(x) if function == "tanh" else 2 * model.sigmoid(x) - 1
    factors = torch.logit((f + 1) / 2) / x
    return {"factor furthest from 2": float(factors[(factors - 2).abs().argmax()])}


@claim(
    en="Multiplying the sigmoid by two and subtracting one makes its range -1 to 1.",
    ko="시그모이드에 2를 곱하고 1을 빼면 출력 범위가 -1 ~ 1로 바뀐다.",
    source=SOURCE,
    notes=["001-26"],
    rule=equals("gap", 0.0, atol=1e-12, working_atol=1e-4),
    controls={"sigmoid as it is": {"factor": 1.0, "shift": 0.0}},
    seconds=0.1,
)
@per_seed
def twice_sigmoid_minus_one_ranges_from_minus_one_to_one(
    run: Run, seed: int, *, factor: float = 2.0, shift: float = -1.0
) -> dict[str, float]:
    """How far the infimum of factor·sigmoid(x) + shift is from -1, or its supremum from 1, over random x to ±100.

    So this part of the note's sentence holds, although the function is not tanh.
    """
    x = 200 * torch.rand(10_000, generator=run.generator(seed), dtype=torch.float64) - 100
    y = factor * model.sigmoid(x.to(run.exact_dtype).to(run.device)) + shift
    return {"gap": float(torch.maximum((y.min() + 1).abs(), (y.max() - 1).abs()))}
