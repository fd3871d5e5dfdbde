"""What all rules share: they can be told apart and hashed, refuse misuse in one line, and speak two languages."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
import re
from collections.abc import Callable

import pytest

from dlcheck.errors import ClaimError
from dlcheck.rules import (
    RULES,
    Rule,
    at_least,
    at_most,
    below,
    count,
    equals,
    exceeds,
    faster,
    growth,
    proportion,
)

EVERY_RULE: list[Rule] = [
    exceeds("with", "without", by=0.1, unit="accuracy"),
    exceeds("with", "without", times=3),
    below("with", "without", by=0.1, reliably=True),
    below("with", "without", times=2),
    faster("fused", "plain", times=1.5),
    at_least("solved", 0.9),
    at_most("loss", 2.5, unit="nat", reliably=True),
    growth("bytes", against="length", power=2, within=0.1),
    growth("gradient", against="depth", power=-0.5, within=0.1, exponential=True),
    equals("gap", 0.25, atol=1e-10, working_atol=1e-4),
    proportion("masked", of="tokens", p=0.15, within=0.01, total=200_000),
    count("counted", "derived", published=65_000_000),
]
each_rule = pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: type(rule).__name__)


def test_the_list_above_has_every_rule():
    """The rules that authors may write are the ones tested here."""
    assert list(RULES) == [
        "exceeds", "below", "faster", "at_least", "at_most", "growth", "equals", "proportion", "count",
    ]  # fmt: skip


@each_rule
def test_rules_are_values(rule: Rule):
    """Rules are frozen, hashable, equal to their copies, and survive the way into another process."""
    assert copy.deepcopy(rule) == rule == pickle.loads(pickle.dumps(rule))
    assert hash(copy.deepcopy(rule)) == hash(rule)
    assert len(set(EVERY_RULE)) == len(EVERY_RULE)
    with pytest.raises(dataclasses.FrozenInstanceError):
        rule.unit = "other"  # type: ignore[misc]


@each_rule
def test_rules_say_what_they_measure(rule: Rule):
    """Both sentences name every measure; the Korean one is Korean and needs no 이(가)."""
    english, korean = rule.words("en"), rule.words("ko")
    for name in rule.measures:
        assert f"'{name}'" in english
        assert f"'{name}'" in korean
    assert re.search("[가-힣]", korean)
    assert not re.search("[가-힣]", english)
    assert "(가)" not in korean
    assert "  " not in english + korean


@pytest.mark.parametrize(
    ("rule", "english", "korean"),
    [
        (EVERY_RULE[0], "'with' is at least 0.1 accuracy above 'without'", "보다 0.1 accuracy 이상 크다"),
        (EVERY_RULE[2], "'with' is at least 0.1 below 'without'", "보다 0.1 이상 작다"),
        (EVERY_RULE[1], "'with' is at least 3 times 'without'", "'with' 값이 'without' 값의 3배 이상"),
        (EVERY_RULE[3], "'without' is at least 2 times 'with'", "'without' 값이 'with' 값의 2배 이상"),
        (EVERY_RULE[4], "'fused', timed in turn with 'plain', is at least 1.5 times as fast", "'fused' 쪽이 1.5배"),
        (EVERY_RULE[5], "at least 0.9; verified", "0.9 이상이다"),
        (EVERY_RULE[6], "at most 2.5 nat; verified", "2.5 nat 이하이다"),
        (EVERY_RULE[5], "more than 50 % of all seeds showing this has grown 100-fold (8 of 8 do that)", "8개 중 8개면"),
        (EVERY_RULE[6], "more than 80 % of all seeds showing this has grown 100-fold (24 of 24", "80 %를 넘는다는"),
        (EVERY_RULE[6], "fewer than 97 % has; at most 40 seeds", "97 %에 못 미친다는"),
        (EVERY_RULE[7], "'length' to the power 2, exponent within 0.1", "'length'의 2제곱에 비례"),
        (EVERY_RULE[8], "exp(-0.5 × 'depth')", "exp(-0.5 × 'depth')에 비례"),
        (EVERY_RULE[9], "equals 0.25 in every one of 8 random draws (tolerance 1e-10 in float64, 0.0001 on", "8번"),
        (EVERY_RULE[10], "among 200,000 'tokens': verified when its exact 99 %", "0.15 ± 0.01 안에"),
        (EVERY_RULE[11], "= 65,000,000 as published", "발표된 값 65,000,000"),
    ],
)
def test_sentences(rule: Rule, english: str, korean: str):
    """The numbers in the sentences are those of the rule."""
    assert english in rule.words("en")
    assert korean in rule.words("ko")


nan, inf = math.nan, math.inf


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: exceeds("a", "b"),
        lambda: exceeds("a", "b", by=1, times=2),
        *[lambda by=by: exceeds("a", "b", by=by) for by in (0, -1, -0.0, nan, inf, "0.1", True)],
        *[lambda times=times: below("a", "b", times=times) for times in (1, 0, 0.5, -2, nan, inf, "2")],
        lambda: faster("a", "b", times=1),
        lambda: exceeds("a", "a", by=1),
        *[lambda value=value: at_least("a", value) for value in (nan, inf, "1", None)],
        lambda: at_most("a", -inf),
        *[lambda within=within: growth("a", against="b", power=1, within=within) for within in (0, -1, nan, inf)],
        lambda: growth("a", against="b", power=nan, within=1),
        lambda: growth("a", against="a", power=1, within=1),
        *[lambda atol=atol: equals("a", 0, atol=atol) for atol in (0, -1e-9, nan, inf, "1e-9")],
        *[lambda atol=atol: equals("a", 0, atol=1, working_atol=atol) for atol in (0, -1e-9, nan, inf)],
        lambda: equals("a", nan, atol=1),
        *[lambda draws=draws: equals("a", 0, atol=1, draws=draws) for draws in (0, -1, 2.0, True)],
        *[lambda p=p: proportion("a", of="b", p=p, within=0.1, total=9) for p in (-0.1, 1.1, nan)],
        *[lambda w=w: proportion("a", of="b", p=0.5, within=w, total=9) for w in (0, -0.1, nan, inf)],
        *[lambda n=n: proportion("a", of="b", p=0.5, within=0.1, total=n) for n in (0, -5, 9.0, True)],
        lambda: proportion("a", of="b", p=0.5, within=0.1, total=9, draws=0),
        lambda: proportion("a", of="a", p=0.5, within=0.1, total=9),
        lambda: count("a", "a"),
        lambda: count("a", "b", published=65e6),
        lambda: count("a", "b", published=True),
        lambda: count("a", "b", draws=0),
    ],
)
def test_misuse_is_refused_with_what_was_expected(wrong: Callable[[], Rule]):
    """Margins, tolerances, totals and draws that cannot be meant are refused where they are written."""
    with pytest.raises(ClaimError, match=r"^.* of '.*: expected .*, got .*$"):
        wrong()


@each_rule
def test_a_missing_measure_is_named(rule: Rule):
    """An experiment that misspells a measure is told which one was expected and which is close."""
    misspelt = {f"{name}x": [1] for name in rule.measures}
    with pytest.raises(ClaimError, match=f"expected '{rule.measures[0]}', got .* Did you mean {rule.measures[0]}x"):
        rule.judge(misspelt)


@each_rule
def test_nothing_measured_is_no_evidence(rule: Rule):
    """No seeds at all break the contract: there is nothing to judge."""
    with pytest.raises(ClaimError, match="at least one seed"):
        rule.judge({name: [] for name in rule.measures})


@pytest.mark.parametrize("rule", [rule for rule in EVERY_RULE if len(rule.measures) == 2], ids=str)
def test_measures_of_different_length_are_refused(rule: Rule):
    """A seed without its partner is no pair."""
    with pytest.raises(ClaimError, match="as many entries of each as there are seeds, got"):
        rule.judge(dict(zip(rule.measures, ([1, 1], [1]), strict=True)))


@each_rule
@pytest.mark.parametrize("junk", ["0.5", None, [[1]], {"a": 1}, 1j])
def test_what_is_no_number_is_refused(rule: Rule, junk: object):
    """Text, nothing, nested lists and complex numbers are no measurements: one line says so, not a traceback."""
    with pytest.raises(ClaimError, match=r"expected .*, got"):
        rule.judge({name: [junk] for name in rule.measures})
