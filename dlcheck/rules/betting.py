"""Rules that bet: each seed wins or loses, and seeds are added until the win rate is settled."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from dlcheck.rules.base import (
    Judgement,
    Lang,
    Measured,
    Rule,
    Verdict,
    is_finite,
    is_positive,
    promised_number,
    require,
)
from dlcheck.statistics import ALPHA, MOSTLY, RELIABLY, Bet, median_interval, slope


@dataclass(frozen=True, kw_only=True)
class Betting(Rule):
    """Each seed wins or loses; a bet on the win rate decides (see `dlcheck.statistics.Bet`)."""

    reliably: bool = False

    @property
    def batches(self) -> tuple[int, ...]:
        return (24, 8, 8) if self.reliably else (8, 4, 4, 4)

    @property
    def bets(self) -> tuple[Bet, Bet]:
        """For the claim, and against it."""
        return RELIABLY if self.reliably else MOSTLY

    @abstractmethod
    def effects(self, numbers: Measured) -> list[float]:
        """One effect per seed, never NaN: a seed that diverged has the infinity that loses."""

    @abstractmethod
    def won(self, effect: float) -> bool:
        """Whether a seed with this effect shows what the claim says, by at least the margin."""

    def wins(self, numbers: Measured) -> list[bool]:
        """Whether each seed shows what the claim says."""
        return self._wins(numbers, self.effects(numbers))

    def _wins(self, numbers: Measured, effects: list[float]) -> list[bool]:
        """The same, given the effects, since to work them out is most of what judging costs."""
        return list(map(self.won, effects))

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        effects = self.effects(numbers)
        n, wins = len(effects), sum(self._wins(numbers, effects))
        pro, contra = self.bets
        verdict = Verdict.INCONCLUSIVE
        if pro.settled(wins, n):
            verdict = Verdict.VERIFIED
        elif contra.settled(wins, n):
            verdict = Verdict.REFUTED
        median, low, high = median_interval(effects)
        evidence = max(pro.evidence(wins, n), contra.evidence(wins, n))
        return Judgement(verdict, n, median, (low, high), self.unit, wins, evidence)

    def how_often(self, lang: Lang) -> str:
        """How many seeds the bet needs, in words."""
        (pro, contra), first, most = self.bets, self.batches[0], sum(self.batches)
        over, under, fold = f"{100 * pro.against:g} %", f"{100 * contra.against:g} %", f"{1 / ALPHA:.0f}"
        if lang == "ko":
            return (
                f"성립하는 시드가 {over}를 넘는다는 쪽에 건 판돈이 {fold}배가 되면 입증"
                f"({first}개 중 {first}개면 된다), "
                f"{under}에 못 미친다는 쪽에 건 판돈이 {fold}배가 되면 반증, 시드는 최대 {most}개"
            )
        return (
            f"verified once a stake on more than {over} of all seeds showing this has grown {fold}-fold "
            f"({first} of {first} do that), refuted once a stake on fewer than {under} has; at most {most} seeds"
        )


@dataclass(frozen=True)
class Compare(Betting):
    """`a` against `b` on the same seed, by a margin or by a factor. Made by `exceeds` and `below`.

    The effect is a - b, or a / b for a factor; the other way round when `a` is to be lower. NaN in `a`, the arm that
    was to do well, is a loss whatever `b` shows; NaN in `b` alone is a win. Equal arms never win.
    """

    a: str
    b: str
    margin: float
    factor: bool = False
    lower: bool = False

    def __post_init__(self) -> None:
        what = f"comparison of {self.a!r} and {self.b!r}"
        require(self.a != self.b, what, "two different measures", "one")
        if self.factor:
            require(is_finite(self.margin) and self.margin > 1, what, "a factor times > 1", repr(self.margin))
        else:
            require(is_positive(self.margin), what, "a margin by > 0", repr(self.margin))

    @property
    def measures(self) -> tuple[str, ...]:
        return self.a, self.b

    def effects(self, numbers: Measured) -> list[float]:
        return [
            self._effect(promised_number(self.a, a), promised_number(self.b, b))
            for a, b in zip(*self.columns(numbers), strict=True)
        ]

    def _effect(self, a: float, b: float) -> float:
        if self.factor and (a < 0 or b < 0):
            require(False, f"ratio of {self.a!r} and {self.b!r}", "numbers of at least 0", f"{a} and {b}")
        if math.isnan(a):
            return -math.inf
        if math.isnan(b):
            return math.inf
        better, worse = (b, a) if self.lower else (a, b)
        if better == worse:
            return 1.0 if self.factor else 0.0  # inf - inf and 0 / 0 would be NaN
        if self.factor:
            return math.inf if worse == 0 else better / worse
        return better - worse

    def won(self, effect: float) -> bool:
        return effect >= self.margin

    def identical_arms(self, numbers: Measured) -> Measured:
        return {self.a: numbers[self.a], self.b: numbers[self.a]}

    def words(self, lang: Lang) -> str:
        return f"{self._korean() if lang == 'ko' else self._english()}; {self.how_often(lang)}"

    def _english(self) -> str:
        if self.factor:
            better, worse = (self.b, self.a) if self.lower else (self.a, self.b)
            return f"on the same seed, '{better}' is at least {self.margin:g} times '{worse}'"
        margin = f"{self.margin:g} {self.unit}".rstrip()
        return f"on the same seed, '{self.a}' is at least {margin} {'below' if self.lower else 'above'} '{self.b}'"

    def _korean(self) -> str:
        if self.factor:
            better, worse = (self.b, self.a) if self.lower else (self.a, self.b)
            return f"같은 시드에서 '{better}' 값이 '{worse}' 값의 {self.margin:g}배 이상이다"
        margin = f"{self.margin:g} {self.unit}".rstrip()
        return f"같은 시드에서 '{self.a}' 값이 '{self.b}' 값보다 {margin} 이상 {'작다' if self.lower else '크다'}"


class Faster(Compare):
    """`a` takes at most 1/margin of the time of `b`, measured in turn in one process. Made by `faster`."""

    timing: ClassVar[bool] = True

    def _english(self) -> str:
        return f"'{self.a}', timed in turn with '{self.b}', is at least {self.margin:g} times as fast"

    def _korean(self) -> str:
        return f"'{self.a}', '{self.b}' 시간을 번갈아 재면 '{self.a}' 쪽이 {self.margin:g}배 이상 빠르다"


@dataclass(frozen=True)
class Threshold(Betting):
    """Each seed reaches a value stated beforehand; NaN does not. Made by `at_least` and `at_most`."""

    measure: str
    value: float
    lower: bool = False

    def __post_init__(self) -> None:
        require(is_finite(self.value), f"threshold of {self.measure!r}", "a finite number", repr(self.value))

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.measure,)

    def effects(self, numbers: Measured) -> list[float]:
        lost = math.inf if self.lower else -math.inf
        values = (promised_number(self.measure, x) for x in self.columns(numbers)[0])
        return [lost if math.isnan(x) else x for x in values]

    def won(self, effect: float) -> bool:
        return effect <= self.value if self.lower else effect >= self.value

    def words(self, lang: Lang) -> str:
        value = f"{self.value:g} {self.unit}".rstrip()
        if lang == "ko":
            return f"'{self.measure}' 값이 {value} {'이하' if self.lower else '이상'}이다; {self.how_often(lang)}"
        return f"'{self.measure}' is {'at most' if self.lower else 'at least'} {value}; {self.how_often(lang)}"


@dataclass(frozen=True)
class Growth(Betting):
    """One slope per seed, over all sizes and again over the larger half of them; both within the margin.

    The slope is that of log(measure) on log(size), or on the size itself for an exponential law. A seed whose measure
    vanished (0), overflowed or became NaN at some size loses; at least five sizes are expected.
    """

    measure: str
    against: str
    power: float
    within: float
    exponential: bool = False

    def __post_init__(self) -> None:
        what = f"growth of {self.measure!r}"
        require(self.measure != self.against, what, "the sizes as another measure", f"{self.against!r} twice")
        require(is_finite(self.power), what, "a finite power", repr(self.power))
        require(is_positive(self.within), what, "a margin within > 0", repr(self.within))

    @property
    def measures(self) -> tuple[str, ...]:
        return self.measure, self.against

    def effects(self, numbers: Measured) -> list[float]:
        return [whole for whole, _ in self._slopes(numbers)]

    def _wins(self, numbers: Measured, effects: list[float]) -> list[bool]:
        return [self.won(whole) and self.won(upper) for whole, upper in self._slopes(numbers)]

    def won(self, effect: float) -> bool:
        return abs(effect - self.power) <= self.within

    def _slopes(self, numbers: Measured) -> list[tuple[float, float]]:
        """For each seed, the slope over all sizes and that over the larger half of them."""
        return [self._two_slopes(*self._curve(ys, xs)) for ys, xs in zip(*self.columns(numbers), strict=True)]

    def _curve(self, ys: Any, xs: Any) -> tuple[list[float], list[float]]:
        """Sizes, logarithmic for a power law, and measured values of one seed."""
        what = f"growth of {self.measure!r}"
        lists = isinstance(ys, list | tuple) and isinstance(xs, list | tuple) and len(ys) == len(xs)
        require(lists, what, f"lists of equal length, {self.measure!r} at each {self.against!r}", f"{ys} at {xs}")
        if self.exponential:
            require(all(map(is_finite, xs)), what, "finite sizes", xs)
        else:
            require(all(map(is_positive, xs)), what, "sizes above 0", xs)
        sizes = [float(x) if self.exponential else math.log(x) for x in xs]
        require(len(set(sizes)) >= 5, what, "at least 5 sizes", xs)
        values = [promised_number(self.measure, y) for y in ys]
        require(not any(y < 0 for y in values), what, "no number below 0", ys)
        return sizes, values

    def _two_slopes(self, sizes: Sequence[float], values: Sequence[float]) -> tuple[float, float]:
        if not all(is_positive(y) for y in values):
            return -math.inf, -math.inf
        distinct = sorted(set(sizes))
        logs = [math.log(y) for y in values]
        larger = [(x, y) for x, y in zip(sizes, logs, strict=True) if x >= distinct[len(distinct) // 2]]
        return slope(sizes, logs), slope([x for x, _ in larger], [y for _, y in larger])

    def words(self, lang: Lang) -> str:
        if lang == "ko":
            power = f"'{self.against}'의 {self.power:g}제곱"
            law = f"exp({self.power:g} × '{self.against}')" if self.exponential else power
            return (
                f"'{self.measure}' 값이 {law}에 비례한다 "
                f"(지수의 오차 {self.within:g} 이내, 크기가 큰 쪽 절반만 보아도 그렇다); {self.how_often(lang)}"
            )
        power = f"'{self.against}' to the power {self.power:g}"
        law = f"exp({self.power:g} × '{self.against}')" if self.exponential else power
        return (
            f"'{self.measure}' grows like {law}, exponent within {self.within:g}, "
            f"over the larger half of the sizes too; {self.how_often(lang)}"
        )
