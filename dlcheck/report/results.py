"""The end of a run, as it is written to files: for programs (`contract`, `junit`, `sarif`) and for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from dlcheck.engine.outcome import Outcome
from dlcheck.engine.plan import Plan
from dlcheck.plugins import Fault
from dlcheck.rules import Verdict


@dataclass(frozen=True)
class Results:
    """What came of a plan. versions: as `contract.versions` tells them.  faults: of the plugins that were needed."""

    plan: Plan
    versions: Mapping[str, Any]
    outcomes: Sequence[Outcome]
    faults: Sequence[Fault]
    exit_code: int
    interrupted: bool = False


class Grade(StrEnum):
    """What CI knows of a verdict: there are more verdicts than lights."""

    PASS = "pass"
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


def grade(outcome: Outcome) -> Grade:
    """Only a verdict that is the expected one passes; what is open, or not for this device, counts as skipped."""
    if outcome.as_expected:
        return Grade.PASS
    if outcome.verdict in (Verdict.ERROR, Verdict.INCOMPLETE):
        return Grade.ERROR
    return Grade.SKIPPED if outcome.verdict in (Verdict.INCONCLUSIVE, Verdict.SKIPPED) else Grade.FAILURE
