"""Rules: how noisy numbers become a verdict. Each is fixed in a claim before anything runs; all are pure.

An experiment returns, for each measure it names, one number per seed. A rule reads those numbers, nothing else,
so old evidence can be judged again without running anything. What each promises stands in docs/statistics.md.
"""

from __future__ import annotations

from collections.abc import Callable

from dlcheck.errors import ClaimError
from dlcheck.rules.base import Judgement, Measured, Rule, Verdict
from dlcheck.rules.betting import Betting, Compare, Faster, Growth, Threshold
from dlcheck.rules.exact import Count, Equals, Proportion


def exceeds(
    a: str, b: str, *, by: float | None = None, times: float | None = None, unit: str = "", reliably: bool = False
) -> Compare:
    """On each seed `a` is above `b`, by a margin (`by`, in the unit of both) or by a factor (`times`)."""
    return _compare(a, b, by, times, unit, reliably, lower=False)


def below(
    a: str, b: str, *, by: float | None = None, times: float | None = None, unit: str = "", reliably: bool = False
) -> Compare:
    """On each seed `a` is below `b`, by a margin (`by`, in the unit of both) or by a factor (`times`)."""
    return _compare(a, b, by, times, unit, reliably, lower=True)


def _compare(
    a: str, b: str, by: float | None, times: float | None, unit: str, reliably: bool, *, lower: bool
) -> Compare:
    if by is not None and times is None:
        return Compare(a, b, by, lower=lower, unit=unit, reliably=reliably)
    if times is not None and by is None:
        return Compare(a, b, times, factor=True, lower=lower, unit="x", reliably=reliably)  # a ratio has no other unit
    got = "neither" if by is None else "both"
    raise ClaimError(f"comparison of {a!r} and {b!r}: expected a margin by=... or a factor times=..., got {got}")


def faster(a: str, b: str, *, times: float, reliably: bool = False) -> Faster:
    """`a` takes at most 1/times of the time that `b` takes: seconds, measured in turn (`dlcheck.lab.timing`)."""
    return Faster(a, b, times, factor=True, lower=True, unit="x", reliably=reliably)


def at_least(measure: str, value: float, *, unit: str = "", reliably: bool = False) -> Threshold:
    """On each seed the measure reaches a value stated beforehand."""
    return Threshold(measure, value, unit=unit, reliably=reliably)


def at_most(measure: str, value: float, *, unit: str = "", reliably: bool = False) -> Threshold:
    """On each seed the measure stays at or under a value stated beforehand."""
    return Threshold(measure, value, lower=True, unit=unit, reliably=reliably)


def growth(
    measure: str, *, against: str, power: float, within: float, exponential: bool = False, reliably: bool = False
) -> Growth:
    """`measure` grows like `against` to the power given (like exp(power * against) when exponential)."""
    return Growth(measure, against, power, within, exponential, unit="exponent", reliably=reliably)


def equals(
    measure: str, value: float, *, atol: float, working_atol: float | None = None, draws: int = 8, unit: str = ""
) -> Equals:
    """In every draw the measure is the value: within `atol` in float64 on the CPU, `working_atol` on an accelerator."""
    return Equals(measure, value, atol, working_atol, draws, unit=unit)


def proportion(hits: str, *, of: str, p: float, within: float, total: int, draws: int = 8) -> Proportion:
    """The share of `hits` among `of` is p ± within; `total`, over all draws, is fixed beforehand."""
    return Proportion(hits, of, p, within, total, draws)


def count(counted: str, derived: str, *, published: int | None = None, draws: int = 1, unit: str = "") -> Count:
    """Two independent derivations of an integer, and the published one if given, agree exactly."""
    return Count(counted, derived, published, draws, unit=unit)


RULES: dict[str, Callable[..., Rule]] = {
    rule.__name__: rule for rule in (exceeds, below, faster, at_least, at_most, growth, equals, proportion, count)
}
"""Every rule by the name that authors write."""

KINDS: dict[str, type[Rule]] = {
    kind.__name__.lower(): kind for kind in (Compare, Faster, Threshold, Growth, Equals, Proportion, Count)
}
"""Every kind of rule by the name that results are written with."""

__all__ = [
    "KINDS",
    "RULES",
    "Betting",
    "Compare",
    "Count",
    "Equals",
    "Faster",
    "Growth",
    "Judgement",
    "Measured",
    "Proportion",
    "Rule",
    "Threshold",
    "Verdict",
    "at_least",
    "at_most",
    "below",
    "count",
    "equals",
    "exceeds",
    "faster",
    "growth",
    "proportion",
]
