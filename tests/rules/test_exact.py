"""What rules that look once promise: equality, proportion and count."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlcheck.errors import ClaimError
from dlcheck.rules import Proportion, Verdict, count, equals, proportion
from dlcheck.statistics import ALPHA

nan, inf = math.nan, math.inf
VERIFIED, REFUTED, INCONCLUSIVE = Verdict.VERIFIED, Verdict.REFUTED, Verdict.INCONCLUSIVE

# ---- equality


@given(st.lists(st.floats(-1, 1), min_size=8, max_size=8), st.floats(-5, 5))
def test_equality_is_verified_when_every_draw_is_within_the_tolerance(errors: list[float], value: float):
    """All 8 draws within atol of the value, the largest error reported."""
    drawn = [value + 0.01 * error for error in errors]
    judged = equals("gap", value, atol=0.0101).judge({"gap": drawn})
    assert (judged.verdict, judged.seeds) == (VERIFIED, 8)
    assert judged.effect == max(abs(x - value) for x in drawn)


@given(st.integers(0, 7), st.sampled_from([1.0, -1.0]), st.sampled_from([1.001e-6, 1e-3, 1e300]))
def test_one_violation_refutes_wherever_it_is(position: int, sign: float, error: float):
    """A single draw beyond the tolerance refutes, in either direction, and is kept as the counter-example."""
    gap = [0.0] * 8
    gap[position] = sign * error
    judged = equals("gap", 0.0, atol=1e-6).judge({"gap": gap})
    assert (judged.verdict, judged.worst, judged.effect) == (REFUTED, position, error)


def test_the_tolerance_itself_is_allowed():
    """The border belongs to the equality; an infinite miss cannot occur, a huge one is no overflow."""
    assert equals("gap", 0.0, atol=0.5).judge({"gap": [0.5, -0.5] * 4}).verdict is VERIFIED
    huge = equals("gap", -1e308, atol=5e-324).judge({"gap": [1e308] * 8})
    assert (huge.verdict, huge.effect, huge.misses) == (REFUTED, inf, inf)


@given(st.lists(st.floats(-2e-6, 2e-6), min_size=1, max_size=12), st.randoms())
def test_the_order_of_draws_does_not_matter(gap: list[float], rng: random.Random):
    """Verdict and largest error are those of the set; the counter-example is the draw that has it."""
    rule = equals("gap", 0.0, atol=1e-6)
    one, other = rule.judge({"gap": gap}), rule.judge({"gap": rng.sample(gap, len(gap))})
    assert (one.verdict, one.effect, one.misses) == (other.verdict, other.effect, other.misses)
    assert abs(gap[one.worst]) == one.effect
    assert rule.judge(json.loads(json.dumps({"gap": gap}))) == one


@pytest.mark.parametrize("draws", [1, 3, 8])
@pytest.mark.parametrize("drawn", [1, 2, 3, 7, 8, 9])
def test_equality_needs_all_its_draws(draws: int, drawn: int):
    """Fewer draws than were stated leave it open, unless one of them violates; more do no harm."""
    rule = equals("gap", 0.0, atol=1e-6, draws=draws)
    assert rule.batches == (draws,)
    assert rule.judge({"gap": [0.0] * drawn}).verdict is (VERIFIED if drawn >= draws else INCONCLUSIVE)
    assert rule.judge({"gap": [0.0] * (drawn - 1) + [1.0]}).verdict is REFUTED


@pytest.mark.parametrize("broken", [nan, inf, -inf])
def test_equality_promises_finite_numbers(broken: float):
    """NaN is no counter-example of an equality but a broken experiment."""
    with pytest.raises(ClaimError, match="measure 'gap': expected a finite number, got"):
        equals("gap", 0.0, atol=1e-6).judge({"gap": [0.0, broken]})


def test_each_precision_has_its_own_tolerance():
    """float64 on the CPU is judged by atol, an accelerator's working precision by working_atol, or not at all."""
    numbers = {"gap": [1e-5] * 8}
    rule = equals("gap", 0.0, atol=1e-10, working_atol=1e-4)
    assert rule.judge(numbers, "cpu").verdict is REFUTED
    assert [rule.judge(numbers, device).verdict for device in ("cuda", "cuda:1", "mps")] == [VERIFIED] * 3
    strict = equals("gap", 0.0, atol=1e-10)
    assert (strict.runs_on("cpu"), strict.runs_on("cuda:0"), rule.runs_on("cuda:0")) == (True, False, True)
    with pytest.raises(ClaimError, match="expected working_atol to judge numbers from cuda:0, got none"):
        strict.judge(numbers, "cuda:0")


