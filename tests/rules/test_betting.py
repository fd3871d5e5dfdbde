"""What rules that bet promise: comparisons, thresholds, and the verdict on any number of wins."""

from __future__ import annotations

import json
import math
import random
from itertools import accumulate

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dlcheck.errors import ClaimError
from dlcheck.rules import Betting, Compare, Verdict, at_least, at_most, below, exceeds, faster
from dlcheck.statistics import ALPHA

nan, inf = math.nan, math.inf
VERIFIED, REFUTED, INCONCLUSIVE = Verdict.VERIFIED, Verdict.REFUTED, Verdict.INCONCLUSIVE

anything = st.floats() | st.sampled_from([nan, inf, -inf, 0.0, -0.0, 5e-324, 1e308, -1e308, 1.0])
not_negative = anything.map(abs)
margins = st.floats(min_value=5e-324, max_value=1e308)
factors = st.floats(min_value=1, max_value=1e308, exclude_min=True)
pairs_by = st.lists(st.tuples(anything, anything), min_size=1, max_size=24)
pairs_times = st.lists(st.tuples(not_negative, not_negative), min_size=1, max_size=24)


@st.composite
def comparisons(draw: st.DrawFn) -> tuple[Compare, dict[str, list[float]]]:
    """Any comparison of 'a' and 'b', and numbers that it may be given: NaN, infinities, zeros and all."""
    make, reliably = draw(st.sampled_from([exceeds, below])), draw(st.booleans())
    if draw(st.booleans()):
        rule = make("a", "b", by=draw(margins), reliably=reliably)
        pairs = draw(pairs_by)
    else:
        rule = make("a", "b", times=draw(factors), reliably=reliably)
        pairs = draw(pairs_times)
    return rule, {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}


def swapped(rule: Compare) -> Compare:
    """The same comparison with the arms exchanged."""
    return Compare(rule.b, rule.a, rule.margin, rule.factor, rule.lower, reliably=rule.reliably)


def coins(wins: int, losses: int) -> dict[str, list[float]]:
    """Seeds that win and seeds that lose, for `at_least("x", 1)`."""
    return {"x": [1.0] * wins + [0.0] * losses}


# ---- every comparison


@given(comparisons())
def test_identical_arms_never_verify(case: tuple[Compare, dict[str, list[float]]]):
    """Whatever the numbers and however small the margin: an arm does not beat itself on a single seed."""
    rule, numbers = case
    judged = rule.judge(rule.identical_arms(numbers))
    assert judged.wins == 0
    assert judged.verdict is not VERIFIED


@given(comparisons())
def test_swapped_arms_never_both_verify(case: tuple[Compare, dict[str, list[float]]]):
    """No seed can be won in both directions."""
    rule, numbers = case
    there, back = rule.judge(numbers), swapped(rule).judge(numbers)
    assert there.wins + back.wins <= len(numbers["a"])
    assert {there.verdict, back.verdict} != {VERIFIED}


@given(comparisons(), st.randoms())
def test_the_order_of_seeds_does_not_matter(case: tuple[Compare, dict[str, list[float]]], rng: random.Random):
    """The judgement is a function of the set of trials."""
    rule, numbers = case
    shuffled = rng.sample(list(zip(numbers["a"], numbers["b"], strict=True)), len(numbers["a"]))
    assert rule.judge({"a": [a for a, _ in shuffled], "b": [b for _, b in shuffled]}) == rule.judge(numbers)


@given(comparisons())
def test_judgements_survive_json(case: tuple[Compare, dict[str, list[float]]]):
    """Numbers that were saved as JSON and loaded again, NaN and infinities included, are judged the same."""
    rule, numbers = case
    assert rule.judge(json.loads(json.dumps(numbers))) == rule.judge(numbers)


