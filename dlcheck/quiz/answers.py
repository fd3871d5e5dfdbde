"""What an oracle may give for each kind of question: found out before anything is shown or graded with it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from numbers import Integral, Real
from typing import Any

from dlcheck.measured import shown
from dlcheck.quiz.base import Question, Solution
from dlcheck.quiz.code import Code, Exercise
from dlcheck.quiz.options import Choice, Multiple, Ordering
from dlcheck.quiz.values import Number, Shape, ShortText

EXPECTED = {
    "number": "a number (int or float)",
    "shape": "a tuple of sizes",
    "text": "a name in accept",
    "choice": "a key of choices",
    "multiple": "a list of keys of choices",
    "ordering": "all keys of choices in order, or a different number for each,",
    "code": "Exercise(reference, cases), the cases a list of lists of arguments,",
}


def complaint(question: Question, solution: Solution) -> str:
    """What is no answer to the question among these; empty when all are."""
    answers = {"the right answer": solution.right, **{repr(name): value for name, value in solution.wrong.items()}}
    for name, value in answers.items():
        if not is_answer(question, value):
            return f"its oracle gave no answer: expected {EXPECTED[question.kind]} as {name}, got {shown(value)}"
    return ""


def is_answer(question: Question, value: Any) -> bool:
    """Whether an oracle may give this for the kind of question."""
    if isinstance(question, Number):
        return isinstance(value, Real) and not isinstance(value, bool)
    if isinstance(question, Shape):
        return isinstance(value, Sequence) and all(isinstance(side, Integral) and int(side) >= 0 for side in value)
    if isinstance(question, Code):
        return isinstance(value, Exercise) and _are_cases(value.cases)
    if isinstance(question, Multiple):
        return _are_keys(value) and set(value) <= set(question.choices)
    if isinstance(question, Ordering):
        return _are_keys(value) and sorted(value) == sorted(question.choices) and _are_places(value)
    if isinstance(question, ShortText):
        return isinstance(value, str) and value in question.accept
    return not (isinstance(question, Choice) and question.choices) or (
        isinstance(value, str) and value in question.choices
    )


def _are_cases(cases: Any) -> bool:
    """A list with the arguments of each case, which are lists too."""
    return isinstance(cases, list | tuple) and bool(cases) and all(isinstance(case, list | tuple) for case in cases)


def _are_keys(value: Any) -> bool:
    return isinstance(value, Collection) and not isinstance(value, str) and all(isinstance(key, str) for key in value)


def _are_places(value: Any) -> bool:
    """Of an ordering by numbers: numbers, and no two the same."""
    places = list(value.values()) if isinstance(value, Mapping) else []
    return all(isinstance(place, Real) for place in places) and len(set(places)) == len(places)
