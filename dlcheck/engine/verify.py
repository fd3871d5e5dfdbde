"""From claims to outcomes: run what is not saved, in batches of seeds, until each rule is settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from dlcheck.api import Claim
from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.outcome import Arm, Outcome, decide, skipped
from dlcheck.engine.pool import Pool, Retried, Started
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher
from dlcheck.engine.worker import Fault, Progress
from dlcheck.rules import Verdict


class Interrupted(Exception):  # noqa: N818  # an interruption is no error
    """The user stopped the run; what had finished is saved and stands in `outcomes`, the rest is incomplete."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__("interrupted")
        self.outcomes = outcomes


@dataclass
class ArmRun:
    """One arm on its way: the batches of seeds still to come, and what it has measured."""

    arm: Arm
    batches: list[tuple[int, int]]
    waiting_for: Cell | None = None


@dataclass
class Check:
    """One claim on its way."""

    claim: Claim
    arms: list[ArmRun]
    outcome: Outcome | None = None


@dataclass
class Session:
    """What all claims of a run share."""

    device: str
    epoch: int
    seeds_max: int | None
    fresh: bool
    store: Store
    watcher: Watcher
    pool: Pool
    checks: dict[str, Check] = field(default_factory=dict)

    def begin(self, claim: Claim) -> None:
        batches = seed_batches(claim, self.seeds_max)
        check = Check(claim, [ArmRun(Arm(name), list(batches)) for name in claim.arms()])
        self.checks[claim.id] = check
        if reason := why_skipped(claim, self.device):
            self._settle(check, skipped(claim, reason))
            return
        for arm_run in check.arms:
            self._advance(check, arm_run)
        self._settle_if_done(check)

    def _advance(self, check: Check, arm_run: ArmRun) -> None:
        """Take batches from the store while they are there; submit the first that is not; stop when settled."""
        arm_run.waiting_for = None
        while not _settled(check.claim, arm_run):
            start, stop = arm_run.batches.pop(0)
            cell = Cell(check.claim, arm_run.arm.name, self.epoch, start, stop, self.device)
            saved = None if self.fresh else self.store.load(cell)
            if saved is None:
                arm_run.waiting_for = cell
                self.pool.submit(cell)
                return
            self._absorb(arm_run.arm, cell, saved, cached=True)

    def _absorb(self, arm: Arm, cell: Cell, result: Result, *, cached: bool) -> None:
        arm.add(cell.seeds, result.numbers, result.curves, result.seconds, result.cpu_seconds, cached)
        arm.judge(cell.claim.rule, self.device)
        self.watcher.finished(cell.claim, arm.name, len(cell.seeds), result.seconds, cached)

    def hear(self, cell: Cell, said: Started | Progress | Retried | Fault | Result) -> None:
        """One report from the pool."""
        check = self.checks[cell.claim.id]
        arm_run = next(each for each in check.arms if each.arm.name == cell.arm)
        match said:
            case Started():
                self.watcher.started(cell.claim, cell.arm, cell.why(self.store.ingredients_before(cell)))
            case Progress(done, total):
                self.watcher.progress(cell.claim, cell.arm, done, total)
            case Retried(reason):
                self.watcher.notice(f"{cell.name} {reason}; trying once more in a fresh process")
            case Fault(reason, details):
                arm_run.arm.fault, arm_run.arm.details = reason, details
                arm_run.waiting_for = None
                self._settle_if_done(check)
            case Result():
                self.store.save(cell, said)
                self._absorb(arm_run.arm, cell, said, cached=False)
                self._advance(check, arm_run)
                self._settle_if_done(check)

    def _settle_if_done(self, check: Check) -> None:
        if not any(arm_run.waiting_for for arm_run in check.arms):
            self._settle(check, decide(check.claim, [arm_run.arm for arm_run in check.arms], self.device))

    def _settle(self, check: Check, outcome: Outcome) -> None:
        check.outcome = outcome
        self.watcher.decided(outcome)

    def outcomes(self) -> list[Outcome]:
        return [
            check.outcome or Outcome(check.claim, Verdict.INCOMPLETE, [arm_run.arm for arm_run in check.arms])
            for check in self.checks.values()
        ]


def verify(
    claims: Sequence[Claim],
    *,
    device: str = "cpu",
    jobs: int = 1,
    epoch: int = 0,
    seeds_max: int | None = None,
    fresh: bool = False,
    store: Store,
    watcher: Watcher,
) -> list[Outcome]:
    """Decide the claims, in order, one outcome each.

    device: a resolved torch device (`dlcheck.engine.devices.resolve`).  jobs: worker processes at once.
    epoch: seeds nobody has seen come from a new number.  seeds_max: at most so many seeds for each arm.
    fresh: run everything again.  Raises Interrupted on Ctrl-C, after every worker is dead.
    """
    with Pool(jobs) as pool:
        session = Session(device, epoch, seeds_max, fresh, store, watcher, pool)
        watcher.planned(claims, {claim.id: expected_seconds(claim) for claim in claims})
        try:
            for claim in claims:
                session.begin(claim)
            for cell, said in pool.reports():
                session.hear(cell, said)
        except KeyboardInterrupt:
            pool.close()
            started = set(session.checks)
            unstarted = [
                Outcome(c, Verdict.INCOMPLETE, [Arm(name) for name in c.arms()]) for c in claims if c.id not in started
            ]
            raise Interrupted(session.outcomes() + unstarted) from None
        return session.outcomes()


def recall(claim: Claim, *, device: str, epoch: int = 0, store: Store) -> Outcome | None:
    """The verdict that saved trials give, without running anything; None when some are missing or out of date."""
    arms = []
    for name in claim.arms():
        arm_run = ArmRun(Arm(name), list(seed_batches(claim, None)))
        while not _settled(claim, arm_run):
            start, stop = arm_run.batches.pop(0)
            cell = Cell(claim, name, epoch, start, stop, device)
            if (saved := store.load(cell)) is None:
                return None
            arm_run.arm.add(cell.seeds, saved.numbers, saved.curves, saved.seconds, saved.cpu_seconds, cached=True)
            arm_run.arm.judge(claim.rule, device)
        arms.append(arm_run.arm)
    return decide(claim, arms, device)


def seed_batches(claim: Claim, seeds_max: int | None) -> list[tuple[int, int]]:
    """(first, last + 1) seed number of each batch, cut off at `seeds_max`."""
    stops = list(accumulate(claim.rule.batches))
    most = stops[-1] if seeds_max is None else seeds_max
    starts = [0, *stops[:-1]]
    return [(start, min(stop, most)) for start, stop in zip(starts, stops, strict=True) if start < most]


def why_skipped(claim: Claim, device: str) -> str:
    """Why the claim cannot run on this device, or an empty string."""
    kind = device.partition(":")[0]
    if kind not in claim.devices:
        return f"runs on {', '.join(claim.devices)} only, not on {kind}"
    if not claim.rule.runs_on(device):
        return f"its rule states no tolerance for the working precision of {kind}"
    return ""


def expected_seconds(claim: Claim) -> float:
    """About how long the first batch of every arm takes."""
    return claim.seconds * len(claim.arms())


def _settled(claim: Claim, arm_run: ArmRun) -> bool:
    """Whether more seeds would change nothing, or there are none, or the arm is broken."""
    verdict = arm_run.arm.verdict
    return verdict in (Verdict.VERIFIED, Verdict.REFUTED, Verdict.ERROR) or not arm_run.batches
