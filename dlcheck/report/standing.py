"""What `dlcheck stats` shows: a bar for each topic, the last two weeks, the misconceptions that are still open."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import date, timedelta

from rich.console import Console

from dlcheck.api import Lang
from dlcheck.quiz import words
from dlcheck.quiz.bank import BankError
from dlcheck.quiz.course import Course
from dlcheck.quiz.memory import Review
from dlcheck.quiz.standing import Mastery, days, mastery, streak, weakest
from dlcheck.report.text import put, styled

BAR = 24
"""Columns of a bar."""
HEIGHTS = "·▁▂▃▄▅▆▇█"
DAYS = 14
"""Days in the chart."""


def print_standing(out: Console, course: Course, lang: Lang) -> None:
    """All of it; a line that tells where to begin when nothing was answered."""
    reviews = course.memory.reviews()
    if not reviews:
        put(out, styled(words.NOTHING_YET(lang)), indent=0)
        return
    ids = {bank.topic: bank.entries for bank in course.banks}
    _print_mastery(out, mastery(ids, reviews, course.memory.retention()), lang)
    names = {f"{topic}/{question}" for topic, questions in ids.items() for question in questions}
    due = sum(at <= time.time() for name, at in course.memory.due().items() if name in names)
    put(out, styled(words.STREAK_DAYS(lang).format(days=streak(reviews, date.today()), due=due)), indent=0)
    put(out, styled(words.LAST_DAYS(lang).format(chart=_chart(reviews))), indent=0)
    if confused := weakest(reviews):
        put(out, styled((words.CONFUSED(lang), "bold")), indent=0)
        for question, name, times in confused:
            put(
                out,
                styled(f"  {times} × ", _misconception(course, question, name, lang), (f"  {question}", "dim")),
                indent=6,
            )


def _print_mastery(out: Console, topics: Sequence[Mastery], lang: Lang) -> None:
    """A bar for each topic with its numbers behind it; on a narrow terminal below it, of all topics or of none."""
    name = max((len(each.topic) for each in topics), default=0)
    bars = [styled(f"{each.topic:{name}}  ", (_bar(each.share), "green"), f" {each.share:4.0%}") for each in topics]
    told = [styled("  ", (_said(each, lang), "dim")) for each in topics]
    narrow = out.is_terminal and any(
        bar.cell_len + said.cell_len > out.width for bar, said in zip(bars, told, strict=True)
    )
    for bar, said in zip(bars, told, strict=True):
        lines = (bar, said) if narrow else (bar + said,)
        for line in lines:
            put(out, line)


def _said(each: Mastery, lang: Lang) -> str:
    return words.MASTERY(lang).format(seen=each.seen, questions=each.questions, right=each.right, answers=each.answers)


def _bar(share: float) -> str:
    full = round(share * BAR)
    return "█" * full + "░" * (BAR - full)


def _chart(reviews: Sequence[Review]) -> str:
    """Answers on each of the last days, as heights; the highest is the busiest day."""
    answered = days(reviews)
    counts = [answered[date.today() - timedelta(days=ago)] for ago in reversed(range(DAYS))]
    most = max(counts, default=0) or 1
    return "".join(HEIGHTS[-(-count * (len(HEIGHTS) - 1) // most)] for count in counts)


def _misconception(course: Course, name: str, misconception: str, lang: Lang) -> str:
    """Its feedback in the bank as it is today, else its name."""
    topic, _, question = name.partition("/")
    bank = next((bank for bank in course.banks if bank.topic == topic), None)
    entry = bank.entries.get(question) if bank else None
    try:
        feedback = entry.parse().wrong.get(misconception) if entry else None
    except BankError:
        feedback = None
    return feedback(lang) if feedback and not feedback.placeholders else misconception
