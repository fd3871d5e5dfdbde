"""What came of a claim: its arms with their numbers, and the verdict drawn from them. No torch, no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dlcheck.api import Claim, Curve, Numbers
from dlcheck.rules import Judgement, Verdict


@dataclass
class Arm:
    """The claim itself (name "") or one control: its trials, and how its rule judges them.

    numbers: one entry per seed of `seeds`, for each measure.  fault: why the arm has shown nothing, if it has not.
    cached: whether every trial came from the store.
    """

    name: str
    seeds: list[int] = field(default_factory=list)
    numbers: Numbers = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    judgement: Judgement | None = None
    fault: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    cached: bool = True

    @property
    def verdict(self) -> Verdict:
        if self.fault:
            return Verdict.ERROR
        return self.judgement.verdict if self.judgement else Verdict.INCOMPLETE


@dataclass
class Outcome:
    """One claim, decided. `reason` says in one line what stands behind a verdict that the rule alone did not give."""

    claim: Claim
    verdict: Verdict
    arms: Sequence[Arm]
    reason: str = ""
    weak: Sequence[str] = ()

    @property
    def arm(self) -> Arm:
        """The claim's own arm."""
        return self.arms[0]

    @property
    def controls(self) -> Sequence[Arm]:
        return self.arms[1:]

    @property
    def as_expected(self) -> bool:
        return self.verdict.value == self.claim.expect.value

    @property
    def seconds(self) -> float:
        """Wall time of all arms' experiments, cached ones at what they took when they ran."""
        return sum(arm.seconds for arm in self.arms)

    @property
    def cpu_seconds(self) -> float:
        return sum(arm.cpu_seconds for arm in self.arms)

    @property
    def cached(self) -> bool:
        return all(arm.cached for arm in self.arms)


def exit_code(outcomes: Sequence[Outcome]) -> int:
    """4 when anything broke or did not report, else 1 for a verdict that was not expected, else 3 for an open one, else 0.

    Nothing decided at all (every claim skipped) is open, not a success.
    """
    verdicts = {outcome.verdict for outcome in outcomes}
    if verdicts & {Verdict.ERROR, Verdict.INCOMPLETE}:
        return 4
    decided = [o for o in outcomes if o.verdict in (Verdict.VERIFIED, Verdict.REFUTED, Verdict.VACUOUS)]
    if not all(outcome.as_expected for outcome in decided):
        return 1
    if Verdict.INCONCLUSIVE in verdicts or not decided:
        return 3
    return 0
