"""The numbers that a comparison takes for right, as the two ends of an interval."""

from __future__ import annotations

import math

from dlcheck.quiz.values import Comparison


def interval(compare: Comparison, right: float) -> tuple[float, float]:
    """The smallest and the largest float that is graded right, found with the comparison itself."""
    return _end(compare, float(right), -math.inf), _end(compare, float(right), math.inf)


def _end(compare: Comparison, right: float, towards: float) -> float:
    """The last float on the way from `right` to an infinity for which the comparison holds."""
    inside, step = right, max(abs(right), 1.0)
    while compare.holds(outside := right + math.copysign(step, towards), right):
        inside, step = outside, step * 2
    while math.nextafter(inside, outside) != outside:
        middle = inside + (outside - inside) / 2
        if middle in (inside, outside):  # the halves of two tiny neighbours round to one of them
            middle = math.nextafter(inside, outside)
        if compare.holds(middle, right):
            inside = middle
        else:
            outside = middle
    return inside
