"""An axis: where numbers stand on it, and the numbers that are written beside it. No drawing library."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

PAD = 0.06
"""Room at both ends, as a share of what is shown."""
WIDE = 50.0
"""Positive numbers that differ by more than this factor are shown on a logarithmic axis."""
SMALLEST, LARGEST = 1e-250, 1e250
"""What lies beyond has no place on an axis: there, sums and products would overflow."""


@dataclass(frozen=True)
class Scale:
    """From low to high, which are finite and differ; with `log`, both are above 0.

    What lies beyond an end stands at that end: an infinity, or a zero where the axis is logarithmic.
    """

    low: float
    high: float
    log: bool = False

    @classmethod
    def over(cls, values: Iterable[float], *, log: bool | None = None) -> Scale:
        """An axis on which all finite values have room. log: None chooses by how far they lie apart."""
        finite = [float(value) for value in values if abs(value) <= LARGEST]
        if log is None:
            log = bool(finite) and min(finite) > 0 and max(finite) / WIDE > min(finite)
        finite = [value for value in finite if value >= SMALLEST] if log else finite
        low, high = (min(finite), max(finite)) if finite else (1.0, 1.0)
        if log:
            pad = math.exp(max(PAD * _log_ratio(high, low), 0.3))
            return cls(low / pad, high * pad, log=True)
        pad = (high - low) * PAD or abs(low) / 10 or 1.0
        return cls(low - pad, high + pad)

    def place(self, value: float) -> float:
        """How far along the axis a number stands, from 0 to 1; what is no number stands at the far end."""
        if math.isnan(value) or value >= self.high:
            return 1.0
        if value <= self.low:
            return 0.0
        if self.log:
            return _log_ratio(value, self.low) / _log_ratio(self.high, self.low)
        return (value - self.low) / (self.high - self.low)

    def holds(self, value: float) -> bool:
        """Whether the number itself stands on the axis, not beyond an end."""
        return self.low <= value <= self.high

    def ticks(self, most: int = 5) -> list[float]:
        """Round numbers on the axis, at most so many; without one in reach, the ends."""
        found = self._powers(most) if self.log else self._steps(most)
        return found if len(found) > 1 else [self.low, self.high]

    def _steps(self, most: int) -> list[float]:
        rough = (self.high - self.low) / most
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(unit * times for times in (1, 2, 5, 10) if unit * times >= rough)
        first, last = math.ceil(self.low / step), math.floor(self.high / step)
        return [float(f"{number * step:.12g}") for number in range(first, last + 1)][:most]

    def _powers(self, most: int) -> list[float]:
        first, last = math.ceil(math.log10(self.low)), math.floor(math.log10(self.high))
        if last - first >= 1:
            step = -(-(last - first + 1) // most)
            return [10.0**power for power in range(first, last + 1, step)]
        decades = range(first - 1, last + 1)
        return [t * 10.0**power for power in decades for t in (1, 2, 5) if self.holds(t * 10.0**power)][:most]


def _log_ratio(x: float, y: float) -> float:
    """log(x / y), where x / y itself may be too large."""
    return math.log(x) - math.log(y)
