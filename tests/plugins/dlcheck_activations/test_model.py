"""Facts about the reference activations and nets. PyTorch's own kernels and layers are the oracle."""

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from jaxtyping import TypeCheckError
from torch import Tensor, nn

from dlcheck_lstm.model import LSTM
from oracle import Where, at, checked

m: Any = checked("dlcheck_activations.model")

KERNELS: dict[str, Callable[[Tensor], Tensor]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "leaky_relu": nn.functional.leaky_relu,
    "identity": lambda x: x.clone(),
}

everywhere = at(
    Where("cpu", torch.float64, 1e-14),
    Where("cpu", torch.float32, 1e-6),
    Where("cpu", torch.bfloat16, 2e-2),
    Where("cuda", torch.float32, 1e-6),
    Where("cuda", torch.bfloat16, 2e-2),
)


def _value_and_slope(f: Callable[[Tensor], Tensor], x: Tensor) -> tuple[Tensor, Tensor]:
    x = x.clone().requires_grad_()
    y = f(x)
    return y.detach(), torch.autograd.grad(y.sum(), x)[0]


@everywhere
@pytest.mark.parametrize("name", KERNELS)
def test_formulas_are_the_kernels(name: str, where: Where) -> None:
    """Values and derivatives are the framework's, at random points, at 0, and where e^x overflows."""
    x = torch.cat([5 * torch.randn(1000, generator=torch.Generator().manual_seed(0)), torch.tensor([0.0, -0.0])])
    x = torch.cat([x, torch.tensor([1e-6, -1e-6, 90.0, -90.0, 1000.0, -1000.0])]).to(where.device, where.dtype)
    ours, theirs = _value_and_slope(m.ACTIVATIONS[name], x), _value_and_slope(KERNELS[name], x)
    torch.testing.assert_close(ours, theirs, rtol=where.tolerance, atol=where.tolerance)
    assert ours[0].dtype == where.dtype


@pytest.mark.parametrize("name", KERNELS)
def test_no_input_makes_not_a_number(name: str) -> None:
    """Infinite inputs have the limits as values, and finite derivatives."""
    y, slope = _value_and_slope(m.ACTIVATIONS[name], torch.tensor([math.inf, -math.inf]))
    assert not y.isnan().any()
    if name not in ("sigmoid", "tanh"):
        assert slope.isfinite().all()


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_derivatives_are_those_of_the_docstrings(name: str) -> None:
    """y (1 - y) and 1 - y², and automatic differentiation agrees with differences, twice over."""
    x = torch.randn(50, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    y, slope = _value_and_slope(m.ACTIVATIONS[name], x)
    torch.testing.assert_close(slope, y * (1 - y) if name == "sigmoid" else 1 - y * y)
    assert torch.autograd.gradcheck(m.ACTIVATIONS[name], x.requires_grad_())
    assert torch.autograd.gradgradcheck(m.ACTIVATIONS[name], x)


def test_tanh_is_exact_near_zero() -> None:
    """tanh(x) is x to all digits for tiny x: a difference of two numbers near 1 would have lost them."""
    tiny = torch.tensor([1e-12, -1e-12], dtype=torch.float64)
    torch.testing.assert_close(m.tanh(tiny), tiny, rtol=1e-15, atol=0)


@pytest.mark.parametrize("init", ["he", "xavier", "framework"])
@pytest.mark.parametrize("layer", [nn.Linear(200, 300), nn.Conv2d(40, 60, 3)], ids=["dense", "convolution"])
def test_initial_variances(layer: nn.Linear | nn.Conv2d, init: str) -> None:
    """Variances of fan-in and fan-out as published, over 20,000 and more weights; biases are 0 but the framework's."""
    torch.manual_seed(0)
    field = 9 if isinstance(layer, nn.Conv2d) else 1
    fan_in, fan_out = layer.weight.shape[1] * field, layer.weight.shape[0] * field
    layer.reset_parameters()
    m.initialise(layer, init, 3.0)
    wanted = {"he": 2 / fan_in, "xavier": 2 / (fan_in + fan_out), "framework": 1 / (3 * fan_in)}[init]
    assert layer.weight.var().item() == pytest.approx(9 * wanted, rel=0.05)
    assert layer.bias is not None
    assert bool(layer.bias.any()) == (init == "framework")


@pytest.mark.parametrize("kind", ["dense", "convolutional"])
def test_nets_are_sequences_of_layers(kind: str) -> None:
    """Output and gradients of nn.Sequential with the framework's activations and the same weights; none at the end."""
    torch.manual_seed(0)
    net = getattr(m, kind)([3, 5, 4, 2], m.relu).double()
    x = torch.randn(20, 3, *(() if kind == "dense" else (6, 6)), dtype=torch.float64)
    a, b, c = net.layers
    oracle = nn.Sequential(a, nn.ReLU(), b, nn.ReLU(), c)
    torch.testing.assert_close(net(x), oracle(x))
    parameters = list(net.parameters())
    ours, theirs = (torch.autograd.grad(f(x).square().sum(), parameters) for f in (net, oracle))
    torch.testing.assert_close(ours, theirs)
    net.layers[-1].bias.data.fill_(-100.0)
    assert (net(x) < 0).all()


def test_an_lstm_squashed_by_tanh_is_an_lstm() -> None:
    """States of every step and gradients, with the same weights; with another function they differ."""
    torch.manual_seed(0)
    ours, theirs, other = m.SquashedLSTM(3, 5).double(), LSTM(3, 5).double(), m.SquashedLSTM(3, 5, m.relu).double()
    for cell in (theirs, other):
        cell.load_state_dict(ours.state_dict())
    x = torch.randn(2, 7, 3, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x))
    gradients = [torch.autograd.grad(cell(x)[0].square().sum(), list(cell.parameters())) for cell in (ours, theirs)]
    torch.testing.assert_close(*gradients)
    assert not torch.allclose(ours(x)[0], other(x)[0])


def test_the_adder_reads_its_last_state() -> None:
    """One number per sequence, an affine map of the hidden state after the last step, gates forced or free."""
    torch.manual_seed(0)
    adder, x = m.Adder(4), torch.randn(3, 6, 2)
    for forced in ({}, {"input": 1.0}):
        last = adder.cell(x, forced=forced)[0][:, -1]
        torch.testing.assert_close(adder(x, forced), (last @ adder.answer.w + adder.answer.b)[:, 0])


def test_shapes_are_checked_in_these_tests() -> None:
    """The signatures are live: a tensor of integers is no input."""
    with pytest.raises(TypeCheckError):
        m.sigmoid(torch.ones(3, dtype=torch.long))
