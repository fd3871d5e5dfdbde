"""What a student knows by now, drawn from the answers that are saved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from dlcheck.quiz.memory import Review


@dataclass(frozen=True)
class Mastery:
    """One topic. seen: of how many questions; retention: the mean probability that what was seen is still known.

    share: of the whole topic that is known now, what was never seen counting as unknown.
    """

    topic: str
    questions: int
    seen: int
    answers: int
    right: int
    retention: float

    @property
    def share(self) -> float:
        return self.retention * self.seen / self.questions if self.questions else 0.0


def mastery(
    ids: Mapping[str, Iterable[str]], reviews: Sequence[Review], retention: Mapping[str, float]
) -> list[Mastery]:
    """Of each topic. ids: the questions that there are, by topic; answers to others do not count.

    A question whose last answer was wrong is not known, however short ago that was.
    """
    last = {review.question: review.is_right for review in reviews}
    topics = []
    for topic, questions in ids.items():
        names = {f"{topic}/{question}" for question in questions}
        answers = [review for review in reviews if review.question in names]
        seen = names & last.keys()
        kept = [retention.get(name, 0.0) if last[name] else 0.0 for name in seen]
        right = sum(review.is_right for review in answers)
        mean = sum(kept) / len(kept) if kept else 0.0
        topics.append(Mastery(topic, len(names), len(seen), len(answers), right, mean))
    return topics


def days(reviews: Iterable[Review]) -> Counter[date]:
    """How many answers were given on each day, by the clock on the wall."""
    return Counter(date.fromtimestamp(review.answered) for review in reviews)


def streak(reviews: Iterable[Review], today: date) -> int:
    """Days in a row with an answer, up to today; today itself may still be to come."""
    answered = days(reviews)
    day = today if answered[today] else today - timedelta(days=1)
    length = 0
    while answered[day]:
        length, day = length + 1, day - timedelta(days=1)
    return length


def weakest(reviews: Sequence[Review], most: int = 5) -> list[tuple[str, str, int]]:
    """(question, misconception, how often), most often first, of those that no right answer has overcome since."""
    open_ones: Counter[tuple[str, str]] = Counter()
    for review in reviews:
        if review.is_right:
            for pair in [pair for pair in open_ones if pair[0] == review.question]:
                del open_ones[pair]
        elif review.misconception:
            open_ones[review.question, review.misconception] += 1
    return [(question, name, times) for (question, name), times in open_ones.most_common(most)]
