"""`dlcheck report`: a page of what the saved trials say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcheck.cli.options import LangOption, complete_names, language

if TYPE_CHECKING:
    from dlcheck.api import Claim, Lang
    from dlcheck.engine.store import Store
    from dlcheck.notes.standing import JudgedNote
    from dlcheck.plugins import Catalogue
    from dlcheck.report.html.card import Entry
    from dlcheck.report.html.page import Report

PAGE = "dlcheck-report.html"


def command(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TOPIC...",
            help="Topics, TOPIC/CLAIM or globs; default: every claim.",
            autocompletion=complete_names,
        ),
    ] = None,
    html: Annotated[str, typer.Option(metavar="FILE|-", help="Where the page goes; - is standard output.")] = PAGE,
    show: Annotated[bool, typer.Option("--open", help="Show the page in the browser.")] = False,
    device: Annotated[str, typer.Option(help="Whose trials: cpu, cuda, cuda:N or mps.")] = "cpu",
    epoch: Annotated[int, typer.Option(min=0, help="The seeds of which epoch.")] = 0,
    lang: LangOption = None,
) -> None:
    """Make one HTML page of what the saved trials say.

    Statements, verdicts, plots, numbers and code, in English and Korean. Verdicts are judged anew and nothing is run;
    claims without trials are listed with the command that measures them. A page of every claim also says how the
    statements of the study notes stand.
    """
    import time
    import webbrowser

    from dlcheck.engine.devices import saved_under
    from dlcheck.engine.store import Store
    from dlcheck.output import check_writable, write
    from dlcheck.plugins import load
    from dlcheck.report import contract
    from dlcheck.report.html.page import Report, page
    from dlcheck.report.text import console
    from dlcheck.report.words import moment

    where, catalogue = saved_under(device), load()
    claims = catalogue.select(names or [])
    check_writable(html)
    notices = console(stderr=True)
    with Store.default(notice=notices.print) as store:
        entries = _entries(claims, where, epoch, store)
    found = [(topic, [entries[c.id] for c in topic.claims if c.id in entries]) for topic in catalogue.topics]
    topics = [(topic, chosen) for topic, chosen in found if chosen]
    notes = _notes(entries) if len(entries) == len(catalogue.claims) else []
    report = Report(topics, contract.versions(catalogue), where, epoch, moment(time.time()), notes)
    write(page(report, language(lang)).encode("utf-8", "replace"), html)
    _tell(html, report, language(lang), catalogue)
    if show and html != "-":
        webbrowser.open(Path(html).absolute().as_uri())


def _entries(claims: Sequence[Claim], device: str, epoch: int, store: Store) -> dict[str, Entry]:
    """By the claims' ids. A claim that does not run on the device is skipped, as `verify` would."""
    from dlcheck.engine import recall
    from dlcheck.engine.outcome import skipped
    from dlcheck.engine.verify import why_skipped
    from dlcheck.report.html.card import Entry

    entries = {}
    for number, claim in enumerate(claims):
        reason = why_skipped(claim, device)
        outcome = skipped(claim, reason) if reason else recall(claim, device=device, epoch=epoch, store=store)
        entries[claim.id] = Entry(number, claim, outcome)
    return entries


def _notes(entries: Mapping[str, Entry]) -> list[JudgedNote]:
    """The bundled study notes, judged by the same outcomes."""
    from dlcheck.notes.standing import judge_notes
    from dlcheck.notes.statements import bundled

    return judge_notes(bundled(), {name: entry.outcome for name, entry in entries.items()})


def _tell(html: str, report: Report, lang: Lang, catalogue: Catalogue) -> None:
    """Where the page is and what it says; beside the page itself, on standard error."""
    from dlcheck.report.html.page import missing
    from dlcheck.report.listing import print_faults_line
    from dlcheck.report.summary import paragraph
    from dlcheck.report.text import console, put, styled

    out = console(stderr=html == "-")
    outcomes = [entry.outcome for entry in report.entries if entry.outcome]
    put(out, styled((paragraph(outcomes, lang), "bold")), indent=0)
    if told := missing(report):
        put(out, styled(told(lang)), indent=0)
    if html != "-":
        put(out, styled(html), indent=0)
    print_faults_line(console(stderr=True), catalogue.faults)
