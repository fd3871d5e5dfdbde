"""What several commands share: the language, names with their completion, and the files of results."""

from __future__ import annotations

import os
from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated

import typer

from dlcheck.api import Lang


class Language(StrEnum):
    EN = "en"
    KO = "ko"


def language(chosen: Language | None) -> Lang:
    """The language asked for, else that of the locale where it is Korean, else English."""
    if chosen is None:
        locale = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
        chosen = Language.KO if locale.startswith("ko") else Language.EN
    return "ko" if chosen is Language.KO else "en"


def complete_topics(incomplete: str) -> Iterator[tuple[str, str]]:
    """Topics that begin with what is typed, with their titles."""
    from dlcheck.plugins import load

    for topic in load().topics:
        if topic.name.startswith(incomplete):
            yield topic.name, topic.title(language(None))


def complete_claims(incomplete: str) -> Iterator[tuple[str, str]]:
    """Claim ids that begin with what is typed, with their statements."""
    from dlcheck.plugins import load

    for claim in load().claims:
        if claim.id.startswith(incomplete):
            yield claim.id, claim.statement(language(None))


def complete_names(incomplete: str) -> Iterator[tuple[str, str]]:
    """Topics, and claims once a topic is typed."""
    return complete_claims(incomplete) if "/" in incomplete else complete_topics(incomplete)


LangOption = Annotated[
    Language | None,
    typer.Option("--lang", envvar="DLCHECK_LANG", help="Language of statements and results; default: the locale's."),
]

JsonOption = Annotated[
    str | None, typer.Option(metavar="FILE|-", help="Write results as JSON (docs/json.md); - is standard output.")
]
JunitOption = Annotated[str | None, typer.Option(metavar="FILE", help="Write results as JUnit XML (docs/ci.md).")]
SummaryOption = Annotated[
    str | None, typer.Option(metavar="FILE", help="Write results as Markdown, for GitHub's $GITHUB_STEP_SUMMARY.")
]
SarifOption = Annotated[str | None, typer.Option(metavar="FILE", help="Write results as SARIF, for code scanning.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print only the summary.")]
