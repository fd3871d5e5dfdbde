"""What attention computes, and which positions it connects."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, claim, count, equals, lazy, per_seed
from dlcheck_transformer.claims.drawn import filled, normal

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
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
    layer = filled(run, draw, model.MultiHeadAttention(16, heads=4))
    x = normal(run, draw, 2, 10, 16)
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
    q, k, v = normal(run, draw, 6, 8), normal(run, draw, 5, 8), normal(run, draw, 5, 8)
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
    layer = filled(run, draw, model.MultiHeadAttention(16, heads=4, scale=scale))
    framework = filled(run, draw, torch.nn.MultiheadAttention(16, 4, batch_first=True))
    _copy_projections(layer, framework)
    x = normal(run, draw, 2, 10, 16)
    future = torch.ones(10, 10, dtype=torch.bool, device=run.device).triu(1)
    differences = []
    for causal, forbidden in (False, None), (True, future):
        output, weights = framework(x, x, x, attn_mask=forbidden, average_attn_weights=False)
        differences += [layer(x, causal=causal) - output, layer.weights(x, causal=causal) - weights]
    return {"largest difference": max(float(d.abs().max()) for d in differences)}


def _copy_projections(layer: Any, framework: Any) -> None:
    projections = layer.w_q, layer.w_k, layer.w_v
    with torch.no_grad():
        framework.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
        framework.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
        framework.out_proj.load_state_dict(layer.w_o.state_dict())


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
    x = normal(run, draw, 12, 16).requires_grad_()
    if mechanism == "attention":
        outputs = filled(run, draw, model.MultiHeadAttention(16, heads=4))(x[None], causal=causal)
    else:
        outputs = filled(run, draw, model.FeedForward(16, 64))(x[None])
    return {"pairs that see each other": int(probes.sees(outputs[0], x).sum()), "pairs": 12 * 12}
