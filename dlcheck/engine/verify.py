"""From claims to outcomes: run what is not saved, in batches of seeds, until each rule is settled."""

from __future__ import annotations

import json
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from dlcheck.api import Claim
from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.fingerprint import refresh
from dlcheck.engine.messages import Fault, Progress, Retried, Said, Started
from dlcheck.engine.outcome import Arm, Outcome, decide, skipped
from dlcheck.engine.pool import COSTLY_SECONDS, Engine, Pool
from dlcheck.engine.remembered import remembering
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher
from dlcheck.rules import Verdict

TRUSTED_SECONDS = 7 * 24 * 3600.0
"""How long ago a cell may have been measured without being doubted."""
SAMPLED = 20
"""One in so many saved cells, and at least one, is measured again in a run, if it is older than that or in an audit."""


class Interrupted(Exception):  # noqa: N818  # an interruption is no error
    """The user stopped the run; what had finished is saved and stands in `outcomes`, the rest is incomplete."""

    def __init__(self, outcomes: list[Outcome]) -> None:
        super().__init__("interrupted")
        self.outcomes = outcomes


@dataclass
class ArmRun:
    """One arm on its way: what it has measured, the batches of seeds still to come, and the cell that runs."""

    arm: Arm
    batches: list[tuple[int, int]]
    waiting_for: Cell | None = None


@dataclass
class Check:
    """One claim on its way. saved: the cells that were in the store, with what they measured."""

    claim: Claim
    arms: list[ArmRun]
    saved: list[tuple[Cell, Result]] = field(default_factory=list)
    outcome: Outcome | None = None


