"""What the bet, the intervals and the slope promise, by exact enumeration and by simulation."""

from __future__ import annotations

import math
from itertools import accumulate
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dlcheck.rules import at_least
from dlcheck.statistics import ALPHA, MOSTLY, RELIABLY, Bet, chances, clopper_pearson, median_interval, slope

BATCHES = {
    False: tuple(accumulate(at_least("x", 1).batches)),
    True: tuple(accumulate(at_least("x", 1, reliably=True).batches)),
}
BETS = {False: MOSTLY, True: RELIABLY}
both_bets = pytest.mark.parametrize("reliably", [False, True], ids=["mostly", "reliably"])
finite = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9)


# ---- the bet


def test_the_looks_are_those_of_the_design():
    """8, 12, 16, 20 seeds for a comparison, up to 40 for `reliably`; errors stay below one in a hundred."""
    assert BATCHES == {False: (8, 12, 16, 20), True: (24, 32, 40)}
    assert ALPHA == 0.01


@given(st.integers(0, 40), st.integers(0, 40))
def test_evidence_for_more_often_than_not_is_the_formula_of_the_design(wins: int, losses: int):
    """E+ = 1.8^w 0.2^(n-w) and E- = 1.8^(n-w) 0.2^w."""
    pro, contra = MOSTLY
    assert pro.evidence(wins, wins + losses) == pytest.approx(1.8**wins * 0.2**losses)
    assert contra.evidence(wins, wins + losses) == pytest.approx(0.2**wins * 1.8**losses)


@given(st.integers(0, 40), st.integers(0, 40))
def test_evidence_for_reliably_is_a_likelihood_ratio(wins: int, losses: int):
    """`reliably` bets on 97 % against 80 %, and what refutes is the same bet the other way round."""
    pro, contra = RELIABLY
    assert pro.evidence(wins, wins + losses) == pytest.approx((0.97 / 0.8) ** wins * (0.03 / 0.2) ** losses)
    assert contra.evidence(wins, wins + losses) == pytest.approx(1 / pro.evidence(wins, wins + losses))


@pytest.mark.parametrize(("wins", "seeds"), [(8, 8), (11, 12), (14, 16), (17, 20)])
def test_fewest_wins_that_settle(wins: int, seeds: int):
    """8 of 8, 11 of 12, 14 of 16 and 17 of 20 settle; one win fewer, or one seed fewer, does not."""
    pro, contra = MOSTLY
    assert pro.settled(wins, seeds)
    assert not pro.settled(wins - 1, seeds)
    assert not pro.settled(wins - 1, seeds - 1)
    assert contra.settled(seeds - wins, seeds)
    assert not contra.settled(seeds - wins + 1, seeds)


@pytest.mark.parametrize(("wins", "seeds"), [(24, 24), (32, 32), (34, 35), (39, 40)])
def test_fewest_wins_that_settle_reliably(wins: int, seeds: int):
    """24 of 24, and one failure in 35 to 40: `reliably` forgives a single seed."""
    assert RELIABLY[0].settled(wins, seeds)
    assert not RELIABLY[0].settled(23, 23)
    assert not RELIABLY[0].settled(38, 40)