@given(comparisons())
def test_effects_are_never_nan_and_agree_with_the_wins(case: tuple[Compare, dict[str, list[float]]]):
    """Every seed has an effect; it is a win exactly when it reaches the margin, and both are reported in order."""
    rule, numbers = case
    effects, judged = rule.effects(numbers), rule.judge(numbers)
    assert not any(map(math.isnan, effects))
    assert judged.wins == sum(effect >= rule.margin for effect in effects)
    assert judged.interval[0] <= judged.effect <= judged.interval[1]
    assert judged.seeds == len(effects)


@given(comparisons())
def test_a_diverged_run_is_a_loss_for_the_arm_that_was_to_do_well(case: tuple[Compare, dict[str, list[float]]]):
    """NaN in `a` loses whatever `b` shows, NaN in `b` alone wins, in every seed."""
    rule, numbers = case
    n = len(numbers["a"])
    assert rule.judge({"a": [nan] * n, "b": numbers["b"]}).wins == 0
    assert rule.judge({"a": numbers["a"], "b": [nan] * n}).wins == sum(not math.isnan(a) for a in numbers["a"])
    assert rule.judge({"a": [nan] * n, "b": [nan] * n}).wins == 0


@given(comparisons(), st.integers(-20, 20))
def test_a_factor_does_not_depend_on_the_unit(case: tuple[Compare, dict[str, list[float]]], power: int):
    """Seconds or milliseconds: scaling both arms leaves the judgement of a ratio as it is."""
    rule, numbers = case
    assume(rule.factor)
    scaled = {name: [x * 2.0**power for x in values] for name, values in numbers.items()}
    assume(
        all(s / 2.0**power == x or math.isnan(x) for n in numbers for s, x in zip(scaled[n], numbers[n], strict=True))
    )
    assert rule.judge(scaled) == rule.judge(numbers)


@given(pairs_by, margins, margins)
def test_a_larger_margin_is_never_easier(pairs: list[tuple[float, float]], one: float, other: float):
    """Seeds that win by much also win by little."""
    numbers = {"a": [a for a, _ in pairs], "b": [b for _, b in pairs]}
    hard, easy = (exceeds("a", "b", by=m).judge(numbers) for m in (max(one, other), min(one, other)))
    assert hard.wins <= easy.wins


# ---- single seeds, by hand


@pytest.mark.parametrize(
    ("rule", "a", "b", "effect", "wins"),
    [
        (exceeds("a", "b", by=0.5), 2.0, 1.0, 1.0, 1),
        (exceeds("a", "b", by=0.5), 1.5, 1.0, 0.5, 1),  # the margin itself is enough
        (exceeds("a", "b", by=0.5), 1.25, 1.0, 0.25, 0),
        (exceeds("a", "b", by=0.5), 1.0, 2.0, -1.0, 0),
        (exceeds("a", "b", by=0.5), 1.0, 1.0, 0.0, 0),
        (exceeds("a", "b", by=0.5), inf, inf, 0.0, 0),
        (exceeds("a", "b", by=0.5), inf, -inf, inf, 1),
        (exceeds("a", "b", by=0.5), 1.0, inf, -inf, 0),
        (exceeds("a", "b", by=0.5), True, False, 1.0, 1),
        (below("a", "b", by=0.5), 1.0, 2.0, 1.0, 1),
        (below("a", "b", by=0.5), 2.0, 1.0, -1.0, 0),
        (below("a", "b", by=0.5), 1.0, inf, inf, 1),
        (below("a", "b", by=0.5), inf, inf, 0.0, 0),
        (exceeds("a", "b", times=2), 6.0, 3.0, 2.0, 1),
        (exceeds("a", "b", times=2), 3.0, 6.0, 0.5, 0),
        (exceeds("a", "b", times=2), 1.0, 0.0, inf, 1),
        (exceeds("a", "b", times=2), 1.0, -0.0, inf, 1),
        (exceeds("a", "b", times=2), 0.0, 0.0, 1.0, 0),
        (exceeds("a", "b", times=2), -0.0, 0.0, 1.0, 0),
        (exceeds("a", "b", times=2), inf, inf, 1.0, 0),
        (exceeds("a", "b", times=2), 1.0, inf, 0.0, 0),
        (exceeds("a", "b", times=2), 1e308, 5e-324, inf, 1),
        (below("a", "b", times=2), 3.0, 6.0, 2.0, 1),
        (below("a", "b", times=2), 6.0, 3.0, 0.5, 0),
        (below("a", "b", times=2), 0.0, 3.0, inf, 1),
        (faster("a", "b", times=1.5), 2.0, 3.0, 1.5, 1),
        (faster("a", "b", times=1.5), 3.0, 2.0, 2 / 3, 0),
        (faster("a", "b", times=1.5), nan, 2.0, -inf, 0),
        (exceeds("a", "b", by=0.5), nan, 1.0, -inf, 0),
        (exceeds("a", "b", by=0.5), 1.0, nan, inf, 1),
        (below("a", "b", by=0.5), nan, nan, -inf, 0),
    ],
)
def test_one_seed(rule: Compare, a: float, b: float, effect: float, wins: int):
    """The effect is larger the more the claim is right, in its own unit; one seed never decides."""
    judged = rule.judge({"a": [a], "b": [b]})
    assert (judged.effect, judged.wins, judged.verdict) == (effect, wins, INCONCLUSIVE)


