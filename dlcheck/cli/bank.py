"""`dlcheck bank`: for authors of questions."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from dlcheck.cli.options import complete_topics
from dlcheck.errors import DlcheckError

if TYPE_CHECKING:
    from dlcheck.quiz.bank import Problem

app = typer.Typer(help="For authors of questions: test a bank, begin a new one.", no_args_is_help=True)


class Format(StrEnum):
    TEXT = "text"
    GITHUB = "github"


@app.command("test")
def run_checks(
    topics: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]...", help="Default: all with questions.", autocompletion=complete_topics),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Variants of each question to try.")] = 20,
    style: Annotated[
        Format, typer.Option("--format", help="How to tell problems: github annotates a pull request.")
    ] = Format.TEXT,
) -> None:
    """Try every question: its form, and that right answers grade right and wrong ones wrong.

    Exits with 1 when there is anything to mend; every problem is told, at its line.
    """
    from dlcheck.plugins import load
    from dlcheck.quiz.bank import Bank, BankError, Problem
    from dlcheck.quiz.checks import check
    from dlcheck.quiz.course import topics_with_questions
    from dlcheck.quiz.live import LiveTopic
    from dlcheck.report.text import console, put, styled

    out, catalogue = console(), load()
    problems: list[Problem] = []
    for topic in topics_with_questions(catalogue, topics or []):
        try:
            bank = Bank.open(topic.name, topic.questions)
            found = check(bank, LiveTopic(topic, catalogue), seeds)
        except BankError as error:
            found = list(error.problems)
        except DlcheckError as error:
            found = [Problem(topic.questions, 1, 1, str(error))]
        else:
            put(
                out,
                styled(f"{topic.name}: {_counted(len(bank.entries), 'question')}, {_counted(len(found), 'problem')}"),
            )
        problems += found
    for problem in problems:
        put(out, styled(_annotation(problem) if style is Format.GITHUB else str(problem)))
    raise typer.Exit(1 if problems else 0)


@app.command("new")
def print_template(
    topic: Annotated[str, typer.Argument(help="Name of the topic.")],
) -> None:
    """Print a bank with a question of each kind that runs nothing: a template that passes `dlcheck bank test`."""
    from dlcheck.quiz.base import NAME
    from dlcheck.quiz.template import TEMPLATE

    if not re.fullmatch(NAME, topic):
        raise DlcheckError(f"expected a topic of small letters, digits and single hyphens between, got {topic!r}")
    print(TEMPLATE.replace("TOPIC", topic), end="")


@app.command("schema")
def print_schema() -> None:
    """Print the JSON schema of a question, for editors that check YAML while it is written."""
    from dlcheck.quiz.question import json_schema

    print(json.dumps(json_schema(), indent=2, ensure_ascii=False))


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _annotation(problem: Problem) -> str:
    """A workflow command of GitHub; %, and line ends, would end it."""
    message = problem.message.replace("%", "%25").replace("\n", "%0A")
    return f"::error file={problem.path},line={problem.line},col={problem.column}::{message}"