@given(st.sampled_from([*MOSTLY, *RELIABLY]), st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_stake_never_grows_on_average_under_the_null(bet: Bet, wins: int, losses: int, share: float):
    """E is a supermartingale for every win rate of the null hypothesis, which is all that Ville's inequality needs."""
    rate = share * bet.against if bet.on > bet.against else 1 - share * (1 - bet.against)
    now, seeds = bet.evidence(wins, wins + losses), wins + losses
    then = rate * bet.evidence(wins + 1, seeds + 1) + (1 - rate) * bet.evidence(wins, seeds + 1)
    assert then <= now * (1 + 1e-12)
    assert bet.evidence(0, 0) == 1.0


@both_bets
@pytest.mark.parametrize("every_seed", [False, True], ids=["batches", "every seed"])
@pytest.mark.parametrize("share", [0.0, 0.5, 0.9, 0.99, 1.0])
def test_false_verdicts_stay_below_alpha_exactly(reliably: bool, every_seed: bool, share: float):
    """Under any win rate of either null hypothesis, looking at every seed or at every batch, exactly computed."""
    looks = range(1, BATCHES[reliably][-1] + 1) if every_seed else BATCHES[reliably]
    pro, contra = bets = BETS[reliably]
    verified, _, _ = chances(bets, looks, share * pro.against)
    _, refuted, _ = chances(bets, looks, 1 - share * (1 - contra.against))
    assert verified <= ALPHA
    assert refuted <= ALPHA


@both_bets
def test_false_verdicts_stay_below_alpha_however_long_one_goes_on(reliably: bool):
    """Ville's inequality: even 400 seeds, looked at one by one, keep the promise at the border of each null."""
    pro, contra = bets = BETS[reliably]
    assert chances(bets, range(1, 401), pro.against)[0] <= ALPHA
    assert chances(bets, range(1, 401), contra.against)[1] <= ALPHA


def test_peeking_at_p_values_breaks_the_promise_that_the_bet_keeps():
    """A binomial test repeated after every seed up to 20: at 1 % it errs in 2.0 % of all coins, at 5 % in 9.9 %."""

    class Peeking(Bet):
        level = 0.01

        def settled(self, wins: int, seeds: int) -> bool:
            hits = wins if self.on > self.against else seeds - wins
            return sum(math.comb(seeds, k) for k in range(hits, seeds + 1)) <= self.level * 2**seeds

    class PeekingAtFive(Peeking):
        level = 0.05

    false_at_one = chances((Peeking(0.5, 0.9), Peeking(0.5, 0.1)), range(1, 21), 0.5)[0]
    false_at_five = chances((PeekingAtFive(0.5, 0.9), PeekingAtFive(0.5, 0.1)), range(1, 21), 0.5)[0]
    assert false_at_one == pytest.approx(0.020, abs=5e-4)
    assert false_at_five == pytest.approx(0.099, abs=5e-4)
    assert chances(MOSTLY, range(1, 21), 0.5)[0] == pytest.approx(0.0072, abs=5e-5)


def test_batches_lose_nothing():
    """Up to 20 seeds, a stake on "more often than not" is won at 8, 12, 16 or 20 seeds only."""
    for rate in (0.5, 0.8, 0.95):
        assert chances(MOSTLY, range(1, 21), rate) == pytest.approx(chances(MOSTLY, BATCHES[False], rate))


@both_bets
@pytest.mark.parametrize("rate", [0.3, 0.5, 0.8, 0.9, 0.97])
def test_simulated_chances_are_the_exact_ones(reliably: bool, rate: float):
    """100,000 experiments of coins, stopped by the batches' looks, agree with the enumeration within 5 sigma."""
    paths = 100_000
    looks, (pro, contra) = BATCHES[reliably], BETS[reliably]
    wins = np.cumsum(np.random.default_rng(7).random((paths, looks[-1])) < rate, axis=1)  # (paths, seeds)
    verdict = np.zeros(paths)
    for n in looks:
        verify = np.array([pro.settled(w, n) for w in range(n + 1)])[wins[:, n - 1]]
        refute = np.array([contra.settled(w, n) for w in range(n + 1)])[wins[:, n - 1]]
        verdict = np.where(verdict != 0, verdict, verify.astype(float) - refute)
    exact = chances(BETS[reliably], looks, rate)
    for simulated, chance in zip([(verdict == v).mean() for v in (1, -1, 0)], exact, strict=True):
        assert abs(simulated - chance) <= 5 * math.sqrt(chance * (1 - chance) / paths) + 1e-9


@both_bets
@given(rate=st.floats(0, 1))
def test_chances_add_up_to_one(reliably: bool, rate: float):
    """Verified, refuted and inconclusive are all that can happen."""
    assert sum(chances(BETS[reliably], BATCHES[reliably], rate)) == pytest.approx(1.0)


@pytest.mark.parametrize("bet", [*MOSTLY, *RELIABLY])
def test_evidence_has_no_overflow(bet: Bet):
    """However many seeds are judged at once, E is a number and settles as it should."""
    assert bet.settled(100_000, 100_000) == (bet.on > bet.against)
    assert bet.settled(0, 100_000) == (bet.on < bet.against)


# ---- order statistics


def missed(n: int, rank: int) -> float:
    """The chance that the median lies outside the order statistics number rank and n - 1 - rank, counted from 0."""
    return 2 * float(stats.binom.cdf(rank, n, 0.5))


@pytest.mark.parametrize("n", range(6, 41))
def test_order_statistics_cover_the_median_and_are_the_narrowest(n: int):
    """From six values on, coverage is at least 95 % by the binomial distribution; the next narrower pair has less."""
    _, low, high = median_interval([float(i) for i in range(n)])
    assert high == n - 1 - low
    assert missed(n, int(low)) <= 0.05
    assert missed(n, int(low) + 1) > 0.05


@pytest.mark.parametrize("n", range(1, 6))
def test_few_values_give_their_whole_range(n: int):
    """Fewer than six values cannot give 95 %: the range is all there is."""
    assert median_interval([float(i) for i in range(n)])[1:] == (0.0, n - 1.0)


@pytest.mark.parametrize("n", [6, 8, 12, 20])
def test_simulated_coverage_of_the_median(n: int):
    """Skewed noise: the interval covers the true median in at least 95 % of 20,000 samples (3 sigma allowed)."""
    samples = np.random.default_rng(n).exponential(size=(20_000, n)).tolist()
    covered = np.mean([low <= math.log(2) <= high for _, low, high in map(median_interval, samples)])
    assert covered >= 0.95 - 3 * math.sqrt(0.05 * 0.95 / 20_000)


def coverage_when_stopped(reliably: bool, rate: float) -> float:
    """Exact coverage of the median by the interval shown at the bet's stopping time.

    rate: the win rate; a seed wins below this quantile. A state counts the values below the median and the wins.
    """
    pro, contra = BETS[reliably]
    steps = {(1, 1): min(0.5, rate), (1, 0): max(0.5 - rate, 0), (0, 1): max(rate - 0.5, 0), (0, 0): min(0.5, 1 - rate)}
    states, covered = {(0, 0): 1.0}, 0.0
    for n in range(1, BATCHES[reliably][-1] + 1):
        grown: dict[tuple[int, int], float] = {}
        for (below, wins), chance in states.items():
            for (is_below, won), share in steps.items():
                state = below + is_below, wins + won
                grown[state] = grown.get(state, 0.0) + chance * share
        states = grown
        if n not in BATCHES[reliably]:
            continue
        rank = int(median_interval([float(i) for i in range(n)])[1])
        for (below, wins), chance in list(states.items()):
            if n == BATCHES[reliably][-1] or pro.settled(wins, n) or contra.settled(wins, n):
                covered += chance * (rank < below < n - rank)
                del states[below, wins]
    return covered


@both_bets
@pytest.mark.parametrize("rate", [0.0, 0.03, 0.2, 0.4, 0.48, 0.5, 0.52, 0.55, 0.6, 0.7, 0.8, 0.9, 0.97, 1.0])
def test_the_interval_covers_when_the_bet_decides_when_to_stop(reliably: bool, rate: float):
    """Stopping early does not spoil the interval: it still covers the median with 95 %, wherever the margin lies."""
    assert coverage_when_stopped(reliably, rate) >= 0.95


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=45), st.randoms())
def test_median_and_interval_are_numbers_in_order(values: list[float], random):
    """low <= median <= high for all floats, infinite, denormal or huge; never NaN; the order of seeds is irrelevant."""
    median, low, high = median_interval(values)
    assert low <= median <= high
    random.shuffle(values)
    assert median_interval(values) == (median, low, high)


