"""What a stack of activations leaves of the gradient, and how much of that is due to the initial weights.

For wide nets the expected law is known: on its way through one layer a delta is multiplied by the square root of
n Var(w) E[f'(z)²], where z is normal with the variance that the activations have settled to (Schoenholz et al. 2017,
section 3). For ReLU the mean is 1/2. For sigmoid with Xavier's weights it is 0.0557, solved numerically. Margins allow
for the fluctuation of nets that are 64 wide.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_most, claim, exceeds, growth, lazy, per_seed

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
gradients: Any = lazy("dlcheck.lab.gradients")

FIELD = "Schoenholz et al. 2017, Deep Information Propagation, section 3"
HE = "He et al. 2015, Delving Deep into Rectifiers, section 2.2"
XAVIER = "Glorot and Bengio 2010, section 3 and equation 12"

SIGMOID = 0.5 * math.log(0.0557)  # per layer, with Xavier's weights
FRAMEWORK = -0.5 * math.log(6)  # per layer of ReLU, with n Var(w) = 1/3, which is PyTorch's
DEPTH, WIDTH, BATCH = 50, 64, 32
HE_RELU = {"activation": "relu", "init": "he"}
DOUBLE = ("cpu", "cuda")  # a delta of 1e-32 squared is 0 in float32


def _norms(
    run: Run,
    seed: int,
    activation: str,
    init: str,
    *,
    depth: int = DEPTH,
    gain: float = 1.0,
    width: int = WIDTH,
    of: str = "deltas",
) -> list[float]:
    """Norms of the gradient of a random linear loss by each layer's deltas or weights, from the loss downwards."""
    draw = run.generator(seed)
    net = model.dense([width] * (depth + 1), model.ACTIVATIONS[activation], init, gain).double().to(run.device)
    x, direction = (torch.randn(BATCH, width, generator=draw, dtype=torch.float64).to(run.device) for _ in range(2))
    loss: Callable[[], Any] = lambda: (net(x) * direction).sum()
    if of == "weights":
        found: list[float] = gradients.weight_norms(loss(), net.layers)
    else:
        found = gradients.delta_norms(loss, net.layers)
    return found[::-1]


def _against_depth(run: Run, seed: int, activation: str, init: str, **more: Any) -> dict[str, list[float]]:
    norms = _norms(run, seed, activation, init, **more)
    return {"gradient": norms, "layers below the loss": [float(layer) for layer in range(len(norms))]}


