"""An outcome in a few plain lines, for files that CI shows: cleaned, and without a terminal's wrapping."""

from __future__ import annotations

from dlcheck.api import Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.report.details import declaration, measurements
from dlcheck.report.lines import figures, weak, why
from dlcheck.report.text import clean
from dlcheck.report.words import verdict_words


def verdict_line(outcome: Outcome, lang: Lang) -> str:
    """The verdict, its numbers, why where it calls for a word, and controls that have hardly bitten."""
    parts = [verdict_words(outcome, lang), *figures(outcome, lang), why(outcome, lang), weak(outcome, lang)]
    return clean(" · ".join(filter(None, parts)))


def weak_line(outcome: Outcome, lang: Lang) -> str:
    """Which of the claim's controls have hardly bitten."""
    return clean(f"{outcome.claim.id}: {weak(outcome, lang)}")


def evidence(outcome: Outcome, lang: Lang) -> str:
    """The claim as it was fixed beforehand, then every arm with its numbers or the traceback that ended it."""
    rows = declaration(outcome.claim, lang) + measurements(outcome, lang)
    return "\n".join(f"{name}: {value.plain}" if name else value.plain for name, value in rows)
