"""`dlcheck doctor`: what is here, and what is missing for what."""

from __future__ import annotations

import typer

from dlcheck.cli.options import LangOption, language


def command(lang: LangOption = None) -> None:
    """Show what is here and what is missing for what.

    Versions, devices, threads, how code answers are contained, the store of measurements and plugins. Exit code 4 when
    something is broken.
    """
    from dlcheck.report.doctor import examine, print_findings
    from dlcheck.report.text import console

    findings = examine(language(lang))
    print_findings(console(), findings)
    raise typer.Exit(4 if any(finding.broken for finding in findings) else 0)
