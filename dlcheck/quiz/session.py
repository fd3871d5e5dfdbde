"""Questions one after the other: asked through a face (a terminal, JSON lines), graded, saved before the next one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from dlcheck.api import Text
from dlcheck.errors import DlcheckError
from dlcheck.quiz.base import Grade, Unreadable
from dlcheck.quiz.memory import Memory, Review, SavingError
from dlcheck.quiz.variant import Variant
from dlcheck.quiz.words import NOT_IN_EXAM, STOPPED


class Command(StrEnum):
    """What can be said in place of an answer."""

    HINT = "hint"
    CODE = "code"
    SKIP = "skip"
    QUIT = "quit"


class TimeIsUp(Exception):  # noqa: N818  # not an error: the end of an exam
    """Raised by a face when the time of the exam is over."""


class Left(Exception):  # noqa: N818  # not an error: the student has gone
    """Raised when the student quits."""


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

    def waiting(self) -> AbstractContextManager[object]:
        """While something runs, which may take seconds."""

    def try_again(self, answered: Answered) -> bool:
        """An answer is wrong: whether another one may follow, which has been said then, with what failed."""

    def hint(self, text: Text | None) -> None: ...

    def code(self, source: str) -> None: ...

    def graded(self, answered: Answered) -> None: ...

    def broken(self, variant: Variant, why: str) -> None:
        """The question cannot be asked or graded, and is passed over: an answer to it counts for nothing."""

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
                self._hold(variant, number)
        except (EOFError, TimeIsUp, Left):
            pass
        finally:
            self.done = [each for each in self.done if self._can_be_told(each)]
        return self.done

    def _hold(self, variant: Variant, number: int) -> None:
        """One question. One that is broken is told and passed over: it must not end an exam."""
        try:
            self.face.ask(variant, number, len(self.variants))
            self._answer(variant)
            if not self.exam:
                self.face.graded(self.done[-1])
        except SavingError:
            raise
        except DlcheckError as error:
            self.done = [each for each in self.done if each.variant is not variant]
            self.face.broken(variant, variant.told(error))

    def _can_be_told(self, answered: Answered) -> bool:
        """Whether the right answer of a question that was skipped can be had in the end."""
        try:
            _ = answered.variant.right, answered.variant.evidence, answered.variant.explanation
        except DlcheckError as error:
            self.face.broken(answered.variant, answered.variant.told(error))
            return False
        return True

    def _answer(self, variant: Variant) -> None:
        """Into `done`; of several tries the last. Raises Left."""
        began, helped, tried = time.monotonic(), False, False
        while True:
            typed = self.face.listen(variant)
            if isinstance(typed, Command):
                helped = self._obey(typed, variant) or helped
                if typed is not Command.SKIP:
                    continue
                if not tried:
                    self.done.append(Answered(variant))
                return
            try:
                with self.face.waiting():
                    grade = variant.grade(variant.read(typed))
            except Unreadable as unreadable:
                self.face.again(unreadable.text)
                continue
            except KeyboardInterrupt:
                if variant.question.kind != "code":
                    raise
                self.face.again(STOPPED)  # whoever waits for a loop without end has a text to lose
                continue
            answered = save(self.memory, variant, typed, grade, helped=helped or tried, began=began)
            self.done[len(self.done) - tried :] = [answered]
            tried = True
            if grade.right or self.exam or not self.face.try_again(answered):
                return

    def _obey(self, command: Command, variant: Variant) -> bool:
        """Whether it has helped with the answer. Raises Left."""
        if command is Command.QUIT:
            raise Left
        if command is Command.SKIP:
            return False
        if self.exam:
            self.face.again(NOT_IN_EXAM)
            return False
        if command is Command.HINT:
            self.face.hint(variant.hint)
            return variant.hint is not None
        self.face.code(variant.source)
        return True


def save(memory: Memory, variant: Variant, typed: str, grade: Grade, *, helped: bool, began: float) -> Answered:
    """Keep a graded answer. began: when its question was shown, by `time.monotonic`."""
    seconds = round(time.monotonic() - began, 3)
    now = time.time()
    review = Review(variant.name, variant.seed, now, typed, grade.right, grade.misconception, helped, seconds)
    return Answered(variant, typed, grade, memory.save(review))
