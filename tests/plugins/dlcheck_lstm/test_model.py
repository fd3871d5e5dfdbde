"""Facts about the reference cells. PyTorch's own layers, with the same weights, are the oracle."""

import math
from typing import Any

import pytest
import torch
from jaxtyping import TypeCheckError
from torch import Tensor, nn

from dlcheck.lab.train import together
from oracle import Where, at, checked

B, T, D_IN, D, SEEDS = 3, 7, 5, 6, 4
m: Any = checked("dlcheck_lstm.model")
KINDS = [m.RNN, m.LSTM, m.GRU]

everywhere = at(
    Where("cpu", torch.float64, 1e-12),
    Where("cpu", torch.float32, 1e-5),
    Where("cuda", torch.float64, 1e-12),
    Where("cuda", torch.float32, 1e-4),
)
cells = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


def fresh(kind: Any, seed: int = 0) -> Any:
    torch.manual_seed(seed)
    return kind(D_IN, D)


def oracle(ours: Any) -> Any:
    theirs = getattr(nn, type(ours).__name__)(D_IN, D, batch_first=True).to(ours.input.w)
    for name, value in ("ih", ours.input), ("hh", ours.hidden):
        theirs.get_parameter(f"weight_{name}_l0").data.copy_(value.w.T)
        theirs.get_parameter(f"bias_{name}_l0").data.copy_(value.b)
    return theirs


def drawn(*shape: int, like: Tensor, seed: int = 1) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(like)


@cells
@everywhere
def test_equals_the_framework(kind: Any, where: Where) -> None:
    """Outputs, last state, and the gradients of input, first state and every weight, are those of the framework."""
    ours = fresh(kind).to(where.device, where.dtype)
    theirs = oracle(ours)
    x = drawn(B, T, D_IN, like=ours.input.w).requires_grad_()
    state = tuple(drawn(B, D, like=x, seed=i).requires_grad_() for i in range(2, 2 + ours.VECTORS))
    outputs, last = ours(x, state)
    given = tuple(vector[None] for vector in state)
    expected, their_last = theirs(x, given if ours.VECTORS == 2 else given[0])
    their_last = their_last if ours.VECTORS == 2 else (their_last,)
    for a, b in zip([outputs, *last], [expected, *(vector[0] for vector in their_last)], strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=where.tolerance)
    weight = drawn(B, T, D, like=x, seed=9)
    ours_by = [x, *state, ours.input.w, ours.hidden.w, ours.input.b, ours.hidden.b]
    theirs_by = [x, *state, theirs.weight_ih_l0, theirs.weight_hh_l0, theirs.bias_ih_l0, theirs.bias_hh_l0]
    (by, their_by) = (
        torch.autograd.grad((out * weight).sum() + sum(vector.sum() for vector in end), inputs)
        for out, end, inputs in ((outputs, last, ours_by), (expected, their_last, theirs_by))
    )
    by_input, by_hidden = their_by[-4:-2]
    turned = [gradient.T if gradient is by_input or gradient is by_hidden else gradient for gradient in their_by]
    for a, b in zip(by, turned, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=100 * where.tolerance)


@cells
def test_an_axis_of_seeds_is_so_many_networks(kind: Any) -> None:
    """Four networks with stacked weights give what each gives alone, forward and backward."""
    alone = [fresh(kind, seed).double() for seed in range(SEEDS)]
    all_of_them = together(alone)
    x = drawn(SEEDS, B, T, D_IN, like=alone[0].input.w)
    outputs, last = all_of_them(x)
    outputs.square().sum().backward()
    for seed, net in enumerate(alone):
        expected, state = net(x[seed])
        expected.square().sum().backward()
        torch.testing.assert_close(outputs[seed], expected, rtol=0, atol=1e-12)
        torch.testing.assert_close([v[seed] for v in last], list(state), rtol=0, atol=1e-12)
        for name, weight in net.named_parameters():
            torch.testing.assert_close(all_of_them.get_parameter(name).grad[seed], weight.grad, rtol=0, atol=1e-11)


@cells
def test_a_sequence_may_be_read_in_pieces(kind: Any) -> None:
    """Reading three steps and then the rest from the state is reading all of them."""
    net = fresh(kind).double()
    x = drawn(B, T, D_IN, like=net.input.w)
    whole, last = net(x)
    head, state = net(x[:, :3])
    tail, end = net(x[:, 3:], state)
    torch.testing.assert_close(torch.cat([head, tail], dim=1), whole)
    torch.testing.assert_close(end, last)


def test_forced_gates_by_hand() -> None:
    """With an input gate of 0 and a forget gate of 1 the cell state stays; an output gate of 0 shows nothing."""
    net = fresh(m.LSTM).double()
    x, h, c = drawn(B, T, D_IN, like=net.input.w), drawn(B, D, like=net.input.w), drawn(B, D, like=net.input.w, seed=3)
    outputs, (_, kept) = net(x, (h, c), {"input": 0.0, "forget": 1.0, "output": 0.0})
    assert torch.equal(kept, c)
    assert not outputs.any()
    gru = fresh(m.GRU).double()
    assert torch.allclose(gru(x, (h,), {"update": 1.0})[1][0], h)


def test_starts_like_the_framework() -> None:
    """All weights and biases lie within 1/sqrt(d) and fill that interval."""
    net = m.LSTM(3, 400)
    for weight in net.parameters():
        assert weight.abs().max() <= 1 / 20
        assert weight.abs().max() > 0.9 / 20


def test_set_bias() -> None:
    """The two biases of the part sum to the value, and those of the other parts are left alone."""
    net, before = fresh(m.LSTM), fresh(m.LSTM)
    m.set_bias_(net, "forget", 3.0)
    total, old = net.input.b + net.hidden.b, before.input.b + before.hidden.b
    assert torch.equal(total[D : 2 * D], torch.full((D,), 3.0))
    assert torch.equal(total[:D], old[:D])
    assert torch.equal(total[2 * D :], old[2 * D :])


def test_chrono_spreads_the_lengths_of_memory() -> None:
    """The gates start at 1 - 1/t with t - 1 uniform from 1 to 99, and input gates as far shut as forget gates open."""
    torch.manual_seed(0)
    lstm, gru = m.LSTM(2, 4000), m.GRU(2, 4000)
    m.chrono_(lstm, 100)
    m.chrono_(gru, 100)
    i, f, _, _ = lstm.input.b.detach().chunk(4)
    z = gru.input.b.detach().chunk(3)[1]
    assert torch.equal(i, -f)
    for bias in (f, z):
        lengths = bias.exp()
        assert 1 <= lengths.min() <= 1.5
        assert 98 <= lengths.max() <= 99
        assert math.isclose(lengths.mean(), 50, rel_tol=0.05)


def test_shapes_are_checked() -> None:
    """A state of another width, or an input of another width, is refused."""
    net = fresh(m.LSTM)
    with pytest.raises((TypeCheckError, RuntimeError)):
        net(torch.zeros(B, T, D_IN + 1))
    with pytest.raises((TypeCheckError, RuntimeError)):
        net.step(torch.zeros(B, 4 * D), (torch.zeros(B, D + 1), torch.zeros(B, D)))
