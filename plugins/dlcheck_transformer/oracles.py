"""What the transformer's questions ask, computed by running the reference model.

Each function takes the values that its question varies, by name. `Solution.wrong` has, for each misconception that the
bank names, what a student who holds it would answer.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from dlcheck.quiz.base import Solution
from dlcheck.quiz.code import Exercise
from dlcheck_transformer.model import MultiHeadAttention, attention


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
    q, k = torch.randn(2, 200_000, d_k)
    measured = float((q * k).sum(-1).std())
    return Solution(measured, {"variance": float(d_k), "one": 1.0})


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
