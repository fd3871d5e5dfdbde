"""One claim in full, as `dlcheck show` prints it."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from rich.console import Console, Group, RenderableType

from dlcheck.api import Claim, Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.report import words
from dlcheck.report.details import declaration, fields, knobs, measurements, verdict
from dlcheck.report.text import styled


def print_claim(console: Console, claim: Claim, model: str, outcome: Outcome | None, lang: Lang) -> None:
    """model: dotted name of the topic's reference model.  outcome: what saved trials say, None if there are none."""
    other: Lang = "en" if lang == "ko" else "ko"
    console.print(styled((claim.id, "bold")))
    console.print(fields(_rows(claim, model, outcome, lang, other)))
    if outcome:
        console.print()
        console.print(measurements(outcome, lang))


def _rows(
    claim: Claim, model: str, outcome: Outcome | None, lang: Lang, other: Lang
) -> Iterable[tuple[str, RenderableType]]:
    statement, *rest = declaration(claim, lang)
    yield statement
    yield "", styled(claim.statement(other), style="italic")
    yield from rest
    yield (
        words.CONTROLS(lang),
        Group(*(styled(f"'{name}': {knobs(turned)}") for name, turned in claim.controls.items())),
    )
    if claim.notes:
        yield words.NOTES(lang), styled(", ".join(claim.notes))
    yield words.EXPECTED(lang), styled(words.EXPECTATIONS[claim.expect](lang))
    not_run = styled(words.NOT_RUN(lang).format(id=claim.id))
    yield words.VERDICT(lang), verdict(outcome, lang) if outcome else not_run
    file, line = claim.location
    yield words.EXPERIMENT(lang), styled(f"{file}:{line}")
    if model:
        yield words.MODEL(lang), styled(origin(model))


def origin(module: str) -> str:
    """The file of a module, found without importing it (its package is imported)."""
    spec = find_spec(module)
    return spec.origin if spec and spec.origin else module
