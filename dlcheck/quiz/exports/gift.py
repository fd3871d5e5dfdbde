"""GIFT, which Moodle imports. The rules of escaping are those of its reader: \\ before \\ ~ = # { } : and \\n."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from dlcheck.api import Lang, Text
from dlcheck.quiz.exports import words
from dlcheck.quiz.exports.exam import Exam, mistakes, right_keys
from dlcheck.quiz.exports.intervals import interval
from dlcheck.quiz.values import Aliases, Number, ShortText
from dlcheck.quiz.variant import Variant
from dlcheck.report.markup import rich
from dlcheck.report.text import visible

NEEDS_ANSWERS = True
IS_BINARY = False
CANNOT = ("code", "prediction")
"""Moodle runs no code; a prediction is about an experiment that has yet to run, and a file holds what has run."""
MOST_PARTS = 10
"""Moodle knows the grades 1/1 to 1/10 of a whole, and refuses others."""


def expresses(variant: Variant) -> bool:
    question = variant.question
    if question.kind in CANNOT:
        return False
    if question.kind == "multiple":
        return 0 < len(right_keys(variant)) <= MOST_PARTS  # Moodle has no question to which "none of them" is right
    if isinstance(question, ShortText):
        return not any("->" in alias for names in question.accept.values() for alias in (*names.en, *names.ko))
    return True


def write(exam: Exam) -> bytes:
    lines = []
    category = ""
    for variant in exam.variants:
        if (now := _category(exam, variant)) != category:
            category = now
            lines += [f"$CATEGORY: {category}", ""]
        lines += [*_question(variant, exam.language), ""]
    return "\n".join(lines).encode("utf-8", "replace")


def _category(exam: Exam, variant: Variant) -> str:
    """With several variants, one for each question: Moodle draws at random from a category."""
    return f"dlcheck/{variant.topic if len(exam.sheets) == 1 else variant.name}"


def _question(variant: Variant, lang: Lang) -> Iterator[str]:
    question = variant.question
    said = words.INSTRUCTIONS.get(question.kind)
    ask = "\n\n".join([variant.ask(lang), *([said(lang)] if said else [])])
    start = f"::{_plain(variant.label)}::[html]{_rich(ask)}"
    yield start + "{" + ("#" if question.kind == "number" else "")
    yield from (f"\t{line}" for line in _ANSWERS[question.kind](variant, lang))
    yield f"\t####{_rich(variant.explanation(lang))}"
    yield "}"


def _one(variant: Variant, lang: Lang) -> Iterator[str]:
    right, told = right_keys(variant), mistakes(variant)
    for key, text in variant.options.items():
        yield f"{'=' if key in right else '~'}{_rich(text(lang))}{_feedback(told.get(key), lang)}"


def _several(variant: Variant, lang: Lang) -> Iterator[str]:
    """Every right one is worth its part, a wrong one takes all away."""
    right, told = right_keys(variant), mistakes(variant)
    part = f"{100 / len(right):.7g}"
    for key, text in variant.options.items():
        weight = part if key in right else "-100"
        yield f"~%{weight}%{_rich(text(lang))}{_feedback(told.get(key), lang)}"


def _truth(variant: Variant, lang: Lang) -> Iterator[str]:
    yield "TRUE" if variant.solution.right else "FALSE"


def _number(variant: Variant, lang: Lang) -> Iterator[str]:
    """The right answer first, because Moodle shows it; then all that the comparison accepts; then misconceptions."""
    question, solution = variant.question, variant.solution
    assert isinstance(question, Number)
    told, compare = mistakes(variant), question.compare
    low, high = interval(compare, solution.right)
    yield f"={solution.right!r}:{min(solution.right - low, high - solution.right)!r}"
    if compare.absolute is None and low < high:
        yield f"={low!r}..{high!r}"
    for name, value in solution.wrong.items():
        low, high = interval(compare, value)
        yield f"=%0%{low!r}..{high!r}{_feedback(told.get(name), lang)}"


def _shape(variant: Variant, lang: Lang) -> Iterator[str]:
    """In the spellings that people use: Moodle compares letters."""
    told = mistakes(variant)
    yield from (f"=%100%{_plain(each)}" for each in spellings(variant.solution.right))
    for name, shape in variant.solution.wrong.items():
        yield from (f"=%0%{_plain(each)}{_feedback(told.get(name), lang)}" for each in spellings(shape))


def spellings(shape: Sequence[int]) -> list[str]:
    """(2, 8, 5) first, as it is shown."""
    sides = [str(side) for side in shape]
    inside = [", ".join(sides), ",".join(sides), " ".join(sides)]
    bare = [*inside, "x".join(sides), " x ".join(sides)] if sides else []
    enclosed = [f"{left}{each}{right}" for left, right in ("()", "[]") for each in inside]
    return list(dict.fromkeys([str(tuple(shape)), *enclosed, *bare]))


def _term(variant: Variant, lang: Lang) -> Iterator[str]:
    question, told = variant.question, mistakes(variant)
    assert isinstance(question, ShortText)
    right = variant.solution.right
    for name in sorted(question.accept, key=lambda name: name != right):
        if name == right or name in told:
            for alias in aliases(question.accept[name], lang):
                literal = _plain(alias.replace("*", "\\*"))  # * alone stands for anything
                yield f"=%{100 if name == right else 0}%{literal}{_feedback(told.get(name), lang)}"


def aliases(accepted: Aliases, lang: Lang) -> list[str]:
    """Of both languages, the exam's first, also without the hyphens that the quiz does not mind."""
    both = [*accepted.ko, *accepted.en] if lang == "ko" else [*accepted.en, *accepted.ko]
    return list(dict.fromkeys(spelt for alias in both for spelt in (alias, alias.replace("-", " "))))


def _order(variant: Variant, lang: Lang) -> Iterator[str]:
    """Matching: every option with its place."""
    places = {key: place for place, key in enumerate(right_keys(variant), 1)}
    for key, text in variant.options.items():
        yield f"={_rich(text(lang))} -> {places[key]}"


_ANSWERS: dict[str, Callable[[Variant, Lang], Iterator[str]]] = {
    "choice": _one,
    "multiple": _several,
    "truth": _truth,
    "number": _number,
    "shape": _shape,
    "text": _term,
    "ordering": _order,
}


def _feedback(text: Text | None, lang: Lang) -> str:
    return f"#{_rich(text(lang))}" if text else ""


def _rich(text: str) -> str:
    """Text as HTML; a [ at its start would be read as the name of a format."""
    made = rich(text)
    return _plain(f"&#91;{made[1:]}" if made.startswith("[") else made)


def _plain(text: str) -> str:
    """Literal text: a line break is written \\n, so that no line is empty, which would end the question."""
    return re.sub(r"[\\~=#{}:]", r"\\\g<0>", visible(text)).replace("\n", "\\n")
