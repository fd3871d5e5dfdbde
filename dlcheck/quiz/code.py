"""Questions that are answered by writing a function, which is run and compared with the reference model."""

from __future__ import annotations

import symtable
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import StringConstraints

from dlcheck.api import Text
from dlcheck.quiz.base import Bilingual, Grade, Name, Question, Solution, Unreadable, Words

LONGEST_SOURCE = 100_000


@dataclass(frozen=True)
class Exercise:
    """What an oracle of a code question returns as the right answer.

    reference: computes what the student's function has to return; called with the arguments of each case.
    cases: their arguments by position: tensors, numbers, strings, None.  gradients: compare those of all floating
    tensors too, ten times less closely.  atol, rtol: as in `torch.testing.assert_close`.
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
        """The source itself; one that does not compile, or does not define the function, is asked again."""
        if len(typed) > LONGEST_SOURCE:
            raise Unreadable(
                Text(f"Expected at most {LONGEST_SOURCE:,} characters.", f"{LONGEST_SOURCE:,}자까지입니다.")
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(typed, "answer.py", "exec")
                names = symtable.symtable(typed, "answer.py", "exec")
        except SyntaxError as error:
            raise Unreadable(_at_line(error.lineno, error.msg)) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise Unreadable(_at_line(None, str(error))) from None
        if not any(each.get_name() == self.function for each in names.get_symbols() if _is_bound(each)):
            no_function = f"Expected a function named {self.function}, got none."
            raise Unreadable(Text(no_function, f"{self.function} 함수가 없습니다."))
        return typed

    def grade(self, answer: str, solution: Solution) -> Grade:
        """Runs the answer in the sandbox, after the mistakes in `wrong`, which it may turn out to be.

        Raises DlcheckError when the sandbox does not work.
        """
        from dlcheck.quiz.coded import graded  # and with it what starts processes, for which nobody has to wait yet

        mistakes = {name: mistake.code for name, mistake in self.wrong.items()}
        return graded(answer, mistakes, self.function, solution.right)

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return Text(self.solution, self.solution)


def _is_bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported()


def _at_line(line: int | None, said: str) -> Text:
    where = Text(f"Line {line}: ", f"{line}번째 줄: ") if line else Text("", "")
    return Text(f"{where.en}this is not Python: {said}.", f"{where.ko}파이썬 문법 오류: {said}.")
