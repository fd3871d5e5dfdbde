"""What a plot shows is what the rule has judged."""

import math
from collections.abc import Callable

import pytest

from dlcheck.api import Curve
from dlcheck.engine.outcome import Outcome
from dlcheck.report.plots.picture import Curves, Law, Pairs, Strip, panels
from dlcheck.rules import Compare, Rule, at_least, at_most, below, count, equals, exceeds, faster, growth, proportion

Decided = Callable[..., Outcome]
SIZES = [10.0, 20.0, 40.0, 80.0, 160.0]


def kinds(outcome: Outcome) -> list[list[type]]:
    return [[type(picture) for picture in panel.pictures] for panel in panels(outcome, "cpu")]


def strip(outcome: Outcome) -> Strip:
    """The last picture of the claim's own arm."""
    found = panels(outcome, "cpu")[0].pictures[-1]
    assert isinstance(found, Strip)
    return found


@pytest.mark.parametrize(
    ("rule", "own", "control", "expected"),
    [
        (exceeds("a", "b", by=1.0), {"a": [3.0] * 8, "b": [1.0] * 8}, {"a": [1.0] * 8, "b": [1.0] * 8}, [Pairs, Strip]),
        (faster("a", "b", times=2), {"a": [1.0] * 8, "b": [3.0] * 8}, {"a": [1.0] * 8, "b": [1.0] * 8}, [Pairs, Strip]),
        (at_least("a", 1.0), {"a": [3.0] * 8}, {"a": [0.0] * 8}, [Strip]),
        (equals("a", 0.0, atol=1e-9), {"a": [0.0] * 8}, {"a": [1.0] * 8}, [Strip]),
        (
            proportion("hits", of="all", p=0.5, within=0.1, total=8000),
            {"hits": [500] * 8, "all": [1000] * 8},
            {"hits": [0] * 8, "all": [1000] * 8},
            [Strip],
        ),
        (
            growth("y", against="x", power=2.0, within=0.1),
            {"y": [[x * x for x in SIZES]] * 8, "x": [SIZES] * 8},
            {"y": [[1.0] * 5] * 8, "x": [SIZES] * 8},
            [Law, Strip],
        ),
        (count("a", "b"), {"a": [3], "b": [3]}, {"a": [3], "b": [4]}, []),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Rule) else "",
)
def test_every_rule_has_its_plot(decided: Decided, rule: Rule, own: object, control: object, expected: list) -> None:
    """The same for the claim and for its control; a count is told in numbers."""
    assert kinds(decided(rule, own, control)) == [expected, expected]