@claim(
    en="In a deep net of sigmoids with Xavier's initial weights, the gradient falls exponentially with depth: each "
    "layer divides it by about 4.2.",
    ko="Xavier 초기화를 쓴 깊은 시그모이드 신경망에서는 깊이에 따라 기울기가 지수적으로 줄어든다. 층 하나를 지날 "
    "때마다 약 4.2분의 1이 된다.",
    source=f"{FIELD}; {XAVIER}",
    notes=["001-25", "000-07"],
    rule=growth("gradient", against="layers below the loss", power=SIGMOID, within=0.1, exponential=True),
    controls={"ReLU with He's weights": HE_RELU, "tanh": {"activation": "tanh"}},
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def sigmoid_gradient_vanishes_with_depth(
    run: Run, seed: int, *, activation: str = "sigmoid", init: str = "xavier"
) -> dict[str, list[float]]:
    """Norm of the deltas (gradients of the pre-activations) of 50 dense layers, 64 wide, before any training."""
    return _against_depth(run, seed, activation, init)


@claim(
    en="That sigmoids lose the gradient depends on their initial weights too: with weights ten times Xavier's it "
    "neither vanishes nor explodes.",
    ko="시그모이드에서 기울기가 사라지는 것은 초기 가중치에도 달려 있다. 가중치를 Xavier의 10배로 하면 기울기는 "
    "소실되지도 폭발하지도 않는다.",
    source=FIELD,
    notes=["001-25"],
    rule=growth("gradient", against="layers below the loss", power=0, within=0.1, exponential=True),
    controls={"Xavier's own weights": {"gain": 1.0}},
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def sigmoid_with_large_weights_keeps_the_gradient(run: Run, seed: int, *, gain: float = 10.0) -> dict[str, list[float]]:
    """Norm of the deltas of 50 dense layers, 128 wide, with all weights multiplied by 10, before any training.

    The factor is where n Var(w) E[f'(z)²] = 1: weights are large enough to make up for the slope. That such a net
    learns well is not said: its units are saturated, and its output is chaotic in its input. It is wider than the other
    nets here because only a few units in a hundred are not saturated.
    """
    return _against_depth(run, seed, "sigmoid", "xavier", gain=gain, width=128)


@claim(
    en="A tanh net loses its gradient as a sigmoid net does: with Xavier's initial weights, less than a thousandth "
    "arrives at the first of 50 layers.",
    ko="tanh 신경망도 시그모이드 신경망처럼 기울기를 잃는다. Xavier 초기화를 쓰면 50개 층의 첫 층에는 기울기의 "
    "1000분의 1도 도달하지 않는다.",
    source=f"A common generalisation; against it, {XAVIER}",
    notes=["000-07"],
    rule=at_most("share that arrives", 1e-3),
    controls={"sigmoid": {"activation": "sigmoid"}, "PyTorch's weights": {"init": "framework"}},
    expect="refuted",
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def tanh_vanishes_like_sigmoid(
    run: Run, seed: int, *, activation: str = "tanh", init: str = "xavier"
) -> dict[str, float]:
    """Norm of the first layer's deltas over that of the last one's, 50 dense layers, 64 wide, before any training.

    At 0 the slope of tanh is 1, so n Var(w) = 1 holds the deltas but for a power of the depth.
    """
    last, *_, first = _norms(run, seed, activation, init)
    return {"share that arrives": first / last}


@claim(
    en="With He's initial weights, a net of ReLUs passes the gradient through 50 layers without vanishing or "
    "explosion.",
    ko="He 초기화를 쓰면 ReLU 신경망의 기울기는 50개 층을 지나도 소실되거나 폭발하지 않는다.",
    source=HE,
    notes=["001-29", "000-07"],
    rule=growth("gradient", against="layers below the loss", power=0, within=0.1, exponential=True),
    controls={
        "Xavier's weights": {"init": "xavier"},
        "PyTorch's weights": {"init": "framework"},
        "sigmoid": {"activation": "sigmoid"},
    },
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def relu_with_he_weights_keeps_the_gradient(
    run: Run, seed: int, *, activation: str = "relu", init: str = "he"
) -> dict[str, list[float]]:
    """Norm of the deltas of 50 dense layers, 64 wide, before any training; the slope of its logarithm per layer."""
    return _against_depth(run, seed, activation, init)


@claim(
    en="Because ReLU's derivative is 0 or 1, its gradient does not vanish: PyTorch's own initial weights do as well.",
    ko="ReLU는 미분값이 0 또는 1이므로 기울기가 소실되지 않는다. PyTorch의 기본 초기화를 그대로 써도 마찬가지이다.",
    source=f"Study notes; against it, {HE}",
    notes=["001-29"],
    rule=growth("gradient", against="layers below the loss", power=0, within=0.1, exponential=True),
    controls={"He's weights": {"init": "he"}},
    expect="refuted",
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def relu_derivative_alone_solves_vanishing(run: Run, seed: int, *, init: str = "framework") -> dict[str, list[float]]:
    """Norm of the deltas of 50 dense layers, 64 wide, before any training; the slope of its logarithm per layer.

    It is the derivative together with the weights: half of the units pass nothing on, which He's factor of 2 makes
    up for.
    """
    return _against_depth(run, seed, "relu", init)


@claim(
    en="With PyTorch's own initial weights, whose variance is 1/(3n), each layer of ReLUs divides the gradient by √6.",
    ko="분산이 1/(3n)인 PyTorch의 기본 초기 가중치를 쓰면 ReLU 층 하나를 지날 때마다 기울기는 1/√6배가 된다.",
    source=HE,
    notes=["001-29"],
    rule=growth("gradient", against="layers below the loss", power=FRAMEWORK, within=0.1, exponential=True),
    controls={"He's weights": {"init": "he"}, "Xavier's weights": {"init": "xavier"}},
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def relu_with_small_weights_loses_the_gradient(
    run: Run, seed: int, *, init: str = "framework"
) -> dict[str, list[float]]:
    """Norm of the deltas of 50 dense layers, 64 wide, before any training: n Var(w) / 2 = 1/6 per layer, squared."""
    return _against_depth(run, seed, "relu", init)


@claim(
    en="When the gradient of a ReLU net vanishes because of too small initial weights, its weight gradients show it: "
    "the lower the layer, the smaller.",
    ko="초기 가중치가 너무 작아 ReLU 신경망의 기울기가 소실되면 가중치의 기울기에서 바로 드러난다. 아래층으로 갈수록 "
    "작아진다.",
    source=f"A common way to look for it; against it, {HE}",
    notes=["001-29"],
    rule=growth("gradient", against="layers below the loss", power=FRAMEWORK, within=0.1, exponential=True),
    controls={"deltas": {"of": "deltas"}},
    expect="refuted",
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def weight_gradients_show_vanishing(run: Run, seed: int, *, of: str = "weights") -> dict[str, list[float]]:
    """Norm of the weight gradients of 50 dense layers, 64 wide, with n Var(w) = 1/3 and without biases.

    Deltas shrink downwards and activations shrink upwards, by the same factor: their product is as small everywhere.
    """
    return _against_depth(run, seed, "relu", "he", gain=6**-0.5, of=of)


@claim(
    en="In a CNN of 20 layers, ReLU eases the vanishing gradient: at least a thousand times as much of it arrives at "
    "the first layer as with sigmoid (He's and Xavier's initial weights).",
    ko="20층 CNN에서 ReLU는 기울기 소실을 완화한다. 첫 층에 도달하는 기울기가 시그모이드의 1000배 이상이다(각각 He "
    "초기화와 Xavier 초기화).",
    source=f"{HE}; {XAVIER}",
    notes=["000-07"],
    rule=exceeds("share with ReLU", "share with the other", times=1000),
    controls={"tanh in place of sigmoid": {"other": "tanh"}, "two layers": {"depth": 2}},
    seconds=0.5,
    devices=DOUBLE,
)
@per_seed
def relu_eases_vanishing_in_a_cnn(run: Run, seed: int, *, other: str = "sigmoid", depth: int = 20) -> dict[str, float]:
    """Norm of the first layer's deltas over that of the last one's; 3 x 3 convolutions, 16 channels, 8 images of 8 x 8.

    Before any training. With tanh, the other bounded function, most of the gradient arrives: what ReLU is better than
    is the sigmoid.
    """
    images, direction = torch.randn(2, 8, 16, 8, 8, generator=run.generator(seed), dtype=torch.float64).to(run.device)
    shares = []
    for activation, init in ("relu", "he"), (other, "xavier"):
        net = model.convolutional([16] * (depth + 1), model.ACTIVATIONS[activation], init).double().to(run.device)
        loss: Callable[[], Any] = lambda: (net(images) * direction).sum()  # noqa: B023 - called in the same turn
        first, *_, last = gradients.delta_norms(loss, net.layers)
        shares.append(first / last)
    return {"share with ReLU": shares[0], "share with the other": shares[1]}
