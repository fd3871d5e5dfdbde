"""An answer in code: run in the sandbox, compared with the reference, and looked up among the known mistakes."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

from dlcheck.api import Text
from dlcheck.quiz.base import Grade
from dlcheck.quiz.inside.answer import call, is_floating, leaves
from dlcheck.quiz.inside.wire import Malformed, pack, unpack
from dlcheck.quiz.rungs import Answers, Tolerance, first_failure, same
from dlcheck.quiz.sandbox import Limits, Ran, run

if TYPE_CHECKING:
    import torch

    from dlcheck.quiz.code import Exercise

FORGED = Text(
    "What came back are not values that a function returned. Return them; write nothing into the process's own files.",
    "함수가 반환한 값이 아닌 데이터가 돌아왔습니다. 프로세스의 파일에 쓰지 말고 값을 반환하세요.",
)


def graded(source: str, mistakes: Mapping[str, str], function: str, exercise: Exercise) -> Grade:
    """mistakes: sources of wrong solutions by name. They run first, while nothing of the answer has been loaded.

    Raises DlcheckError when the sandbox does not work.
    """
    expected, cotangents = _reference(exercise)
    limits = Limits()
    programs = [*mistakes.values(), source]
    order = {"programs": programs, "function": function, "cases": exercise.cases, "cotangents": cotangents}
    ran = run(order, limits)
    words = ran.level.words
    if ended := _ended(ran, limits):
        return Grade(False, reason=ended, sandbox=words)
    near = Tolerance(exercise.atol, exercise.rtol)
    try:
        *known, got = _answers(ran, len(programs), len(exercise.cases))
        reason = first_failure(got, expected, exercise.cases, near)
        named = dict(zip(mistakes, known, strict=True)) if reason else {}
        alike = (name for name, each in named.items() if same(got, each, exercise.cases, near))
        return Grade(reason is None, next(alike, ""), reason, words)
    except Malformed:
        return Grade(False, reason=FORGED, sandbox=words)


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
