"""`dlcheck diff`: two runs compared."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlcheck.cli.options import LangOption, language

EXIT_CODES = """\
Exit codes:

\b
0  no verdict changed, no effect moved, no claim is gone
1  something of that kind did
2  a file is no file of results
"""


def command(
    old: Annotated[Path, typer.Argument(help="What dlcheck verify --json wrote then.")],
    new: Annotated[Path, typer.Argument(help="What it wrote now.")],
    lang: LangOption = None,
) -> None:
    """Compare two runs: verdicts that changed, effects that moved beyond their intervals, versions that differ.

    An effect has moved when its old and its new interval have no point in common; a count, when it is another.
    """
    from dlcheck.report.diff import compare, lines
    from dlcheck.report.recorded import read
    from dlcheck.report.text import console, put

    out, difference = console(), compare(read(old).results, read(new).results)
    for line in lines(difference, language(lang)):
        put(out, line)
    raise typer.Exit(int(difference.matters))