@pytest.mark.parametrize(
    ("device", "error", "teeth"),
    [
        ("cpu", 1e-2, True),
        ("cpu", 1.1e-7, True),  # far more than 1000 atol, though less than working_atol
        ("cpu", 0.9e-7, False),
        ("cuda", 0.9e-7 * 1e6, False),
        ("cuda", 1.1e-7 * 1e6, True),
    ],
)
def test_a_control_has_to_miss_by_a_thousand_tolerances(device: str, error: float, teeth: bool):
    """Rounding alone must not look like a missing mechanism; what counts is the tolerance of the device judged."""
    rule = equals("gap", 0.0, atol=1e-10, working_atol=1e-4)
    control = rule.judge({"gap": [0.0] * 7 + [error]}, device)
    assert rule.teeth(control) is teeth
    assert control.misses == pytest.approx(error / (1e-10 if device == "cpu" else 1e-4))


def test_a_control_that_holds_has_teeth():
    """Where the claim is expected to be refuted its control is the equality that holds: nothing is to be missed."""
    rule = equals("gap", 0.0, atol=1e-10)
    assert rule.teeth(rule.judge({"gap": [0.0] * 8}))


# ---- proportion


def one_draw(p: float, within: float, total: int) -> Proportion:
    return proportion("hits", of="all", p=p, within=within, total=total, draws=1)


def verdicts(rule: Proportion) -> list[Verdict]:
    """For each number of hits from 0 to the total."""
    return [rule.judge({"hits": [hits], "all": [rule.total]}).verdict for hits in range(rule.total + 1)]


CASES = [(0.15, 0.01, 9000), (0.15, 0.05, 700), (0.5, 0.1, 250), (0.8, 0.05, 600), (0.02, 0.02, 900), (0.98, 0.02, 900)]


@pytest.mark.parametrize(("p", "within", "total"), CASES)
def test_false_verdicts_on_a_proportion_stay_below_alpha(p: float, within: float, total: int):
    """By the binomial distribution: at p ± within and beyond hardly any verified, inside hardly any refuted."""
    said = np.array([["verified", "refuted", "inconclusive"].index(v) for v in verdicts(one_draw(p, within, total))])
    hits = np.arange(total + 1)
    for true in np.clip(p + within * np.array([-2, -1.1, -1, 1, 1.1, 2]), 0, 1):
        if 0 < true < 1 and not p - within < true < p + within:  # beyond 0 and 1 there is nothing to be wrong about
            assert stats.binom.pmf(hits, total, true)[said == 0].sum() <= ALPHA
    for true in np.clip(p + within * np.array([-1, -0.5, 0, 0.5, 1]), 0, 1):
        assert stats.binom.pmf(hits, total, true)[said == 1].sum() <= ALPHA


@pytest.mark.parametrize(("p", "within", "total"), CASES)
def test_a_proportion_with_enough_hits_is_decided(p: float, within: float, total: int):
    """The cases above are not vacuous: the exact share verifies, one three margins away refutes, the border is open."""
    rule = one_draw(p, within, total)
    away = p + 3 * within if p < 0.5 else p - 3 * within
    border = p + within if p < 0.5 else p - within
    said = verdicts(rule)
    assert said[round(p * total)] is VERIFIED
    assert said[round(away * total)] is REFUTED
    assert said[round(border * total)] is INCONCLUSIVE


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_proportions_of_none_and_all(p: float):
    """ "Never" and "always" can be verified: the interval's end at 0 or 1 does not stick out."""
    rule = one_draw(p, 0.02, 400)
    assert rule.judge({"hits": [round(p * 400)], "all": [400]}).verdict is VERIFIED
    assert rule.judge({"hits": [200], "all": [400]}).verdict is REFUTED


def test_too_few_are_open_and_not_verified():
    """15 of 100 is exactly 15 %, and no evidence for 15 % ± 1 %."""
    assert one_draw(0.15, 0.01, 100).judge({"hits": [15], "all": [100]}).verdict is INCONCLUSIVE


