"""One claim in full, as `dlcheck show` prints it."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from rich.console import Console

from dlcheck.api import Claim, Lang
from dlcheck.report import words
from dlcheck.report.details import Fields, Row, declaration, knobs, measurements, verdict
from dlcheck.report.text import put, styled

if TYPE_CHECKING:  # the engine takes its time to import, and lists do without
    from dlcheck.engine.outcome import Outcome


def print_claim(console: Console, claim: Claim, model: str, outcome: Outcome | None, lang: Lang) -> None:
    """model: dotted name of the topic's reference model.  outcome: what saved trials say, None if there are none."""
    console.print(styled((claim.id, "bold")))
    console.print(Fields([*_declared(claim, lang), *_decided(claim, outcome, lang), *_places(claim, model, lang)]))
    console.print()
    if outcome:
        _print_plot(console, outcome, lang)
        console.print(Fields(measurements(outcome, lang)))
    else:
        put(console, styled(words.TO_DECIDE(lang).format(id=claim.id)))


def _print_plot(console: Console, outcome: Outcome, lang: Lang) -> None:
    from dlcheck.report.plots.terminal import plot  # it needs the engine, as the outcome does

    for line in plot(outcome, "cpu", lang, console.width):
        console.print(line, soft_wrap=True)
    console.print()


def _declared(claim: Claim, lang: Lang) -> Iterator[Row]:
    statement, *rest = declaration(claim, lang)
    yield statement
    yield "", styled(claim.statement("en" if lang == "ko" else "ko"), style="italic")
    yield from rest
    for index, (name, turned) in enumerate(claim.controls.items()):
        yield words.CONTROLS(lang) if index == 0 else "", styled(f"'{name}': {knobs(turned)}")
    if claim.notes:
        yield words.NOTES(lang), styled(", ".join(claim.notes))


def _decided(claim: Claim, outcome: Outcome | None, lang: Lang) -> Iterator[Row]:
    yield words.EXPECTED(lang), styled(words.EXPECTATIONS[claim.expect](lang))
    yield words.VERDICT(lang), verdict(outcome, lang) if outcome else styled(words.NOT_RUN(lang))


def _places(claim: Claim, model: str, lang: Lang) -> Iterator[Row]:
    file, line = claim.location
    yield words.EXPERIMENT(lang), styled(f"{file}:{line}")
    if model:
        yield words.MODEL(lang), styled(origin(model))


def origin(module: str) -> str:
    """The file of a module, found without importing it (its package is imported)."""
    spec = find_spec(module)
    return spec.origin if spec and spec.origin else module
