"""Finished claims as lines."""

import pytest
from rich.cells import cell_len

from dlcheck.engine.outcome import Arm, Outcome, skipped
from dlcheck.report.lines import finished, mark, padded, why
from dlcheck.rules import Verdict, exceeds


def lines(outcome, lang="en"):
    return [line.plain for line in finished(outcome, lang)]


def test_a_statement_stands_above_what_came_of_it(outcome):
    """Symbol and statement; then verdict, effect, seeds, seconds and the id to go on with. In Korean likewise."""
    assert lines(outcome("holds")) == ["✓ It is so.", "  verified · x 1 · 8 of 8 seeds · 1.0 s · toy/holds"]
    assert lines(outcome("holds"), "ko") == ["✓ 그렇다.", "  입증 · x 1 · 시드 8개 중 8개 · 1.0초 · toy/holds"]


def test_a_refuted_misconception_is_a_success(outcome):
    """Refuted as expected has the symbol of success and says so; the same verdict unexpected stands out."""
    wrong = outcome("wrong", (0.0,) * 8, (1.0,) * 8, expect="refuted")
    surprising = outcome("surprising", (0.0,) * 8, (1.0,) * 8)
    assert mark(wrong) == ("✓", "green")
    assert lines(wrong)[0] == "✓ misconception: It is so."
    assert lines(wrong, "ko")[0] == "✓ 흔한 오해: 그렇다."
    assert "refuted, as expected" in lines(wrong)[1]
    assert mark(surprising)[0] == "✗"
    assert "refuted (expected: verified)" in lines(surprising)[1]
    assert lines(surprising)[2] == "  0 of 8 seeds showed it"


def test_a_korean_syllable_takes_two_cells():
    """What is padded to a width stands where English words of that width do."""
    assert cell_len(padded("판단 불가", 12)) == 12


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_verdict_that_calls_for_a_word_has_one(outcome, claim, lang):
    """Unexpected, vacuous, inconclusive, error and skipped say in one line what stands behind them."""
    broken = Outcome(claim(), Verdict.ERROR, [Arm(""), Arm("off", fault="it crashed")])
    for made in (
        outcome(own=(0.0,) * 8, control=(1.0,) * 8),
        outcome(control=(1.0,) * 8),
        outcome(own=(0.0, 1.0) * 10),
        broken,
        skipped(claim(devices=("cuda",)), "no such device"),
        skipped(claim(), "no tolerance"),
    ):
        assert why(made, lang)
    assert "'off': it crashed" in why(broken, lang)


def test_equal_arms_that_verify_are_told_apart_from_a_control_that_does(outcome):
    """Vacuous by the engine's own control is said in other words than vacuous by a control of the claim."""
    by_control = outcome(control=(1.0,) * 8)
    by_engine = Outcome(by_control.claim, Verdict.VACUOUS, outcome().arms)
    assert "'off'" in why(by_control, "en")
    assert "both arms are the same numbers" in why(by_engine, "en")


def test_divergence_is_a_number_too(outcome):
    """A claim whose seeds diverged shows ∞, and nothing breaks."""
    rule = exceeds("a", "b", by=0.1)
    made = outcome("diverged", (float("nan"),) * 8, (1.0,) * 8, rule=rule)
    assert "difference -∞" in lines(made)[1]
