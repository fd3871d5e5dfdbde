"""Probes, on computations whose answers are known by hand."""

import math

import pytest
import torch
from torch import Tensor, nn

from dlcheck.lab import probes


@pytest.fixture
def x() -> Tensor:
    return torch.randn(6, 4, generator=torch.Generator().manual_seed(1), dtype=torch.float64).requires_grad_()


def test_a_running_sum_sees_the_past(x: Tensor) -> None:
    """Output i of a cumulative sum depends on inputs 0 to i."""
    assert torch.equal(probes.sees(x.cumsum(0), x), torch.ones(6, 6, dtype=torch.bool).tril())


def test_a_norm_hides_nothing(x: Tensor) -> None:
    """A LayerNorm's outputs sum to zero whatever comes in, and yet each depends on its own position, and only on it."""
    assert torch.equal(probes.sees(nn.functional.layer_norm(x, (4,)), x), torch.eye(6, dtype=torch.bool))


def test_a_cut_is_seen(x: Tensor) -> None:
    """A detached computation depends on nothing."""
    assert not probes.sees(x.detach() * 2 + 0 * x[0, 0] * 0, x)[1:, 1:].any()


def test_influence_is_linear(x: Tensor) -> None:
    """Twice the output has twice the influence; halving position 2 halves its column alone."""
    share = torch.ones(6, 1, dtype=torch.float64)
    share[2] = 0.5
    whole, halved = probes.influence(x.cumsum(0), x), probes.influence((2 * share * x).cumsum(0), x)
    torch.testing.assert_close(halved[5], whole[5] * torch.tensor([2, 2, 1, 2, 2, 2], dtype=torch.float64))


def test_steps_of_a_running_sum(x: Tensor) -> None:
    """The sixth partial sum is the first to hold both ends of six positions."""
    assert probes.steps_until_ends_meet(x.cumsum(0), x) == 6
    with pytest.raises(ValueError, match="first and the last position"):
        probes.steps_until_ends_meet(x.cumsum(0)[:5], x)


def test_saved_bytes_of_an_exponential() -> None:
    """exp keeps its result, 800 bytes here; a sum keeps nothing; what is kept twice is counted once."""
    x = torch.zeros(100, dtype=torch.float64, requires_grad=True)
    assert probes.saved_bytes(lambda: x.exp()) == 800
    assert probes.saved_bytes(lambda: x + x) == 0
    assert probes.saved_bytes(lambda: (y := x.exp()) * y) == 800


def test_saved_bytes_leave_parameters_out() -> None:
    """A layer keeps its input and its weights for the backward pass; only the input is an activation."""
    layer, x = nn.Linear(10, 5), torch.randn(3, 10, requires_grad=True)
    assert probes.saved_bytes(lambda: layer(x * 1)) == 3 * 10 * 4


def test_flops_of_a_product() -> None:
    """(3, 4) times (4, 5) takes 3·4·5 multiplications and as many additions."""
    assert probes.flops(lambda: torch.ones(3, 4) @ torch.ones(4, 5)) == 2 * 3 * 4 * 5


def test_flops_of_fused_attention() -> None:
    """The fused kernel is counted too: q kᵀ and the product with v, for 7 queries, 7 keys and width 4."""
    q = torch.ones(1, 1, 7, 4)
    assert probes.flops(lambda: nn.functional.scaled_dot_product_attention(q, q, q)) == 2 * (2 * 7 * 7 * 4)


def test_no_flops_is_an_error() -> None:
    """Nothing counted means that the counter did not look, never that the work was free."""
    with pytest.raises(ValueError, match="none"):
        probes.flops(lambda: torch.ones(3) + 1)


def test_parameters_are_counted_once() -> None:
    """5 tokens of width 3 tied to the output, whose bias is its own: 15 and 5."""

    def build() -> nn.Module:
        embedding, output = nn.Embedding(5, 3), nn.Linear(3, 5)
        output.weight = embedding.weight
        return nn.Sequential(embedding, output)

    assert probes.parameter_count(build) == 15 + 5


def test_huge_models_are_counted_without_memory() -> None:
    """A model of a trillion weights, drawn in two ways, has a size at once."""
    assert probes.parameter_count(lambda: nn.Sequential(nn.Linear(10**6, 10**6), nn.Embedding(10**6, 10))) == (
        10**12 + 10**6 + 10**7
    )


def test_models_on_the_meta_device_tell_shapes_and_costs() -> None:
    """A drawn convolution: 3 colours to 8 channels on 10x10 pixels, 27 multiplications and additions for each."""

    def build() -> nn.Conv2d:
        convolution = nn.Conv2d(3, 8, 3, padding=1)
        nn.init.normal_(convolution.weight)
        return convolution

    convolution = probes.on_meta(build)
    images = torch.empty(2, 3, 10, 10, device="meta")
    assert convolution.weight.is_meta
    assert convolution(images).shape == (2, 8, 10, 10)
    assert probes.flops(lambda: convolution(images)) == 2 * 2 * 8 * 100 * 27


def test_longest_chain() -> None:
    """Ten sines in a row wait for one another; ten side by side do not (one sine, one stack, one leaf)."""
    x = torch.ones(3, requires_grad=True)
    y = x
    for _ in range(10):
        y = y.sin()
    assert probes.longest_chain(y) == 11
    assert probes.longest_chain(torch.stack([x.sin() for _ in range(10)])) == 3


def test_longest_chain_is_not_a_recursion() -> None:
    """A chain longer than Python's stack is measured all the same."""
    y = torch.ones((), requires_grad=True)
    for _ in range(5000):
        y = y.sin()
    assert probes.longest_chain(y) == 5001


def test_operations_by_name() -> None:
    """Operations are found wherever a gradient passes, however they were called."""
    counted = probes.operations(nn.Conv1d(2, 2, 1)(torch.ones(1, 2, 3)).relu().relu())
    assert counted["ConvolutionBackward0"] == 1
    assert counted["ReluBackward0"] == 2
    assert counted["AddmmBackward0"] == 0
    assert not probes.operations(torch.ones(3))


def test_entropy_is_a_share() -> None:
    """Equal weights have entropy 1, one alone 0, two of four a half."""
    weights = torch.tensor([[0.25] * 4, [1.0, 0, 0, 0], [0.5, 0.5, 0, 0]])
    torch.testing.assert_close(probes.entropy(weights), torch.tensor([1.0, 0.0, math.log(2) / math.log(4)]))
