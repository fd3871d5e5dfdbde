"""Questions for other programs, and on paper: one module for each format.

A format says which variants it expresses, and writes an exam of them as bytes.
"""

from __future__ import annotations

from typing import Protocol

from dlcheck.quiz.exports import anki, gift, html, json, markdown, qti
from dlcheck.quiz.exports.exam import Exam
from dlcheck.quiz.variant import Variant


class Format(Protocol):
    """What a module of a format has."""

    NEEDS_ANSWERS: bool
    """Whether a file without them would be of no use: a program grades."""
    IS_BINARY: bool

    def expresses(self, variant: Variant) -> bool:
        """Whether the format has a form for it; the kind alone decides where solving it can be saved."""
        ...

    def write(self, exam: Exam) -> bytes: ...


FORMATS: dict[str, Format] = {
    "anki": anki,
    "gift": gift,
    "qti": qti,
    "markdown": markdown,
    "html": html,
    "json": json,
}