@pytest.mark.parametrize("rule", [exceeds("a", "b", times=2), below("a", "b", times=2), faster("a", "b", times=2)])
@pytest.mark.parametrize(("a", "b"), [(-1.0, 2.0), (2.0, -1.0), (-inf, 1.0), (-1.0, nan), (nan, -1.0), (-1.0, -1.0)])
def test_a_factor_of_negative_numbers_is_no_measurement(rule: Compare, a: float, b: float):
    """A ratio of losses below zero means nothing, in either arm, beside NaN too: it breaks the promise."""
    with pytest.raises(ClaimError, match="ratio of 'a' and 'b': expected numbers of at least 0, got"):
        rule.judge({"a": [a], "b": [b]})


def test_units():
    """A margin has the author's unit, a ratio is a number of times whatever was written."""
    numbers = {"a": [2.0], "b": [1.0]}
    assert exceeds("a", "b", by=1, unit="nat").judge(numbers).unit == "nat"
    assert exceeds("a", "b", times=2, unit="nat").judge(numbers).unit == "x"
    assert faster("a", "b", times=2).judge(numbers).unit == "x"


def test_only_timings_need_the_machine_for_themselves():
    """`faster` measures durations, `below` does not."""
    assert faster("a", "b", times=2).timing
    assert not below("a", "b", times=2).timing


@pytest.mark.parametrize(
    ("rule", "x", "wins"),
    [
        (at_least("x", 1), 1.0, 1),
        (at_least("x", 1), 0.99, 0),
        (at_least("x", 1), inf, 1),
        (at_least("x", 1), nan, 0),
        (at_least("x", 1), True, 1),
        (at_least("x", -0.0), 0.0, 1),
        (at_most("x", 1), 1.0, 1),
        (at_most("x", 1), 1.01, 0),
        (at_most("x", 1), inf, 0),
        (at_most("x", 1), -inf, 1),
        (at_most("x", 1), nan, 0),
    ],
)
def test_thresholds(rule: Betting, x: float, wins: int):
    """The value itself is reached, a run that diverged reaches nothing."""
    judged = rule.judge({"x": [x]})
    assert judged.wins == wins
    assert not math.isnan(judged.effect)


# ---- verdicts


