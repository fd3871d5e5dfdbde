"""The statistics of the rules: an anytime-valid bet, two exact intervals and a slope. Pure functions of numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

ALPHA = 0.01
"""Chance of a false verdict that every rule stays below; the evidence E must reach 1 / ALPHA."""


@dataclass(frozen=True)
class Bet:
    """A wager on a win rate: `against` is the largest win rate of the null hypothesis, `on` the one we bet on.

    The capital after w wins in n seeds, (on/against)^w ((1-on)/(1-against))^(n-w), is a supermartingale when the
    true win rate is at most `against` (at least, when `on` is the smaller one). By Ville's inequality it ever
    reaches 1/ALPHA with probability at most ALPHA, however often one looks.
    Waudby-Smith and Ramdas 2024, "Estimating means of bounded random variables by betting", section 3.
    """

    against: float
    on: float

    def evidence(self, wins: int, seeds: int) -> float:
        """E: how many times the stake has grown."""
        win, loss = self.on / self.against, (1 - self.on) / (1 - self.against)
        return math.exp(wins * math.log(win) + (seeds - wins) * math.log(loss))

    def settled(self, wins: int, seeds: int) -> bool:
        """Whether the null hypothesis is rejected."""
        return self.evidence(wins, seeds) >= 1 / ALPHA


MOSTLY = (Bet(against=0.5, on=0.9), Bet(against=0.5, on=0.1))
"""For and against "wins more often than not"."""

RELIABLY = (Bet(against=0.8, on=0.97), Bet(against=0.97, on=0.8))
"""For "wins in more than 80 % of all seeds", and against "wins in at least 97 %"."""


def median_interval(values: Sequence[float], level: float = 0.95) -> tuple[float, float, float]:
    """The median and the narrowest symmetric pair of order statistics that covers it with at least `level`.

    Infinite values are kept; with fewer than six values the widest pair covers less than 95 %.
    David and Nagaraja 2003, "Order Statistics", section 7.1.
    """
    ordered, n = sorted(values), len(values)
    low, missed = 0, 2 * 0.5**n  # missed: the chance that the median lies outside (ordered[low], ordered[n-1-low])
    while low + 1 < n / 2:
        wider = missed + 2 * math.comb(n, low + 1) * 0.5**n
        if wider > 1 - level:
            break
        low, missed = low + 1, wider
    upper, lower = ordered[n // 2], ordered[(n - 1) // 2]
    median = lower if lower == upper else (lower + upper) / 2  # the test keeps inf from becoming inf - inf
    return median, ordered[low], ordered[n - 1 - low]


def clopper_pearson(hits: int, total: int, level: float = 1 - ALPHA) -> tuple[float, float]:
    """Exact interval of a binomial proportion. Clopper and Pearson 1934, Biometrika 26."""
    from scipy.special import betaincinv

    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else float(betaincinv(hits, total - hits + 1, tail))
    high = 1.0 if hits == total else float(betaincinv(hits + 1, total - hits, 1 - tail))
    return low, high


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Least-squares slope of ys on xs."""
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / sum((x - mean_x) ** 2 for x in xs)
