"""Rules: how noisy numbers become a verdict. Each is fixed in a claim before anything runs; all are pure.

An experiment returns, for each measure it names, one number per seed. A rule reads those numbers, nothing else,
so old evidence can be judged again without running anything.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Literal

from dlcheck.errors import ClaimError
from dlcheck.statistics import ALPHA, MOSTLY, RELIABLY, clopper_pearson, median_interval, slope

Measured = Mapping[str, Sequence[Any]]


class Verdict(StrEnum):
    """What came of a claim. Rules give the first three; the engine knows the others."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    VACUOUS = "vacuous"  # a control reached the same verdict: the check cannot come out the other way
    ERROR = "error"
    SKIPPED = "skipped"
    INCOMPLETE = "incomplete"

    @property
    def opposite(self) -> Verdict:
        return {Verdict.VERIFIED: Verdict.REFUTED, Verdict.REFUTED: Verdict.VERIFIED}[self]


@dataclass(frozen=True)
class Judgement:
    """A rule's answer for the numbers of one arm.

    effect: in `unit`, with its interval where the rule has one.  seeds: how many the verdict rests on.
    wins, evidence: for rules that bet, the seeds that showed the effect and E, the grown stake behind the verdict.
    worst: for equalities, the index of the draw with the largest error, the counter-example when refuted.
    """

    verdict: Verdict
    seeds: int
    effect: float | None = None
    interval: tuple[float, float] | None = None
    unit: str = ""
    wins: int | None = None
    evidence: float | None = None
    worst: int | None = None


@dataclass(frozen=True, kw_only=True)
class Rule(ABC):
    """Common to all rules.

    unit: of the effect, for people.
    batches: how many seeds run at first and, while nothing is settled, how many more each time.
    timing: whether the numbers are durations, so that nothing else may run beside the experiment.
    """

    unit: str = ""
    timing: ClassVar[bool] = False

    @property
    @abstractmethod
    def batches(self) -> tuple[int, ...]: ...

    @property
    @abstractmethod
    def measures(self) -> tuple[str, ...]:
        """The names that the experiment must return."""

    @abstractmethod
    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        """The verdict on `numbers`. Raises ClaimError where a number breaks what the rule was promised."""

    @abstractmethod
    def words(self, lang: Literal["en", "ko"]) -> str:
        """The rule as a sentence."""

    def teeth(self, control: Judgement) -> bool:
        """Whether a control with the opposite verdict is opposite by far enough to show that the check can fail."""
        return True

    def identical_arms(self, numbers: Measured) -> Measured | None:
        """For comparisons, the same numbers with the first arm standing in for both: these may never verify."""
        return None

    def runs_on(self, device: str) -> bool:
        """Whether the rule states what it needs to judge numbers from this device."""
        return True


@dataclass(frozen=True, kw_only=True)
class Betting(Rule):
    """Each seed wins or loses; a bet on the win rate decides (see `dlcheck.statistics.Bet`)."""

    reliably: bool = False

    @property
    def batches(self) -> tuple[int, ...]:
        return (24, 8, 8) if self.reliably else (8, 4, 4, 4)

    @abstractmethod
    def effects(self, numbers: Measured) -> list[float]:
        """One effect per seed; larger is more of what the claim says, -inf for a seed that diverged."""

    @abstractmethod
    def won(self, effect: float) -> bool:
        """Whether a seed with this effect shows what the claim says, by at least the margin."""

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        return self._bet(effects := self.effects(numbers), [self.won(effect) for effect in effects])

    def _bet(self, effects: Sequence[float], won: Sequence[bool]) -> Judgement:
        n, wins = len(effects), sum(won)
        pro, contra = RELIABLY if self.reliably else MOSTLY
        verdict = Verdict.INCONCLUSIVE
        if pro.settled(wins, n):
            verdict = Verdict.VERIFIED
        elif contra.settled(wins, n):
            verdict = Verdict.REFUTED
        median, low, high = median_interval(effects)
        evidence = max(pro.evidence(wins, n), contra.evidence(wins, n))
        return Judgement(verdict, n, median, (low, high), self.unit, wins, evidence)

    def how_often(self, lang: Literal["en", "ko"]) -> str:
        """How many seeds the bet needs, in words."""
        most = sum(self.batches)
        if lang == "ko":
            rate = "80 %보다 자주" if self.reliably else "절반보다 자주"
            return (
                f"시드의 {rate} 그렇다는 증거가 {1 / ALPHA:.0f}대 1에 이르면 입증, 그 반대면 반증, 최대 {most}개 시드"
            )
        rate = "more than 80 % of" if self.reliably else "more often than not over"
        return f"verified at odds of {1 / ALPHA:.0f} to 1 that this holds {rate} seeds, refuted at the same odds against, at most {most} seeds"


