"""Why scores are divided by √d_k: their variance, and what it does to the softmax.

All of it for queries and keys with independent components of mean 0 and variance 1, as in footnote 4 of the paper;
what trained networks do with unscaled scores is another question.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, at_most, below, claim, growth, lazy, per_seed

if TYPE_CHECKING:
    from torch import Generator, Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
probes: Any = lazy("dlcheck.lab.probes")

WIDTHS = (4, 16, 64, 256, 1024)
PAPER = "Vaswani et al. 2017, section 3.2.1 with footnote 4"
DOUBLE = ("cpu", "cuda")  # unscaled weights fall to 1e-90, which is 0 in float32


def _queries_and_keys(run: Run, draw: Generator, count: int, keys: int, d_k: int) -> tuple[Tensor, Tensor]:
    """Always float64 where the device has it."""
    dtype = torch.float32 if run.device == "mps" else torch.float64
    q, k = (torch.randn(n, d_k, generator=draw, dtype=torch.float64).to(dtype).to(run.device) for n in (count, keys))
    return q, k


def _variances(run: Run, draw: Generator, power: float | None) -> list[float]:
    """For each width, the variance over 256 keys of the scores in the softmax, averaged over 256 queries.

    The logarithm of the weights is the scores again, up to a constant for each query. Scores are multiplied by
    d_k^-power, or by the model's own factor for None.
    """
    variances = []
    for d_k in WIDTHS:
        q, k = _queries_and_keys(run, draw, 256, 256, d_k)
        weights = model.attention_weights(q, k, scale=None if power is None else d_k**-power)
        variances.append(float(weights.log().var(dim=-1).mean()))
    return variances


@claim(
    en="The variance of the scores q·k grows in proportion to the key dimension d_k.",
    ko="점수 q·k의 분산은 키의 차원 d_k에 비례하여 커진다.",
    source=PAPER,
    notes=["004-16"],
    rule=growth("variance", against="d_k", power=1, within=0.05),
    controls={"divided by √d_k": {"power": 0.5}},
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def variance_of_scores_grows_with_width(run: Run, seed: int, *, power: float = 0.0) -> dict[str, list[float]]:
    """The variance of the undivided scores for d_k from 4 to 1024."""
    return {"variance": _variances(run, run.generator(seed), power), "d_k": [float(d_k) for d_k in WIDTHS]}


@claim(
    en="The variance of the scores q·k is the key dimension d_k itself.",
    ko="점수 q·k의 분산은 바로 키의 차원 d_k이다.",
    source=PAPER,
    notes=["004-16"],
    rule=at_most("largest relative gap", 0.3),
    controls={"divided by √d_k": {"power": 0.5}},
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def variance_of_scores_is_the_width(run: Run, seed: int, *, power: float = 0.0) -> dict[str, float]:
    """The largest gap between variance / d_k and 1, for d_k from 4 to 1024.

    256 queries and keys of 4 components leave a standard error of 0.06: hence the margin of 0.3.
    """
    variances = _variances(run, run.generator(seed), power)
    return {"largest relative gap": max(abs(v / d_k - 1) for v, d_k in zip(variances, WIDTHS, strict=True))}


@claim(
    en="Dividing by √d_k gives the scores a variance of one, whatever the key dimension.",
    ko="점수를 √d_k로 나누면 키의 차원과 상관없이 점수의 분산이 1이 된다.",
    source=PAPER,
    notes=["004-16"],
    rule=at_most("largest gap", 0.3),
    controls={"not divided": {"power": 0.0}, "divided by d_k": {"power": 1.0}},
    seconds=0.4,
    devices=DOUBLE,
)
@per_seed
def scaled_scores_have_variance_one(run: Run, seed: int, *, power: float | None = None) -> dict[str, float]:
    """The largest gap between the variance of the scores in the model's softmax and 1, for d_k from 4 to 1024.

    256 queries and keys of 4 components leave a standard error of 0.06: hence the margin of 0.3.
    """
    return {"largest gap": max(abs(v - 1) for v in _variances(run, run.generator(seed), power))}


def _entropies(run: Run, draw: Generator, scale: float | None) -> list[float]:
    """For each width, the entropy of the weights of 64 keys as a share of log 64, averaged over 256 queries."""
    drawn = (_queries_and_keys(run, draw, 256, 64, d_k) for d_k in WIDTHS)
    return [float(probes.entropy(model.attention_weights(q, k, scale=scale)).mean()) for q, k in drawn]


@claim(
    en="Without the division by √d_k, the softmax over wide keys collapses to almost one position.",
    ko="√d_k로 나누지 않으면 키의 차원이 클 때 소프트맥스가 거의 한 위치에만 몰린다.",
    source=PAPER,
    notes=["004-16"],
    rule=at_most("entropy at d_k = 1024", 0.1, unit="of log n"),
    controls={"divided by √d_k": {"scale": None}},
    seconds=0.2,
)
@per_seed
def unscaled_softmax_collapses(run: Run, seed: int, *, scale: float | None = 1.0) -> dict[str, float]:
    """The entropy of the weights over 64 keys at d_k = 1024: 1 when all weights are equal, 0 when one is everything."""
    return {"entropy at d_k = 1024": _entropies(run, run.generator(seed), scale)[-1]}


@claim(
    en="Dividing by √d_k prevents the collapse: the softmax stays spread out at every key dimension.",
    ko="√d_k로 나누면 이런 쏠림이 생기지 않는다. 키의 차원이 얼마든 소프트맥스의 가중치는 고르게 퍼져 있다.",
    source=PAPER,
    notes=["004-16"],
    rule=at_least("lowest entropy", 0.8, unit="of log n"),
    controls={"not divided": {"scale": 1.0}},
    seconds=0.2,
)
@per_seed
def scaled_softmax_stays_spread(run: Run, seed: int, *, scale: float | None = None) -> dict[str, float]:
    """The lowest entropy of the weights over 64 keys, for d_k from 4 to 1024.

    For normal scores of variance 1 it is about 1 - 1/(2 log 64) = 0.88 of the largest possible.
    """
    return {"lowest entropy": min(_entropies(run, run.generator(seed), scale))}


def _gradients(run: Run, draw: Generator, d_k: int, at: str) -> tuple[Tensor, Tensor]:
    """Norm of the gradient for each of 256 queries: without and with the division, of one random loss on the weights.

    At "queries", or at "scores", where the softmax alone stands between.
    """
    q, k = _queries_and_keys(run, draw, 256, 64, d_k)
    direction = torch.randn(256, 64, generator=draw, dtype=torch.float64).to(q)

    def norms(scale: float | None) -> Tensor:
        queries = q.clone().requires_grad_()
        weights = model.attention_weights(queries, k, scale=scale)
        if at == "queries":
            gradient = torch.autograd.grad((weights * direction).sum(), queries)[0]
        else:
            gradient = weights * (direction - (weights * direction).sum(-1, keepdim=True))
        length: Tensor = gradient.detach().norm(dim=-1)
        return length

    return norms(1.0), norms(None)


@claim(
    en="Without the division by √d_k, the softmax over wide keys passes almost no gradient for a typical query.",
    ko="√d_k로 나누지 않으면 키의 차원이 클 때, 보통의 질의에 대해 소프트맥스는 기울기를 거의 통과시키지 않는다.",
    source=PAPER,
    notes=["004-16"],
    rule=below("unscaled", "scaled", times=10),
    controls={"narrow keys": {"d_k": 4}},
    seconds=0.2,
)
@per_seed
def unscaled_softmax_passes_little_gradient(run: Run, seed: int, *, d_k: int = 1024) -> dict[str, float]:
    """The median over 256 queries of the gradient that comes through the softmax to the scores, at d_k = 1024."""
    unscaled, scaled = _gradients(run, run.generator(seed), d_k, "scores")
    return {"unscaled": float(unscaled.median()), "scaled": float(scaled.median())}


@claim(
    en="Without the division by √d_k, the queries receive less gradient on average.",
    ko="√d_k로 나누지 않으면 질의가 받는 기울기는 평균적으로 더 작아진다.",
    source=PAPER,
    notes=["004-16"],
    rule=below("unscaled", "scaled", times=1.5),
    controls={"at the scores": {"at": "scores"}},
    expect="refuted",
    seconds=0.2,
)
@per_seed
def unscaled_queries_get_less_gradient(run: Run, seed: int, *, at: str = "queries") -> dict[str, float]:
    """The mean over 256 queries of the gradient that reaches the query itself, at d_k = 1024.

    The few queries whose two best keys tie receive a large one: from the softmax on, an undivided score is √d_k times
    as steep in the query as a divided one. So what vanishes for most queries does not vanish on average.
    """
    unscaled, scaled = _gradients(run, run.generator(seed), 1024, at)
    return {"unscaled": float(unscaled.mean()), "scaled": float(scaled.mean())}
