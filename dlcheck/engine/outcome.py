"""What came of a claim: its arms with their numbers, and the verdict drawn from them. No torch, no store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from dlcheck.api import Claim, Curve, Numbers
from dlcheck.errors import ClaimError
from dlcheck.rules import Judgement, Rule, Verdict


@dataclass
class Arm:
    """The claim itself (name "") or one control: its trials, and how its rule judges them.

    numbers: one entry per seed of `seeds`, for each measure.
    fault: why the arm has shown nothing, if it has not, in one line; details: its traceback, if there is one.
    cached: whether every trial came from the store.  hardware: the accelerator's name, if one was used.
    """

    name: str
    seeds: list[int] = field(default_factory=list)
    numbers: Numbers = field(default_factory=dict)
    curves: list[Curve] = field(default_factory=list)
    judgement: Judgement | None = None
    fault: str = ""
    details: str = ""
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    cached: bool = True
    hardware: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.fault:
            return Verdict.ERROR
        return self.judgement.verdict if self.judgement else Verdict.INCOMPLETE

    def add(
        self,
        seeds: Sequence[int],
        numbers: Numbers,
        curves: Sequence[Curve],
        seconds: float,
        cpu_seconds: float,
        cached: bool,
    ) -> None:
        """Append one batch of trials."""
        self.seeds.extend(seeds)
        for name, values in numbers.items():
            self.numbers.setdefault(name, []).extend(values)
        self.curves.extend(curves)
        self.seconds += seconds
        self.cpu_seconds += cpu_seconds
        self.cached = self.cached and cached

    def judge(self, rule: Rule, device: str) -> None:
        """Let the rule judge all trials so far; numbers that break its promise are a fault of the arm."""
        try:
            self.judgement = rule.judge(self.numbers, device)
        except ClaimError as error:
            self.fault = str(error)


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
    """4 when anything broke or did not report, else 1 for an unexpected verdict, else 3 for an open one, else 0.

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


def decide(claim: Claim, arms: Sequence[Arm], device: str) -> Outcome:
    """The verdict of the claim's own arm, if every control shows that the check could have come out otherwise."""
    main, *controls = arms
    if main.verdict is Verdict.ERROR:
        return Outcome(claim, Verdict.ERROR, arms, main.fault)
    if main.verdict not in (Verdict.VERIFIED, Verdict.REFUTED):
        return Outcome(claim, main.verdict, arms)
    for control in controls:
        if control.verdict is Verdict.ERROR:
            return Outcome(claim, Verdict.ERROR, arms, f"control '{control.name}' has shown nothing: {control.fault}")
    if same := [control.name for control in controls if control.verdict is main.verdict]:
        return Outcome(claim, Verdict.VACUOUS, arms, f"control '{same[0]}' came out {main.verdict} too")
    identical = claim.rule.identical_arms(main.numbers)
    if identical is not None and claim.rule.judge(identical, device).verdict is Verdict.VERIFIED:
        return Outcome(claim, Verdict.VACUOUS, arms, "the rule verifies even when both arms are the same numbers")
    return Outcome(claim, main.verdict, arms, weak=[c.name for c in controls if not _has_teeth(claim.rule, c)])


def skipped(claim: Claim, reason: str) -> Outcome:
    """A claim that cannot run on the device of this run."""
    return Outcome(claim, Verdict.SKIPPED, [Arm(name) for name in claim.arms()], reason)


def _has_teeth(rule: Rule, control: Arm) -> bool:
    """An open control, or one that misses by little, shows only weakly that the check can fail."""
    return (
        control.judgement is not None and control.verdict is not Verdict.INCONCLUSIVE and rule.teeth(control.judgement)
    )
