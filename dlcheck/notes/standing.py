"""How the statements of notes stand, by what came of the claims they are tied to. No store, no terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from dlcheck.notes.statements import Note, Relation, Statement

if TYPE_CHECKING:  # the engine takes its time to import, and lists do without
    from dlcheck.engine.outcome import Outcome

Outcomes = Mapping[str, "Outcome | None"]
"""What came of claims, by id; None, or no entry, where nothing was measured."""


class Standing(StrEnum):
    """What can be said of a statement."""

    HOLDS = "holds"
    ONLY_IF = "holds_only_if"
    DOES_NOT_HOLD = "does_not_hold"  # as it is written
    OPEN = "open"  # a claim behind it did not come out as expected, so nothing follows
    NOT_MEASURED = "not_measured"  # on this machine, yet
    CANNOT_BE_RUN = "cannot_be_run"
    NOT_COVERED = "not_covered"  # no claim decides it yet


@dataclass(frozen=True)
class Tie:
    """A claim (its id) that a statement is tied to, what it means for the statement, and what came of it."""

    claim: str
    relation: Relation
    outcome: Outcome | None


@dataclass(frozen=True)
class Judged:
    """A statement, how it stands, and why."""

    statement: Statement
    standing: Standing
    ties: tuple[Tie, ...]

    @property
    def to_measure(self) -> tuple[str, ...]:
        """Ids of the claims that decide the statement and have not been measured."""
        return tuple(tie.claim for tie in _deciding(self.ties) if tie.outcome is None)


@dataclass(frozen=True)
class JudgedNote:
    """A note with its statements judged, in order."""

    note: Note
    statements: tuple[Judged, ...]

    @property
    def counts(self) -> Counter[Standing]:
        return Counter(each.standing for each in self.statements)


def judge_notes(notes: Iterable[Note], outcomes: Outcomes) -> list[JudgedNote]:
    """Every statement, as the outcomes have it."""
    return [JudgedNote(note, tuple(judge(each, outcomes) for each in note.statements)) for note in notes]


def judge(statement: Statement, outcomes: Outcomes) -> Judged:
    """How one statement stands.

    Each tie says what its claim means when it comes out as expected. If one does not, the ties do not say what
    follows, and the statement is open; the verdict of the claim beside it says more than a guess would.
    """
    ties = tuple(Tie(claim, relation, outcomes.get(claim)) for claim, relation in statement.ties.items())
    return Judged(statement, _standing(statement, _deciding(ties)), ties)


def _standing(statement: Statement, deciding: list[Tie]) -> Standing:
    relations = {tie.relation for tie in deciding}
    if statement.cannot_run:
        return Standing.CANNOT_BE_RUN
    if not deciding:
        return Standing.NOT_COVERED
    if any(tie.outcome is None for tie in deciding):
        return Standing.NOT_MEASURED
    if not all(tie.outcome and tie.outcome.as_expected for tie in deciding):
        return Standing.OPEN
    if Relation.CONTRADICTS in relations:
        return Standing.DOES_NOT_HOLD
    return Standing.ONLY_IF if Relation.CONDITIONS in relations else Standing.HOLDS


def _deciding(ties: Iterable[Tie]) -> list[Tie]:
    return [tie for tie in ties if tie.relation is not Relation.RELATED]