@pytest.mark.parametrize("seeds", range(1, 41))
@pytest.mark.parametrize("reliably", [False, True])
def test_verdicts_follow_the_design_for_all_wins(seeds: int, reliably: bool):
    """Verified when E+ >= 100, refuted when E- >= 100, from the formulas, for every number of wins."""
    for wins in range(seeds + 1):
        losses = seeds - wins
        pro = (0.97 / 0.8) ** wins * (0.03 / 0.2) ** losses if reliably else 1.8**wins * 0.2**losses
        contra = 1 / pro if reliably else 0.2**wins * 1.8**losses
        judged = at_least("x", 1, reliably=reliably).judge(coins(wins, losses))
        expected = VERIFIED if pro >= 1 / ALPHA else REFUTED if contra >= 1 / ALPHA else INCONCLUSIVE
        assert (judged.verdict, judged.wins, judged.seeds) == (expected, wins, seeds)
        assert judged.evidence == pytest.approx(max(pro, contra))


@pytest.mark.parametrize("reliably", [False, True])
@given(wins=st.integers(0, 40), losses=st.integers(1, 40))
def test_one_win_more_never_hurts(reliably: bool, wins: int, losses: int):
    """Turning a loss into a win, or adding a win, never moves the verdict towards refuted."""
    rank = [REFUTED, INCONCLUSIVE, VERIFIED]
    rule = at_least("x", 1, reliably=reliably)
    now = rank.index(rule.judge(coins(wins, losses)).verdict)
    assert rank.index(rule.judge(coins(wins + 1, losses - 1)).verdict) >= now
    assert rank.index(rule.judge(coins(wins + 1, losses)).verdict) >= now


@pytest.mark.parametrize("limit", range(1, 8))
def test_seeds_that_run_out_leave_it_open(limit: int):
    """Fewer than 8 seeds decide nothing, however clear they are; more than half of 20 decide nothing either."""
    assert at_least("x", 1).judge(coins(limit, 0)).verdict is INCONCLUSIVE
    assert at_least("x", 1).judge(coins(0, limit)).verdict is INCONCLUSIVE
    assert at_least("x", 1).judge(coins(16, 4)).verdict is INCONCLUSIVE


def test_reliably_asks_for_more():
    """8 of 8 and 17 of 20 verify "more often than not"; "reliably" takes 24 of 24 and is refuted by 5 losses of 24."""
    assert at_least("x", 1).judge(coins(17, 3)).verdict is VERIFIED
    assert at_least("x", 1, reliably=True).judge(coins(17, 3)).verdict is not VERIFIED
    assert at_least("x", 1, reliably=True).judge(coins(24, 0)).verdict is VERIFIED
    assert at_least("x", 1, reliably=True).judge(coins(19, 5)).verdict is REFUTED


@pytest.mark.parametrize("reliably", [False, True])
def test_the_first_batch_can_settle(reliably: bool):
    """The sentence says so: the first batch, all won, verifies, and all lost, refutes."""
    rule = at_least("x", 1, reliably=reliably)
    assert rule.judge(coins(rule.batches[0], 0)).verdict is VERIFIED
    assert rule.judge(coins(0, rule.batches[0])).verdict is REFUTED


@pytest.mark.parametrize("swap", [False, True])
def test_two_equal_arms_with_noise_are_told_apart_in_less_than_one_run_of_a_hundred(swap: bool):
    """2,000 experiments whose arms differ by noise alone, in the engine's batches: false verdicts stay below 1 %."""
    rng, rule = np.random.default_rng(3), exceeds("b", "a", by=1e-12) if swap else exceeds("a", "b", by=1e-12)
    verdicts = []
    for a, b in rng.standard_normal((2000, 2, sum(rule.batches))).tolist():
        for n in accumulate(rule.batches):
            verdict = rule.judge({"a": a[:n], "b": b[:n]}).verdict
            if verdict is not INCONCLUSIVE:
                break
        verdicts.append(verdict)
    assert verdicts.count(VERIFIED) / 2000 <= 0.0072 + 3 * math.sqrt(0.0072 / 2000)
    assert 0 < verdicts.count(VERIFIED) < 30
    assert 0 < verdicts.count(REFUTED) < 30
