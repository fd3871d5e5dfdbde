"""A question as it is asked: values drawn from a seed, the answer found by what runs, the texts filled in."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from traceback import walk_tb
from typing import Any

from dlcheck.api import Text
from dlcheck.errors import DlcheckError
from dlcheck.plugins import summary
from dlcheck.quiz.base import Grade, Live, Question, Solution, filled


class OracleError(DlcheckError):
    """An oracle that fails at one variant. reason: how, without the variant's name."""

    def __init__(self, variant: Variant, reason: str) -> None:
        super().__init__(f"{variant.label}: {reason}")
        self.seed = variant.seed
        self.reason = reason


@dataclass(frozen=True, eq=False)
class Variant:
    """(topic, id, seed) is the same variant on every machine. Nothing runs before options or a grade are asked for."""

    topic: str
    question: Question
    seed: int
    live: Live
    _solving: Lock = field(default_factory=Lock, repr=False)

    @property
    def name(self) -> str:
        """topic/id, as progress is kept."""
        return f"{self.topic}/{self.question.id}"

    @property
    def label(self) -> str:
        """topic/id#seed: with it, the same variant can be made again."""
        return f"{self.name}#{self.seed}"

    @cached_property
    def values(self) -> dict[str, Any]:
        drawn = self.question.draw(self.seed)
        claim = getattr(self.question, "claim", None)
        return drawn if claim is None else {**drawn, "statement": self.live.statement(claim)}

    @property
    def solution(self) -> Solution:
        """Found once, also when two threads ask for it at a time.

        Raises OracleError when the oracle raises anything or gives no answer, DlcheckError when there is none here.
        """
        with self._solving:
            return self._solved

    @cached_property
    def _solved(self) -> Solution:
        from dlcheck.quiz.answers import complaint

        with self._blaming_the_oracle():
            solution = self.question.solve(self.live, self.values, self.seed)
        if self.question.oracle and (wrong := complaint(self.question, solution)):
            raise OracleError(self, wrong)
        return solution

    @cached_property
    def options(self) -> dict[str, Text]:
        solution = self.solution if self.question.computes_options else Solution(None)
        return self.question.options(solution, self.seed)

    @property
    def ask(self) -> Text:
        return filled(self.question.ask, self.values)

    @property
    def hint(self) -> Text | None:
        return filled(self.question.hint, self.values) if self.question.hint else None

    def read(self, typed: str) -> Any:
        """The answer in what was typed. Raises Unreadable."""
        return self.question.read(typed, list(self.options))

    def grade(self, answer: Any) -> Grade:
        solution = self.solution
        with self._blaming_the_oracle():  # the reference of a code question runs now
            return self.question.grade(answer, solution)

    @contextmanager
    def _blaming_the_oracle(self) -> Iterator[None]:
        """Whatever a plugin's code raises, its author can mend."""
        try:
            yield
        except DlcheckError:
            raise
        except (Exception, SystemExit) as error:
            if not self.question.oracle:
                raise
            raise OracleError(self, f"its oracle raised {summary(error, _plugin(error))}") from error

    @property
    def right(self) -> Text:
        """The right answer, as people write it."""
        return self.question.spell(self.solution.right, self.options)

    @property
    def evidence(self) -> Text | None:
        """What ran, and what it gave."""
        text = self.question.evidence
        if not self.question.is_computed or (not text and self.question.kind == "code"):
            return None
        return (
            filled(text, self._shown)
            if text
            else Text(f"The model gave {self.right.en.rstrip('.')}.", f"모델의 결과: {self.right.ko}")
        )

    @property
    def explanation(self) -> Text:
        return filled(self.question.explain, self._shown)

    @property
    def source(self) -> str:
        """The code that computes the answer."""
        with self._blaming_the_oracle():
            return self.live.source(self.question)

    def told(self, error: DlcheckError) -> str:
        """Why this variant cannot be asked, with its name."""
        return str(error) if isinstance(error, OracleError) else f"{self.label}: {error}"

    def feedback(self, grade: Grade) -> Text | None:
        """What the wrong answer confuses, if it has a name."""
        text = self.question.wrong.get(grade.misconception)
        return filled(text, self._shown) if text else None

    def remark(self, grade: Grade) -> Text | None:
        """The same, and which option it is about where several can be chosen."""
        feedback = self.feedback(grade)
        if not feedback or self.question.kind != "multiple":
            return feedback
        option = self.options[grade.misconception]
        return Text(f"{option.en}: {feedback.en}", f"{option.ko}: {feedback.ko}")

    @property
    def _shown(self) -> dict[str, Any]:
        return {**self.values, "right": self.right, **self.solution.shown}


def _plugin(error: BaseException) -> set[str]:
    """The package that raised it, which is the first outside dlcheck that the call went through."""
    packages = [frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in walk_tb(error.__traceback__)]
    return set([each for each in packages if each not in ("dlcheck", "importlib")][:1])


def new_seed() -> int:
    """Of a variant that nobody has asked for."""
    return random.SystemRandom().randrange(1 << 31)
