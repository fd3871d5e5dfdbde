"""Results as a page of GitHub Markdown, for the summary of a CI run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from dlcheck.api import Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.report import words
from dlcheck.report.evidence import verdict_line
from dlcheck.report.lines import mark, said
from dlcheck.report.markup import markdown_line as escaped
from dlcheck.report.results import Grade, Results, grade
from dlcheck.report.summary import paragraph

CAP = 1 << 20
"""GitHub drops a summary that is larger, in bytes."""
RESERVED = 1 << 14
"""Bytes for what follows the tables: closing tags, and what was left out."""


def encode(results: Results, lang: Lang) -> bytes:
    """What calls for a look first, in full; then every claim, topic by topic, as far as there is room."""
    page = _Page(CAP - RESERVED)
    for line in _head(results, lang):
        page.add(line)
    troubles = [outcome for outcome in results.outcomes if outcome.weak or grade(outcome) is not Grade.PASS]
    if troubles:
        page.add(f"\n### {words.TO_LOOK_AT(lang)}\n")
        page.table(troubles, lang)
    for topic, group in groupby(results.outcomes, key=lambda outcome: outcome.claim.topic):
        outcomes = list(group)
        good = sum(outcome.as_expected for outcome in outcomes)
        told = words.OF_EXPECTED(lang).format(k=good, n=len(outcomes))
        if page.add(f"\n<details><summary><b>{escaped(topic)}</b> · {told}</summary>\n"):
            page.table(outcomes, lang)
            page.close("\n</details>")
        else:
            page.left_out += len(outcomes)
    return page.encode(lang)


def _head(results: Results, lang: Lang) -> Iterator[str]:
    symbol = {0: "✓", 3: "?"}.get(results.exit_code, "✗")
    yield f"## {symbol} dlcheck\n"
    yield escaped(paragraph(results.outcomes, lang))
    versions, plan = results.versions, results.plan
    where = [f"device {plan.device}", f"epoch {plan.epoch}", *([f"shard {plan.shard}"] if plan.shard else [])]
    named = [f"{name} {versions[name]}" for name in ("dlcheck", "python", "torch")]
    yield f"\n<sub>{escaped(' · '.join([*where, *named]))}</sub>"
    for fault in results.faults:
        yield f"\n**! {escaped(f'plugin {fault.plugin}: {fault.reason}')}**; {escaped(fault.remedy)}"


class _Page:
    """Lines up to a number of bytes; rows of tables beyond it are counted instead."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._lines: list[str] = []
        self.left_out = 0

    def add(self, line: str) -> bool:
        """Whether there was room."""
        size = len(line.encode("utf-8", "replace")) + 1
        if size > self._room:
            return False
        self._room -= size
        self._lines.append(line)
        return True

    def close(self, line: str) -> None:
        """A short line that must not be missing; the reserve pays for it."""
        self._lines.append(line)

    def table(self, outcomes: Sequence[Outcome], lang: Lang) -> None:
        if not self.add(f"| | {words.STATEMENT(lang)} | {words.VERDICT(lang)} |\n| --- | --- | --- |"):
            self.left_out += len(outcomes)
            return
        self.left_out += sum(not self.add(_row(outcome, lang)) for outcome in outcomes)

    def encode(self, lang: Lang) -> bytes:
        if self.left_out:
            self._lines.append(f"\n{words.ROWS_LEFT_OUT(lang).format(n=self.left_out)}")
        return ("\n".join(self._lines) + "\n").encode("utf-8", "replace")


def _row(outcome: Outcome, lang: Lang) -> str:
    cells = [
        mark(outcome)[0],
        f"{escaped(said(outcome.claim, lang))}<br>`{outcome.claim.id}`",
        escaped(verdict_line(outcome, lang)),
    ]
    return f"| {' | '.join(cells)} |"