@dataclass(frozen=True)
class Compare(Betting):
    """`a` against `b` on the same seed. Made by `exceeds`, `below` and `faster`."""

    a: str
    b: str
    by: float | None = None
    times: float | None = None
    lower: bool = False

    def __post_init__(self) -> None:
        if (self.by is None) == (self.times is None):
            raise ClaimError(f"comparison of {self.a!r} and {self.b!r}: expected by=... or times=..., one of them")
        if self.by is not None and not self.by > 0:
            raise ClaimError(f"comparison of {self.a!r} and {self.b!r}: expected a margin by > 0, got {self.by}")
        if self.times is not None and not self.times > 1:
            raise ClaimError(f"comparison of {self.a!r} and {self.b!r}: expected a factor times > 1, got {self.times}")

    @property
    def measures(self) -> tuple[str, ...]:
        return self.a, self.b

    def effects(self, numbers: Measured) -> list[float]:
        return [self._effect(float(a), float(b)) for a, b in zip(numbers[self.a], numbers[self.b], strict=True)]

    def _effect(self, a: float, b: float) -> float:
        if math.isnan(a):
            return -math.inf  # a diverged run is a loss for the arm that was to do well
        if math.isnan(b):
            return math.inf
        better, worse = (b, a) if self.lower else (a, b)
        if self.times is None:
            return -math.inf if better == worse else better - worse  # inf - inf would be NaN; equal arms never win
        if min(better, worse) < 0:
            raise ClaimError(f"ratio of {self.a!r} and {self.b!r}: expected numbers of at least 0, got {a} and {b}")
        if better == worse:
            return 1.0
        return math.inf if worse == 0 else better / worse

    def won(self, effect: float) -> bool:
        return effect >= (self.by if self.times is None else self.times)  # type: ignore[operator]  # one of them is set

    def identical_arms(self, numbers: Measured) -> Measured:
        return {self.a: numbers[self.a], self.b: numbers[self.a]}

    def words(self, lang: Literal["en", "ko"]) -> str:
        margin = f"{self.times:g}x" if self.by is None else f"{self.by:g} {self.unit}".rstrip()
        if lang == "ko":
            side = "낮다" if self.lower else "높다"
            margin = f"{self.times:g}배 이상" if self.by is None else f"{margin} 이상"
            return f"같은 시드에서 '{self.a}'이(가) '{self.b}'보다 {margin} {side}; {self.how_often(lang)}"
        side = "below" if self.lower else "above"
        return f"on the same seed, '{self.a}' lies at least {margin} {side} '{self.b}'; {self.how_often(lang)}"


@dataclass(frozen=True)
class Faster(Compare):
    """`a` takes at most 1/times of the time of `b`, measured in turn in one process."""

    timing: ClassVar[bool] = True


@dataclass(frozen=True)
class Threshold(Betting):
    """Each seed reaches a value stated beforehand. Made by `at_least` and `at_most`."""

    measure: str
    value: float
    lower: bool = False

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.measure,)

    def effects(self, numbers: Measured) -> list[float]:
        worst = math.inf if self.lower else -math.inf
        return [worst if math.isnan(x) else float(x) for x in numbers[self.measure]]

    def won(self, effect: float) -> bool:
        return effect <= self.value if self.lower else effect >= self.value

    def words(self, lang: Literal["en", "ko"]) -> str:
        value = f"{self.value:g} {self.unit}".rstrip()
        if lang == "ko":
            return f"'{self.measure}'이(가) {value} {'이하' if self.lower else '이상'}이다; {self.how_often(lang)}"
        return f"'{self.measure}' is {'at most' if self.lower else 'at least'} {value}; {self.how_often(lang)}"


