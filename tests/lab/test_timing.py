"""Paired timing, on a clock and on computations whose durations are known."""

from collections.abc import Callable, Iterator
from time import sleep

import pytest

from dlcheck.lab import timing


class Clock:
    """Time passes only when a computation says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.order: list[str] = []

    def __call__(self) -> float:
        return self.now

    def takes(self, name: str, seconds: Callable[[], float]) -> Callable[[], None]:
        def compute() -> None:
            self.order.append(name)
            self.now += seconds()

        return compute


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(timing, "process_time", clock)
    return clock


def test_seconds_of_one_call(clock: Clock) -> None:
    """Short computations are called many times in a row, and the seconds are still those of one call."""
    a, b = timing.paired(clock.takes("a", lambda: 0.0001), clock.takes("b", lambda: 0.3))
    assert a == pytest.approx(0.0001)
    assert b == pytest.approx(0.3)


def test_measured_in_turn(clock: Clock) -> None:
    """After the calls that warm up, the order is a b b a, in every round."""
    timing.paired(clock.takes("a", lambda: 1.0), clock.takes("b", lambda: 1.0), rounds=2)
    assert "".join(clock.order[-8:]) == "abbaabba"
    assert len(clock.order) == 4 + 8


def test_disturbances_do_not_count(clock: Clock) -> None:
    """All but one of the measurements are disturbed by half a second or more, and the answer is the undisturbed one."""
    disturbances: Iterator[float] = iter([9, 9, 3, 2, 0, 1, 0.5, 4])
    a, _ = timing.paired(clock.takes("a", lambda: 2 + next(disturbances)), clock.takes("b", lambda: 1.0))
    assert a == pytest.approx(2)


def test_a_slower_machine_slows_both(clock: Clock) -> None:
    """A machine that becomes steadily slower leaves the ratio near the true one of 2."""
    load = iter(range(1000))
    a, b = timing.paired(
        clock.takes("a", lambda: 1 + next(load) / 100), clock.takes("b", lambda: 2 * (1 + next(load) / 100))
    )
    assert b / a == pytest.approx(2, rel=0.05)


def test_real_time() -> None:
    """On the real clock, a thousand times the work takes longer: the ratio is not a fixed number."""
    a, b = timing.paired(lambda: sum(range(10)), lambda: sum(range(10_000)))
    assert 0 < a < b


def test_other_processes_do_not_count() -> None:
    """On the CPU, a computation that waits while the processor serves others takes the time of its own work."""
    waiting, working = timing.paired(
        lambda: (sleep(0.05), sum(range(100_000))), lambda: sum(range(1_000_000)), rounds=1
    )
    assert waiting < working
