"""JSON: format 1, as docs/export.md describes it."""

import json as standard
import re
from pathlib import Path

import pytest

from dlcheck.quiz.exports import json

DOC = (Path(__file__).parents[3] / "docs/export.md").read_text(encoding="utf-8").partition("## JSON")[2]


@pytest.fixture
def document(exam):
    """`document(answers=False)`: the file as another program reads it."""

    def made(**options):
        return standard.loads(json.write(exam(json, **options)))

    return made


def questions(document):
    return {each["question"]: each for each in document["sheets"][0]["questions"]}


def test_every_field_is_documented_and_no_other(document):
    """Of the document, of a question as asked and as answered, of every kind."""
    whole = document()
    named = set(re.findall(r"^\| `(\w+)` \|", DOC, flags=re.MULTILINE))
    found = {*whole, *whole["sheets"][0], *whole["topics"][0], *whole["left_out"][0]}
    for question in whole["sheets"][0]["questions"]:
        found |= set(question)
    assert named == found
    assert whole["format"] == 1


def test_all_kinds_are_in_it_with_their_answers(document):
    """As plain values."""
    found = questions(document())
    right = {name: each["right"] for name, each in found.items()}
    assert right["weights"] == [3, 5, 5]
    assert right["parameters"] == "right"
    assert right["nasty"] == "2nd"
    assert sorted(right["which"]) == ["attention", "convolution"]
    assert right["none-of-them"] == []
    assert right["is-it-so"] is True
    assert right["deviation"] == 4.0
    assert right["count"] == 7
    assert right["cost"] == ["scores", "projections", "feed-forward"]
    assert right["mask"] == "causal"
    assert right["entropy"] == "low"
    assert right["write-it"].startswith("def double(x):\n    return x + x")
    assert len({each["kind"] for each in found.values()}) == 9
    assert found["deviation"]["wrong"] == {"variance": 16.0}
    assert found["weights"]["wrong"] == {"flat": [15, 5]}


def test_both_languages_are_in_it_whatever_was_asked_for(document):
    """And every text as the bank has it."""
    found = questions(document(lang="ko"))
    assert found == questions(document(lang="en"))
    assert found["nasty"]["ask"]["en"].startswith("// a <b>bold</b> & ")
    assert found["nasty"]["ask"]["ko"].startswith("// 한글 <b>굵게</b> & ")


def test_without_answers_nothing_tells_them(document):
    """Neither the answer nor what explains it; the rest stays."""
    with_answers, without = document(), document(answers=False)
    told = {"right", "right_text", "wrong", "evidence", "explanation", "mistakes", "accept"}
    for whole, asked in zip(with_answers["sheets"][0]["questions"], without["sheets"][0]["questions"], strict=True):
        assert asked == {name: value for name, value in whole.items() if name not in told}
    assert "You left out the bias" not in str(without)


def test_what_was_left_out_is_in_it(document):
    """With the reason."""
    [left_out] = document()["left_out"]
    assert (left_out["question"], left_out["kind"]) == ("toy/undecided", "truth")
    assert "inconclusive" in left_out["reason"]
