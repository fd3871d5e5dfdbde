"""Questions that are answered by writing a function, which is run and compared with the reference model."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from dlcheck.api import Text
from dlcheck.quiz.base import Bilingual, Name, Question, Words


@dataclass(frozen=True)
class Exercise:
    """What an oracle of a code question returns as the right answer.

    reference: computes what the student's function has to return; called with the arguments of each case.
    cases: their arguments by position: tensors, numbers, strings, None.  gradients: compare those of all floating
    tensors too.  atol, rtol: as in `torch.testing.assert_close`.
    """

    reference: Callable[..., Any]
    cases: Sequence[Sequence[Any]]
    gradients: bool = False
    atol: float = 1e-5
    rtol: float = 1e-4


class Mistake(Bilingual):
    """A plausible wrong solution, and what is wrong with it."""

    code: Words


class Code(Question):
    """A function to write, from the stub. The solution has to pass, and every mistake in `wrong` to fail."""

    kind: Literal["code"]
    oracle: str
    function: Annotated[str, StringConstraints(pattern=r"^[a-z_][a-z0-9_]*$")]
    stub: Words
    solution: Words
    wrong: dict[Name, Mistake]  # type: ignore[assignment]  # feedback with the code that it is about

    def read(self, typed: str, options: list[str]) -> str:
        """The source itself; one that does not compile is asked again."""
        raise NotImplementedError

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return Text(self.solution, self.solution)
