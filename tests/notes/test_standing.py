"""How a statement stands follows from its ties and from what came of the claims."""

import pytest

from dlcheck.api import Claim, Text
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.notes.standing import Standing, judge, judge_notes
from dlcheck.notes.statements import Note, Relation, Statement
from dlcheck.plugins import load
from dlcheck.rules import Verdict

VERIFIED, REFUTED, OPEN = Verdict.VERIFIED, Verdict.REFUTED, Verdict.INCONCLUSIVE
SOUND = next(claim for claim in load().claims if claim.expect.value == "verified")
MISCONCEPTION = next(claim for claim in load().claims if claim.expect.value == "refuted")


def came_out(claim: Claim, verdict: Verdict) -> Outcome:
    return Outcome(claim, verdict, [Arm("")])


def statement(cannot_run: str = "", **ties: Relation) -> Statement:
    return Statement("000-01", "toys", Text("Two is two.", "둘은 둘이다."), ties, cannot_run=cannot_run)


@pytest.mark.parametrize(
    ("ties", "verdicts", "standing"),
    [
        ({"a": "supports"}, {"a": VERIFIED}, "holds"),
        ({"a": "supports", "b": "conditions"}, {"a": VERIFIED, "b": VERIFIED}, "holds_only_if"),
        ({"a": "conditions"}, {"a": VERIFIED}, "holds_only_if"),
        ({"a": "supports", "b": "conditions", "c": "contradicts"}, dict.fromkeys("abc", VERIFIED), "does_not_hold"),
        ({"a": "supports", "b": "contradicts"}, {"a": VERIFIED}, "not_measured"),
        ({"a": "supports", "b": "contradicts"}, {"a": VERIFIED, "b": None}, "not_measured"),
        ({"a": "supports"}, {"a": REFUTED}, "open"),
        ({"a": "contradicts"}, {"a": REFUTED}, "open"),
        ({"a": "supports", "b": "supports"}, {"a": VERIFIED, "b": OPEN}, "open"),
        ({"a": "supports", "b": "related"}, {"a": VERIFIED}, "holds"),
        ({"a": "supports", "b": "related"}, {"a": VERIFIED, "b": REFUTED}, "holds"),
        ({"a": "related"}, {"a": VERIFIED}, "not_covered"),
        ({}, {}, "not_covered"),
    ],
)
def test_standing(ties: dict[str, str], verdicts: dict[str, Verdict | None], standing: str) -> None:
    """Related claims do not count; unmeasured comes before open, and open before any conclusion."""
    outcomes = {name: verdict and came_out(SOUND, verdict) for name, verdict in verdicts.items()}
    assert judge(statement(**{name: Relation(tie) for name, tie in ties.items()}), outcomes).standing == standing


def test_a_refuted_misconception_is_as_expected() -> None:
    """What counts is the expected verdict, not the word verified."""
    tied = statement(a=Relation.SUPPORTS)
    assert judge(tied, {"a": came_out(MISCONCEPTION, REFUTED)}).standing is Standing.HOLDS
    assert judge(tied, {"a": came_out(MISCONCEPTION, VERIFIED)}).standing is Standing.OPEN


def test_history_cannot_be_run_whatever_was_measured() -> None:
    """Claims beside it are shown and decide nothing."""
    told = statement("history", a=Relation.SUPPORTS)
    assert judge(told, {"a": came_out(SOUND, VERIFIED)}).standing is Standing.CANNOT_BE_RUN


def test_what_is_missing_is_named() -> None:
    """Only what decides, and only what has no numbers."""
    tied = statement(a=Relation.SUPPORTS, b=Relation.CONDITIONS, c=Relation.RELATED)
    assert judge(tied, {"a": came_out(SOUND, VERIFIED)}).to_measure == ("b",)


def test_notes_are_counted() -> None:
    """Each note by standing."""
    note = Note("000", Text("Toys", "장난감"), (statement(), statement(a=Relation.SUPPORTS), statement("taste")))
    (judged,) = judge_notes([note], {})
    assert judged.counts == {"not_covered": 1, "not_measured": 1, "cannot_be_run": 1}
