"""What has to hold for every question, tried for many seeds: the right answer grades right, every wrong one wrong.

Each problem is told at the place of its question in the bank.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from dlcheck.errors import DlcheckError
from dlcheck.quiz.bank import Bank, BankError, Entry, Problem
from dlcheck.quiz.base import Grade, Live, Question, Unreadable
from dlcheck.quiz.claims import Prediction, Truth
from dlcheck.quiz.code import Code
from dlcheck.quiz.options import Choice, Multiple, Ordering
from dlcheck.quiz.values import Number, Shape, ShortText
from dlcheck.quiz.variant import Variant

ORACLE_SECONDS = 2.0
"""CPU time that an oracle may take, torch being loaded: students wait for it."""


def check(bank: Bank, live: Live, seeds: int, on_question: Callable[[str], None] = lambda name: None) -> list[Problem]:
    """Everything that is wrong with the bank: its form first, and what can be parsed for so many seeds."""
    problems = bank.problems()
    for entry in bank.entries.values():
        on_question(f"{bank.topic}/{entry.id}")
        try:
            question = entry.parse()
        except BankError:  # among the problems of form
            continue
        problems += [_problem(entry, complaint) for complaint in _complaints(bank.topic, question, live, seeds)]
    return problems


def _complaints(topic: str, question: Question, live: Live, seeds: int) -> Iterator[str]:
    """One line for each thing that is wrong."""
    first = Variant(topic, question, 0, live)
    try:
        first.solution  # noqa: B018  # imports torch, or runs a claim, which is not the oracle's own time
    except DlcheckError as error:
        yield str(error)
        return
    except Exception as error:
        yield _raised(error)
        return
    if unknown := list(_unknown_placeholders(question, first)):
        yield from unknown  # and its texts cannot be shown
        return
    if isinstance(question, Code):
        yield from _code(question, first)
        return
    varied = bool(question.vary or question.oracle) and not isinstance(question, Truth | Prediction)
    for seed in range(seeds if varied else 1):
        found = list(_one(Variant(topic, question, seed, live), Variant(topic, question, seed, live)))
        yield from found
        if found:  # other seeds would mostly say the same again
            return


def _one(variant: Variant, again: Variant) -> Iterator[str]:
    """One variant, and the same made anew."""
    question, where = variant.question, f"with seed {variant.seed}"
    began = time.process_time()  # not the wall's, which counts what else the machine does
    try:
        solution = variant.solution
    except Exception as error:
        yield f"{_raised(error)} {where}"
        return
    if question.oracle and time.process_time() - began > ORACLE_SECONDS:
        yield f"its oracle took more than {ORACLE_SECONDS:g} s"
    answers = {"the right answer": solution.right, **solution.wrong}
    if odd := [name for name, value in answers.items() if not _is_answer(question, value)]:
        yield f"{odd[0]} is no answer to this kind of question {where}: {answers[odd[0]]!r}"
        return
    if endless := [name for name, value in answers.items() if not _is_finite(value)]:
        yield f"{endless[0]} is not finite {where}: {answers[endless[0]]}"
        return
    if solution != again.solution:
        yield f"the same seed gives {solution.right} and then {again.solution.right} {where}: expected the same"
    for lang in range(2):
        texts = [text[lang] for text in variant.options.values()]
        if len(set(texts)) < len(texts):
            yield f"two choices are equal {where}: {', '.join(sorted(texts))}"
    yield from _grades(variant, where)


def _grades(variant: Variant, where: str) -> Iterator[str]:
    solution, question = variant.solution, variant.question
    try:
        grade = _graded(variant, solution.right)
    except Unreadable:
        yield f"the right answer {solution.right} is none that can be given {where}"
        return
    if not grade.right:
        yield f"the right answer {solution.right} is graded wrong {where}"
    if question.computes_wrong and (lone := set(solution.wrong) ^ set(question.wrong)):
        yield f"the oracle and `wrong` name different misconceptions {where}: {', '.join(sorted(lone))}"
        return
    for name, value in question.mistaken(solution).items():
        try:
            grade = _graded(variant, value)
        except Unreadable:
            yield f"the wrong answer {name!r} ({value}) is none that can be given {where}"
            continue
        if grade.right:
            yield f"the wrong answer {name!r} ({value}) is graded right {where}"
        elif grade.misconception not in (name, "") or (name in question.wrong and not grade.misconception):
            taken_for = repr(grade.misconception or "no misconception")
            yield f"the wrong answer {name!r} ({value}) is taken for {taken_for} {where}"


def _graded(variant: Variant, answer: Any) -> Grade:
    """Through the text that a person would type."""
    return variant.grade(variant.read(variant.question.typed(answer, list(variant.options))))


def _unknown_placeholders(question: Question, variant: Variant) -> Iterator[str]:
    drawn, shown = set(question.vary), set(variant.solution.shown)
    before, options = set(variant.values), drawn if isinstance(question, Prediction) else drawn | shown
    early = [text for text in (question.ask, question.hint) if text]
    choices = list(getattr(question, "choices", {}).values())
    for text in question.texts:
        known = before if text in early else options if text in choices else {*before, *shown, "right"}
        if unknown := text.placeholders - known:
            yield f"nothing gives a value to {{{sorted(unknown)[0]}}} in {text.en[:40]!r}"


def _raised(error: Exception) -> str:
    return f"its oracle raised {type(error).__name__}: {' '.join(str(error).split())[:200]}"


def _is_answer(question: Question, value: Any) -> bool:
    """Whether an oracle may give this for the kind of question."""
    if isinstance(question, Number):
        return isinstance(value, Real) and not isinstance(value, bool)
    if isinstance(question, Shape):
        return isinstance(value, Sequence) and all(isinstance(side, Integral) and int(side) >= 0 for side in value)
    if isinstance(question, ShortText):
        return value in question.accept
    if isinstance(question, Multiple):
        return isinstance(value, Collection) and not isinstance(value, str) and set(value) <= set(question.choices)
    if isinstance(question, Ordering):
        places = list(value.values()) if isinstance(value, Mapping) else value
        is_order = isinstance(places, Sequence) and len(set(places)) == len(places)
        return is_order and sorted(value) == sorted(question.choices)
    return not (isinstance(question, Choice) and question.choices) or value in question.choices


def _code(question: Code, variant: Variant) -> Iterator[str]:
    """The solution passes and every mistake fails, in the sandbox."""
    if not variant.grade(question.solution).right:
        yield "its solution is graded wrong"
    if variant.grade(question.stub).right:
        yield "its stub is graded right"
    for name, mistake in question.wrong.items():
        if variant.grade(mistake.code).right:
            yield f"the wrong solution {name!r} is graded right"


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    values: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value
    return not isinstance(values, list | tuple) or all(map(_is_finite, values))


def _problem(entry: Entry, complaint: str) -> Problem:
    return Problem(entry.path, entry.line_of("id"), 1, f"{entry.id}: {complaint}")
