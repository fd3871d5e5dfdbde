"""`dlcheck stats` and `dlcheck progress`: what was learned, and keeping it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcheck.cli.options import LangOption, complete_topics, language
from dlcheck.errors import DlcheckError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlcheck.quiz.memory import Memory

app = typer.Typer(help="Keep what you have learned: export, import, reset.", no_args_is_help=True)


def stats(lang: LangOption = None) -> None:
    """Show what you know: mastery of each topic, streak, what is due, and what you confuse most."""
    from dlcheck.quiz.course import Course
    from dlcheck.report.standing import print_standing
    from dlcheck.report.text import console

    with Course.open([]) as course:
        print_standing(console(), course, language(lang))


@app.command("export")
def export_answers(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="Where to write them, as JSON; - is standard output.")],
) -> None:
    """Write all answers to a file, which another machine can import."""
    from dlcheck.output import check_writable, write
    from dlcheck.quiz.memory import Memory

    check_writable(file)
    with Memory.default() as memory:
        write(memory.export(), file)


@app.command("import")
def import_answers(
    file: Annotated[Path, typer.Argument(help="What `dlcheck progress export` wrote.")], lang: LangOption = None
) -> None:
    """Add the answers of a file that are not here yet; all of them, or none when the file is faulty."""
    from dlcheck.quiz.memory import Memory
    from dlcheck.quiz.words import IMPORTED

    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DlcheckError(f"cannot read {file} ({error.strerror})") from None
    except (ValueError, RecursionError):
        raise DlcheckError(f"{file}: expected what `dlcheck progress export` writes, got no JSON") from None
    with Memory.default() as memory:
        try:
            count = memory.restore(document)
        except DlcheckError as error:
            raise DlcheckError(f"{file}: {error}") from None
        print(IMPORTED(language(lang)).format(count=count))


@app.command("reset")
def reset(
    topics: Annotated[
        list[str] | None, typer.Argument(metavar="[TOPIC]...", help="Default: all.", autocompletion=complete_topics)
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    lang: LangOption = None,
) -> None:
    """Forget answers for good. Asks first; export them before."""
    from dlcheck.quiz.memory import Memory
    from dlcheck.quiz.words import FORGET, FORGOTTEN

    spoken = language(lang)
    with Memory.default() as memory:
        if topics:
            _check_topics(memory, topics)
        if not yes and not typer.confirm(FORGET(spoken).format(topics=", ".join(topics or []) or "*")):
            raise typer.Exit(1)
        print(FORGOTTEN(spoken).format(count=memory.reset(topics or [])))


def _check_topics(memory: Memory, names: Sequence[str]) -> None:
    """Those that are installed, and those that were when they were answered. Raises DlcheckError for any other."""
    from dlcheck.plugins import load

    answered = {review.question.partition("/")[0] for review in memory.reviews()}
    known = sorted({*answered, *(topic.name for topic in load().topics)})
    for name in names:
        if name not in known:
            near = did_you_mean(name, known)
            raise DlcheckError(f"no topic {name!r}: expected some of {', '.join(known)}.{near}")
