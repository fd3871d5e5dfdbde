"""Numbers as people read them."""

import math

import pytest

from dlcheck.report.numbers import clock, duration, effect, number, seeds
from dlcheck.rules import at_least, count, equals, exceeds, growth


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.123456, "0.123"),
        (3.6e-15, "3.6e-15"),
        (65_000_000.0, "65,000,000"),
        (12345.6, "12,346"),
        (2_345_678.9, "2.35e+06"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, "NaN"),
        (True, "True"),
        ([1, 2], "[1, 2]"),
        ([1, 2, 3, 4], "[1, …, 4]"),
    ],
)
def test_three_digits_and_whole_numbers_in_full(value, shown):
    """Three significant digits; whole numbers with thousands separated; what is not finite by its sign."""
    assert number(value) == shown


@pytest.mark.parametrize(
    ("rule", "numbers", "en", "ko"),
    [
        (exceeds("a", "b", by=0.1, unit="points"), {"a": [0.9, 0.8], "b": [0.5, 0.5]}, "0.35 points [0.3, 0.4]", None),
        (exceeds("a", "b", by=0.1), {"a": [1.0], "b": [0.5]}, "difference 0.5", "차이 0.5"),
        (exceeds("a", "b", times=2), {"a": [6.0], "b": [2.0]}, "3x", "3배"),
        (at_least("score", 1.0), {"score": [2.0]}, "score 2", None),
        (equals("gap", 0.0, atol=1e-9), {"gap": [1e-12]}, "largest error 1e-12", "최대 오차 1e-12"),
        (count("parameters", "derived"), {"parameters": [65_000], "derived": [65_000]}, "parameters 65,000", None),
        (
            growth("bytes", against="n", power=2.0, within=0.1),
            {"n": [[1, 2, 4, 8, 16]], "bytes": [[1, 4, 16, 64, 256]]},
            "exponent 2",
            "지수 2",
        ),
    ],
    ids=lambda value: "",
)  # fmt: skip
def test_an_effect_says_what_it_is(rule, numbers, en, ko):
    """In the author's unit, or else by name; with an interval unless all seeds agree."""
    judged = rule.judge(numbers)
    assert effect(judged, rule, "en") == en
    assert effect(judged, rule, "ko") == (ko or en)


def test_seeds_of_a_bet_say_how_many_won():
    """A bet tells wins and seeds, other rules tell seeds; one seed is not "1 seeds"."""
    bet, tie = at_least("x", 1.0), count("a", "b")
    assert seeds(bet.judge({"x": [2.0, 2.0, 0.0]}), "en") == "2 of 3 seeds"
    assert seeds(bet.judge({"x": [2.0, 2.0, 0.0]}), "ko") == "시드 3개 중 2개"
    assert seeds(tie.judge({"a": [1], "b": [1]}), "en") == "1 seed"


@pytest.mark.parametrize(
    ("seconds", "en", "ko"),
    [
        (0.01, "<0.1 s", "0.1초 미만"),
        (0.44, "0.4 s", "0.4초"),
        (9.97, "10 s", "10초"),
        (120, "2 min", "2분"),
        (125, "2 min 5 s", "2분 5초"),
    ],
)
def test_what_something_took(seconds, en, ko):
    """Tenths below ten seconds, minutes from ninety on."""
    assert duration(seconds, "en") == en
    assert duration(seconds, "ko") == ko


def test_a_clock_counts_whole_seconds():
    """A display that moves does not flicker with tenths."""
    assert clock(3.4, "en") == "3 s"
