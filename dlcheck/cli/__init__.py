"""The command line, `dlcheck`. One module per command; whatever is heavy is imported when its command runs."""

from __future__ import annotations

import builtins
import errno
import io
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from dlcheck.cli import (
    bank,
    diff,
    doctor,
    export,
    judge,
    list,  # noqa: A004  # modules are named like their commands
    merge,
    notes,
    plugins,
    progress,
    quiz,
    report,
    show,
    verify,
)
from dlcheck.errors import DlcheckError

LEARNERS = ("verify", "list", "show", "report", "notes", "quiz", "review", "stats", "progress", "doctor")
CI = ("judge", "merge", "diff")
AUTHORS = ("plugins", "bank", "export")


class _ByReader(TyperGroup):
    """Commands in the order in which people come to need them."""

    def list_commands(self, ctx: Any) -> builtins.list[str]:  # typer has no public name for this context
        return sorted(self.commands, key=(*LEARNERS, *CI, *AUTHORS).index)


app = typer.Typer(
    name="dlcheck",
    cls=_ByReader,
    help="Deep-learning statements that run: claims decided by experiments, with controls and honest statistics.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help: quick, and readable on every terminal
    pretty_exceptions_enable=False,
)
app.command("verify", epilog=verify.EXIT_CODES)(verify.command)
app.command("list")(list.command)
app.command("show")(show.command)
app.command("report")(report.command)
app.add_typer(notes.app, name="notes")
app.command("quiz")(quiz.quiz)
app.command("review")(quiz.review)
app.command("stats")(progress.stats)
app.add_typer(progress.app, name="progress")
app.command("doctor")(doctor.command)
app.command("judge")(judge.command)
app.command("merge")(merge.command)
app.command("diff", epilog=diff.EXIT_CODES)(diff.command)
app.command("plugins")(plugins.command)
app.add_typer(bank.app, name="bank")
app.command("export")(export.command)


def _print_version(asked: bool) -> None:
    if asked:
        from dlcheck import __version__

        print(f"dlcheck {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line. What the user can mend is one line on standard error and its exit code."""
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal without UTF-8 shows ? and goes on
    try:
        app(prog_name="dlcheck")
    except DlcheckError as error:
        from dlcheck.report.text import clean

        print(f"dlcheck: {clean(str(error))}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename:
            raise
        print(f"dlcheck: cannot write to standard output ({error.strerror})", file=sys.stderr)
        sys.exit(4)
