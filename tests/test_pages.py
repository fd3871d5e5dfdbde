"""Pages of docs/ that a command writes say what is so."""

import re
import runpy
from pathlib import Path

import pytest

from dlcheck.plugins import load

DOCS = Path(__file__).parents[1] / "docs"
CLAIMS = runpy.run_path(str(DOCS / "make_claims.py"))


def test_the_page_of_mutants_lists_those_that_exist() -> None:
    """It is what its generator writes; if not: python docs/make_mutants.py."""
    made = runpy.run_path(str(DOCS / "make_mutants.py"))["page"]()
    assert made == (DOCS / "mutants.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", CLAIMS["PAGES"])
def test_the_page_of_claims_lists_those_that_exist(lang: str) -> None:
    """Each with its statement and expectation as they stand; if not, run all claims and docs/make_claims.py."""
    page = (DOCS / CLAIMS["PAGES"][lang]).read_text(encoding="utf-8")
    listed = re.findall(r"^\| (.*?<br>`[\w-]+/[\w-]+`) \|", page, flags=re.MULTILINE)
    assert listed == [CLAIMS["statement"](claim, lang) for topic in CLAIMS["bundled"]() for claim in topic.claims]


def test_a_row_says_what_the_screen_says() -> None:
    """Verdict, effect in its unit, seeds and CPU seconds, infinities of the JSON included."""
    (claim,) = load().select(["transformer/previous-word-at-twice-the-length"])
    judged = {
        "verdict": "refuted",
        "effect": 0.3181,
        "interval": [0.293, "Infinity"],
        "unit": "",
        "seeds": 8,
        "wins": 0,
    }
    result = {**judged, "reason": "", "cpu_seconds": 13.04}
    row = CLAIMS["cells"](claim, result, "en")
    assert row[0].startswith("misconception: The context")
    assert row[1:] == ["refuted, as expected", "accuracy 0.318 [0.293, ∞]", "0 of 8 seeds", "13.0"]


def test_results_of_another_statement_are_refused() -> None:
    """A page of old results would look as if they were of the claims as they stand."""
    (claim,) = load().select(["transformer/previous-word-at-twice-the-length"])
    told = {"statement": claim.statement._asdict(), "expected": "refuted"}
    assert CLAIMS["is_of"](claim, told)
    assert not CLAIMS["is_of"](claim, {**told, "expected": "verified"})
    assert not CLAIMS["is_of"](claim, {**told, "statement": {"en": "Another.", "ko": "다른 문장."}})
    assert not CLAIMS["is_of"](claim, None)
