"""What every format writes: variants of questions, solved, in sheets; and what had to be left out of them."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dlcheck.api import Lang, Text
from dlcheck.errors import DlcheckError
from dlcheck.quiz.bank import Bank
from dlcheck.quiz.base import Grade, Live
from dlcheck.quiz.options import in_order
from dlcheck.quiz.variant import OracleError, Variant


@dataclass(frozen=True)
class Source:
    """A topic's questions, and what answers them."""

    title: Text
    bank: Bank
    live: Live


@dataclass(frozen=True)
class Sheet:
    """One variant of every question. They share a seed, so that topic/id#seed names each of them."""

    number: int
    seed: int
    variants: Sequence[Variant]


@dataclass(frozen=True)
class LeftOut:
    """A question that is not in the file. reason: why it has no answer here; empty when it has no form there."""

    name: str
    kind: str
    reason: str = ""


@dataclass(frozen=True)
class Exam:
    """titles: of the topics, by name.  lang: of formats that have one language; None when nobody asked for one.
    answers: whether they are in the file.
    """

    titles: dict[str, Text]
    seed: int
    sheets: Sequence[Sheet]
    left_out: Sequence[LeftOut]
    lang: Lang | None = None
    answers: bool = True

    @property
    def language(self) -> Lang:
        return self.lang or "en"

    @property
    def title(self) -> str:
        return ", ".join(title(self.language) for title in self.titles.values())

    @property
    def variants(self) -> list[Variant]:
        """All of them: those of one question beside each other."""
        return [variant for same in zip(*(sheet.variants for sheet in self.sheets), strict=True) for variant in same]


def compose(
    sources: Sequence[Source],
    expresses: Callable[[Variant], bool],
    *,
    seed: int,
    variants: int,
    lang: Lang | None = None,
    answers: bool = True,
    on_question: Callable[[str], None] = lambda name: None,
) -> Exam:
    """So many variants of every question that the format expresses and that has an answer.

    A question is in all sheets or in none: they are exams of the same worth. Raises DlcheckError for a bank that
    cannot be read and for an oracle that breaks.
    """
    seeds, kept, left_out = seeds_from(seed, variants), [], []
    for source in sources:
        for entry in source.bank.entries.values():
            question = entry.parse()
            on_question(f"{source.bank.topic}/{question.id}")
            same = [Variant(source.bank.topic, question, each, source.live) for each in seeds]
            if (missing := _why_not(same, expresses)) is None:
                kept.append(same)
            else:
                left_out.append(missing)
    sheets = [Sheet(index + 1, each, [same[index] for same in kept]) for index, each in enumerate(seeds)]
    titles = {source.bank.topic: source.title for source in sources}
    return Exam(titles, seed, sheets, left_out, lang, answers)


def _why_not(same: Sequence[Variant], expresses: Callable[[Variant], bool]) -> LeftOut | None:
    """None for a question that can be written; it is solved then."""
    name, kind = same[0].name, same[0].question.kind
    for variant in same:
        try:
            if not expresses(variant):
                return LeftOut(name, kind)
            variant.solution  # noqa: B018  # what is cached here, the writer can rely on
        except OracleError:
            raise
        except DlcheckError as error:  # an undecided claim, say: nothing to ask about
            return LeftOut(name, kind, str(error))
    return None


def seeds_from(seed: int, count: int) -> list[int]:
    """Seeds of the sheets. More sheets leave the first ones as they were."""
    draws = random.Random(f"export/{seed}")
    return [draws.randrange(1 << 31) for _ in range(count)]


def right_keys(variant: Variant) -> list[str]:
    """Keys of the right options; of an ordering, all of them in order. Empty for kinds without options."""
    kind, right, options = variant.question.kind, variant.solution.right, list(variant.options)
    if kind == "truth":
        return ["true" if right else "false"]
    if kind == "ordering":
        return in_order(right)
    if kind == "multiple":
        return [key for key in options if key in right]
    return [key for key in options if variant.grade(key).right]


def mistakes(variant: Variant) -> dict[str, Text]:
    """What is wrong with each named misconception."""
    told = ((name, variant.feedback(Grade(False, name))) for name in variant.question.wrong)
    return {name: text for name, text in told if text}
