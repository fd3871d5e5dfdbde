"""What the claims rest on."""

import importlib
import math

import pytest
import torch
from scipy.integrate import quad
from torch import Tensor, nn

from dlcheck import Run
from dlcheck_activations import CLAIMS, model
from dlcheck_activations.claims import deep_training, depth, dying, rectifiers, speed

# What the margins were derived from


def _mean(f: object, variance: float) -> float:
    """E f(z)² for a normal z with mean 0."""
    normal = lambda z: math.exp(-z * z / (2 * variance)) / math.sqrt(2 * math.pi * variance)
    integral, _ = quad(lambda z: f(z) ** 2 * normal(z), -40, 40, points=[0], limit=200)  # type: ignore[operator]
    return float(integral)


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def _rate(weights: float) -> float:
    """Of the deltas of sigmoids with n Var(w) = weights: half of the logarithm of n Var(w) E f'(z)²."""
    variance = 1.0
    for _ in range(50):
        variance = weights * _mean(_sigmoid, variance)
    return 0.5 * math.log(weights * _mean(lambda z: _sigmoid(z) * (1 - _sigmoid(z)), variance))


def test_the_rate_of_sigmoid_is_that_of_the_theory() -> None:
    """The variance that settles and the mean squared slope under it, solved by quadrature: 4.2 per layer."""
    assert _rate(1.0) == pytest.approx(depth.SIGMOID, abs=0.001)
    assert math.exp(-depth.SIGMOID) == pytest.approx(4.2, abs=0.05)


def test_ten_times_xavier_is_critical_for_sigmoid() -> None:
    """Twice Xavier's is not, and ten times is within a fiftieth per layer."""
    assert abs(_rate(100.0)) < 0.02
    assert _rate(4.0) < -0.8


def test_the_rate_of_relu_is_that_of_the_framework() -> None:
    """nn.Linear's weights are uniform within 1/√n, so n Var(w) = 1/3; half of the units pass it on: 1/6."""
    weights = nn.Linear(1000, 100).weight
    assert 1000 * weights.var().item() == pytest.approx(1 / 3, rel=0.02)
    assert pytest.approx(0.5 * math.log(1 / 3 / 2)) == depth.FRAMEWORK


def test_no_rate_helps_the_deep_sigmoid_net(monkeypatch: pytest.MonkeyPatch) -> None:
    """At rates from 0.03 to 10 it ends at the entropy of the classes, within 0.1 nat, on two seeds."""
    run = Run([1, 2])
    x, answers = (
        torch.stack(parts) for parts in zip(*(deep_training._examples(run, s) for s in run.seeds), strict=True)
    )
    shares = torch.stack([torch.bincount(each, minlength=10) / len(each) for each in answers])
    entropy = torch.special.entr(shares).sum(dim=1)
    for rate in (0.03, 0.3, 10.0):
        monkeypatch.setitem(deep_training.RATES, "sigmoid", rate)
        losses = torch.tensor(deep_training._trained(run, "sigmoid", "xavier", x, answers))
        assert (losses > entropy - 0.1).all()


def test_the_ordinary_rate_is_one() -> None:
    """At the rate that claims call ordinary, the net of the dying units halves its loss in 200 steps."""
    run = Run([1, 2])
    nets, x, answers = dying._all(run, "relu")
    losses = dying.descent.descend(nets, nn.functional.cross_entropy, x, answers, lr=dying.ORDINARY, steps=200)
    assert (losses[:, -1] < losses[:, 0] / 2).all()


def test_tents_are_tents() -> None:
    """Each fold rises from 0 to 1 at its ridge and falls back to 0 at 1, and is straight between."""
    y, seen = rectifiers._folded(torch.tensor([0.0, 0.2, 0.4, 0.7, 1.0], dtype=torch.float64), [0.4], model.relu)
    torch.testing.assert_close(y, torch.tensor([0.0, 0.5, 1.0, 0.5, 0.0], dtype=torch.float64))
    assert len(seen) == 2


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh"])
def test_what_is_timed_is_the_derivative(name: str) -> None:
    """The kernels that are timed backward give the gradient that automatic differentiation gives."""
    x = torch.randn(100)
    torch.manual_seed(0)
    timed = speed._pass("backward", name, x)()
    torch.manual_seed(0)
    gradient, leaf = torch.randn_like(x), x.clone().requires_grad_()
    wanted: Tensor = torch.autograd.grad(getattr(torch, name)(leaf), leaf, gradient)[0]
    assert isinstance(timed, Tensor)
    torch.testing.assert_close(timed, wanted)
    forward = speed._pass("forward", name, x)()
    assert isinstance(forward, Tensor)
    torch.testing.assert_close(forward, getattr(torch, name)(x))


def test_claims_stand_in_order() -> None:
    """All modules that the hook names exist and have claims."""
    for module in CLAIMS:
        assert vars(importlib.import_module(f"dlcheck_activations.claims.{module}"))["__dlcheck_claims__"]
