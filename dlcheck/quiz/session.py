"""Questions one after the other: asked through a face (a terminal, JSON lines), graded, saved before the next one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dlcheck.api import Text
from dlcheck.quiz.base import Grade, Unreadable
from dlcheck.quiz.memory import Memory, Review
from dlcheck.quiz.variant import Variant


class Command(StrEnum):
    """What can be said in place of an answer."""

    HINT = "hint"
    CODE = "code"
    SKIP = "skip"
    QUIT = "quit"


class TimeIsUp(Exception):  # noqa: N818  # not an error: the end of an exam
    """Raised by a face when the time of the exam is over."""


@dataclass(frozen=True)
class Answered:
    """A question that was answered, or skipped: then `grade` is None."""

    variant: Variant
    typed: str = ""
    grade: Grade | None = None
    due: datetime | None = None


class Face(Protocol):
    """How questions are shown and answers come in. Texts are given in both languages."""

    def ask(self, variant: Variant, number: int, count: int) -> None: ...

    def listen(self, variant: Variant) -> str | Command:
        """The answer as typed, or a command. Raises EOFError when nobody is there any more."""

    def again(self, why: Text) -> None:
        """The answer cannot be read."""

    def hint(self, text: Text | None) -> None: ...

    def code(self, source: str) -> None: ...

    def graded(self, answered: Answered) -> None: ...

    def close(self, done: Sequence[Answered]) -> None: ...


@dataclass
class Session:
    """exam: nothing is told before the end, and there are no hints."""

    variants: Sequence[Variant]
    memory: Memory
    face: Face
    exam: bool = False
    done: list[Answered] = field(default_factory=list)

    def run(self) -> list[Answered]:
        """Ask everything, until the end, the end of the time, or until the student leaves."""
        try:
            for number, variant in enumerate(self.variants, 1):
                self.face.ask(variant, number, len(self.variants))
                answered = self._answer(variant)
                if answered is None:
                    break
                self.done.append(answered)
                if not self.exam:
                    self.face.graded(answered)
        except (EOFError, TimeIsUp):
            pass
        return self.done

    def _answer(self, variant: Variant) -> Answered | None:
        """None when the student leaves."""
        began, helped = time.monotonic(), False
        while True:
            typed = self.face.listen(variant)
            match typed:
                case Command.QUIT:
                    return None
                case Command.SKIP:
                    return Answered(variant)
                case Command.HINT | Command.CODE if self.exam:
                    self.face.again(Text("Not during an exam.", "시험 중에는 볼 수 없습니다."))
                case Command.HINT:
                    helped = True
                    self.face.hint(variant.hint)
                case Command.CODE:
                    helped = True
                    self.face.code(variant.source)
                case _:
                    try:
                        grade = variant.grade(variant.read(typed))
                    except Unreadable as unreadable:
                        self.face.again(unreadable.text)
                        continue
                    return self._save(variant, typed, grade, helped, time.monotonic() - began)

    def _save(self, variant: Variant, typed: str, grade: Grade, helped: bool, seconds: float) -> Answered:
        review = Review(
            variant.name, variant.seed, time.time(), typed, grade.right, grade.misconception, helped, round(seconds, 3)
        )
        return Answered(variant, typed, grade, self.memory.save(review))
