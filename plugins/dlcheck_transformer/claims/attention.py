"""What attention computes, and which positions it connects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, equals, lazy, per_seed
from dlcheck_transformer.claims.framework import copy_attention

if TYPE_CHECKING:
    from torch import Generator, Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
drawn: Any = lazy("dlcheck.lab.drawn")
probes: Any = lazy("dlcheck.lab.probes")


@claim(
    en="The attention weights of every query are non-negative and sum to one.",
    ko="모든 질의(query)의 어텐션 가중치는 음수가 아니며 합이 1이다.",
    source="Vaswani et al. 2017, section 3.2.1, equation 1",
    notes=["000-26"],
    rule=equals("deviation", 0, atol=1e-10, working_atol=1e-4),
    controls={"scores without softmax": {"softmax": False}},
    seconds=0.1,
)
@per_seed
def weights_are_shares(run: Run, seed: int, *, softmax: bool = True) -> dict[str, float]:
    """How far the weights of a multi-head layer are, at worst, from non-negative rows that sum to one."""
    draw = run.generator(seed)
    layer = drawn.filled(run, draw, model.MultiHeadAttention(16, heads=4))
    x = drawn.normal(run, draw, 2, 10, 16)
    weights = layer.weights(x) if softmax else layer.w_q(x) @ layer.w_k(x).mT / 4
    off_one = (weights.sum(-1) - 1).abs().max()
    below_zero = -weights.min().clamp(max=0)
    return {"deviation": float(torch.maximum(off_one, below_zero))}


@claim(
    en="The output of attention is a weighted average: it lies in the convex hull of the values.",
    ko="어텐션의 출력은 값(value)들의 가중 평균이므로 값들의 볼록 껍질(convex hull) 안에 있다.",
    source="Vaswani et al. 2017, section 3.2.1, equation 1",
    notes=["000-26"],
    rule=equals("outside the hull", 0, atol=1e-10, working_atol=1e-4),
    controls={"scores without softmax": {"softmax": False}},
    seconds=0.1,
)
@per_seed
def output_is_an_average_of_values(run: Run, seed: int, *, softmax: bool = True) -> dict[str, float]:
    """How far an output is, at worst, outside the hull of the values: off its plane, or with a share below zero.

    Five values in eight dimensions are the corners of a simplex, so a point has one set of shares of them at most.
    """
    draw = run.generator(seed)
    q, k, v = drawn.normal(run, draw, 6, 8), drawn.normal(run, draw, 5, 8), drawn.normal(run, draw, 5, 8)
    outputs = model.attention(q, k, v) if softmax else q @ k.mT / 8**0.5 @ v
    corners = torch.cat([v, torch.ones_like(v[:, :1])], dim=1).mT  # its last row says that the shares sum to one
    points = torch.cat([outputs, torch.ones_like(outputs[:, :1])], dim=1).mT
    shares = torch.linalg.lstsq(corners, points).solution
    off_plane = (corners @ shares - points).abs().max()
    below_zero = -shares.min().clamp(max=0)
    return {"outside the hull": float(torch.maximum(off_plane, below_zero))}


@claim(
    en="Attention as the paper writes it, softmax(QKᵀ/√d_k)V, is what the framework's own operator computes.",
    ko="논문에 적힌 어텐션 softmax(QKᵀ/√d_k)V는 프레임워크가 제공하는 어텐션 연산자의 계산과 일치한다.",
    source="Vaswani et al. 2017, sections 3.2.1 and 3.2.2",
    notes=["000-26"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"not divided by √d_k": {"scale": 1.0}},
    seconds=0.1,
)
@per_seed
def agrees_with_the_framework(run: Run, seed: int, *, scale: float | None = None) -> dict[str, float]:
    """The largest difference to nn.MultiheadAttention with the same weights, in outputs and attention weights.

    Both plain and causal, four heads.
    """
    draw = run.generator(seed)
    layer = drawn.filled(run, draw, model.MultiHeadAttention(16, heads=4, scale=scale))
    framework = drawn.filled(run, draw, torch.nn.MultiheadAttention(16, 4, batch_first=True))
    copy_attention(layer, framework)
    x = drawn.normal(run, draw, 2, 10, 16)
    future = torch.ones(10, 10, dtype=torch.bool, device=run.device).triu(1)
    differences = []
    for causal, forbidden in (False, None), (True, future):
        output, weights = framework(x, x, x, attn_mask=forbidden, average_attn_weights=False)
        differences += [layer(x, causal=causal) - output, layer.weights(x, causal=causal) - weights]
    return {"largest difference": max(float(d.abs().max()) for d in differences)}


@claim(
    en="Each output of self-attention combines information from every position of the sequence.",
    ko="셀프 어텐션의 각 출력은 시퀀스의 모든 위치의 정보를 결합한 문맥 벡터이다.",
    source="Vaswani et al. 2017, section 3.2.3",
    notes=["000-27"],
    rule=count("pairs that see each other", "pairs", draws=8),
    controls={"causal mask": {"causal": True}, "feed-forward network instead": {"mechanism": "feed-forward"}},
    seconds=0.2,
)
@per_seed
def every_position_counts(run: Run, seed: int, *, mechanism: str = "attention", causal: bool = False) -> dict[str, int]:
    """How many pairs (output, input) of an attention layer have a Jacobian that is not zero, among all pairs."""
    draw = run.generator(seed)
    x = drawn.normal(run, draw, 12, 16).requires_grad_()
    if mechanism == "attention":
        outputs = drawn.filled(run, draw, model.MultiHeadAttention(16, heads=4))(x[None], causal=causal)
    else:
        outputs = drawn.filled(run, draw, model.FeedForward(16, 64))(x[None])
    return {"pairs that see each other": int(probes.sees(outputs[0], x).sum()), "pairs": 12 * 12}


@claim(
    en="One attention layer connects any two positions directly, however far apart they are.",
    ko="어텐션은 아무리 멀리 떨어진 두 위치라도 한 층 만에 직접 연결한다.",
    source="Vaswani et al. 2017, section 4 and Table 1",
    notes=["000-34"],
    rule=count("layers until the ends meet", "one layer"),
    controls={
        "convolution of width 3": {"mechanism": "convolution"},
        "recurrent net": {"mechanism": "recurrence"},
        "attention to neighbours only": {"mechanism": "window"},
    },
    seconds=0.2,
)
@per_seed
def one_layer_connects_any_two(run: Run, seed: int, *, mechanism: str = "attention") -> dict[str, int]:
    """How many layers (or recurrent steps) it takes until the Jacobian connects the two ends of 33 positions."""
    return {"layers until the ends meet": _steps(run, seed, mechanism), "one layer": 1}


@claim(
    en="A convolution of width 3 needs n - 1 layers to connect the ends of n positions.",
    ko="폭이 3인 합성곱으로 n개 위치의 양 끝을 연결하려면 n - 1개 층이 필요하다.",
    source="Vaswani et al. 2017, section 4 and Table 1",
    notes=["000-34"],
    rule=count("layers until the ends meet", "n - 1"),
    controls={"attention": {"mechanism": "attention"}, "dilated convolution": {"mechanism": "dilated convolution"}},
    seconds=0.2,
)
@per_seed
def convolution_needs_many_layers(run: Run, seed: int, *, mechanism: str = "convolution") -> dict[str, int]:
    """How many layers it takes until a Jacobian reaches from one end of 33 positions to the other.

    A convolution whose gaps double with each layer needs only about log n: the dilated control.
    """
    return {"layers until the ends meet": _steps(run, seed, mechanism), "n - 1": POSITIONS - 1}


@claim(
    en="A recurrent net needs n - 1 steps from the first of n positions to the last.",
    ko="순환 신경망은 n개 위치 중 첫 위치에서 마지막 위치까지 가는 데 n - 1번의 단계를 거친다.",
    source="Vaswani et al. 2017, section 4 and Table 1",
    notes=["000-34"],
    rule=count("steps until the ends meet", "n - 1"),
    controls={"attention": {"mechanism": "attention"}},
    seconds=0.2,
)
@per_seed
def recurrence_needs_many_steps(run: Run, seed: int, *, mechanism: str = "recurrence") -> dict[str, int]:
    """How many steps it takes, once the first of 33 positions is read, until a recurrent state depends on both ends."""
    return {"steps until the ends meet": _steps(run, seed, mechanism), "n - 1": POSITIONS - 1}


POSITIONS = 33
WIDTH = 8


def _steps(run: Run, seed: int, mechanism: str) -> int:
    draw = run.generator(seed)
    x = drawn.normal(run, draw, POSITIONS, WIDTH).requires_grad_()
    states = _recurrent_states(run, draw, x) if mechanism == "recurrence" else _last_outputs(run, draw, x, mechanism)
    steps: int = probes.steps_until_ends_meet(states, x)
    return steps


def _recurrent_states(run: Run, draw: Generator, x: Tensor) -> Iterator[Tensor]:
    """The state after each step, from the second position on."""
    cell = drawn.filled(run, draw, torch.nn.RNNCell(WIDTH, WIDTH))
    state = cell(x[:1])
    for position in x[1:]:
        state = cell(position[None], state)
        yield state[0]


def _last_outputs(run: Run, draw: Generator, x: Tensor, mechanism: str) -> Iterator[Tensor]:
    """The output at the last position after each of as many layers as there are positions."""
    neighbours = torch.ones(POSITIONS, POSITIONS, dtype=torch.bool, device=run.device).tril(1).triu(-1)
    for depth in range(POSITIONS):
        if mechanism in ("attention", "window"):
            layer = drawn.filled(run, draw, model.MultiHeadAttention(WIDTH, heads=2))
            x = layer(x[None], mask=neighbours if mechanism == "window" else None)[0]
        else:
            gap = min(2**depth, POSITIONS) if mechanism == "dilated convolution" else 1
            layer = drawn.filled(run, draw, torch.nn.Conv1d(WIDTH, WIDTH, 3, padding=gap, dilation=gap))
            x = layer(x.mT[None])[0].mT
        yield x[-1]
