"""What exam sheets say, whether they are HTML or Markdown."""

from __future__ import annotations

from dlcheck.api import Lang
from dlcheck.quiz.code import Code
from dlcheck.quiz.exports import words
from dlcheck.quiz.exports.exam import Exam, Sheet, mistakes, right_keys
from dlcheck.quiz.exports.intervals import interval
from dlcheck.quiz.values import Number, ShortText
from dlcheck.quiz.variant import Variant
from dlcheck.quiz.words import VERIFY


def title(exam: Exam, sheet: Sheet) -> str:
    """The topics; with several sheets, which of them this is."""
    named = f"{exam.title}: {words.QUIZ(exam.language)}"
    if len(exam.sheets) == 1:
        return named
    return f"{named} ({words.SHEET(exam.language).format(number=sheet.number, count=len(exam.sheets))})"


def instruction(variant: Variant, lang: Lang) -> str:
    """How to answer; empty where the options show it."""
    text = words.INSTRUCTIONS.get(variant.question.kind)
    return text(lang) if text else ""


def numbered(variant: Variant, lang: Lang) -> str:
    """The right answer, after the numbers of its options. Of code it is the solution: see `solution`."""
    spelled = variant.right(lang)
    options = list(variant.options)
    numbers = ", ".join(str(options.index(key) + 1) for key in right_keys(variant))
    return f"{numbers}: {spelled}" if numbers else spelled


def solution(variant: Variant) -> str:
    """The code that is the answer; empty for other kinds."""
    return variant.question.solution if isinstance(variant.question, Code) else ""


def remarks(variant: Variant, lang: Lang) -> list[str]:
    """What stands in the key after the right answer: what is accepted, what ran, why."""
    question = variant.question
    accepted = []
    if isinstance(question, Number):
        low, high = interval(question.compare, variant.solution.right)
        said = words.EXACT if low == high else words.ACCEPTED
        accepted.append(said(lang).format(low=_short(low), high=_short(high)))
    evidence = [variant.evidence(lang)] if question.evidence and variant.evidence else []
    return [*accepted, *evidence, variant.explanation(lang)]


def common_mistakes(variant: Variant, lang: Lang) -> list[str]:
    """What is wrong with each wrong answer that has a name, after that answer."""
    return [": ".join([*_answer_of(variant, name, lang), text(lang)]) for name, text in mistakes(variant).items()]


def _answer_of(variant: Variant, name: str, lang: Lang) -> list[str]:
    """The answer of this misconception: the number of an option, a term, or a value that was computed."""
    question, options = variant.question, list(variant.options)
    if name in options:
        return [str(options.index(name) + 1)]
    if isinstance(question, ShortText):
        return [question.spell(name, {})(lang)]
    return [
        question.spell(value, variant.options)(lang) for key, value in variant.solution.wrong.items() if key == name
    ]


def check_it(variant: Variant, lang: Lang) -> str:
    """The command that shows the answer; empty without a claim."""
    return next((f"{VERIFY(lang)} dlcheck verify {claim}" for claim in variant.question.verifies), "")


def _short(number: float) -> str:
    return f"{number:,.0f}" if abs(number) >= 1e6 else f"{number:,.6g}"
