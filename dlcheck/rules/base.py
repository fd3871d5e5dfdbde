"""What all rules share: the verdicts, a judgement, and the checks of what authors declare and experiments return."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from numbers import Integral, Real
from typing import Any, ClassVar, Literal

from dlcheck.errors import ClaimError, did_you_mean

Lang = Literal["en", "ko"]
Measured = Mapping[str, Sequence[Any]]  # a measure's name -> what was measured on each seed


class Verdict(StrEnum):
    """What came of a claim. Rules give the first three; the engine knows the others."""

    VERIFIED = "verified"
    REFUTED = "refuted"
    INCONCLUSIVE = "inconclusive"
    VACUOUS = "vacuous"  # a control reached the same verdict: the check cannot come out the other way
    ERROR = "error"
    SKIPPED = "skipped"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True)
class Judgement:
    """A rule's answer for the numbers of one arm.

    effect: in `unit`, with its interval where the rule has one; infinite when most seeds diverged.
    seeds: how many the verdict rests on.
    wins, evidence: for rules that bet, the seeds that showed the effect and E, the larger of the two grown stakes.
    worst: for equalities and counts, the index of the draw that misses by most, the counter-example when refuted.
    misses: for equalities, the largest error in tolerances of the device judged.
    """

    verdict: Verdict
    seeds: int
    effect: float | None = None
    interval: tuple[float, float] | None = None
    unit: str = ""
    wins: int | None = None
    evidence: float | None = None
    worst: int | None = None
    misses: float | None = None


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
    def words(self, lang: Lang) -> str:
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

    def columns(self, numbers: Measured) -> list[Sequence[Any]]:
        """The rule's measures, in order. Raises ClaimError unless all are there, with one entry for each seed."""
        for name in self.measures:
            if name not in numbers:
                got = f"{', '.join(numbers) or 'nothing'}.{did_you_mean(name, numbers)}"
                raise ClaimError(f"measures: expected {name!r}, got {got}")
        columns = [numbers[name] for name in self.measures]
        lengths = [len(column) for column in columns]
        require(len(set(lengths)) == 1, f"{self.measures}", "as many entries of each as there are seeds", lengths)
        require(lengths[0] > 0, f"{self.measures}", "at least one seed", "none")
        return columns


def require(holds: bool, what: str, expected: str, got: object) -> None:
    """Raise a ClaimError that names all three unless it holds."""
    if not holds:
        raise ClaimError(f"{what}: expected {expected}, got {got}")


def is_finite(value: object) -> bool:
    """Whether this is a finite number; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def is_positive(value: object) -> bool:
    """Whether this is a finite number above zero."""
    return isinstance(value, Real) and is_finite(value) and float(value) > 0


def is_integer(value: object) -> bool:
    """Whether this is an integer; 3.0 and True are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def is_draws(value: object) -> bool:
    """Whether this is a number of draws."""
    return is_integer(value) and is_positive(value)


def promised_number(measure: str, value: Any) -> float:
    """The value as a float, NaN and infinities included; True is 1. Raises ClaimError for anything but a number."""
    if type(value) is float:  # nearly always, and ten times as quick: thousands of claims are judged in a second
        return value
    require(isinstance(value, Real), f"measure {measure!r}", "one number for each seed", repr(value))
    return float(value)


def promised_finite(measure: str, value: Any) -> float:
    """The value as a float. Raises ClaimError when it is not finite."""
    number = promised_number(measure, value)
    require(math.isfinite(number), f"measure {measure!r}", "a finite number", value)
    return number


def promised_integer(measure: str, value: Any) -> int:
    """The value as an integer. Raises ClaimError when it is anything else, 3.0 and True included."""
    require(is_integer(value), f"measure {measure!r}", "an integer", repr(value))
    return int(value)
