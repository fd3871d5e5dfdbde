"""`dlcheck judge`: verdicts from saved trials."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlcheck.cli.options import (
    JsonOption,
    JunitOption,
    LangOption,
    QuietOption,
    SarifOption,
    SummaryOption,
    language,
)
from dlcheck.cli.outputs import Outputs


def command(
    file: Annotated[Path, typer.Argument(help="What dlcheck verify --json has written.")],
    lang: LangOption = None,
    json: JsonOption = None,
    junit: JunitOption = None,
    summary: SummaryOption = None,
    sarif: SarifOption = None,
    quiet: QuietOption = False,
) -> None:
    """Decide claims anew from the numbers in a file of results, without running anything.

    The verdicts that stand in the file are not believed, only compared. Needs neither torch nor the plugins. Exit
    codes are those of verify.
    """
    from dlcheck.report.lines import finished
    from dlcheck.report.recorded import read
    from dlcheck.report.summary import print_contradictions, print_end
    from dlcheck.report.text import console, put

    outputs, spoken = Outputs(json, junit, summary, sarif), language(lang)
    out = console(stderr=outputs.on_stdout)
    record = read(file)
    results = record.results
    for line in [line for outcome in results.outcomes if not quiet for line in finished(outcome, spoken)]:
        put(out, line)
    print_contradictions(out, record, spoken)
    outputs.write(results, spoken)
    print_end(out, results.outcomes, results.faults, spoken, interrupted=results.interrupted, more=False)
    raise typer.Exit(results.exit_code)
