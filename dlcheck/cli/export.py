"""`dlcheck export`: questions for other programs, and on paper."""

from __future__ import annotations

import sys
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dlcheck.cli.options import LangOption, complete_topics, language
from dlcheck.errors import DlcheckError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dlcheck.api import Lang
    from dlcheck.plugins import Catalogue, LoadedTopic
    from dlcheck.quiz.exports import Format
    from dlcheck.quiz.exports.exam import Exam, Source


class FormatName(StrEnum):
    ANKI = "anki"
    GIFT = "gift"
    QTI = "qti"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


def command(
    topics: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]...", help="Default: all with questions.", autocompletion=complete_topics),
    ] = None,
    name: Annotated[FormatName, typer.Option("--format", help="What to write (docs/export.md).")] = FormatName.HTML,
    seed: Annotated[int, typer.Option(help="Where the seeds of the variants come from.")] = 0,
    variants: Annotated[int, typer.Option(min=1, help="Variants of every question: as many sheets.")] = 1,
    answers: Annotated[bool, typer.Option("--answers/--no-answers", help="Whether they are in the file.")] = True,
    lang: LangOption = None,
    output: Annotated[str, typer.Option(metavar="FILE|-", help="Where to; - is standard output.")] = "-",
) -> None:
    """Write questions, solved by the reference models, for other programs and on paper.

    \b
    anki      an .apkg package; cards in both languages, unless --lang names one
    gift      for Moodle
    qti       a QTI 2.1 package, for learning platforms
    markdown  exam sheets with their answer keys
    html      the same, to print
    json      everything, in both languages

    What a format cannot express is left out and counted. The name of each question, topic/id#seed, stands for
    this very variant; the same seed makes the same file.
    """
    from dlcheck.output import STDOUT, check_writable, write
    from dlcheck.plugins import load
    from dlcheck.quiz.course import topics_with_questions
    from dlcheck.quiz.exports import FORMATS
    from dlcheck.quiz.exports.exam import compose
    from dlcheck.report.text import console, put, styled

    form, spoken, notices = FORMATS[name], language(lang), console(stderr=True)
    _check(name, form, answers, output)
    check_writable(output)
    catalogue = load()
    chosen = topics_with_questions(catalogue, list(dict.fromkeys(topics or [])))
    with notices.status("") as status:
        exam = compose(
            _sources(catalogue, chosen),
            form.expresses,
            seed=seed,
            variants=variants,
            lang=None if name is FormatName.ANKI and lang is None else spoken,
            answers=answers,
            on_question=lambda question: status.update(styled(question)),
        )
        content = form.write(exam)
    for line in _left_out(exam, name, spoken):
        put(notices, styled(line))
    if not exam.sheets[0].variants:
        raise DlcheckError(f"none of the questions can be written as {name}: nothing was written")
    write(content, output)
    if output != STDOUT:
        put(notices, styled(_written(exam, output, spoken)))


def _check(name: FormatName, form: Format, answers: bool, output: str) -> None:
    """Raises DlcheckError for options that do not go together, and when something is missing."""
    if form.NEEDS_ANSWERS and not answers:
        raise DlcheckError(f"{name} needs the answers, because a program grades: leave out --no-answers")
    if form.IS_BINARY and output == "-" and sys.stdout.isatty():
        raise DlcheckError(f"{name} is a package and not for a terminal: expected --output FILE")
    if name is FormatName.ANKI:
        from dlcheck.quiz.exports.anki import import_genanki

        import_genanki()  # found out before anything runs, not after it


def _sources(catalogue: Catalogue, topics: Sequence[LoadedTopic]) -> list[Source]:
    from dlcheck.quiz.bank import Bank
    from dlcheck.quiz.exports.exam import Source
    from dlcheck.quiz.live import LiveTopic

    return [
        Source(topic.title, Bank.open(topic.name, topic.questions), LiveTopic(topic, catalogue)) for topic in topics
    ]


def _written(exam: Exam, output: str, lang: Lang) -> str:
    from dlcheck.quiz.exports import words

    written = len(exam.sheets[0].variants)
    questions = (words.QUESTION if written == 1 else words.QUESTIONS)(lang).format(n=written)
    if len(exam.sheets) > 1:
        questions = words.EACH(lang).format(questions=questions, n=len(exam.sheets))
    return words.WRITTEN(lang).format(questions=questions, file=output)


def _left_out(exam: Exam, name: FormatName, lang: Lang) -> Iterator[str]:
    from dlcheck.quiz.exports import words

    kinds = Counter(each.kind for each in exam.left_out if not each.reason)
    if kinds:
        told = ", ".join(f"{words.KINDS[kind](lang)} {count}" for kind, count in kinds.items())
        yield words.CANNOT(lang).format(format=name.value, n=kinds.total(), kinds=told)
    for each in exam.left_out:
        if each.reason:
            yield words.UNANSWERED(lang).format(name=each.name, reason=each.reason)
