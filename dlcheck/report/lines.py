"""Finished claims as lines: a symbol, the statement, its verdict, effect and cost, and why where that is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from dlcheck.api import Claim, Expected, Lang
from dlcheck.report import words
from dlcheck.report.numbers import duration, effect, seeds
from dlcheck.report.text import styled
from dlcheck.rules import Verdict

if TYPE_CHECKING:  # the engine takes its time to import, and lists do without
    from dlcheck.engine.outcome import Arm, Outcome

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

EVERY_DEVICE = ("cpu", "cuda", "mps")


def mark(outcome: Outcome) -> tuple[str, str]:
    """✓ as expected, ✗ not as expected, ? open, ! broken, - left out; with a style."""
    return MARKS.get(outcome.verdict, GOOD if outcome.as_expected else BAD)


def figures(outcome: Outcome, lang: Lang) -> list[str]:
    """Effect with interval, seeds, seconds, and whether all of it was in the store."""
    judged = outcome.arm.judgement
    said = [effect(judged, outcome.claim.rule, lang), seeds(judged, lang)] if judged else []
    if judged or outcome.seconds:
        said.append(duration(outcome.seconds, lang))
    if outcome.cached and judged:
        said.append(words.CACHED(lang))
    return [figure for figure in said if figure]


def finished(outcome: Outcome, lang: Lang) -> list[Text]:
    """The statement, then what came of it and the claim's id; one line more where it did not come out as expected."""
    symbol, style = mark(outcome)
    told = " · ".join(["", *figures(outcome, lang), outcome.claim.id])
    lines = [
        styled((f"{symbol} ", style), said(outcome.claim, lang)),
        styled("  ", (words.verdict_words(outcome, lang), style), told),
    ]
    if reason := why(outcome, lang):
        lines.append(styled("  ", reason))
    return lines


def said(claim: Claim, lang: Lang) -> str:
    """The statement; of a misconception it says so, lest somebody learns it."""
    statement = claim.statement(lang)
    return f"{words.MISCONCEPTION(lang)}: {statement}" if claim.expect is Expected.REFUTED else statement


def padded(words: str, width: int) -> str:
    """`words` filled up to `width` terminal cells (a Korean syllable takes two), two spaces at least."""
    return words + " " * max(2, width - cell_len(words))


def why(outcome: Outcome, lang: Lang) -> str:
    """What stands behind a verdict that calls for a word, "" where it came out as expected."""
    match outcome.verdict:
        case Verdict.VERIFIED | Verdict.REFUTED:
            return "" if outcome.as_expected else _unexpected(outcome, lang)
        case Verdict.VACUOUS:
            same = [quoted(arm) for arm in outcome.controls if arm.verdict is outcome.arm.verdict]
            names = ", ".join(same)
            return words.SAME_AS_CLAIM(lang).format(names=names) if names else words.SAME_NUMBERS(lang)
        case Verdict.INCONCLUSIVE:
            return " · ".join(filter(None, [words.TOO_LITTLE(lang), _score(outcome, lang)]))
        case Verdict.SKIPPED:
            limited = len(outcome.claim.devices) < len(EVERY_DEVICE)
            only = words.ONLY_ON(lang).format(devices=", ".join(outcome.claim.devices))
            return only if limited else words.NO_TOLERANCE(lang)
    return next((_fault(arm, lang) for arm in outcome.arms if arm.fault), outcome.reason)


def _unexpected(outcome: Outcome, lang: Lang) -> str:
    judged, rule = outcome.arm.judgement, outcome.claim.rule
    shown = effect(judged, rule, lang) if judged else ""
    return _score(outcome, lang) or words.MEASURED_BUT(lang).format(effect=shown, rule=rule.words(lang))


def _score(outcome: Outcome, lang: Lang) -> str:
    judged = outcome.arm.judgement
    if judged is None or judged.wins is None:
        return ""
    return words.SHOWED_IT(lang).format(wins=judged.wins, n=judged.seeds)


def _fault(arm: Arm, lang: Lang) -> str:
    return f"{arm_words(arm.name, lang)}: {arm.fault}" if arm.name else arm.fault


def arm_words(name: str, lang: Lang) -> str:
    """How an arm is called: "the claim", or a control by its name."""
    return f"{words.CONTROL(lang)} '{name}'" if name else words.THE_CLAIM(lang)


def weak(outcome: Outcome, lang: Lang) -> str:
    """Which controls have hardly bitten, and what that means; "" where all have."""
    names = ", ".join(quoted(arm) for arm in outcome.controls if arm.name in outcome.weak)
    return f"{words.WEAK(lang)} {names}; {words.WEAK_MEANS(lang)}" if names else ""


def quoted(arm: Arm) -> str:
    return f"'{arm.name}'"