@pytest.mark.parametrize(
    ("rule", "own", "target"),
    [
        (exceeds("a", "b", by=1.0), {"a": [3.0] * 8, "b": [1.0] * 8}, (1.0, math.inf)),
        (below("a", "b", times=2.0), {"a": [1.0] * 8, "b": [3.0] * 8}, (2.0, math.inf)),
        (at_most("a", 5.0), {"a": [3.0] * 8}, (-math.inf, 5.0)),
        (equals("a", 2.0, atol=1e-9), {"a": [2.0] * 8}, (-math.inf, 1e-9)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Rule) else "",
)
def test_a_seed_that_won_is_where_the_claim_wants_it(decided: Decided, rule: Rule, own: object, target: object) -> None:
    """The shaded part of the axis is the rule's margin."""
    shown = strip(decided(rule, own, own))
    assert shown.target == target
    assert all(shown.won)
    assert all(target[0] <= value <= target[1] for value in shown.values)


def test_the_interval_shown_is_the_one_of_the_verdict(decided: Decided) -> None:
    """Middle and interval come from the judgement."""
    outcome = decided(at_least("a", 1.0), {"a": [float(x) for x in range(8)]}, {"a": [0.0] * 8})
    judged = outcome.arm.judgement
    assert judged is not None
    assert (strip(outcome).middle, strip(outcome).interval) == (judged.effect, judged.interval)
    assert strip(outcome).won == [False] + [True] * 7


def test_arms_share_their_axes(decided: Decided) -> None:
    """So that a claim and its control can be compared by eye."""
    outcome = decided(exceeds("a", "b", by=1.0), {"a": [9.0] * 8, "b": [1.0] * 8}, {"a": [1.0] * 8, "b": [1.0] * 8})
    own, control = (panel.pictures for panel in panels(outcome, "cpu"))
    assert [picture.scale for picture in own] == [picture.scale for picture in control]


@pytest.mark.parametrize(
    "rule",
    [
        exceeds("a", "b", by=1.0),
        exceeds("a", "b", times=2.0),
        below("a", "b", by=1.0),
        below("a", "b", times=2.0),
    ],
    ids=lambda rule: f"{'below' if rule.lower else 'exceeds'} {'times' if rule.factor else 'by'}",
)
def test_a_seed_won_where_its_disc_is_beyond_the_short_line(decided: Decided, rule: Compare) -> None:
    """The line in the plot of pairs is the rule's margin, given the other side."""
    numbers = {"a": [1.0, 2.0, 3.5, 4.0, 6.0, 8.0, 12.0, 16.0], "b": [5.0] * 8}
    pairs, judged = panels(decided(rule, numbers, numbers), "cpu")[0].pictures
    assert isinstance(pairs, Pairs)
    assert isinstance(judged, Strip)
    beyond = [a <= line if rule.lower else a >= line for (a, _), line in zip(pairs.values, pairs.needed, strict=True)]
    assert beyond == judged.won
    assert True in beyond
    assert False in beyond


def test_a_seed_whose_larger_sizes_bend_away_is_shown_as_lost(decided: Decided) -> None:
    """A growth law is judged over the larger half too: a slope inside the margin alone does not win."""
    bent = [1.0, 60.0, 2000.0, 10000.0, 12000.0]
    rule = growth("y", against="x", power=3.4, within=0.3)
    outcome = decided(rule, {"y": [bent] * 8, "x": [SIZES] * 8}, {"y": [[1.0] * 5] * 8, "x": [SIZES] * 8})
    shown = strip(outcome)
    assert shown.target[0] <= shown.values[0] <= shown.target[1]
    assert not any(shown.won)
    assert outcome.arm.judgement is not None
    assert outcome.arm.judgement.wins == 0


def test_a_fitted_line_has_the_median_slope(decided: Decided) -> None:
    """And goes through the points."""
    rule = growth("y", against="x", power=2.0, within=0.1)
    numbers = {"y": [[3 * x * x for x in SIZES]] * 8, "x": [SIZES] * 8}
    law = panels(decided(rule, numbers, numbers), "cpu")[0].pictures[0]
    assert isinstance(law, Law)
    (x0, y0), (x1, y1) = law.fits[0]
    assert (x0, x1) == pytest.approx((10.0, 160.0))
    assert (y0, y1) == pytest.approx((300.0, 76800.0))


def test_curves_of_several_trainings_are_told_apart(decided: Decided) -> None:
    """Two calls per batch under one name are two series, each with all seeds, also over several batches."""
    batches = [(8, 0.0), (8, 100.0), (4, 8.0), (4, 108.0)]
    curves = [Curve("loss", [0.0, 1.0], [[first + n, 0.5] for n in range(seeds)]) for seeds, first in batches]
    outcome = decided(at_least("a", 1.0), {"a": [3.0] * 12}, {"a": [0.0] * 8}, curves)
    drawn = panels(outcome, "cpu")[0].pictures[0]
    assert isinstance(drawn, Curves)
    starts = [[seed[0][1] for seed in series] for series in drawn.series]
    assert starts == [[float(n) for n in range(12)], [100.0 + n for n in range(12)]]


def test_an_arm_that_has_shown_nothing_has_no_picture(decided: Decided) -> None:
    """Numbers that break the rule's promise are a fault; the other arm is drawn."""
    outcome = decided(equals("a", 0.0, atol=1e-9), {"a": [0.0] * 8}, {"a": [math.nan] * 8})
    assert kinds(outcome) == [[Strip], []]