@dataclass(frozen=True)
class Growth(Betting):
    """One slope per seed, over all sizes and again over the larger half of them; both within the margin."""

    measure: str
    against: str
    power: float
    within: float
    exponential: bool = False

    def __post_init__(self) -> None:
        if not self.within > 0:
            raise ClaimError(f"growth of {self.measure!r}: expected a margin within > 0, got {self.within}")

    @property
    def measures(self) -> tuple[str, ...]:
        return self.measure, self.against

    def effects(self, numbers: Measured) -> list[float]:
        return [self._slopes(ys, xs)[0] for ys, xs in zip(numbers[self.measure], numbers[self.against], strict=True)]

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        pairs = [self._slopes(y, x) for y, x in zip(numbers[self.measure], numbers[self.against], strict=True)]
        return self._bet([whole for whole, _ in pairs], [self.won(whole) and self.won(upper) for whole, upper in pairs])

    def won(self, effect: float) -> bool:
        return abs(effect - self.power) <= self.within

    def _slopes(self, ys: Any, xs: Any) -> tuple[float, float]:
        if not isinstance(ys, list) or not isinstance(xs, list) or len(ys) != len(xs) or len(set(xs)) < 5:
            raise ClaimError(
                f"growth of {self.measure!r}: expected lists over at least 5 sizes for each seed, got {xs}"
            )
        if not all(math.isfinite(v) and v > 0 for v in [*ys, *([] if self.exponential else xs)]):
            raise ClaimError(f"growth of {self.measure!r}: expected finite numbers above 0, got {ys} at {xs}")
        points = sorted((x if self.exponential else math.log(x), math.log(y)) for x, y in zip(xs, ys, strict=True))
        upper = points[len(points) // 2 :]
        return slope(*zip(*points, strict=True)), slope(*zip(*upper, strict=True))

    def words(self, lang: Literal["en", "ko"]) -> str:
        if lang == "ko":
            law = f"exp({self.power:g}·{self.against})" if self.exponential else f"{self.against}의 {self.power:g}제곱"
            return f"'{self.measure}'이(가) {law}에 따라 늘어난다 (지수 오차 {self.within:g} 이내, 큰 쪽 절반에서도); {self.how_often(lang)}"
        law = (
            f"exp({self.power:g} {self.against})" if self.exponential else f"{self.against} to the power {self.power:g}"
        )
        return f"'{self.measure}' grows like {law}, exponent within {self.within:g}, over the larger half of the sizes too; {self.how_often(lang)}"


@dataclass(frozen=True)
class Equals(Rule):
    """A number equals a value in every random draw. Made by `equals`."""

    measure: str
    value: float
    atol: float
    working_atol: float | None = None
    draws: int = 8

    TEETH: ClassVar[float] = 1000.0  # a control has to miss by this many tolerances

    def __post_init__(self) -> None:
        if not self.atol > 0:
            raise ClaimError(f"equality of {self.measure!r}: expected a tolerance atol > 0, got {self.atol}")

    @property
    def batches(self) -> tuple[int, ...]:
        return (self.draws,)

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.measure,)

    def tolerance(self, device: str) -> float:
        """atol for float64 on the CPU, working_atol for the working precision of an accelerator."""
        return self.atol if device == "cpu" or self.working_atol is None else self.working_atol

    def runs_on(self, device: str) -> bool:
        return device == "cpu" or self.working_atol is not None

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        errors = [abs(promised_finite(self.measure, x) - self.value) for x in numbers[self.measure]]
        worst = max(range(len(errors)), key=errors.__getitem__)
        if errors[worst] > self.tolerance(device):
            verdict = Verdict.REFUTED
        else:
            verdict = Verdict.VERIFIED if len(errors) >= self.draws else Verdict.INCONCLUSIVE
        return Judgement(verdict, len(errors), errors[worst], None, self.unit or "largest error", worst=worst)

    def teeth(self, control: Judgement) -> bool:
        if control.verdict is not Verdict.REFUTED or control.effect is None:
            return True
        return control.effect >= self.TEETH * max(self.atol, self.working_atol or 0.0)

    def words(self, lang: Literal["en", "ko"]) -> str:
        working = "" if self.working_atol is None else f", {self.working_atol:g} on an accelerator"
        if lang == "ko":
            working = "" if self.working_atol is None else f", 가속기에서는 {self.working_atol:g}"
            return (
                f"무작위 {self.draws}번 모두에서 '{self.measure}' = {self.value:g} "
                f"(허용 오차 {self.atol:g}, float64{working}); 한 번이라도 어긋나면 반증"
            )
        return (
            f"'{self.measure}' equals {self.value:g} in all of {self.draws} random draws "
            f"(tolerance {self.atol:g} in float64{working}); one violation refutes"
        )


