"""`dlcheck list`: the claims that are installed."""

from __future__ import annotations

from typing import Annotated

import typer

from dlcheck.cli.options import LangOption, complete_topics, language


def command(
    topic: Annotated[
        str | None, typer.Argument(metavar="TOPIC", help="Only this topic.", autocompletion=complete_topics)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON (docs/json.md).")] = False,
    lang: LangOption = None,
) -> None:
    """List topics and their claims."""
    from dlcheck.plugins import load

    catalogue = load()
    claims = catalogue.select([topic] if topic else [])
    if json:
        from dlcheck import output
        from dlcheck.report import contract

        output.write(contract.encode(contract.listing(catalogue, claims)), output.STDOUT)
        return
    from dlcheck.report.listing import print_faults_line, print_topics
    from dlcheck.report.text import console

    chosen = {claim.id for claim in claims}
    print_topics(console(), catalogue, chosen, language(lang))
    print_faults_line(console(stderr=True), catalogue.faults)
