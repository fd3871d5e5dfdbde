"""What a student is told of their own progress."""

from datetime import date, datetime, timedelta

import pytest

from dlcheck.quiz.memory import Review
from dlcheck.quiz.standing import mastery, streak, weakest

TODAY = date(2026, 3, 10)


def review(question, is_right=True, misconception="", ago=0):
    noon = datetime.combine(TODAY - timedelta(days=ago), datetime.min.time()).timestamp() + 12 * 3600
    return Review(question, 1, noon, "1", is_right, misconception)


def test_mastery_is_what_is_still_known_of_the_whole_topic():
    reviews = [review("t/a"), review("t/b"), review("t/b", is_right=False), review("t/gone")]
    [topic] = mastery({"t": ["a", "b", "c", "d"]}, reviews, {"t/a": 0.8, "t/b": 0.9})
    assert (topic.questions, topic.seen, topic.answers, topic.right) == (4, 2, 3, 2)
    assert topic.retention == pytest.approx(0.4)  # b was answered wrong last
    assert topic.share == pytest.approx(0.2)


def test_a_streak_survives_until_the_end_of_the_next_day():
    assert streak([review("t/a", ago=ago) for ago in (0, 1, 2, 4)], TODAY) == 3
    assert streak([review("t/a", ago=ago) for ago in (1, 2)], TODAY) == 2
    assert streak([review("t/a", ago=2)], TODAY) == 0


def test_a_misconception_is_open_until_the_question_is_answered_right():
    reviews = [
        review("t/a", False, "x"),
        review("t/a", False, "x"),
        review("t/b", False, "y"),
        review("t/c", False, "z"),
        review("t/c"),
        review("t/d", False),
    ]
    assert weakest(reviews) == [("t/a", "x", 2), ("t/b", "y", 1)]
