"""What the transformer's questions ask, computed by running the reference model.

Each function takes the values that its question varies, by name. `Solution.wrong` has, for each misconception that the
bank names, what a student who holds it would answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from dlcheck.lab.probes import entropy, flops, saved_bytes, size
from dlcheck.quiz.base import Solution, confirmed
from dlcheck.quiz.code import Exercise
from dlcheck_transformer.model import (
    DecoderLayer,
    Encoder,
    EncoderLayer,
    FeedForward,
    MultiHeadAttention,
    SinusoidalPositions,
    Transformer,
    attention,
    attention_weights,
    causal_mask,
    greedy_decode,
    sinusoidal_encoding,
)


def tiny(vocabulary: int = 20, **options: Any) -> Transformer:
    """A whole model that runs within milliseconds, without dropout."""
    return Transformer(vocabulary, **{"d_model": 16, "heads": 2, "layers": 1, "d_ff": 32, "dropout": 0.0, **options})


def shape_of_weights(B: int, heads: int, T: int, d_model: int) -> Solution:
    layer = MultiHeadAttention(d_model, heads)
    weights = layer.weights(torch.randn(B, T, d_model))
    d_k = d_model // heads
    return Solution(tuple(weights.shape), {"one-head-only": (B, T, T), "width-of-a-head": (B, heads, T, d_k)})


def parameters_of_attention(d_model: int, heads: int) -> Solution:
    layer = MultiHeadAttention(d_model, heads)
    square = d_model * d_model
    return Solution(
        sum(parameter.numel() for parameter in layer.parameters()),
        {
            "no-biases": 4 * square,
            "no-output-projection": 3 * (square + d_model),
            "each-head-full-width": heads * 3 * (square + d_model) + square + d_model,
        },
    )


def standard_deviation_of_scores(d_k: int) -> Solution:
    """The exact one, and what was measured."""
    q, k = torch.randn(2, 20_000, d_k)
    measured = float((q * k).sum(-1).std())
    right = confirmed(d_k**0.5, measured, within=0.05)
    return Solution(right, {"variance": float(d_k), "one": 1.0}, {"measured": measured})


def what_sees_the_future(T: int) -> list[str]:
    """The maps whose output at the first position changes when the last input does."""
    x = torch.randn(1, T, 8)
    later = torch.cat([x[:, :-1], torch.randn(1, 1, 8)], dim=1)
    layer = MultiHeadAttention(8, 2)
    maps: dict[str, Callable[[Tensor], Tensor]] = {
        "self-attention": lambda x: layer(x),
        "causal-attention": lambda x: layer(x, causal=True),
        "feed-forward": torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 8)),
        "layer-norm": torch.nn.LayerNorm(8),
    }
    return [name for name, f in maps.items() if not torch.allclose(f(x)[:, 0], f(later)[:, 0])]


def scaled_dot_product(T: int, d_k: int) -> Exercise:
    def arguments(S: int) -> list[Tensor]:
        return [torch.randn(2, T, d_k), torch.randn(2, S, d_k), torch.randn(2, S, d_k)]

    return Exercise(lambda q, k, v: attention(q, k, v), [arguments(T), arguments(2 * T + 1)], gradients=True)


def cost_in_order(T: int, d_model: int) -> dict[str, int]:
    """Multiplications of the parts of one encoder layer, counted from the shapes of the model's weights."""
    layer = MultiHeadAttention(d_model, 1)
    projections = T * sum(weight.numel() for weight in layer.parameters() if weight.dim() == 2)
    return {"scores": T * T * d_model, "projections": projections, "feed-forward": T * 2 * 4 * d_model * d_model}


def shape_of_cross_attention(B: int, heads: int, S: int, T: int) -> Solution:
    layer = MultiHeadAttention(4 * heads, heads)
    weights = layer.weights(torch.randn(B, T, 4 * heads), torch.randn(B, S, 4 * heads))
    return Solution(
        tuple(weights.shape),
        {
            "source-asks": (B, heads, S, T),
            "source-alone": (B, heads, S, S),
            "target-alone": (B, heads, T, T),
        },
    )


def shape_of_logits(B: int, S: int, T: int, vocabulary: int) -> Solution:
    model = tiny(vocabulary)
    logits = model(torch.randint(1, vocabulary, (B, S)), torch.randint(1, vocabulary, (B, T)))
    return Solution(
        tuple(logits.shape),
        {
            "last-position-only": (B, vocabulary),
            "length-of-the-source": (B, S, vocabulary),
            "before-the-output-layer": (B, T, model.d_model),
        },
    )


