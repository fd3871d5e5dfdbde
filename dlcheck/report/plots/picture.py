"""What the plots of an outcome show, as numbers and names of measures: no drawing library, no words of a language.

All arms of a claim share their axes, so that the claim and its controls can be compared by eye.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from dlcheck.api import Curve
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.report.plots.scale import Scale
from dlcheck.rules import Betting, Compare, Equals, Growth, Judgement, Proportion, Rule, Threshold

Interval = tuple[float, float]
Points = list[tuple[float, float]]


@dataclass(frozen=True)
class Strip:
    """What the rule judges, one value per seed on one axis.

    won: whether the seed (or draw) lies where the claim wants it.  target: where that is, an end may be infinite.
    middle, interval: the effect over all seeds.
    """

    scale: Scale
    label: str
    values: Sequence[float]
    won: Sequence[bool]
    target: Interval
    middle: float | None
    interval: Interval | None


@dataclass(frozen=True)
class Pairs:
    """Both measures of a comparison on each seed; needed: how far the first has to be, given the second."""

    scale: Scale
    names: tuple[str, str]
    values: Sequence[Interval]
    needed: Sequence[float]


@dataclass(frozen=True)
class Law:
    """A measure over sizes, points of all seeds; fits: lines of the median slope and of the ends of its interval."""

    x: Scale
    y: Scale
    names: tuple[str, str]
    seeds: Sequence[Points]
    fits: Sequence[Points]


@dataclass(frozen=True)
class Curves:
    """What an experiment kept under one name: series by series, in the order of its calls, a curve for each seed."""

    x: Scale
    y: Scale
    name: str
    series: Sequence[Sequence[Points]]


Picture = Strip | Pairs | Law | Curves


@dataclass
class Panel:
    """The pictures of one arm, the one that the rule judges by last."""

    arm: Arm
    pictures: list[Picture] = field(default_factory=list)


def panels(outcome: Outcome, device: str) -> list[Panel]:
    """One for each arm; an arm that has shown nothing, and a rule that counts, have no picture of their own."""
    found = [Panel(arm) for arm in outcome.arms]
    judged = {panel.arm.name: panel for panel in found if panel.arm.judgement and not panel.arm.fault}
    rule = outcome.claim.rule
    for name, pictures in _curves([panel.arm for panel in judged.values()]):
        judged[name].pictures.append(pictures)
    arms = [panel.arm for panel in judged.values()]
    kinds: list[Sequence[Picture]] = [_pairs(rule, arms), _laws(rule, arms), strips(rule, arms, device)]
    for drawn in kinds:
        for arm, picture in zip(arms, drawn, strict=False):
            judged[arm.name].pictures.append(picture)
    return found


def strips(rule: Rule, arms: Sequence[Arm], device: str) -> list[Strip]:
    """One for each arm, which has been judged; none for a rule that has no axis."""
    target = _target(rule, device) if arms else None
    if target is None:
        return []
    values = [_effects(rule, arm) for arm in arms]
    judged = [arm.judgement for arm in arms if arm.judgement]
    ends = [end for judgement in judged for end in _summary(judgement)]
    scale = Scale.over([*(x for each in values for x in each), *ends, *target], log=_is_log(rule))
    return [
        Strip(scale, _label(rule), each, _won(rule, arm, each, target), target, judgement.effect, judgement.interval)
        for arm, each, judgement in zip(arms, values, judged, strict=True)
    ]


def _target(rule: Rule, device: str) -> Interval | None:
    """Where the claim wants a seed to lie."""
    match rule:
        case Compare(margin=margin):
            return margin, math.inf
        case Threshold(value=value, lower=lower):
            return (-math.inf, value) if lower else (value, math.inf)
        case Growth(power=power, within=within):
            return power - within, power + within
        case Proportion(p=p, within=within):
            return p - within, p + within
        case Equals():
            return -math.inf, rule.tolerance(device)
    return None


def _effects(rule: Rule, arm: Arm) -> list[float]:
    """One for each seed, in the unit that the rule judges in."""
    match rule:
        case Betting():
            return rule.effects(arm.numbers)
        case Proportion():
            return [hits / of for hits, of in zip(*rule.columns(arm.numbers), strict=True)]
        case Equals(measure=measure, value=value):
            return [abs(x - value) for x in arm.numbers[measure]]
    return []


def _won(rule: Rule, arm: Arm, values: Sequence[float], target: Interval) -> list[bool]:
    if isinstance(rule, Betting):
        return rule.wins(arm.numbers)
    return [target[0] <= value <= target[1] for value in values]


def _summary(judgement: Judgement) -> list[float]:
    return [x for x in (judgement.effect, *(judgement.interval or ())) if x is not None]


def _is_log(rule: Rule) -> bool | None:
    match rule:
        case Equals() | Compare(factor=True):
            return True
        case Threshold():
            return None
    return False


def _label(rule: Rule) -> str:
    """What stands on the axis, as a formula over the names of the measures."""
    match rule:
        case Compare(a=a, b=b, lower=lower, factor=factor):
            better, worse = (b, a) if lower else (a, b)
            return f"{better} {'÷' if factor else '−'} {worse}{_unit('' if factor else rule.unit)}"
        case Growth(measure=measure, against=against, exponential=exponential):
            return f"Δ log {measure} / Δ {'' if exponential else 'log '}{against}"
        case Proportion(hits=hits, of=of):
            return f"{hits} ÷ {of}"
        case Equals(measure=measure, value=value):
            return f"|{measure} − {value:g}|" if value else f"|{measure}|"
        case Threshold(measure=measure):
            return f"{measure}{_unit(rule.unit)}"
    return ""


def _unit(unit: str) -> str:
    return f" ({unit})" if unit else ""


def _pairs(rule: Rule, arms: Sequence[Arm]) -> list[Pairs]:
    if not isinstance(rule, Compare) or not arms:
        return []
    values = [[(float(a), float(b)) for a, b in zip(*rule.columns(arm.numbers), strict=True)] for arm in arms]
    scale = Scale.over(x for each in values for pair in each for x in pair)
    return [Pairs(scale, (rule.a, rule.b), each, [_needed(rule, b) for _, b in each]) for each in values]


def _needed(rule: Compare, b: float) -> float:
    if rule.factor:
        return b / rule.margin if rule.lower else b * rule.margin
    return b - rule.margin if rule.lower else b + rule.margin


def _laws(rule: Rule, arms: Sequence[Arm]) -> list[Law]:
    if not isinstance(rule, Growth) or not arms:
        return []
    points = [_sizes(rule, arm) for arm in arms]
    xs, ys = ([p[axis] for arm in points for seed in arm for p in seed] for axis in (0, 1))
    x, y = Scale.over(xs, log=not rule.exponential), Scale.over(ys, log=True)
    names = rule.against, rule.measure
    return [Law(x, y, names, seeds, _fits(rule, arm, seeds)) for arm, seeds in zip(arms, points, strict=True)]


def _sizes(rule: Growth, arm: Arm) -> list[Points]:
    measured = zip(arm.numbers[rule.against], arm.numbers[rule.measure], strict=True)
    return [[(float(x), float(y)) for x, y in zip(xs, ys, strict=True)] for xs, ys in measured]


def _fits(rule: Growth, arm: Arm, seeds: Sequence[Points]) -> list[Points]:
    """Lines through the middle of all points: with the median slope, and with the ends of its interval."""
    points = [(x if rule.exponential else math.log(x), math.log(y)) for s in seeds for x, y in s if 0 < y < math.inf]
    judged = arm.judgement
    if not points or judged is None or judged.effect is None or judged.interval is None:
        return []
    middle_x, middle_y = (math.fsum(axis) / len(points) for axis in zip(*points, strict=True))
    ends = min(points)[0], max(points)[0]
    return [
        [(x if rule.exponential else math.exp(x), _exp(middle_y + steep * (x - middle_x))) for x in ends]
        for steep in (judged.effect, *judged.interval)
        if math.isfinite(steep)
    ]


def _exp(power: float) -> float:
    return math.exp(max(-700.0, min(700.0, power)))


def _curves(arms: Sequence[Arm]) -> Iterable[tuple[str, Curves]]:
    """(arm's name, what it kept), name by name; one name has the same axes in all arms."""
    for name in dict.fromkeys(curve.name for arm in arms for curve in arm.curves):
        kept = {arm.name: _series(arm, name) for arm in arms if any(curve.name == name for curve in arm.curves)}
        points = [p for series in kept.values() for seeds in series for seed in seeds for p in seed]
        x, y = Scale.over((x for x, _ in points), log=False), Scale.over(y for _, y in points)
        yield from ((arm, Curves(x, y, name, series)) for arm, series in kept.items())


def _series(arm: Arm, name: str) -> list[list[Points]]:
    """The arm's curves of one name, told apart where an experiment has kept several for each seed.

    They come batch of seeds by batch of seeds, in the order of the experiment's calls: the next one belongs to the
    series that has the fewest seeds so far.
    """
    kept = [curve for curve in arm.curves if curve.name == name]
    rows = sum(len(curve.ys) for curve in kept)
    calls = rows // len(arm.seeds) if rows % len(arm.seeds) == 0 else 1
    series: list[list[Points]] = [[] for _ in range(calls)]
    for curve in kept:
        min(series, key=len).extend(_points(curve))
    return series


def _points(curve: Curve) -> list[Points]:
    return [list(zip(curve.xs, row, strict=True)) for row in curve.ys]
