"""Finished claims as lines: a symbol, the verdict, the claim, its effect, its cost, and why where that is needed."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.text import Text

from dlcheck.api import Claim, Lang
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.report import words
from dlcheck.report.numbers import duration, effect, seeds
from dlcheck.report.text import styled
from dlcheck.rules import Judgement, Verdict

GOOD, BAD, OPEN, LEFT_OUT = ("✓", "green"), ("✗", "bold red"), ("?", "bold magenta"), ("-", "")
BROKEN = ("!", "bold red")
MARKS = {
    Verdict.VACUOUS: BAD,
    Verdict.INCONCLUSIVE: OPEN,
    Verdict.ERROR: BROKEN,
    Verdict.INCOMPLETE: BROKEN,
    Verdict.SKIPPED: LEFT_OUT,
}
"""Symbol and style of a verdict; colours only from the terminal's own palette, never black, white or dimmed."""


def mark(outcome: Outcome) -> tuple[str, str]:
    """✓ as expected, ✗ not as expected, ? open, ! broken, - left out; with a style."""
    return MARKS.get(outcome.verdict, GOOD if outcome.as_expected else BAD)


def figures(outcome: Outcome, lang: Lang) -> list[str]:
    """Effect with interval, seeds, seconds, and whether all of it was in the store."""
    judged = outcome.arm.judgement
    said = [effect(judged, lang), seeds(judged, lang)] if judged else []
    if judged or outcome.seconds:
        said.append(duration(outcome.seconds, lang))
    if outcome.cached and judged:
        said.append(words.CACHED(lang))
    return [figure for figure in said if figure]


def finished(outcome: Outcome, lang: Lang, width: int, name_width: int) -> list[Text]:
    """One line for a claim that came out as expected; two where the terminal is narrow; one more where it did not."""
    symbol, style = mark(outcome)
    verdict, told = words.verdict_words(outcome, lang), " · ".join(figures(outcome, lang))
    lines = []
    name = outcome.claim.id
    if name_width + 70 <= width:
        padding = " " * (max(0, name_width - cell_len(name)) + 2)
        lines.append(styled((f"{symbol} ", style), name + padding, (padded(verdict, VERDICT_WIDTH), style), told))
    else:
        lines.append(styled((f"{symbol} ", style), name))
        lines.append(styled("  ", (verdict, style), " · " if told else "", told))
    if reason := why(outcome, lang):
        lines.append(styled("  ", reason))
    return lines


VERDICT_WIDTH = 25


def padded(words: str, width: int) -> str:
    """`words` filled up to `width` terminal cells (a Korean syllable takes two), one space at least."""
    return words + " " * max(1, width - cell_len(words))


def names_width(claims: Sequence[Claim]) -> int:
    return max((cell_len(claim.id) for claim in claims), default=0)


def why(outcome: Outcome, lang: Lang) -> str:
    """What stands behind a verdict that calls for a word, "" where it came out as expected."""
    if outcome.verdict is Verdict.VACUOUS:
        return (
            words.SAME_AS_CLAIM(lang).format(names=_same_as_claim(outcome))
            if _same_as_claim(outcome)
            else outcome.reason
        )
    if outcome.verdict is Verdict.INCONCLUSIVE:
        return " · ".join(filter(None, [words.TOO_LITTLE(lang), _score(outcome.arm.judgement, lang)]))
    if outcome.as_expected or outcome.verdict in (Verdict.VERIFIED, Verdict.REFUTED):
        return "" if outcome.as_expected else _score(outcome.arm.judgement, lang) or outcome.reason
    return outcome.reason or next((arm.fault for arm in outcome.arms if arm.fault), "")


def _same_as_claim(outcome: Outcome) -> str:
    same = [quoted(arm) for arm in outcome.controls if arm.verdict is outcome.arm.verdict]
    return ", ".join(same)


def quoted(arm: Arm) -> str:
    return f"'{arm.name}'"


def _score(judged: Judgement | None, lang: Lang) -> str:
    if judged is None or judged.wins is None:
        return ""
    return words.SHOWED_IT(lang).format(wins=judged.wins, n=judged.seeds)
