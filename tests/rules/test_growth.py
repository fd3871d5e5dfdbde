"""What the growth law promises: the exponent of a curve, over all sizes and over the larger half of them."""

from __future__ import annotations

import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.errors import ClaimError
from dlcheck.rules import Verdict, growth

nan, inf = math.nan, math.inf
VERIFIED, REFUTED = Verdict.VERIFIED, Verdict.REFUTED

SIZES = [8, 16, 32, 64, 128, 256]


def grown(ys: list[float], xs: list[float] | None = None, seeds: int = 8) -> dict[str, list[list[float]]]:
    """The same curve on every seed."""
    return {"y": [ys] * seeds, "n": [xs or SIZES[: len(ys)]] * seeds}


@given(st.floats(-4, 4), st.floats(1e-6, 1e6), st.lists(st.integers(1, 10**6), min_size=5, max_size=12, unique=True))
def test_a_power_law_has_its_own_exponent_and_no_other(power: float, scale: float, sizes: list[int]):
    """Verified at the exponent it has, in whatever order the sizes come; refuted at one that is a margin away."""
    numbers = grown([scale * n**power for n in sizes], sizes)
    judged = growth("y", against="n", power=power, within=0.05).judge(numbers)
    assert (judged.verdict, judged.wins) == (VERIFIED, 8)
    assert judged.effect == pytest.approx(power, abs=1e-6)
    assert growth("y", against="n", power=power + 0.06, within=0.05).judge(numbers).verdict is REFUTED
    assert growth("y", against="n", power=power - 0.06, within=0.05).judge(numbers).verdict is REFUTED


@given(st.floats(-2, 2), st.permutations(range(8)))
def test_an_exponential_law(rate: float, depths: list[int]):
    """exp(rate * depth), size zero included, is verified as such; a power law of the same sizes is not."""
    numbers = grown([3 * math.exp(rate * d) for d in depths], depths)
    judged = growth("y", against="n", power=rate, within=0.01, exponential=True).judge(numbers)
    assert (judged.verdict, judged.effect) == (VERIFIED, pytest.approx(rate, abs=1e-9))
    powers = grown([d**2 for d in SIZES], SIZES)
    slope = growth("y", against="n", power=0, within=9, exponential=True).judge(powers).effect
    assert growth("y", against="n", power=slope, within=0.005, exponential=True).judge(powers).verdict is REFUTED


def test_a_curve_that_bends_in_the_larger_half_does_not_win():
    """Quadratic up to 32 and linear from there: the slope over all sizes is allowed, that of the larger half is not."""
    numbers = grown([n**2 / 1024 if n <= 32 else n / 32 for n in SIZES])
    rule = growth("y", against="n", power=1.5, within=0.2)
    assert all(map(rule.won, rule.effects(numbers)))
    assert rule.judge(numbers).wins == 0


def test_a_curve_that_is_right_only_in_the_larger_half_does_not_win():
    """Both slopes have to lie within the margin, not the upper one alone."""
    assert growth("y", against="n", power=1, within=0.2).judge(grown([1, 1, 1, 2, 4, 8])).wins == 0


def test_the_larger_half_of_five_sizes_is_three():
    """Two points would let noise decide, four would not be half: this curve is straight only over the last three."""
    wobble = [0.0, 0.6, 0.0, 0.3, 0.0]
    numbers = grown([2 ** (i + w) for i, w in enumerate(wobble)], [2**i for i in range(5)])
    assert growth("y", against="n", power=1, within=0.1).judge(numbers).wins == 8


def test_repeated_sizes_do_not_crowd_out_the_larger_half():
    """Sizes measured several times count as one size: the half is one of sizes, not of points."""
    sizes = [*SIZES, *[256] * 10]
    assert growth("y", against="n", power=2, within=0.1).judge(grown([n**2 for n in sizes], sizes)).wins == 8


