"""A claim in full: what it says, what is measured, how it is judged, and the numbers of every arm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from dlcheck.api import Claim, Lang
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.report import words
from dlcheck.report.lines import figures, mark, why
from dlcheck.report.numbers import effect, number
from dlcheck.report.text import Part, styled


def fields(rows: Iterable[tuple[str, RenderableType]]) -> Table:
    """Names on the left, what they are on the right."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(styled((name, "bold")), value)
    return table


def declaration(claim: Claim, lang: Lang) -> list[tuple[str, RenderableType]]:
    """The claim as its author fixed it, before anything ran."""
    rows: list[tuple[str, RenderableType]] = [
        (words.STATEMENT(lang), styled(claim.statement(lang))),
        (words.SOURCE(lang), styled(claim.source)),
        (words.MEASURED(lang), styled(claim.measures)),
        (words.RULE(lang), styled(claim.rule.words(lang))),
    ]
    return rows


def evidence(outcome: Outcome, lang: Lang) -> RenderableType:
    """What `--explain` adds below a finished claim."""
    return Padding(Group(fields(declaration(outcome.claim, lang)), measurements(outcome, lang)), (0, 0, 1, 2))


def verdict(outcome: Outcome, lang: Lang) -> Text:
    """The verdict with its numbers and, where it calls for a word, the reason."""
    symbol, style = mark(outcome)
    parts: list[Part] = [(f"{symbol} {words.verdict_words(outcome, lang)}", style)]
    parts += [f" · {figure}" for figure in figures(outcome, lang)]
    if reason := why(outcome, lang):
        parts.append(f" · {reason}")
    return styled(*parts)


def measurements(outcome: Outcome, lang: Lang) -> Table:
    """One row for each measure of each arm, with its numbers seed by seed."""
    table = Table(box=None, padding=(0, 2, 0, 0), show_edge=False)
    for title in (words.ARM, words.VERDICT, words.MEASURE, words.PER_SEED):
        table.add_column(styled(title(lang)), overflow="fold")
    for arm in outcome.arms:
        for index, (measure, values) in enumerate(arm.numbers.items() or [("", [])]):
            name, judged = (_arm(arm, lang), _judged(arm, lang)) if index == 0 else ("", "")
            table.add_row(styled(name), styled(judged), styled(measure), styled("  ".join(number(v) for v in values)))
    return table


def _arm(arm: Arm, lang: Lang) -> str:
    return f"{words.CONTROL(lang)} '{arm.name}'" if arm.name else words.THE_CLAIM(lang)


def _judged(arm: Arm, lang: Lang) -> str:
    said = words.VERDICTS[arm.verdict](lang)
    return f"{said}, {effect(arm.judgement, lang)}" if arm.judgement and arm.judgement.effect is not None else said


def knobs(turned: Mapping[str, Any]) -> str:
    return ", ".join(f"{knob}={value!r}" for knob, value in turned.items())
