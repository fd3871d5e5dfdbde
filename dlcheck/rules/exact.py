"""Rules that look once, at a number of draws fixed beforehand: equality, proportion and count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from dlcheck.errors import ClaimError
from dlcheck.rules.base import (
    Judgement,
    Lang,
    Measured,
    Rule,
    Verdict,
    is_draws,
    is_finite,
    is_integer,
    is_positive,
    promised_finite,
    promised_integer,
    require,
)
from dlcheck.statistics import ALPHA, clopper_pearson


class _InOneBatch(Rule):
    """Its draws are fixed beforehand and judged together."""

    draws: int

    @property
    def batches(self) -> tuple[int, ...]:
        return (self.draws,)

    def integers(self, numbers: Measured) -> list[list[int]]:
        """The columns of its measures, which promise integers."""
        columns = zip(self.measures, self.columns(numbers), strict=True)
        return [[promised_integer(measure, x) for x in column] for measure, column in columns]


@dataclass(frozen=True)
class Equals(_InOneBatch):
    """A number equals a value in every random draw. Made by `equals`."""

    measure: str
    value: float
    atol: float
    working_atol: float | None = None
    draws: int = 8

    TEETH: ClassVar[float] = 1000.0  # a control has to miss by this many tolerances

    def __post_init__(self) -> None:
        what = f"equality of {self.measure!r}"
        require(is_finite(self.value), what, "a finite value", repr(self.value))
        require(is_positive(self.atol), what, "a tolerance atol > 0", repr(self.atol))
        stated = self.working_atol is None or is_positive(self.working_atol)
        require(stated, what, "a tolerance working_atol > 0", repr(self.working_atol))
        require(is_draws(self.draws), what, "draws >= 1", repr(self.draws))

    @property
    def measures(self) -> tuple[str, ...]:
        return (self.measure,)

    def tolerance(self, device: str) -> float:
        """atol for float64 on the CPU, working_atol for the working precision of an accelerator."""
        if device == "cpu":
            return self.atol
        if self.working_atol is None:
            raise ClaimError(
                f"equality of {self.measure!r}: expected working_atol to judge numbers from {device}, got none"
            )
        return self.working_atol

    def runs_on(self, device: str) -> bool:
        return device == "cpu" or self.working_atol is not None

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        errors = [abs(promised_finite(self.measure, x) - self.value) for x in self.columns(numbers)[0]]
        tolerance = self.tolerance(device)
        worst = _largest(errors)
        verdict = _exact_verdict(errors[worst] > tolerance, len(errors), self.draws)
        misses = errors[worst] / tolerance
        return Judgement(
            verdict, len(errors), errors[worst], unit=self.unit or "largest error", worst=worst, misses=misses
        )

    def teeth(self, control: Judgement) -> bool:
        """A control that refutes has to miss by 1000 tolerances: rounding alone must not look like a mechanism."""
        return control.verdict is not Verdict.REFUTED or (control.misses or 0.0) >= self.TEETH

    def words(self, lang: Lang) -> str:
        if lang == "ko":
            working = "" if self.working_atol is None else f", 가속기에서는 {self.working_atol:g}"
            return (
                f"무작위로 {self.draws}번 뽑아 매번 '{self.measure}' = {self.value:g} "
                f"(허용 오차는 float64에서 {self.atol:g}{working}); 한 번이라도 어긋나면 반증"
            )
        working = "" if self.working_atol is None else f", {self.working_atol:g} on an accelerator"
        return (
            f"'{self.measure}' equals {self.value:g} in every one of {self.draws} random draws "
            f"(tolerance {self.atol:g} in float64{working}); one violation refutes"
        )


@dataclass(frozen=True)
class Proportion(_InOneBatch):
    """Hits among a total fixed beforehand, one look, exact Clopper-Pearson interval. Made by `proportion`."""

    hits: str
    of: str
    p: float
    within: float
    total: int
    draws: int = 8

    def __post_init__(self) -> None:
        what = f"proportion of {self.hits!r}"
        require(self.hits != self.of, what, "two different measures", "one")
        require(is_finite(self.p) and 0 <= self.p <= 1, what, "0 <= p <= 1", repr(self.p))
        require(is_positive(self.within), what, "a margin within > 0", repr(self.within))
        require(is_draws(self.total), what, "an integer total >= 1", repr(self.total))
        require(is_draws(self.draws), what, "draws >= 1", repr(self.draws))

    @property
    def measures(self) -> tuple[str, ...]:
        return self.hits, self.of

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        hits, total, seeds = self._sums(numbers)
        low, high = clopper_pearson(hits, total)
        verdict = Verdict.INCONCLUSIVE
        if seeds >= self.draws:  # one look only: an interval looked at again and again loses its coverage
            require(total == self.total, f"measure {self.of!r}", f"the total {self.total} stated beforehand", total)
            verdict = self._verdict(low, high)
        return Judgement(verdict, seeds, hits / total, (low, high), self.unit)

    def _sums(self, numbers: Measured) -> tuple[int, int, int]:
        """Hits and total over all seeds, and the number of seeds."""
        hits, of = self.integers(numbers)
        for h, n in zip(hits, of, strict=True):
            require(0 <= h <= n and n > 0, f"proportion of {self.hits!r}", "0 <= hits <= total", f"{h} of {n}")
        return sum(hits), sum(of), len(of)

    def _verdict(self, low: float, high: float) -> Verdict:
        if self.p - self.within <= low and high <= self.p + self.within:
            return Verdict.VERIFIED
        if high < self.p - self.within or low > self.p + self.within:
            return Verdict.REFUTED
        return Verdict.INCONCLUSIVE

    def words(self, lang: Lang) -> str:
        level = f"{100 * (1 - ALPHA):g} %"
        if lang == "ko":
            return (
                f"'{self.of}' {self.total:,}개 가운데 '{self.hits}'의 비율: 정확한 {level} 신뢰구간이 "
                f"{self.p:g} ± {self.within:g} 안에 다 들어가면 입증, 완전히 벗어나면 반증"
            )
        return (
            f"share of '{self.hits}' among {self.total:,} '{self.of}': "
            f"verified when its exact {level} confidence interval "
            f"lies inside {self.p:g} ± {self.within:g}, refuted when it lies wholly outside"
        )


@dataclass(frozen=True)
class Count(_InOneBatch):
    """Integers from independent derivations, and a published one if given, are all equal. Made by `count`."""

    counted: str
    derived: str
    published: int | None = None
    draws: int = 1

    def __post_init__(self) -> None:
        what = f"count of {self.counted!r}"
        require(self.counted != self.derived, what, "two independent derivations", "one")
        stated = self.published is None or is_integer(self.published)
        require(stated, what, "an integer published", repr(self.published))
        require(is_draws(self.draws), what, "draws >= 1", repr(self.draws))

    @property
    def measures(self) -> tuple[str, ...]:
        return self.counted, self.derived

    def judge(self, numbers: Measured, device: str = "cpu") -> Judgement:
        counted, derived = self.integers(numbers)
        gaps = [self._gap(c, d) for c, d in zip(counted, derived, strict=True)]
        worst = _largest(gaps)
        verdict = _exact_verdict(gaps[worst] > 0, len(gaps), self.draws)
        return Judgement(verdict, len(gaps), float(counted[worst]), unit=self.unit, worst=worst)

    def _gap(self, counted: int, derived: int) -> int:
        published = counted if self.published is None else self.published
        return max(abs(counted - derived), abs(counted - published))

    def words(self, lang: Lang) -> str:
        if lang == "ko":
            published = "" if self.published is None else f" = 발표된 값 {self.published:,}"
            return f"'{self.counted}' = '{self.derived}'{published} (정수로 정확히 같아야 한다)"
        published = "" if self.published is None else f" = {self.published:,} as published"
        return f"'{self.counted}' = '{self.derived}'{published}, exactly, as integers"


def _largest(gaps: Sequence[float]) -> int:
    """Index of the largest, the first of them in a tie."""
    return max(range(len(gaps)), key=gaps.__getitem__)


def _exact_verdict(violated: bool, seeds: int, draws: int) -> Verdict:
    if violated:
        return Verdict.REFUTED
    return Verdict.VERIFIED if seeds >= draws else Verdict.INCONCLUSIVE
