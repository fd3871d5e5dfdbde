"""The closing sentences, in both languages."""

import pytest

from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.report import words
from dlcheck.report.summary import MOST, paragraph, summary
from dlcheck.rules import Verdict

REFUTED, OPEN = (0.0,) * 8, (0.0, 1.0) * 10


@pytest.fixture
def mixed(outcome):
    """Two that hold (one with a weak control), a misconception, a surprise, and one that is open."""
    return [
        outcome("holds"),
        outcome("weak", control=OPEN),
        outcome("myth", REFUTED, (1.0,) * 8, expect="refuted"),
        outcome("surprise", REFUTED, (1.0,) * 8),
        outcome("open", OPEN),
    ]


def test_a_student_reads_how_many_hold(mixed):
    """Counts in plain sentences; the same in Korean."""
    assert paragraph(mixed, "en") == (
        "3 of 5 statements came out as expected."
        " 2 hold, 1 is a popular misconception that the experiments refute."
        " 1 came out the other way. 1 is still open, for want of evidence."
    )
    assert paragraph(mixed, "ko") == (
        "명제 5개 중 3개가 예상대로 나왔습니다. 2개는 성립하고, 1개는 흔한 오해로, 실험이 이를 반증했습니다."
        " 1개는 예상과 반대로 나왔습니다. 1개는 증거가 부족해 아직 판단할 수 없습니다."
    )


def test_one_statement_is_one(outcome):
    """No "1 statements", no "1 hold"."""
    assert paragraph([outcome()], "en") == "The statement came out as expected. 1 holds."


def test_what_calls_for_a_look_is_named_with_its_reason(mixed):
    """A line for each claim that is not as expected, weak controls, and the command that shows more."""
    _, *looks = [line.plain for line in summary(mixed, "en")]
    assert looks == [
        "✗ toy/surprise: refuted (expected: verified); 0 of 8 seeds showed it",
        "? toy/open: inconclusive; too little evidence at the seed limit · 10 of 20 seeds showed it",
        "~ toy/weak: weak control 'off'; it did not clearly fail where it should",
        "More about one of them: dlcheck show toy/surprise",
    ]


def test_an_interrupted_run_is_judged_by_what_was_decided(outcome, claim):
    """Claims that did not finish are counted, not listed, and do not look like failures."""
    unfinished = Outcome(claim("late"), Verdict.INCOMPLETE, [Arm(""), Arm("off")])
    (said,) = summary([outcome(), unfinished], "en", interrupted=True)
    assert said.plain == "1 of 2 statements came out as expected. 1 holds. 1 did not finish."
    (said,) = summary([unfinished], "en", interrupted=True)
    assert said.plain == "0 of 1 statement came out as expected. 1 did not finish."


def test_hundreds_of_failures_do_not_flood_the_screen(outcome):
    """Twenty are named, the others counted."""
    lines = [line.plain for line in summary([outcome(f"c{i}", OPEN) for i in range(200)], "en")]
    assert len(lines) == 1 + MOST + 1 + 1
    assert lines[-2] == f"  and {200 - MOST} more"


def test_every_verdict_has_words_in_both_languages():
    """No verdict is without words, and the two languages fill in the same things."""
    assert set(words.VERDICTS) == set(Verdict)
    for name, said in vars(words).items():
        if isinstance(said, words.Text | words.Counted):
            gaps = [sorted(part.partition("}")[0] for part in text.split("{")[1:]) for text in said]
            assert all(said), name
            assert all(gap == gaps[-1] or isinstance(said, words.Counted) for gap in gaps), name
