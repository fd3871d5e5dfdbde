"""What has to hold for every question, tried for many seeds: the right answer grades right, every wrong one wrong.

Each problem is told at the place of its question in the bank.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from dlcheck.errors import DlcheckError
from dlcheck.plugins import summary
from dlcheck.quiz.bank import Bank, BankError, Entry, Problem
from dlcheck.quiz.base import Grade, Live, Question, Unreadable
from dlcheck.quiz.claims import Prediction, Truth
from dlcheck.quiz.code import Code
from dlcheck.quiz.variant import OracleError, Variant

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
        problems += _unknown_claims(entry, question, live)
        problems += [_problem(entry, complaint) for complaint in _all_complaints(bank.topic, question, live, seeds)]
    return problems


def _unknown_claims(entry: Entry, question: Question, live: Live) -> Iterator[Problem]:
    for claim in question.verifies:
        try:
            live.statement(claim)
        except DlcheckError as error:
            yield Problem(entry.path, entry.line_of("verifies"), 1, f"{entry.id}: verifies: {error}")


def _all_complaints(topic: str, question: Question, live: Live, seeds: int) -> Iterator[str]:
    """One line for each thing that is wrong. What cannot be tried does not hide what is wrong with other questions."""
    try:
        yield from _complaints(topic, question, live, seeds)
    except OracleError as error:
        yield f"{error.reason} with seed {error.seed}"
    except DlcheckError as error:
        yield str(error)
    except (Exception, SystemExit) as error:
        yield f"trying it raised {summary(error, {'dlcheck'})}"


def _complaints(topic: str, question: Question, live: Live, seeds: int) -> Iterator[str]:
    """Raises DlcheckError for a variant that cannot be solved or graded."""
    first = Variant(topic, question, 0, live)
    _ = first.solution  # imports torch, or runs a claim, which is not the oracle's own time
    if unknown := list(_unknown_placeholders(question, first)):
        yield from unknown  # and its texts cannot be shown
        return
    varied = bool(question.vary or question.oracle) and not isinstance(question, Truth | Prediction)
    tried = [Variant(topic, question, seed, live) for seed in range(seeds if varied else 1)]
    if isinstance(question, Code):  # which takes seconds: only what was drawn makes a difference
        tried = list({repr(variant.values): variant for variant in reversed(tried)}.values())[::-1]
    for variant in tried:
        found = list(_code(question, variant) if isinstance(question, Code) else _one(variant))
        yield from found
        if found:  # other seeds would mostly say the same again
            return


def _one(variant: Variant) -> Iterator[str]:
    """One variant, and the same made anew."""
    question, where = variant.question, f"with seed {variant.seed}"
    again = replace(variant)
    began = time.process_time()  # not the wall's, which counts what else the machine does
    solution = variant.solution
    if question.oracle and time.process_time() - began > ORACLE_SECONDS:
        yield f"its oracle took more than {ORACLE_SECONDS:g} s"
    answers = {"the right answer": solution.right, **solution.wrong}
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


def _code(question: Code, variant: Variant) -> Iterator[str]:
    """The solution passes and every mistake fails, in the sandbox."""
    mistakes = {f"the wrong solution {name!r}": mistake.code for name, mistake in question.wrong.items()}
    for name, code in {"its solution": question.solution, "its stub": question.stub, **mistakes}.items():
        try:
            grade = variant.grade(variant.read(code))
        except Unreadable as unreadable:
            yield f"{name} cannot be read: {unreadable}"
            continue
        if grade.right != (name == "its solution"):
            why = f": {grade.reason.en}" if grade.reason else ""
            yield f"{name} is graded {'right' if grade.right else 'wrong'} with seed {variant.seed}{why}"


def _is_finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    values: Sequence[Any] = list(value.values()) if isinstance(value, dict) else value
    return not isinstance(values, list | tuple) or all(map(_is_finite, values))


def _problem(entry: Entry, complaint: str) -> Problem:
    return Problem(entry.path, entry.line_of("id"), 1, f"{entry.id}: {complaint}")
