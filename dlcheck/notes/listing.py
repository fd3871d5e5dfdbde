"""The statements of the notes with their standing, on a terminal and as JSON."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console

from dlcheck.api import Lang, Text
from dlcheck.notes import words
from dlcheck.notes.standing import Judged, JudgedNote, Standing, Tie
from dlcheck.report.lines import BAD, GOOD, LEFT_OUT, OPEN
from dlcheck.report.text import Part, put, styled
from dlcheck.report.words import verdict_words

MARKS = {
    Standing.HOLDS: GOOD,
    Standing.ONLY_IF: ("~", "yellow"),
    Standing.DOES_NOT_HOLD: BAD,
    Standing.OPEN: OPEN,
    Standing.NOT_MEASURED: ("…", "bold magenta"),
    Standing.CANNOT_BE_RUN: LEFT_OUT,
    Standing.NOT_COVERED: ("·", ""),
}
"""Symbol and style of a standing."""


def print_notes(out: Console, notes: Sequence[JudgedNote], lang: Lang) -> None:
    """Every statement on a line of its own, each note with its counts; of a single note the claims as well."""
    for judged in notes:
        heading = f"{judged.note.id} · {judged.note.title(lang)}"
        put(out, styled((heading, "bold"), f" · {counted(judged.counts, lang)}"), indent=0)
        for each in judged.statements:
            _print_statement(out, each, lang)
            if len(notes) == 1:
                _print_claims(out, each, lang)
    if len(notes) > 1:
        counts = sum((judged.counts for judged in notes), Counter[Standing]())
        put(out, styled((words.ALL_NOTES(lang), "bold"), f" · {counted(counts, lang)}"), indent=0)
        put(out, styled(words.MORE(lang).format(note=notes[0].note.id)), indent=0)
    if topics := [each.statement.topic for judged in notes for each in judged.statements if each.to_measure]:
        put(out, styled(words.TO_MEASURE(lang).format(command=verify(*dict.fromkeys(topics)))), indent=0)


def counted(counts: Counter[Standing], lang: Lang) -> str:
    """How many statements there are, and how many of each standing that occurs."""
    tally = ", ".join(words.COUNTS[standing](counts[standing], lang) for standing in Standing if counts[standing])
    return f"{words.STATEMENTS(counts.total(), lang)}: {tally}"


def verify(*names: str) -> str:
    """The command that measures these."""
    return shlex.join(["dlcheck", "verify", *names])


def stands(judged: Judged, lang: Lang, measure: Callable[..., str] = verify) -> str:
    """How a statement stands, in words, with its condition or what is true instead.

    measure: names the command that measures claims, given their ids.
    """
    said, more = words.STANDINGS[judged.standing](lang), _more(judged, lang, measure)
    if not more:
        return said
    return f"{said} {more}" if judged.standing is Standing.ONLY_IF and lang == "en" else f"{said}: {more}"


def _more(judged: Judged, lang: Lang, measure: Callable[..., str]) -> str:
    statement = judged.statement
    match judged.standing:
        case Standing.ONLY_IF:
            return statement.only_if(lang) if statement.only_if else ""
        case Standing.DOES_NOT_HOLD:
            return statement.instead(lang) if statement.instead else ""
        case Standing.NOT_COVERED:
            return words.TOPIC(lang).format(topic=statement.topic)
        case Standing.CANNOT_BE_RUN:
            return words.REASONS[statement.cannot_run](lang)
        case Standing.NOT_MEASURED:
            return measure(*judged.to_measure)
    return ""


def _print_statement(out: Console, judged: Judged, lang: Lang) -> None:
    symbol, style = MARKS[judged.standing]
    statement = judged.statement
    told: list[Part] = [
        (f"{symbol} ", style),
        f"{statement.id}  {statement.text(lang)} · ",
        (stands(judged, lang), style),
    ]
    put(out, styled(*told))


def _print_claims(out: Console, judged: Judged, lang: Lang) -> None:
    for tie in judged.ties:
        put(out, styled(f"    {words.RELATIONS[tie.relation](lang)}: {tie.claim} · {came_out(tie, lang)}"), indent=6)


def came_out(tie: Tie, lang: Lang) -> str:
    """What came of a tied claim, in a word or two."""
    return verdict_words(tie.outcome, lang) if tie.outcome else words.STANDINGS[Standing.NOT_MEASURED](lang)


def document(notes: Sequence[JudgedNote]) -> dict[str, Any]:
    """What `dlcheck notes --json` writes, without its head (docs/json.md)."""
    return {
        "notes": [
            {
                "id": judged.note.id,
                "title": judged.note.title._asdict(),
                "counts": dict(judged.counts),
                "statements": list(map(_statement, judged.statements)),
            }
            for judged in notes
        ]
    }


def _statement(judged: Judged) -> dict[str, Any]:
    statement = judged.statement
    return {
        "id": statement.id,
        "topic": statement.topic,
        "statement": statement.text._asdict(),
        "standing": judged.standing.value,
        "only_if": _both(statement.only_if, judged.standing is Standing.ONLY_IF),
        "instead": _both(statement.instead, judged.standing is Standing.DOES_NOT_HOLD),
        "cannot_run": statement.cannot_run or None,
        "claims": [_tie(tie) for tie in judged.ties],
        "measure": verify(*judged.to_measure) if judged.standing is Standing.NOT_MEASURED else None,
    }


def _both(text: Text | None, applies: bool) -> dict[str, str] | None:
    return text._asdict() if text and applies else None


def _tie(tie: Tie) -> dict[str, Any]:
    return {
        "id": tie.claim,
        "relation": tie.relation.value,
        "verdict": tie.outcome.verdict.value if tie.outcome else None,
        "as_expected": tie.outcome.as_expected if tie.outcome else None,
    }
