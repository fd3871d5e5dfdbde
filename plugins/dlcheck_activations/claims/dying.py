"""Units that no example drives any more: why they stop learning, what makes them, and what a leak changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, at_most, claim, equals, exceeds, lazy, per_seed

if TYPE_CHECKING:
    from collections.abc import Callable

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
descent: Any = lazy("dlcheck.lab.descent")
training: Any = lazy("dlcheck.lab.train")
units: Any = lazy("dlcheck.lab.units")

LEAKY = "Maas et al. 2013, sections 2 and 2.1"
SPARSE = "Glorot, Bordes and Bengio 2011, section 3.1"
INPUTS, HIDDEN, CLASSES, EXAMPLES = 64, 64, 10, 128
ORDINARY, LARGE = 0.3, 3.0  # the first trains this net well, the second breaks it


# One unit, exactly


@claim(
    en="The weights of a ReLU unit that no example activates get a gradient of exactly 0, those into it and those out "
    "of it: it is not trained.",
    ko="어떤 입력에도 활성화되지 않아 미분값이 0인 ReLU 유닛의 가중치는 들어오는 쪽도 나가는 쪽도 기울기가 정확히 "
    "0이다. 즉 학습되지 않는다.",
    source=LEAKY,
    notes=["001-30"],
    rule=equals("largest gradient", 0.0, atol=1e-12, working_atol=1e-12),
    controls={"Leaky ReLU": {"activation": "leaky_relu"}, "a unit that is active": {"shift": 0.0}},
    seconds=0.1,
)
@per_seed
def dead_unit_is_not_trained(
    run: Run, seed: int, *, activation: str = "relu", shift: float = -100.0
) -> dict[str, float]:
    """Largest absolute gradient of the weights and the bias of one hidden unit of 64, pushed below 0 by its bias."""
    net, x, answers = _one(run, seed, activation)
    hidden, out = net.layers
    with torch.no_grad():
        hidden.bias[0] += shift
    into, bias, out_of = torch.autograd.grad(
        torch.nn.functional.cross_entropy(net(x), answers), [hidden.weight, hidden.bias, out.weight]
    )
    return {"largest gradient": float(torch.cat([into[0], bias[:1], out_of[:, 0]]).abs().max())}


@claim(
    en="A unit whose ReLU has derivative 0 on an example is not trained, even if other examples of the batch activate "
    "it.",
    ko="어떤 예제에서 ReLU의 미분값이 0인 유닛은 배치의 다른 예제가 그 유닛을 활성화하더라도 학습되지 않는다.",
    source=f"Study notes, read literally; against it, {SPARSE}",
    notes=["001-30"],
    rule=at_least("share not trained", 0.5),
    controls={"a batch of that one example": {"alone": True}},
    expect="refuted",
    seconds=0.1,
)
@per_seed
def derivative_of_zero_on_one_example_stops_a_unit(run: Run, seed: int, *, alone: bool = False) -> dict[str, float]:
    """Of the hidden units with derivative 0 on the first of 128 examples: the share whose weights get no gradient.

    Only the gradient of that example is 0. The control takes a batch in which there is no other.
    """
    net, x, answers = _one(run, seed, "relu")
    inactive = net.layers[0](x[0]) <= 0
    batch = slice(0, 1) if alone else slice(None)
    return {"share not trained": float(_stopped(net, x[batch], answers[batch])[inactive].double().mean())}


# Many, by a large step


@claim(
    en="Too large a learning rate kills ReLU units: at 10 times an ordinary rate, the share of hidden units that no "
    "longer get a gradient is higher by at least half of all units (inputs from 0 to 1, plain gradient descent).",
    ko="학습률이 너무 크면 ReLU 유닛이 죽는다. 적당한 학습률의 10배에서는 더 이상 기울기를 받지 못하는 은닉 유닛의 "
    "비율이 전체의 절반 이상만큼 더 높아진다(입력은 0 ~ 1, 단순 경사 하강법).",
    source=LEAKY,
    notes=["001-30"],
    rule=exceeds("at a large rate", "at an ordinary rate", by=0.5, unit="of the units"),
    controls={"Leaky ReLU": {"activation": "leaky_relu"}, "an ordinary rate": {"large": ORDINARY}},
    seconds=0.4,
)
def large_learning_rate_kills_units(
    run: Run, *, activation: str = "relu", large: float = LARGE
) -> dict[str, list[float]]:
    """Share of 64 hidden units whose weights get a gradient of 0 on all 128 training examples, after 30 steps.

    The inputs are uniform between 0 and 1, like the brightness of pixels: a step that is too long makes all weights of
    a unit negative, and then nothing can activate it.
    """
    shares = {}
    for name, rate in ("at a large rate", large), ("at an ordinary rate", ORDINARY):
        nets, x, answers = _all(run, activation)
        descent.descend(nets, torch.nn.functional.cross_entropy, x, answers, lr=rate, steps=30)
        stopped = [_stopped(*one) for one in zip(nets, x, answers, strict=True)]
        shares[name] = [float(each.double().mean()) for each in stopped]
    return shares


@claim(
    en="A dead ReLU unit of the first layer stays dead: no further training at an ordinary rate brings any back.",
    ko="첫 층의 죽은 ReLU 유닛은 계속 죽어 있다. 적당한 학습률로 더 학습해도 하나도 되살아나지 않는다.",
    source=LEAKY,
    notes=["001-30"],
    rule=at_most("back", 0.0, unit="of the dead units"),
    controls={"a leak of 0.3": {"leak": 0.3}},
    seconds=0.8,
)
def dead_units_stay_dead(run: Run, *, leak: float = 0.0) -> dict[str, list[float]]:
    """Share of the units killed by 30 steps at rate 3 that an example activates after 200 more steps at rate 0.3.

    Plain gradient descent: momentum or weight decay can move a weight without a gradient.
    """
    return {"back": _revived(run, leak)[0]}


@claim(
    en="A leak lets dead units learn again, if it is large enough: when a too large learning rate has killed most "
    "units of a ReLU net, 200 more steps at an ordinary rate end at half the loss or less with a leak of 0.25.",
    ko="음수 구간의 기울기(leak)가 충분히 크면 죽은 유닛이 다시 학습한다. 너무 큰 학습률로 유닛 대부분이 죽은 ReLU "
    "신경망을 적당한 학습률로 200스텝 더 학습하면, leak이 0.25일 때의 손실은 ReLU를 그대로 쓸 때의 절반 이하가 된다.",
    source=f"{LEAKY}; He et al. 2015, Delving Deep into Rectifiers, section 2.1 (a leak of 0.25 to start with)",
    notes=["001-31"],
    rule=exceeds("loss with ReLU", "loss with the leak", times=2),
    controls={"PyTorch's leak of 0.01": {"leak": 0.01}},
    seconds=1.6,
)
def leak_lets_dead_units_learn(run: Run, *, leak: float = 0.25) -> dict[str, list[float]]:
    """Training loss after 30 steps at rate 3 with ReLU, then 200 steps at rate 0.3, with ReLU and with a leak.

    Both go on from the same weights. A unit that is always below 0 is a linear one times its leak, and with a leak of
    0.01 it learns ten thousand times more slowly than an active one would: the factor counts on the way up and down.
    """
    (_, without), (_, with_leak) = _revived(run, 0.0), _revived(run, leak)
    return {"loss with ReLU": without, "loss with the leak": with_leak}


@claim(
    en="With a leak of 0.01, most dead units are soon active again: at least half of them within 200 steps.",
    ko="기울기가 0.01인 Leaky ReLU로 바꾸면 죽은 유닛 대부분이 곧 다시 활성화된다. 200스텝 안에 절반 이상이 "
    "되살아난다.",
    source=f"A common reading of {LEAKY}",
    notes=["001-31"],
    rule=at_least("back", 0.5, unit="of the dead units"),
    controls={"a leak of 0.9": {"leak": 0.9}},
    expect="refuted",
    seconds=0.8,
)
def leaky_units_soon_become_active(run: Run, *, leak: float = 0.01) -> dict[str, list[float]]:
    """Share of the units killed by 30 steps at rate 3 that an example activates after 200 more steps at rate 0.3.

    With a leak they learn on the flat side, and nothing drives them to leave it: learning again is not being active.
    """
    return {"back": _revived(run, leak)[0]}


@claim(
    en="With Leaky ReLU a unit that no example activates still gets a gradient, the leak's share of what it would get "
    "if its activation were linear.",
    ko="Leaky ReLU에서는 어떤 입력에도 활성화되지 않는 유닛도 기울기를 받는다. 그 크기는 활성화 함수가 선형일 때 받을 "
    "기울기에 음수 구간의 기울기를 곱한 만큼이다.",
    source=LEAKY,
    notes=["001-31"],
    rule=equals("gap", 0.0, atol=1e-12, working_atol=1e-4),
    controls={"ReLU": {"activation": "relu"}},
    seconds=0.1,
)
@per_seed
def leak_passes_its_share_of_the_gradient(run: Run, seed: int, *, activation: str = "leaky_relu") -> dict[str, float]:
    """Difference to 0.01 of the ratio of two gradient norms, of the weights into a unit that is always below 0.

    One with the activation, one with none; the loss is a random linear one, so that both meet the same deltas.
    """
    norms = []
    for name in activation, "identity":
        net, x, _ = _one(run, seed, name)
        with torch.no_grad():
            net.layers[0].bias[0] -= 100.0
        direction = torch.randn(CLASSES, generator=run.generator(seed)).to(x)
        (into,) = torch.autograd.grad((net(x) @ direction).sum(), [net.layers[0].weight])
        norms.append(float(into[0].norm()))
    return {"gap": abs(norms[0] / norms[1] - 0.01)}


# The nets, their data and what became of them


def _drawn(run: Run, seed: int) -> tuple[Any, Any]:
    """Inputs between 0 and 1, and their classes: the largest of ten random linear functions."""
    draw = run.generator(seed)
    x = torch.rand(EXAMPLES, INPUTS, generator=draw)
    answers = ((x - 0.5) @ torch.randn(INPUTS, CLASSES, generator=draw)).argmax(dim=1)
    return x.to(run.device), answers.to(run.device)


def _net(activation: str) -> Any:
    return model.dense([INPUTS, HIDDEN, CLASSES], model.ACTIVATIONS[activation], "he")


def _one(run: Run, seed: int, activation: str) -> tuple[Any, Any, Any]:
    """A net in the precision of exact claims, inputs and answers."""
    x, answers = _drawn(run, seed)
    with run.seeded(seed):
        net = _net(activation)
    return net.to(run.device, run.exact_dtype), x.to(run.exact_dtype), answers


def _all(run: Run, activation: str) -> tuple[list[Any], Any, Any]:
    """The net of each seed, and the inputs and answers of all."""
    drawn = [_drawn(run, seed) for seed in run.seeds]
    x, answers = (torch.stack(parts) for parts in zip(*drawn, strict=True))
    return training.initialised(run, lambda: _net(activation)), x, answers


def _stopped(net: Any, x: Any, answers: Any) -> Any:
    """Which hidden units get no gradient at all from these examples, (HIDDEN,)."""
    loss = torch.nn.functional.cross_entropy(net(x), answers)
    into, bias = torch.autograd.grad(loss, [net.layers[0].weight, net.layers[0].bias])
    return (into == 0).all(dim=1) & (bias == 0)


def _dead(nets: list[Any], x: Any) -> Any:
    """(seeds, HIDDEN)."""
    with torch.no_grad():
        return units.never_active(torch.stack([net.layers[0](each) for net, each in zip(nets, x, strict=True)]))


def _revived(run: Run, leak: float) -> tuple[list[float], list[float]]:
    """For each seed the share of its dead units that came back, and its loss, after 200 steps with a leak."""
    nets, x, answers = _all(run, "relu")
    loss: Callable[..., Any] = torch.nn.functional.cross_entropy
    descent.descend(nets, loss, x, answers, lr=LARGE, steps=30)
    before = _dead(nets, x)
    for net in nets:
        net.activation = lambda z: model.leaky_relu(z, leak)
    losses = descent.descend(nets, loss, x, answers, lr=ORDINARY, steps=200)
    back = (before & ~_dead(nets, x)).sum(dim=1) / before.sum(dim=1).clamp(min=1)
    return back.tolist(), losses[:, -1].tolist()
