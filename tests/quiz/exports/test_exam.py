"""Sheets of solved variants: the same for the same seed, with what cannot be asked left out and named."""

import math
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.errors import DlcheckError
from dlcheck.quiz.exports import FORMATS, gift, json
from dlcheck.quiz.exports.exam import right_keys, seeds_from
from dlcheck.quiz.exports.intervals import interval
from dlcheck.quiz.values import Comparison
from dlcheck.quiz.variant import Variant


def test_more_sheets_leave_the_first_ones_as_they_were():
    """And another seed gives others."""
    assert seeds_from(7, 5)[:2] == seeds_from(7, 2)
    assert not set(seeds_from(7, 5)) & set(seeds_from(8, 5))


def test_every_sheet_has_every_question_in_a_variant_of_its_own(exam):
    """In the order of the bank, all with the seed of the sheet, which makes the same variant again."""
    first, second = exam(json, variants=2).sheets
    assert [v.name for v in first.variants] == [v.name for v in second.variants]
    assert first.seed != second.seed
    for variant in (*first.variants, *second.variants):
        name, _, seed = variant.label.partition("#")
        again = Variant("toy", variant.question, int(seed), variant.live)
        assert (name, again.ask, again.right) == (variant.name, variant.ask, variant.right)


def test_what_cannot_be_asked_is_left_out_and_told(exam):
    """A format's limits without a reason; an undecided claim with what happened."""
    left_out = {each.name: each for each in exam(gift).left_out}
    assert set(left_out) == {"toy/none-of-them", "toy/undecided", "toy/arrow", "toy/entropy", "toy/write-it"}
    assert left_out["toy/entropy"].reason == ""
    assert "inconclusive" in left_out["toy/undecided"].reason


@pytest.mark.parametrize("name", FORMATS)
def test_a_question_that_is_left_out_runs_nothing(name, exam, live):
    """The experiment of a prediction runs only where the prediction is written."""
    asked = []
    live.outcome = lambda claim: asked.append(claim) or type(live).outcome(live, claim)
    made = exam(FORMATS[name], live=live)
    is_written = "prediction" in [variant.question.kind for variant in made.variants]
    assert is_written == ("toy/measured" in asked) == (name in ("html", "markdown", "json"))


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_exam_is_the_same_bytes(name, exam, monkeypatch):
    """Years apart, too."""
    first = FORMATS[name].write(exam(FORMATS[name], variants=2))
    for clock in ("time", "localtime", "gmtime"):
        monkeypatch.setattr(time, clock, lambda *_: pytest.fail("looked at the clock"))
    assert FORMATS[name].write(exam(FORMATS[name], variants=2)) == first


def test_an_oracle_that_breaks_is_named(exam, bank):
    """With the variant that broke it."""
    live = type("Broken", (), {"oracle": lambda self, *_: 1 / 0})()
    with pytest.raises(DlcheckError, match=r"toy/weights#\d+: its oracle raised ZeroDivisionError"):
        exam(json, live=live)


def test_right_keys_are_what_the_quiz_grades_right(exam):
    """For every kind with options."""
    for variant in (v for v in exam(json).variants if v.options):
        keys, options = right_keys(variant), list(variant.options)
        typed = " ".join(str(options.index(key) + 1) for key in keys) or "0"
        assert variant.grade(variant.read(typed)).right


COMPARISONS = st.one_of(
    st.builds(Comparison, absolute=st.floats(0, 1e6)),
    st.builds(Comparison, relative=st.floats(1e-9, 0.9)),
    st.builds(Comparison, digits=st.integers(1, 15)),
)


@given(COMPARISONS, st.floats(-1e12, 1e12))
def test_an_interval_holds_all_that_is_graded_right_and_nothing_else(compare, right):
    """Its ends are right, their outer neighbours are wrong."""
    low, high = interval(compare, right)
    assert low <= right <= high
    assert compare.holds(low, right)
    assert compare.holds(high, right)
    assert not compare.holds(math.nextafter(low, -math.inf), right)
    assert not compare.holds(math.nextafter(high, math.inf), right)