@given(st.lists(finite, min_size=1, max_size=45))
def test_median_is_the_median(values: list[float]):
    """numpy finds the same."""
    assert median_interval(values)[0] == pytest.approx(np.median(values), rel=1e-12, abs=1e-300)


def test_median_between_both_infinities_is_the_worse():
    """Half of the seeds diverged in one arm, half in the other: there is no middle, and no NaN."""
    assert median_interval([-math.inf, math.inf])[0] == -math.inf


# ---- proportions


@pytest.mark.parametrize("total", [1, 5, 17, 60])
def test_clopper_pearson_covers(total: int):
    """Exact enumeration: for every proportion the interval covers with at least 99 %."""
    intervals = [clopper_pearson(hits, total) for hits in range(total + 1)]
    for p in np.linspace(0, 1, 201):
        chance = stats.binom.pmf(np.arange(total + 1), total, p)
        assert sum(c for c, (low, high) in zip(chance, intervals, strict=True) if low <= p <= high) >= 0.99 - 1e-12


counts = st.integers(0, 500) | st.integers(0, 2_000_000)


@given(counts, counts, st.sampled_from([0.9, 0.99]))
def test_clopper_pearson_is_scipys(hits: int, misses: int, level: float):
    """An independent implementation gives the same interval, and hits and misses are symmetric."""
    total = hits + misses + 1
    low, high = clopper_pearson(hits, total, level)
    expected = stats.binomtest(hits, total).proportion_ci(level, method="exact")
    assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-11)
    assert clopper_pearson(total - hits, total, level) == pytest.approx((1 - high, 1 - low), abs=1e-11)


