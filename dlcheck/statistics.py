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
        """E: how many times the stake has grown; equally, how much likelier `on` makes these wins than `against`."""
        win, loss = self.on / self.against, (1 - self.on) / (1 - self.against)
        log_evidence = wins * math.log(win) + (seeds - wins) * math.log(loss)
        return math.exp(min(log_evidence, 700.0))  # exp overflows soon after

    def settled(self, wins: int, seeds: int) -> bool:
        """Whether the null hypothesis is rejected."""
        return self.evidence(wins, seeds) >= 1 / ALPHA


MOSTLY = (Bet(against=0.5, on=0.9), Bet(against=0.5, on=0.1))
"""For "wins in more than half of all seeds", and for "wins in fewer than half", which refutes."""

RELIABLY = (Bet(against=0.8, on=0.97), Bet(against=0.97, on=0.8))
"""For "wins in more than 80 % of all seeds", and for "wins in fewer than 97 %", which refutes."""


def chances(bets: tuple[Bet, Bet], looks: Sequence[int], rate: float) -> tuple[float, float, float]:
    """Exact probabilities of verified, refuted and inconclusive when each seed wins with probability `rate`.

    looks: the numbers of seeds, rising, at which the bets (for, against) are looked at; the last is the limit.
    """
    pro, contra = bets
    verified = refuted = 0.0
    undecided = [1.0]  # undecided[w]: the probability of w wins so far with nothing settled
    for seeds in range(1, looks[-1] + 1):
        undecided = [
            rate * one_less + (1 - rate) * same
            for one_less, same in zip([0.0, *undecided], [*undecided, 0.0], strict=True)
        ]
        for wins in range(seeds + 1) if seeds in looks else ():
            if pro.settled(wins, seeds):
                verified, undecided[wins] = verified + undecided[wins], 0.0
            elif contra.settled(wins, seeds):
                refuted, undecided[wins] = refuted + undecided[wins], 0.0
    return verified, refuted, sum(undecided)


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
    lower, upper = ordered[(n - 1) // 2], ordered[n // 2]
    # halves, for a sum may overflow; -inf stands for itself beside +inf, where there is no middle
    median = lower if lower in (upper, -math.inf) else lower / 2 + upper / 2
    return median, ordered[low], ordered[n - 1 - low]


def clopper_pearson(hits: int, total: int, level: float = 1 - ALPHA) -> tuple[float, float]:
    """Exact interval of a binomial proportion. Clopper and Pearson 1934, Biometrika 26."""
    tail = (1 - level) / 2
    low = 0.0 if hits == 0 else _beta_quantile(hits, total - hits + 1, tail)
    high = 1.0 if hits == total else 1 - _beta_quantile(total - hits, hits + 1, tail)
    return low, high


def _beta_quantile(a: int, b: int, chance: float) -> float:
    """x with I_x(a, b) = chance, by Newton's method inside a bracket.

    scipy.special.betaincinv is the same, but to import it takes longer than to judge every claim from saved trials.
    """
    low, x, high = 0.0, a / (a + b), 1.0
    while True:
        cumulative, density = _beta(a, b, x)
        low, high = (x, high) if cumulative < chance else (low, x)
        newton = x - (cumulative - chance) / density if density else low
        better = newton if low < newton < high else (low + high) / 2
        if abs(better - x) <= 1e-14 * x:
            return better
        x = better


def _beta(a: int, b: int, x: float) -> tuple[float, float]:
    """Cumulative distribution I_x(a, b) and density of the beta distribution, 0 < x < 1."""
    log_scale = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    power = math.exp(log_scale + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):  # where the fraction converges quickly
        return power * _beta_fraction(a, b, x) / a, power / (x * (1 - x))
    return 1 - power * _beta_fraction(b, a, 1 - x) / b, power / (x * (1 - x))


def _beta_fraction(a: int, b: int, x: float) -> float:
    """The continued fraction of I_x(a, b), NIST DLMF 8.17.22, by the modified Lentz method."""
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1))
    value, step, m = d, 0.0, 0
    while abs(step - 1) > 1e-15:
        m += 1
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        step = 1.0
        for term in (even, odd):
            c, d = 1 + term / c, 1 / (1 + term * d)
            step *= c * d
        value *= step
    return value


def slope(xs: Sequence[float], ys: Sequence[float]) -> float:
    """Least-squares slope of ys on xs, finite numbers of which at least two xs differ."""
    mean_x, mean_y = math.fsum(xs) / len(xs), math.fsum(ys) / len(ys)
    reach = max(abs(x - mean_x) for x in xs)
    scaled = [(x - mean_x) / reach for x in xs]  # so that no square underflows
    return sum(d * (y - mean_y) for d, y in zip(scaled, ys, strict=True)) / sum(d * d for d in scaled) / reach