@dataclass
class Session:
    """What all claims of a run share. doubted: keys of saved cells, which are measured again to see
    whether they still hold, with what was saved.  audit: whether to doubt young ones too.
    """

    device: str
    epoch: int
    seeds_max: int | None
    fresh: bool
    audit: bool
    store: Store
    watcher: Watcher
    pool: Engine
    checks: dict[str, Check] = field(default_factory=dict)
    doubted: dict[str, Result] = field(default_factory=dict)

    def plan(self, claim: Claim) -> Check:
        """Take what is saved; the first cell of each arm that is not saved will have to run."""
        batches = seed_batches(claim, self.seeds_max)
        check = Check(claim, [ArmRun(Arm(name), list(batches)) for name in claim.arms()])
        if reason := why_skipped(claim, self.device):
            check.outcome = skipped(claim, reason)
            return check
        for arm_run in check.arms:
            check.saved += self._take_saved(check, arm_run)
        return check

    def _take_saved(self, check: Check, arm_run: ArmRun) -> list[tuple[Cell, Result]]:
        """Go on with the arm from the store until it is settled, or a cell is missing."""
        taken: list[tuple[Cell, Result]] = []
        while not _settled(check.claim, arm_run):
            start, stop = arm_run.batches[0]
            cell = Cell(check.claim, arm_run.arm.name, self.epoch, start, stop, self.device, self.pool.machine)
            if self.fresh or cell.key in self.doubted or (saved := self.store.load(cell)) is None:
                arm_run.waiting_for = cell
                return taken
            _absorb(arm_run, cell, saved, cached=True)
            taken.append((cell, saved))
        arm_run.waiting_for = None
        return taken

    def plan_all(self, claims: Sequence[Claim]) -> None:
        refresh()
        with remembering(self.store.path.parent):
            for claim in claims:
                check = self.checks[claim.id] = self.plan(claim)
                if any(arm_run.waiting_for for arm_run in check.arms):
                    self.pool.prepare()
        for cell, saved in self._sample():
            self.doubted[cell.key] = saved
            self.checks[cell.claim.id] = self.plan(cell.claim)
        expected = {claim.id: self._expected_seconds(self.checks[claim.id]) for claim in claims}
        self.watcher.planned(claims, expected)

    def _sample(self) -> list[tuple[Cell, Result]]:
        """The oldest of what is saved, a few each time, so that a stale hit cannot hide a regression for long.

        Durations never come out the same, and on an accelerator other numbers may not either.
        """
        saved = [each for check in self.checks.values() for each in check.saved if not check.claim.rule.timing]
        oldest = sorted(saved, key=lambda each: self.store.finished(each[0]))
        few = oldest[: max(1, len(saved) // SAMPLED)] if self.device == "cpu" else []
        doubtful = time.time() - (0.0 if self.audit else TRUSTED_SECONDS)
        return [each for each in few if self.store.finished(each[0]) < doubtful]

    def _expected_seconds(self, check: Check) -> float:
        """About how long the cells take that will certainly run: as long as before, else as the claim says."""
        missing = [arm_run.waiting_for for arm_run in check.arms if arm_run.waiting_for]
        before = [self.store.seconds_before(cell) for cell in missing]
        return sum(check.claim.seconds if seconds is None else seconds for seconds in before)

    def run(self, claims: Sequence[Claim]) -> Iterator[Outcome]:
        """Decide them all; each outcome as it is reached."""
        self.plan_all(claims)
        for check in self.checks.values():
            self.begin(check)
            if check.outcome:
                yield check.outcome
        for cell, said in self.pool.reports():
            check = self.checks[cell.claim.id]
            before = check.outcome
            self.hear(cell, said)
            if check.outcome and not before:
                yield check.outcome

    def begin(self, check: Check) -> None:
        if check.outcome:
            self.watcher.decided(check.outcome)
            return
        for cell, saved in check.saved:
            self.watcher.finished(check.claim, cell.arm, len(cell.seeds), saved.seconds, cached=True)
        if missing := [arm_run.waiting_for for arm_run in check.arms if arm_run.waiting_for]:
            self.pool.submit(missing)
        self._settle_if_done(check)

    def hear(self, cell: Cell, said: Started | Retried | Said) -> None:
        """One report from the pool."""
        check = self.checks[cell.claim.id]
        arm_run = next(each for each in check.arms if each.arm.name == cell.arm)
        match said:
            case Started():
                self.watcher.started(cell.claim, cell.arm, self._why(cell))
            case Progress(done, total):
                self.watcher.progress(cell.claim, cell.arm, done, total)
            case Retried(reason):
                self.watcher.notice(f"{cell.name} {reason}; trying once more in a fresh process")
            case Fault(reason, details):
                arm_run.arm.fault, arm_run.arm.details = reason, details
                arm_run.waiting_for = None
                self._settle_if_done(check)
            case Result():
                self._keep(cell, said)
                _absorb(arm_run, cell, said, cached=False)
                self.watcher.finished(cell.claim, cell.arm, len(cell.seeds), said.seconds, cached=False)
                self._advance(check, arm_run)

    def _advance(self, check: Check, arm_run: ArmRun) -> None:
        for cell, saved in self._take_saved(check, arm_run):
            self.watcher.finished(check.claim, cell.arm, len(cell.seeds), saved.seconds, cached=True)
        if arm_run.waiting_for:
            self.pool.submit([arm_run.waiting_for])
        self._settle_if_done(check)

    def _why(self, cell: Cell) -> str:
        if cell.key in self.doubted:
            return "an audit of what is saved" if self.audit else "saved long ago, measured again as a sample"
        return cell.why(self.store.ingredients_before(cell))

    def _keep(self, cell: Cell, result: Result) -> None:
        if cell.outdated:
            self.watcher.notice(f"{cell.name} was edited while it ran: its numbers are used now and not saved")
            return
        before = self.doubted.get(cell.key)
        same = before is None or json.dumps(before.numbers) == json.dumps(result.numbers)  # as text, NaN equals NaN
        if before:
            self.watcher.audited(cell.claim, cell.arm, same)
        if not same:
            self.watcher.notice(
                f"{cell.name} measures other numbers than were saved, though nothing it is known to depend on has "
                "changed: the new ones count. --fresh measures everything again"
            )
        self.store.save(cell, result)

    def _settle_if_done(self, check: Check) -> None:
        if not any(arm_run.waiting_for for arm_run in check.arms):
            check.outcome = decide(check.claim, [arm_run.arm for arm_run in check.arms], self.device)
            self.watcher.decided(check.outcome)


def verify(
    claims: Sequence[Claim],
    *,
    device: str = "cpu",
    jobs: int = 1,
    engine: Engine | None = None,
    epoch: int = 0,
    seeds_max: int | None = None,
    fresh: bool = False,
    audit: bool = False,
    store: Store,
    watcher: Watcher,
) -> list[Outcome]:
    """Decide the claims, in order, one outcome each.

    device: a resolved torch device (`dlcheck.engine.devices.resolve`).  jobs: worker processes at once.
    engine: where cells run, if not in so many processes here.
    epoch: seeds nobody has seen come from a new number.  seeds_max: at most so many seeds for each arm.
    fresh: run everything again.  audit: run the oldest of what is saved again, and tell the watcher what came of it.
    Raises Interrupted on Ctrl-C, after every worker is dead.
    """
    with engine or Pool(jobs, trains=_trains(claims)) as pool:
        session = Session(device, epoch, seeds_max, fresh, audit, store, watcher, pool)
        try:
            for _ in session.run(claims):
                pass
        except KeyboardInterrupt:
            raise Interrupted([_outcome(claim, session.checks.get(claim.id)) for claim in claims]) from None
        return [_outcome(claim, session.checks[claim.id]) for claim in claims]


def decisions(
    claims: Sequence[Claim], *, device: str, jobs: int, store: Store, watcher: Watcher
) -> Generator[Outcome, None, None]:
    """Decide the claims as `verify` does, and give each outcome as soon as it is there.

    Workers run on between two outcomes, but only who asks for the next one looks after them. Closing the iterator ends
    them.
    """
    with Pool(jobs, trains=_trains(claims)) as pool:
        yield from Session(device, 0, None, False, False, store, watcher, pool).run(claims)


def _trains(claims: Sequence[Claim]) -> bool:
    return any(claim.seconds >= COSTLY_SECONDS for claim in claims)


def _outcome(claim: Claim, check: Check | None) -> Outcome:
    """What has been decided; what has not is incomplete, with the trials so far."""
    arms = [arm_run.arm for arm_run in check.arms] if check else [Arm(name) for name in claim.arms()]
    return check.outcome if check and check.outcome else Outcome(claim, Verdict.INCOMPLETE, arms)


def recall(claim: Claim, *, device: str, epoch: int = 0, store: Store) -> Outcome | None:
    """The verdict that saved trials give, without running anything; None when some are missing or out of date."""
    refresh()
    with remembering(store.path.parent):
        check = Session(device, epoch, None, False, False, store, Watcher(), Pool(0)).plan(claim)
    if check.outcome or any(arm_run.waiting_for for arm_run in check.arms):
        return None
    return decide(claim, [arm_run.arm for arm_run in check.arms], device)


def _absorb(arm_run: ArmRun, cell: Cell, result: Result, *, cached: bool) -> None:
    """Add the trials of the arm's next batch and judge all it has."""
    arm_run.batches.pop(0)
    arm = arm_run.arm
    arm.add(cell.seeds, result.numbers, result.curves, result.seconds, result.cpu_seconds, cached)
    arm.hardware = result.hardware
    arm.judge(cell.claim.rule, cell.device)


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


def _settled(claim: Claim, arm_run: ArmRun) -> bool:
    """Whether more seeds would change nothing, or there are none, or the arm is broken."""
    verdict = arm_run.arm.verdict
    return verdict in (Verdict.VERIFIED, Verdict.REFUTED, Verdict.ERROR) or not arm_run.batches
