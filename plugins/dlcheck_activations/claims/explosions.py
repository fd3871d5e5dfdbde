"""What can explode: an unbounded activation, if its weights are too large, and the gradient of a bounded one too."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, at_most, claim, exceeds, lazy, per_seed

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
gradients: Any = lazy("dlcheck.lab.gradients")

HE = "He et al. 2015, Delving Deep into Rectifiers, section 2.2"
FIELD = "Poole et al. 2016, section 3; Schoenholz et al. 2017, section 3"
WIDTH, BATCH = 64, 32


def _layers(run: Run, seed: int, activation: str, init: str, gain: float, depth: int) -> tuple[list[Any], Any]:
    """Each layer's pre-activations and a random linear loss, of a dense net in float64 before any training."""
    draw = run.generator(seed)
    net = model.dense([WIDTH] * (depth + 1), model.ACTIVATIONS[activation], init, gain).double().to(run.device)
    x, direction = torch.randn(2, BATCH, WIDTH, generator=draw, dtype=torch.float64).to(run.device)
    with gradients.outputs(net.layers) as kept:
        loss = (net(x) * direction).sum()
    return kept, loss


@claim(
    en="A sigmoid's output stays between 0 and 1 and cannot explode, however large the weights and however deep the "
    "net.",
    ko="시그모이드의 출력은 가중치가 아무리 크고 신경망이 아무리 깊어도 0과 1 사이에 있으므로 폭발하지 않는다.",
    source="LeCun et al. 1998, Efficient BackProp, section 4.4",
    notes=["001-25"],
    rule=at_most("largest activation", 1.0),
    controls={"ReLU": {"activation": "relu"}},
    seconds=0.2,
    devices=["cpu", "cuda"],
)
@per_seed
def sigmoid_activations_cannot_explode(run: Run, seed: int, *, activation: str = "sigmoid") -> dict[str, float]:
    """Largest absolute activation in 20 dense layers, 64 wide, whose weights are 50 times Xavier's."""
    kept, _ = _layers(run, seed, activation, "xavier", gain=50.0, depth=20)
    f = model.ACTIVATIONS[activation]
    return {"largest activation": max(float(f(z.detach()).abs().max()) for z in kept)}


@claim(
    en="ReLU has no upper bound and can explode: with initial weights twice as large as He's, activations grow "
    "through 20 layers by at least a thousand times as much as with tanh.",
    ko="ReLU는 위로 한계가 없어 폭발할 수 있다. 초기 가중치를 He 초기화의 두 배로 하면 20개 층을 지나는 동안 활성값이 "
    "tanh에 비해 1000배 이상 더 커진다.",
    source=HE,
    notes=["001-28"],
    rule=exceeds("growth with ReLU", "growth with tanh", times=1000),
    controls={"He's own weights": {"gain": 1.0}},
    seconds=0.3,
    devices=["cpu", "cuda"],
)
@per_seed
def relu_activations_explode_under_large_weights(run: Run, seed: int, *, gain: float = 2.0) -> dict[str, float]:
    """Root mean square of the activations after 20 dense layers, 64 wide, over that after the first one.

    Weights of twice He's standard deviation double the activations of ReLU in each layer.
    """
    growth = {}
    for name in ("relu", "tanh"):
        kept, _ = _layers(run, seed, name, "he", gain, depth=20)
        first, last = (float(model.ACTIVATIONS[name](z.detach()).square().mean().sqrt()) for z in (kept[0], kept[-1]))
        growth["growth with " + {"relu": "ReLU"}.get(name, name)] = last / first
    return growth


@claim(
    en="A bounded activation also keeps the gradient from exploding: through 30 layers of sigmoids with weights 25 "
    "times Xavier's it grows less than a hundredfold.",
    ko="출력의 범위가 제한된 활성화 함수는 기울기의 폭발도 막아 준다. 가중치가 Xavier의 25배인 시그모이드 층 30개를 "
    "지나도 기울기는 100배까지 커지지 않는다.",
    source=f"Study notes, read literally; against it, {FIELD}",
    notes=["001-25"],
    rule=at_most("growth of the gradient", 100.0, unit="x"),
    controls={"Xavier's own weights": {"gain": 1.0}},
    expect="refuted",
    seconds=0.3,
    devices=["cpu", "cuda"],
)
@per_seed
def bounded_activation_keeps_the_gradient_from_exploding(
    run: Run, seed: int, *, gain: float = 25.0
) -> dict[str, float]:
    """Norm of the first layer's deltas over that of the last one's; 30 dense layers, 64 wide, before any training.

    The output is bounded, its slope times a large weight is not: where a unit is not saturated, that product is up to
    a quarter of the weight.
    """
    kept, loss = _layers(run, seed, "sigmoid", "xavier", gain, depth=30)
    first, *_, last = gradients.norms(loss, kept)
    return {"growth of the gradient": first / last}
