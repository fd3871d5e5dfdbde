"""Questions that are answered by writing a function, which is run and compared with the reference model."""

from __future__ import annotations

import signal
import symtable
import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import StringConstraints

from dlcheck.api import Text
from dlcheck.quiz.base import Bilingual, Grade, Name, Question, Solution, Unreadable, Words
from dlcheck.quiz.inside.answer import FILE, call, is_floating, leaves
from dlcheck.quiz.inside.wire import Malformed, pack, unpack
from dlcheck.quiz.rungs import Answers, Tolerance, first_failure, same
from dlcheck.quiz.sandbox import Limits, Ran, run

if TYPE_CHECKING:
    import torch

LONGEST_SOURCE = 100_000
FORGED = Text(
    "What came back are not values that a function returned. Return them; write nothing into the process's own files.",
    "함수가 반환한 값이 아닌 데이터가 돌아왔습니다. 프로세스의 파일에 쓰지 말고 값을 반환하세요.",
)


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
        """The source itself; one that does not compile, or does not define the function, is asked again."""
        if len(typed) > LONGEST_SOURCE:
            raise Unreadable(
                Text(f"Expected at most {LONGEST_SOURCE:,} characters.", f"{LONGEST_SOURCE:,}자까지입니다.")
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                compile(typed, FILE, "exec")
                names = symtable.symtable(typed, FILE, "exec")
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
        exercise: Exercise = solution.right
        expected, cotangents = _reference(exercise)
        mistakes = {name: mistake.code for name, mistake in self.wrong.items()}
        limits = Limits()
        order = {
            "programs": [*mistakes.values(), answer],
            "function": self.function,
            "cases": exercise.cases,
            "cotangents": cotangents,
        }
        ran = run(order, limits)
        if ended := _ended(ran, limits):
            return Grade(False, reason=ended, sandbox=ran.level.words)
        near = Tolerance(exercise.atol, exercise.rtol)
        try:
            *known, got = _answers(ran, len(mistakes) + 1, len(exercise.cases))
            reason = first_failure(got, expected, exercise.cases, near)
            named = dict(zip(mistakes, known, strict=True)) if reason else {}
            alike = (name for name, each in named.items() if same(got, each, exercise.cases, near))
            return Grade(reason is None, next(alike, ""), reason, ran.level.words)
        except Malformed:
            return Grade(False, reason=FORGED, sandbox=ran.level.words)

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return Text(self.solution, self.solution)


def _is_bound(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported()


def _reference(exercise: Exercise) -> tuple[Answers, list[list[torch.Tensor] | None]]:
    """What the reference gives, and what its outputs are multiplied by before they are differentiated."""
    import torch

    draws = torch.Generator().manual_seed(0)
    cotangents: list[list[torch.Tensor] | None] = []
    for arguments in exercise.cases:
        outputs = [each for each in leaves(exercise.reference(*arguments)) if is_floating(each)]
        drawn = [torch.randn(each.shape, generator=draws, dtype=torch.float64).to(each.dtype) for each in outputs]
        cotangents.append(drawn if exercise.gradients else None)
    pairs = zip(exercise.cases, cotangents, strict=True)
    values = [call(exercise.reference, arguments, drawn) for arguments, drawn in pairs]
    return Answers(unpack(pack(values, sys.maxsize))), cotangents  # in the form in which answers arrive


def _answers(ran: Ran, programs: int, cases: int) -> list[Answers]:
    """Raises Malformed."""
    told = unpack(ran.output)
    if not isinstance(told, tuple) or len(told) != programs:
        raise Malformed("answers of other programs")
    return [Answers.check(each, cases) for each in told]


def _ended(ran: Ran, limits: Limits) -> Text | None:
    """Why there are no answers, if the process did not come to its end."""
    if ran.timed_out or ran.ended_by == signal.SIGXCPU:
        return Text(
            f"It was stopped after {limits.seconds} s. Is there a loop that does not end, or a wait?",
            f"{limits.seconds}초가 지나 중단했습니다. 끝나지 않는 반복이나 대기가 있나요?",
        )
    if ran.ended_by:
        return Text(
            f"Its process was killed (signal {ran.ended_by}).", f"프로세스가 시그널 {ran.ended_by}로 죽었습니다."
        )
    if ran.exit_code or not ran.output:
        return Text(
            f"It ended the process (exit code {ran.exit_code}) and returned nothing.",
            f"값을 돌려주지 않고 프로세스를 끝냈습니다(종료 코드 {ran.exit_code}).",
        )
    return None


def _at_line(line: int | None, said: str) -> Text:
    where = Text(f"Line {line}: ", f"{line}번째 줄: ") if line else Text("", "")
    return Text(f"{where.en}this is not Python: {said}.", f"{where.ko}파이썬 문법 오류: {said}.")