def weight_of_the_first(T: int, i: int) -> Solution:
    """The weight of the first key for the i-th query, counted from 1, where all scores are equal."""
    zeros = torch.zeros(1, T, 8)
    weights = attention_weights(zeros, zeros, causal=True)
    return Solution(float(weights[0, i - 1, 0]), {"mask-forgotten": 1 / T, "itself-left-out": 1 / (i - 1)})


def longer_than_the_table(positions: str, n: int, m: int) -> str:
    """What a model whose table, if any, has n positions does with m tokens."""
    model = tiny(positions=positions, max_len=n)
    tokens = torch.randint(1, 20, (1, m))
    later = tokens.clone()
    later[0, -1] = tokens[0, -1] % 19 + 1
    try:
        first, second = model.encode(tokens), model.encode(later)
    except ValueError:
        return "refuses"
    return "ignores-the-rest" if torch.equal(first[:, 0], second[:, 0]) else "runs"


def order_in_decoder() -> list[str]:
    """The order in which a decoder with one layer calls its parts."""
    model = tiny()
    layer = model.decoder.layers[0]
    assert isinstance(layer, DecoderLayer)
    parts: dict[str, nn.Module] = {
        "embedding": model.target_embedding,
        "self-attention": layer.self_attention,
        "cross-attention": layer.cross_attention,
        "feed-forward": layer.feed_forward,
        "output": model.output,
    }
    called: list[str] = []
    for name, part in parts.items():
        part.register_forward_hook(lambda *_, name=name: called.append(name))
    model.decode(torch.ones(1, 3, dtype=torch.long), torch.randn(1, 3, model.d_model))
    return called


def share_of_feed_forward(d_model: int) -> Solution:
    layer = EncoderLayer(d_model, 4, 4 * d_model)
    inner = size(layer.feed_forward)
    return Solution(inner / size(layer), {"one-matrix-only": 1 / 2, "attention-is-one-matrix": 8 / 9})


def parameters_of_decoder_layer(d_model: int) -> Solution:
    d_ff = 4 * d_model
    layer = DecoderLayer(d_model, 4, d_ff)
    attention, norm = size(layer.self_attention), size(layer.add_norm_1)
    right = size(layer)
    return Solution(
        right,
        {
            "that-of-the-encoder": right - attention - norm,
            "third-norm-forgotten": right - norm,
            "cross-attention-without-queries": right - (d_model * d_model + d_model),
        },
    )


def squared_length_of_encoding(d_model: int, position: int) -> Solution:
    encoding = sinusoidal_encoding(position + 1, d_model, dtype=torch.float64)[position]
    return Solution(
        float(encoding.square().sum()),
        {"each-channel-one": float(d_model), "one-per-vector": 1.0},
    )


def spread_in_order(d_k: int) -> dict[str, float]:
    """The mean entropy of the weights over 64 keys for each way to scale the scores."""
    q, k = torch.randn(2, 64, d_k)
    scales = {"not-divided": 1.0, "by-root": d_k**-0.5, "by-width": 1 / d_k}
    return {name: float(entropy(attention_weights(q, k, scale=scale)).mean()) for name, scale in scales.items()}


def shuffled_alike(T: int) -> list[str]:
    """The maps for which shuffling the tokens does no more than shuffle the outputs alike."""
    x, order = torch.randn(1, T, 8), torch.arange(T).roll(1)
    layer, positions = MultiHeadAttention(8, 2), SinusoidalPositions()
    convolution = nn.Conv1d(8, 8, 3, padding=1)
    maps: dict[str, Callable[[Tensor], Tensor]] = {
        "self-attention": lambda x: layer(x),
        "causal-attention": lambda x: layer(x, causal=True),
        "with-positions": lambda x: layer(positions(x)),
        "feed-forward": FeedForward(8, 16),
        "convolution": lambda x: convolution(x.transpose(1, 2)).transpose(1, 2),
    }
    return [name for name, f in maps.items() if torch.allclose(f(x)[:, order], f(x[:, order]), atol=1e-5)]


def linear_in() -> str:
    """The one of q, k and v in which attention is additive."""
    qkv, other = torch.randn(3, 1, 5, 8), torch.randn(1, 5, 8)

    def is_additive(which: int) -> bool:
        def f(x: Tensor) -> Tensor:
            return attention(*(x if i == which else each for i, each in enumerate(qkv)))

        return torch.allclose(f(qkv[which] + other), f(qkv[which]) + f(other), atol=1e-5)

    [name] = [name for i, name in enumerate(("query", "key", "value")) if is_additive(i)]
    return name