def test_noise_within_the_margin_is_forgiven():
    """10 % of noise on a quadratic law over five doublings stays well within a margin of 0.3."""
    rng = np.random.default_rng(5)
    ys = [[float(n**2 * math.exp(e)) for n, e in zip(SIZES, rng.normal(0, 0.1, 6), strict=True)] for _ in range(20)]
    numbers = {"y": ys, "n": [SIZES] * 20}
    assert growth("y", against="n", power=2, within=0.3).judge(numbers).verdict is VERIFIED
    assert growth("y", against="n", power=1, within=0.3).judge(numbers).verdict is REFUTED


@pytest.mark.parametrize("diverged", [nan, inf, 0.0])
def test_a_curve_that_diverged_or_vanished_is_a_lost_seed(diverged: float):
    """A gradient that underflows to 0 or a loss that became NaN is a measurement, not a crash: this seed loses."""
    numbers = grown([n**2 for n in SIZES])
    numbers["y"] = [[*SIZES[:5], diverged], *numbers["y"][1:]]
    judged = growth("y", against="n", power=2, within=0.1).judge(numbers)
    assert judged.wins == 7
    assert judged.interval[0] == -inf
    assert judged.effect == pytest.approx(2)


@pytest.mark.parametrize(
    ("ys", "xs", "expected"),
    [
        ([1, 2, 3, 4], [1, 2, 3, 4], "at least 5 sizes"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 4], "at least 5 sizes"),
        ([1, 2, 3, 4, 5], [1e16, 1e16 + 2, 1e16 + 4, 1e16 + 6, 1e16 + 8], "at least 5 sizes"),
        ([1, 2, 3, 4, 5], [0, 1, 2, 3, 4], "sizes above 0"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, nan], "sizes above 0"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, inf], "sizes above 0"),
        ([1, 2, 3, 4, -5], [1, 2, 3, 4, 5], "no number below 0"),
        ([1, 2, 3, 4, -inf], [1, 2, 3, 4, 5], "no number below 0"),
        ([1, 2, 3, 4, "5"], [1, 2, 3, 4, 5], "one number"),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, "5"], "sizes above 0"),
        ([1, 2, 3, 4], [1, 2, 3, 4, 5], "lists of equal length"),
        (1.0, 2.0, "lists of equal length"),
        ("12345", [1, 2, 3, 4, 5], "lists of equal length"),
        ([], [], "at least 5 sizes"),
    ],
)
def test_what_is_no_curve_is_refused(ys: object, xs: object, expected: str):
    """Fewer than five different sizes, sizes without logarithm, negative numbers: the message says what is wrong."""
    with pytest.raises(ClaimError, match=f"growth of 'y'.*: expected {expected}|measure 'y': expected {expected}"):
        growth("y", against="n", power=1, within=0.1).judge({"y": [ys], "n": [xs]})


def test_exponential_sizes_may_be_zero_but_not_nan():
    """Depth 0 is a size for an exponential law; NaN is none, and the message does not ask for more than it needs."""
    rule = growth("y", against="n", power=1, within=0.1, exponential=True)
    with pytest.raises(ClaimError, match="expected finite sizes"):
        rule.judge({"y": [[1, 2, 3, 4, 5]], "n": [[0, 1, 2, 3, nan]]})


@given(st.lists(st.floats(-3, 3), min_size=8, max_size=8), st.randoms())
def test_growth_does_not_depend_on_order(powers: list[float], rng: random.Random):
    """Neither the order of the seeds nor, within a seed, that of the sizes changes the verdict."""
    rule = growth("y", against="n", power=1, within=0.5)
    ys = [[n**p for n in SIZES] for p in powers]
    order = rng.sample(range(6), 6)
    turned = [[row[i] for i in order] for row in rng.sample(ys, 8)]
    one = rule.judge({"y": ys, "n": [SIZES] * 8})
    other = rule.judge({"y": turned, "n": [[SIZES[i] for i in order]] * 8})
    assert abs(one.wins - other.wins) <= sum(abs(abs(p - 1) - 0.5) < 1e-9 for p in powers)
    assert other.effect == pytest.approx(one.effect)
