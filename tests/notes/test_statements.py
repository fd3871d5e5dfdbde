"""The bundled statements are complete, in both languages, and tied to the claims that name them."""

import re

import pytest

from dlcheck.notes.statements import Note, Relation, Statement, bundled
from dlcheck.notes.words import REASONS
from dlcheck.plugins import load

NOTES = bundled()
STATEMENTS = [statement for note in NOTES for statement in note.statements]
BUNDLED_TOPICS = {"activations", "bert", "lstm", "resnet", "transformer"}
CLAIMS = {claim.id: claim for claim in load().claims if claim.topic in BUNDLED_TOPICS}


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.id)
def test_ids_are_the_notes_and_run_on(note: Note) -> None:
    """000-01, 000-02, ...: an id never changes, so none may be missing or twice."""
    assert [each.id for each in note.statements] == [f"{note.id}-{n:02}" for n in range(1, len(note.statements) + 1)]


def test_all_statements_are_there() -> None:
    """Five notes with so many statements each."""
    sizes = {note.id: len(note.statements) for note in NOTES}
    assert sizes == {"000": 40, "001": 34, "002": 37, "003": 14, "004": 26}


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_everything_is_told_in_both_languages(statement: Statement) -> None:
    """The Korean text has Korean in it and the English text has none."""
    for text in filter(None, (statement.text, statement.only_if, statement.instead)):
        assert re.search("[가-힣]", text.ko)
        assert text.en
        assert not re.search("[가-힣]", text.en)


def test_ties_are_the_notes_of_the_claims() -> None:
    """Whatever claim names a statement is tied to it, and every tie names a claim that names the statement."""
    ties = {(statement.id, claim) for statement in STATEMENTS for claim in statement.ties}
    assert ties == {(note, claim.id) for claim in CLAIMS.values() for note in claim.notes}


@pytest.mark.parametrize("statement", STATEMENTS, ids=lambda statement: statement.id)
def test_a_condition_or_contradiction_is_put_into_words(statement: Statement) -> None:
    """And only where there is one; a statement of a topic that is here is decided, unless it cannot be run."""
    relations = set(statement.ties.values())
    contradicted = Relation.CONTRADICTS in relations
    assert bool(statement.instead) == contradicted
    assert bool(statement.only_if) == (Relation.CONDITIONS in relations and not contradicted)
    assert statement.cannot_run in {"", *REASONS}
    if statement.topic in BUNDLED_TOPICS and not statement.cannot_run:
        assert relations - {Relation.RELATED}


def test_a_condition_may_be_an_expected_refutation() -> None:
    """Ties are about what a claim shows when it comes out as expected: refuting a misconception may support."""
    supports = {id_ for each in STATEMENTS for id_, tie in each.ties.items() if tie is Relation.SUPPORTS}
    assert {"verified", "refuted"} == {CLAIMS[id_].expect.value for id_ in supports}
