"""The report of an exam: every question with the answer given, the right one and why, as Markdown."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from dlcheck.api import Lang
from dlcheck.errors import DlcheckError
from dlcheck.quiz import words
from dlcheck.quiz.code import Code
from dlcheck.quiz.session import Answered


def write_report(done: Sequence[Answered], count: int, path: Path | None, lang: Lang) -> Path:
    """To `path`, else to a file named after the time. count: how many questions there were.

    Raises DlcheckError when the file is there, or cannot be written.
    """
    path = path or Path(time.strftime("dlcheck-exam-%Y%m%d-%H%M%S.md"))
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write("\n".join(_lines(done, count, lang)) + "\n")
    except OSError as error:
        raise DlcheckError(f"cannot write the report to {path} ({error.strerror}); the answers are saved") from None
    return path


def _lines(done: Sequence[Answered], count: int, lang: Lang) -> Iterator[str]:
    yield f"# {words.EXAM_TITLE(lang)}, {time.strftime('%Y-%m-%d %H:%M')}"
    yield ""
    yield f"**{score(done, lang, count)}**"
    yield ""
    right = Counter(each.variant.topic for each in done if each.grade and each.grade.right)
    for topic, asked in Counter(each.variant.topic for each in done).items():
        yield f"- {topic}: {right[topic]}/{asked}"
    for number, answered in enumerate(done, 1):
        yield from _question(number, answered, lang)


def _question(number: int, answered: Answered, lang: Lang) -> Iterator[str]:
    variant, grade = answered.variant, answered.grade
    mark = "✓" if grade and grade.right else "✗"
    yield f"\n## {number}. {mark} `{variant.name}#{variant.seed}`\n"
    yield variant.ask(lang)
    if variant.options:
        yield ""
        yield from (f"{key}. {text(lang)}" for key, text in enumerate(variant.options.values(), 1))
    yield ""
    yield words.YOUR_ANSWER(lang).format(answer=_quoted(answered.typed)) if grade else words.NO_ANSWER(lang)
    if not (grade and grade.right):
        shown = variant.right(lang)
        right = _quoted(shown) if isinstance(variant.question, Code) else shown
        yield "\n" + words.ANSWER(lang).format(answer=right)
    reasons = (grade.reason, variant.remark(grade)) if grade else ()
    for text in filter(None, (*reasons, variant.evidence, variant.explanation)):
        yield "\n" + text(lang)


def score(done: Sequence[Answered], lang: Lang, count: int = 0) -> str:
    """How many were right, of those that were answered or skipped. count: of so many, as in an exam."""
    right = sum(bool(each.grade and each.grade.right) for each in done)
    said = [words.SCORE(lang).format(right=right, asked=count or len(done))]
    if count > len(done):
        said.append(words.NOT_REACHED(count - len(done), lang))
    return " ".join(said)


def _quoted(answer: str) -> str:
    """Code on lines of its own, anything else in a line."""
    return f"\n\n```python\n{answer.rstrip()}\n```" if "\n" in answer else f"`{answer}`"