def nothing_to_attend_to(fill: str, keys: int) -> str:
    """What softmax makes of a row of scores that were all replaced by `fill`."""
    weights = torch.full((keys,), float(fill)).softmax(-1)
    if weights.isnan().any():
        return "nan"
    return "uniform" if torch.allclose(weights, torch.full_like(weights, 1 / keys)) else "zero"


def decoder_runs(n: int) -> Solution:
    """How often the decoder is called for n tokens, in greedy decoding that meets no end."""
    model, calls = tiny(), [0]
    model.decoder.register_forward_hook(lambda *_: calls.append(1))
    greedy_decode(model, torch.randint(1, 20, (1, 6)), start=1, end=-1, max_len=n)
    return Solution(float(sum(calls)), {"all-at-once": 1.0, "once-per-pair": float(n * (n + 1) // 2)})


def what_grows_fourfold(T: int) -> list[str]:
    """What becomes four times as large, give or take a tenth, when the sequence becomes twice as long."""
    layer, feed_forward = MultiHeadAttention(16, 2), FeedForward(16, 64)

    def sizes(T: int) -> dict[str, int]:
        x = torch.randn(1, T, 16)
        q, k, v = (torch.randn(1, 2, T, 8).requires_grad_() * 1 for _ in range(3))
        return {
            "weights": layer.weights(x).numel(),
            "scores": flops(lambda: attention_weights(q, k)),
            "feed-forward": flops(lambda: feed_forward(x)),
            "parameters": size(layer),
            "fused-memory": saved_bytes(lambda: attention(q, k, v)),
        }

    once, twice = sizes(T), sizes(2 * T)
    return [name for name in once if 3.6 < twice[name] / once[name] < 4.4]


def length_of_equal_parts(d_model: int, inner: int) -> Solution:
    """n at which b n² = a n, where an encoder layer with d_ff = inner · d_model takes a n + b n² operations."""
    layer = EncoderLayer(d_model, 2, inner * d_model, dropout=0.0)
    one, two = (flops(lambda: layer(torch.zeros(1, n, d_model))) for n in (64, 128))  # noqa: B023 - called in the same turn
    quadratic = (two - 2 * one) / (2 * 64**2)
    right = (one / 64 - 64 * quadratic) / quadratic
    return Solution(
        right,
        {"at-the-width": float(d_model), "feed-forward-left-out": 2.0 * d_model, "scores-alone": 2 * right},
    )


def residual_stream(place: str) -> str:
    """How the mean square of the residual stream after 24 fresh layers compares with that after the first."""
    encoder = Encoder(24, 32, 4, 128, dropout=0.0, norm_first=place == "pre")
    x = torch.randn(4, 16, 32)
    sizes = []
    with torch.inference_mode():
        for layer in encoder.layers:
            x = layer(x)
            sizes.append(float(x.square().mean()))
    ratio = sizes[-1] / sizes[0]
    return "grows" if ratio > 2 else "shrinks" if ratio < 0.5 else "stays"


def triangle() -> Exercise:
    return Exercise(lambda T: causal_mask(T), [[1], [2], [5]])


def split_heads(heads: int) -> Exercise:
    def reference(x: Tensor, heads: int) -> Tensor:
        return MultiHeadAttention(x.shape[-1], heads)._split(x)

    return Exercise(reference, [[torch.randn(2, T, 4 * heads), heads] for T in (3, 5)], gradients=True)


def sinusoids(d_model: int) -> Exercise:
    return Exercise(lambda length, d_model: sinusoidal_encoding(length, d_model), [[6, d_model], [40, d_model]])


def masked_weights(T: int) -> Exercise:
    """Among the masks is one that leaves a query nothing to attend to."""
    padding = torch.arange(T + 2) < T - 1
    random = torch.rand(T, T + 2) < 0.5
    random[0] = False

    def arguments(mask: Tensor) -> list[Tensor]:
        return [torch.randn(2, T, 8), torch.randn(2, T + 2, 8), mask]

    return Exercise(
        lambda q, k, mask: attention_weights(q, k, mask),
        [arguments(padding.expand(T, T + 2).contiguous()), arguments(random)],
        gradients=True,
    )
