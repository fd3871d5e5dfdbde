"""The quiz for other programs: one JSON object per line, questions out, answers in. docs/json.md has the format."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from dlcheck.api import Text
from dlcheck.quiz.code import Code
from dlcheck.quiz.session import Answered, Command, TimeIsUp
from dlcheck.quiz.variant import Variant


class JsonLines:
    """A face over standard input and output. What comes in: {"answer": "2"} or {"command": "hint"}.

    seconds: of an exam; what comes in later does not count.
    """

    def __init__(self, seconds: float | None = None) -> None:
        self.ends = None if seconds is None else time.monotonic() + seconds

    def ask(self, variant: Variant, number: int, count: int) -> None:
        question = variant.question
        code = {"stub": question.stub, "function": question.function} if isinstance(question, Code) else {}
        tell(
            "question",
            name=variant.name,
            seed=variant.seed,
            difficulty=question.difficulty,
            number=number,
            count=count,
            ask=_both(variant.ask),
            options=[_both(text) for text in variant.options.values()],
            kind=question.kind,
            seconds_left=self._seconds_left,
            **code,
        )

    def listen(self, variant: Variant) -> str | Command:
        """A line that is no such object is answered, and the next one is read. Raises TimeIsUp."""
        while line := sys.stdin.buffer.readline():
            if self._seconds_left == 0:
                raise TimeIsUp
            try:
                return _said(json.loads(line))
            except (ValueError, KeyError, TypeError, RecursionError):
                commands = ", ".join(Command)
                got = line.decode("utf-8", "replace").strip()[:60]
                tell("error", message=f'expected {{"answer": "..."}} or {{"command": one of {commands}}}, got {got}')
        raise EOFError

    @property
    def _seconds_left(self) -> float | None:
        """None when there is no end."""
        return None if self.ends is None else max(0.0, round(self.ends - time.monotonic(), 1))

    def again(self, why: Text) -> None:
        tell("again", why=_both(why))

    def waiting(self) -> AbstractContextManager[object]:
        return nullcontext()

    def try_again(self, answered: Answered) -> bool:
        """Each answer is final."""
        return False

    def hint(self, text: Text | None) -> None:
        tell("hint", hint=_both(text))

    def code(self, source: str) -> None:
        tell("code", code=source)

    def graded(self, answered: Answered) -> None:
        tell("graded", **told(answered))

    def broken(self, variant: Variant, why: str) -> None:
        tell("broken", name=variant.name, seed=variant.seed, message=why)

    def close(self, done: Sequence[Answered]) -> None:
        right = sum(bool(each.grade and each.grade.right) for each in done)
        tell("end", answered=len(done), right=right, answers=[told(each) for each in done])


def told(answered: Answered) -> dict[str, Any]:
    """Everything about an answer, as JSON has it."""
    variant, grade = answered.variant, answered.grade
    return {
        "name": variant.name,
        "seed": variant.seed,
        "answer": answered.typed,
        "skipped": grade is None,
        "right": bool(grade and grade.right),
        "misconception": grade.misconception if grade else "",
        "feedback": _both(variant.remark(grade)) if grade else None,
        "reason": _both(grade.reason) if grade else None,
        "sandbox": _both(grade.sandbox) if grade else None,
        "right_answer": _both(variant.right),
        "evidence": _both(variant.evidence),
        "explanation": _both(variant.explanation),
        "verifies": variant.question.verifies,
        "due": answered.due.isoformat() if answered.due else None,
    }


def tell(type: str, **fields: Any) -> None:  # noqa: A002  # the name that readers of JSON know
    """One object on a line of its own, in UTF-8 whatever the locale."""
    sys.stdout.buffer.write(json.dumps({"type": type, **fields}, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
    sys.stdout.buffer.flush()


def _said(line: Any) -> str | Command:
    """Raises KeyError, TypeError or ValueError for what is neither."""
    if "answer" not in line:
        return Command(line["command"])
    answer = line["answer"]
    if isinstance(answer, bool) or not isinstance(answer, str | int | float):
        raise TypeError
    return str(answer).encode("utf-8", "replace").decode()  # JSON can name half a character, which no file can keep


def _both(text: Text | None) -> dict[str, str] | None:
    return {"en": text.en, "ko": text.ko} if text else None
