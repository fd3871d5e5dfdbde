"""How far a run is: the claims being measured, how many of their seeds are done, how long it may still take."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from dlcheck.api import Claim

EARLY = 0.2
"""Share of the work that has to be done before the pace is known."""


@dataclass
class Measuring:
    """One claim on its way to a verdict. done: seeds that reported, running: share of the cell under way, per arm."""

    claim: Claim
    since: float
    expected_seconds: float
    done: dict[str, int] = field(default_factory=dict)
    running: dict[str, float] = field(default_factory=dict)

    def seeds(self) -> tuple[int, int]:
        """Seeds that have reported and seeds that are certain to be needed, over all arms."""
        return sum(self.done.values()), sum(self._target(arm) for arm in self.claim.arms())

    @property
    def share(self) -> float:
        """The part of the work that is done, from 0 to 1."""
        done, total = self.seeds()
        under_way = sum(part * (self._target(arm) - self.done.get(arm, 0)) for arm, part in dict(self.running).items())
        return min(1.0, (done + under_way) / total) if total else 0.0

    def _target(self, arm: str) -> int:
        """Seeds of an arm up to the end of the batch that runs; the first batch is always needed."""
        done, batches = self.done.get(arm, 0), self.claim.rule.batches
        if arm not in self.running:
            return max(done, batches[0])
        return next((mark for mark in accumulate(batches) if mark > done), done)


@dataclass
class Progress:
    """The whole run. jobs: cells that run at the same time."""

    jobs: int = 1
    clock: Callable[[], float] = time.monotonic
    total: int = 0
    decided: int = 0
    measuring: dict[str, Measuring] = field(default_factory=dict)
    _expected: dict[str, float] = field(default_factory=dict)
    _work: float = 0.0
    _began: float = 0.0

    def plan(self, claims: Sequence[Claim], expected_seconds: Mapping[str, float]) -> None:
        self.total, self._began = len(claims), self.clock()
        self._work = sum(expected_seconds.values()) / self.jobs
        self._expected = {claim.id: expected_seconds.get(claim.id, 0.0) for claim in claims}

    def start(self, claim: Claim, arm: str) -> None:
        self._of(claim).running[arm] = 0.0

    def step(self, claim: Claim, arm: str, done: int, total: int) -> None:
        self._of(claim).running[arm] = done / total if total else 0.0

    def finish(self, claim: Claim, arm: str, seeds: int) -> None:
        measuring = self._of(claim)
        measuring.running.pop(arm, None)
        measuring.done[arm] = measuring.done.get(arm, 0) + seeds

    def decide(self, claim: Claim) -> None:
        self.decided += 1
        self.measuring.pop(claim.id, None)
        self._expected.pop(claim.id, None)

    def _of(self, claim: Claim) -> Measuring:
        if claim.id not in self.measuring:
            self.measuring[claim.id] = Measuring(claim, self.clock(), self._expected.get(claim.id, 0.0))
        return self.measuring[claim.id]

    @property
    def running(self) -> list[Measuring]:
        """Claims with a cell under way; those whose cells only wait for a free worker are left out."""
        return [measuring for measuring in list(self.measuring.values()) if measuring.running]

    @property
    def elapsed(self) -> float:
        return self.clock() - self._began

    @property
    def to_go(self) -> float:
        """About how many seconds are left: what the claims state that they cost, at the pace of this run so far."""
        left = dict(self._expected)
        for measuring in list(self.measuring.values()):
            left[measuring.claim.id] = measuring.expected_seconds * (1 - measuring.share)
        remaining = sum(left.values()) / self.jobs
        done = self._work - remaining
        pace = self.elapsed / done if done > EARLY * self._work else 1.0
        return remaining * max(1.0, pace)
