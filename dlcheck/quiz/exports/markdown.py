"""Exam sheets in Markdown (CommonMark), each followed by its key."""

from __future__ import annotations

from collections.abc import Iterator

from dlcheck.api import Lang
from dlcheck.quiz.code import Code
from dlcheck.quiz.exports import sheets, words
from dlcheck.quiz.exports.exam import Exam, Sheet
from dlcheck.quiz.variant import Variant
from dlcheck.report.markup import fenced
from dlcheck.report.markup import markdown as escaped

NEEDS_ANSWERS = False
IS_BINARY = False


def expresses(variant: Variant) -> bool:
    """Every kind: a person reads it."""
    return True


def write(exam: Exam) -> bytes:
    blocks = [each for sheet in exam.sheets for each in _sheet(exam, sheet)]
    return ("\n\n".join(blocks) + "\n").encode("utf-8", "replace")


def _sheet(exam: Exam, sheet: Sheet) -> Iterator[str]:
    lang = exam.language
    yield f"# {escaped(sheets.title(exam, sheet))}"
    for number, variant in enumerate(sheet.variants, 1):
        yield from _asked(number, variant, lang)
    if exam.answers:
        yield f"# {escaped(words.KEY(lang))}: {escaped(sheets.title(exam, sheet))}"
        for number, variant in enumerate(sheet.variants, 1):
            yield from _answered(number, variant, lang)


def _asked(number: int, variant: Variant, lang: Lang) -> Iterator[str]:
    yield f"## {number}. `{variant.label}`"
    yield escaped(variant.ask(lang)).strip("\n")
    if said := sheets.instruction(variant, lang):
        yield f"*{escaped(said)}*"
    if isinstance(variant.question, Code):
        yield fenced(variant.question.stub, "python").strip("\n")
    if variant.options:
        yield "\n".join(_item(f"{n}. ", text(lang)) for n, text in enumerate(variant.options.values(), 1))


def _answered(number: int, variant: Variant, lang: Lang) -> Iterator[str]:
    yield f"## {number}. `{variant.label}`"
    if code := sheets.solution(variant):
        yield fenced(code, "python").strip("\n")
    else:
        yield f"**{escaped(sheets.numbered(variant, lang))}**"
    yield from (escaped(said).strip("\n") for said in sheets.remarks(variant, lang))
    if told := sheets.common_mistakes(variant, lang):
        yield f"{escaped(words.MISTAKES(lang))}:"
        yield "\n".join(_item("- ", said) for said in told)
    if said := sheets.check_it(variant, lang):
        yield f"*{escaped(said)}*"


def _item(mark: str, text: str) -> str:
    """A list item; its further lines are indented, so that they stay in it."""
    first, *more = escaped(text).split("\n")
    return "\n".join([mark + first, *(" " * len(mark) + line if line else "" for line in more)])