@given(st.lists(st.integers(0, 1000), min_size=8, max_size=8), st.randoms())
def test_draws_of_a_proportion_are_pooled(hits: list[int], rng: random.Random):
    """Only the sums count, so neither the order of the draws nor how the hits are spread over them matters."""
    rule = proportion("hits", of="all", p=0.5, within=0.03, total=8000)
    judged = rule.judge({"hits": hits, "all": [1000] * 8})
    assert rule.judge({"hits": rng.sample(hits, 8), "all": [1000] * 8}) == judged
    pooled = one_draw(0.5, 0.03, 8000).judge({"hits": [sum(hits)], "all": [8000]})
    assert (judged.verdict, judged.effect, judged.interval) == (pooled.verdict, pooled.effect, pooled.interval)
    assert judged.interval[0] <= judged.effect <= judged.interval[1]


def test_a_proportion_is_looked_at_once():
    """Before all draws are in, no interval decides; with other numbers than were stated there is no look at all."""
    rule = proportion("hits", of="all", p=0.5, within=0.05, total=80_000)
    assert rule.batches == (8,)
    assert rule.judge({"hits": [5000] * 7, "all": [10_000] * 7}).verdict is INCONCLUSIVE
    assert rule.judge({"hits": [0] * 7, "all": [10_000] * 7}).verdict is INCONCLUSIVE
    assert rule.judge({"hits": [5000] * 8, "all": [10_000] * 8}).verdict is VERIFIED
    for totals in ([10_001] * 8, [10_000] * 9):
        with pytest.raises(ClaimError, match="expected the total 80000 stated beforehand, got"):
            rule.judge({"hits": [5000] * len(totals), "all": totals})


@pytest.mark.parametrize(
    ("hits", "total"), [([-1], [10]), ([11], [10]), ([0], [0]), ([11, 0], [10, 10]), ([1.0], [10]), ([nan], [10])]
)
def test_what_is_no_share_is_refused(hits: list[float], total: list[int]):
    """More hits than there are, in any draw, negative ones, an empty total or floats break the promise."""
    with pytest.raises(ClaimError, match=r"expected (0 <= hits <= total|an integer), got"):
        one_draw(0.5, 0.1, sum(total) or 1).judge({"hits": hits, "all": total})


# ---- count


@given(st.integers(), st.integers(-3, 3), st.integers(-3, 3))
def test_count_is_equality_of_integers(number: int, off_derived: int, off_published: int):
    """Verified when all three agree to the last digit, refuted when any differs."""
    judged = count("a", "b", published=number + off_published).judge({"a": [number], "b": [number + off_derived]})
    assert judged.verdict is (VERIFIED if off_derived == off_published == 0 else REFUTED)
    both = count("a", "b").judge({"a": [number], "b": [number + off_derived]})
    assert both.verdict is (VERIFIED if off_derived == 0 else REFUTED)


def test_counts_beyond_the_reach_of_floats():
    """2**53 and 2**53 + 1 differ, though not as floats."""
    assert count("a", "b").judge({"a": [2**53 + 1], "b": [2**53]}).verdict is REFUTED
    assert count("a", "b", published=2**53).judge({"a": [2**53 + 1], "b": [2**53 + 1]}).verdict is REFUTED


@given(st.integers(0, 4))
def test_the_count_that_is_wrong_is_kept(position: int):
    """One wrong count among several draws refutes and is the counter-example; too few draws leave it open."""
    rule, derived = count("a", "b", draws=5), [10, 20, 30, 40, 50]
    assert rule.judge({"a": derived, "b": derived}).verdict is VERIFIED
    assert rule.judge({"a": derived[:4], "b": derived[:4]}).verdict is INCONCLUSIVE
    counted = [*derived]
    counted[position] -= 1
    judged = rule.judge({"a": counted, "b": derived})
    assert (judged.verdict, judged.worst, judged.effect) == (REFUTED, position, counted[position])


@pytest.mark.parametrize("wrong", [3.0, True, "3", None, nan, [3]])
def test_only_integers_are_counts(wrong: object):
    """3.0 and True may be equal to integers, but nobody counted them."""
    for numbers in ({"a": [wrong], "b": [3]}, {"a": [3], "b": [wrong]}):
        with pytest.raises(ClaimError, match=r"measure '[ab]': expected an integer, got"):
            count("a", "b").judge(numbers)
