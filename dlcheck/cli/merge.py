"""`dlcheck merge`: the shards of one run, put together again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlcheck.cli.options import JsonOption, JunitOption, LangOption, SarifOption, SummaryOption, language
from dlcheck.cli.outputs import Outputs


def command(
    files: Annotated[list[Path], typer.Argument(help="What dlcheck verify --shard I/N --json has written, all N.")],
    lang: LangOption = None,
    json: JsonOption = None,
    junit: JunitOption = None,
    summary: SummaryOption = None,
    sarif: SarifOption = None,
) -> None:
    """Put the shards of one run together, and prove that nothing is missing.

    All files must have the same plan (claims, code, rules, seeds, device, versions), and every planned claim must be
    in exactly one of them; else nothing is written, and the exit code is 4. A file that does not hold together, by its
    seeds for instance, is refused with 2. Verdicts are drawn anew from the numbers. Other exit codes are verify's.
    """
    from dlcheck.report.merge import merge
    from dlcheck.report.recorded import read
    from dlcheck.report.summary import print_contradictions, print_end
    from dlcheck.report.text import console

    outputs, spoken = Outputs(json, junit, summary, sarif), language(lang)
    out = console(stderr=outputs.on_stdout)
    records = [read(file) for file in files]
    results = merge(records)
    outputs.write(results, spoken)
    for record in records:
        print_contradictions(out, record, spoken)
    print_end(out, results.outcomes, results.faults, spoken, interrupted=results.interrupted, more=False)
    raise typer.Exit(results.exit_code)
