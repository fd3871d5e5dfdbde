"""A claim in full: what it says, what is measured, how it is judged, and the numbers of every arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions
from rich.text import Text

from dlcheck.api import Claim, Lang
from dlcheck.report import words
from dlcheck.report.lines import arm_words, figures, mark, padded, why
from dlcheck.report.numbers import effect, number
from dlcheck.report.text import Part, clean, styled
from dlcheck.rules import Rule

if TYPE_CHECKING:  # the engine takes its time to import, and lists do without
    from dlcheck.engine.outcome import Arm, Outcome

Row = tuple[str, Text]
"""What it is called, and what it is; rows of one name follow each other under it."""


@dataclass(frozen=True)
class Fields:
    """Names on the left, what they are on the right, wrapped there; no line ends in blanks."""

    rows: list[Row]
    indent: int = 0

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        column = self.indent + max((cell_len(name) for name, _ in self.rows), default=0) + 2
        for name, value in self.rows:
            wrapped = value.wrap(console, max(20, options.max_width - column))
            heads = [padded(" " * self.indent + name, column), *[" " * column] * (len(wrapped) - 1)]
            for head, line in zip(heads, wrapped, strict=True):
                whole = Text.assemble((head, "bold"), line)
                whole.rstrip()
                yield whole


def declaration(claim: Claim, lang: Lang) -> list[Row]:
    """The claim as its author fixed it, before anything ran."""
    return [
        (words.STATEMENT(lang), styled(claim.statement(lang))),
        (words.SOURCE(lang), styled(claim.source)),
        (words.MEASURED(lang), styled(claim.measures)),
        (words.RULE(lang), styled(claim.rule.words(lang))),
    ]


def verdict(outcome: Outcome, lang: Lang) -> Text:
    """The verdict with its numbers and, where it calls for a word, the reason."""
    symbol, style = mark(outcome)
    parts: list[Part] = [(f"{symbol} {words.verdict_words(outcome, lang)}", style)]
    parts += [f" · {figure}" for figure in figures(outcome, lang)]
    if reason := why(outcome, lang):
        parts.append(f" · {reason}")
    return styled(*parts)


def measurements(outcome: Outcome, lang: Lang) -> list[Row]:
    """Each arm with its verdict; below it the numbers of each measure seed by seed, or the traceback that ended it."""
    rows = []
    for arm in outcome.arms:
        rows.append((arm_words(arm.name, lang), styled((judged(arm, outcome.claim.rule, lang), "bold"))))
        rows += [
            (f"  {measure}", styled("  ".join(number(value) for value in values)))
            for measure, values in arm.numbers.items()
        ]
        rows += [("", styled(line)) for line in arm.details.splitlines()]
    return [(clean(name), value) for name, value in rows]


def judged(arm: Arm, rule: Rule, lang: Lang) -> str:
    """The arm's own verdict with its effect, or why it has shown nothing."""
    said = words.VERDICTS[arm.verdict](lang)
    if arm.fault:
        return f"{said}: {arm.fault}"
    return f"{said}, {effect(arm.judgement, rule, lang)}" if arm.judgement else said


def knobs(turned: Mapping[str, Any]) -> str:
    return ", ".join(f"{knob}={value!r}" for knob, value in turned.items())