def test_clopper_pearson_at_the_ends():
    """No hit and nothing but hits: the interval ends at 0 and at 1 exactly, and is not empty."""
    assert clopper_pearson(0, 50) == (0.0, pytest.approx(1 - 0.005 ** (1 / 50)))
    assert clopper_pearson(50, 50) == (pytest.approx(0.005 ** (1 / 50)), 1.0)


# ---- slope


@given(st.lists(st.tuples(finite, finite), min_size=2, max_size=20, unique_by=lambda point: round(point[0])))
def test_slope_is_that_of_least_squares(points: list[tuple[float, float]]):
    """numpy's least squares gives the same line."""
    xs, ys = zip(*points, strict=True)
    centred = np.array(xs) - np.mean(xs)
    expected = np.linalg.lstsq(centred[:, None], np.array(ys) - np.mean(ys), rcond=None)[0][0]
    scale = max(map(abs, ys)) / np.abs(centred).max()
    assert slope(xs, ys) == pytest.approx(expected, rel=1e-6, abs=1e-9 * scale + 1e-300)


@pytest.mark.parametrize("unit", [1e-200, 1e-9, 1.0, 1e9, 1e200])
def test_slope_scales_with_the_unit(unit: float):
    """A line through points at 1, 2, 4, 8 and 16 units rises by 3 per unit, in any unit."""
    xs = [unit * 2**i for i in range(5)]
    assert slope(xs, [3 * 2**i - 1 for i in range(5)]) * unit == pytest.approx(3)


# ---- the page that explains it


def test_the_tables_of_the_page_are_what_the_bets_do():
    """docs/statistics.md quotes exact probabilities; here they are computed again."""
    page = (Path(__file__).parents[1] / "docs" / "statistics.md").read_text("utf-8")
    assert table(False, [0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0]) in page
    assert table(True, [0.5, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 1.0]) in page


def table(reliably: bool, rates: list[float]) -> str:
    """Rows of Markdown: win rate, then the chance of each verdict."""
    rows = [(rate, *chances(BETS[reliably], BATCHES[reliably], rate)) for rate in rates]
    return "\n".join(f"| {rate:.0%} | " + " | ".join(f"{100 * c:.1f} %" for c in row) + " |" for rate, *row in rows)
