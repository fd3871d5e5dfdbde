"""Suggestions find the right claim often, and never find one for nothing."""

import runpy
import unicodedata
from pathlib import Path

import pytest

from dlcheck.notes.check import check
from dlcheck.notes.document import parse
from dlcheck.notes.suggest import MOST, Suggester
from dlcheck.plugins import load

CLAIMS = load().claims
MEASURE = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks/suggestions.py"))
SETS = MEASURE["in_our_words"]()


@pytest.mark.parametrize("name", SETS)
def test_a_right_claim_is_among_the_first_three(name: str) -> None:
    """For at least three of four bundled statements, in either language (docs/notes.md has the figures)."""
    _, among = MEASURE["hits"](SETS[name], Suggester(CLAIMS).closest)
    assert among >= 0.75 * len(SETS[name])


def test_marked_sentences_exist_as_statements() -> None:
    """What was marked by hand in the notes are statements that claims decide."""
    decided = MEASURE["right"]()
    for told in MEASURE["SENTENCES"].values():
        assert all(id_ in decided for ids in told["sentences"].values() for id_ in ids)


def test_both_languages_and_their_mixture_find_the_claim() -> None:
    """Composed or not."""
    wanted = "transformer/without-positions-order-is-invisible"
    for text in (
        "Without positions a transformer does not see order.",
        "위치 정보가 없는 트랜스포머는 단어의 순서를 알지 못한다.",
        "position 정보가 없으면 transformer는 단어의 order를 모른다. shuffle해도 output이 섞일 뿐",
        unicodedata.normalize("NFD", "위치 정보가 없는 트랜스포머는 단어의 순서를 알지 못한다."),
    ):
        ((_, closest),) = check(parse(text), CLAIMS)[0].close[:1]
        assert wanted in [claim.id for claim in closest]
        assert len(closest) <= MOST


def test_a_line_that_names_a_claim_gets_no_suggestion() -> None:
    """Its author has decided; names that no claim has are kept apart."""
    known = CLAIMS[0].id
    text = f"Without positions a transformer sees no order. <!-- dlcheck: {known}, toy/none -->"
    (line,) = check(parse(text), CLAIMS)
    assert [claim.id for claim in line.named] == [known]
    assert line.unknown == ("toy/none",)
    assert line.close == ()


def test_nothing_is_suggested_without_claims_or_likeness() -> None:
    """No claims, no letters in common: no suggestion."""
    assert check(parse("Without positions a transformer sees no order."), [])[0].close == ()
    assert check(parse("Привет дорогой читатель моих заметок"), CLAIMS)[0].close == ()