@dataclass(frozen=True)
class Proportion(Rule):
    """Hits among a total fixed beforehand, one look, exact Clopper-Pearson interval. Made by `proportion`."""

    hits: str
    of: str
    p: float
    within: float
    total: int
    draws: int = 8

    def __post_init__(self) -> None:
        if not (0 <= self.p <= 1 and self.within > 0):
            raise ClaimError(
                f"proportion of {self.hits!r}: expected 0 <= p <= 1 and within > 0, got {self.p}, {self.within}"
            )

    @property
    def batches(self) -> tuple[int, ...]:
        return (self.draws,)

    @property
    def measures(self) -> tuple[str, ...]:
        return self.hits, self.of

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        hits = sum(promised_integer(self.hits, x) for x in numbers[self.hits])
        total = sum(promised_integer(self.of, x) for x in numbers[self.of])
        seeds = len(numbers[self.of])
        if not 0 <= hits <= total or total == 0:
            raise ClaimError(f"proportion of {self.hits!r}: expected 0 <= hits <= total, got {hits} of {total}")
        low, high = clopper_pearson(hits, total)
        verdict = Verdict.INCONCLUSIVE
        if seeds >= self.draws:  # one look only: an interval looked at again and again loses its coverage
            if total != self.total:
                raise ClaimError(f"{self.of!r}: expected the total {self.total} stated beforehand, got {total}")
            if self.p - self.within <= low and high <= self.p + self.within:
                verdict = Verdict.VERIFIED
            elif high < self.p - self.within or low > self.p + self.within:
                verdict = Verdict.REFUTED
        return Judgement(verdict, seeds, hits / total, (low, high), self.unit)

    def words(self, lang: Literal["en", "ko"]) -> str:
        if lang == "ko":
            return (
                f"'{self.of}' {self.total:,}개 중 '{self.hits}'의 비율에 대한 정확한 99 % 구간이 "
                f"{self.p:g} ± {self.within:g} 안에 들면 입증, 완전히 벗어나면 반증"
            )
        return (
            f"the exact 99 % interval of '{self.hits}' among {self.total:,} '{self.of}' lies inside "
            f"{self.p:g} ± {self.within:g}; refuted when it lies wholly outside"
        )


@dataclass(frozen=True)
class Count(Rule):
    """Integers from independent derivations, and a published one if given, are all equal. Made by `count`."""

    counted: str
    derived: str
    published: int | None = None
    draws: int = 1

    @property
    def batches(self) -> tuple[int, ...]:
        return (self.draws,)

    @property
    def measures(self) -> tuple[str, ...]:
        return self.counted, self.derived

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        counted, derived = ([promised_integer(m, x) for x in numbers[m]] for m in self.measures)
        wanted = [(d, d if self.published is None else self.published) for d in derived]
        gaps = [max(abs(c - w) for w in both) for c, both in zip(counted, wanted, strict=True)]
        worst = max(range(len(gaps)), key=gaps.__getitem__)
        if gaps[worst]:
            verdict = Verdict.REFUTED
        else:
            verdict = Verdict.VERIFIED if len(gaps) >= self.draws else Verdict.INCONCLUSIVE
        return Judgement(verdict, len(gaps), float(counted[worst]), None, self.unit, worst=worst)

    def words(self, lang: Literal["en", "ko"]) -> str:
        if lang == "ko":
            published = "" if self.published is None else f" = 발표된 값 {self.published:,}"
            return f"'{self.counted}' = '{self.derived}'{published} (정수로 정확히 같음)"
        published = "" if self.published is None else f" = {self.published:,} as published"
        return f"'{self.counted}' = '{self.derived}'{published}, exactly, as integers"


def promised_finite(measure: str, value: Any) -> float:
    """The value as a float. Raises ClaimError when it is not finite."""
    if not math.isfinite(value):
        raise ClaimError(f"measure {measure!r}: expected a finite number, got {value}")
    return float(value)


def promised_integer(measure: str, value: Any) -> int:
    """The value as an integer. Raises ClaimError when it is anything else, 3.0 included."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ClaimError(f"measure {measure!r}: expected an integer, got {value!r}")
    return value


def exceeds(
    a: str, b: str, *, by: float | None = None, times: float | None = None, unit: str = "", reliably: bool = False
) -> Compare:
    """On each seed `a` is above `b`, by a margin (`by`, in the unit of both) or by a factor (`times`)."""
    return Compare(a, b, by, times, unit=unit or ("x" if times else ""), reliably=reliably)


def below(
    a: str, b: str, *, by: float | None = None, times: float | None = None, unit: str = "", reliably: bool = False
) -> Compare:
    """On each seed `a` is below `b`, by a margin (`by`) or by a factor (`times`)."""
    return Compare(a, b, by, times, lower=True, unit=unit or ("x" if times else ""), reliably=reliably)


def faster(a: str, b: str, *, times: float, reliably: bool = False) -> Faster:
    """`a` takes at most 1/times of the time that `b` takes: seconds, measured in turn (`dlcheck.lab.timing`)."""
    return Faster(a, b, None, times, lower=True, unit="x", reliably=reliably)


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
    """The measure equals a value in every draw: within `atol` in float64 on the CPU, `working_atol` on an accelerator."""
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
