"""The end of a run, for somebody who knows no statistics: how many statements hold, and what calls for a look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from dlcheck.api import Expected, Lang
from dlcheck.report import words
from dlcheck.report.lines import mark, weak, why
from dlcheck.report.listing import print_faults
from dlcheck.report.text import put, styled
from dlcheck.rules import Verdict

if TYPE_CHECKING:  # the engine takes its time to import, and lists do without
    from dlcheck.engine.outcome import Outcome
    from dlcheck.plugins import Fault
    from dlcheck.report.recorded import Record

MOST = 20
"""Claims named one by one; the others are counted."""


def paragraph(outcomes: Sequence[Outcome], lang: Lang) -> str:
    """What came out, in one paragraph of plain sentences."""
    good = [outcome for outcome in outcomes if outcome.as_expected]
    said = [_how_many(len(good), len(outcomes), lang), _what(good, lang)]
    counts = Counter(outcome.verdict for outcome in outcomes)
    if other := sum(o.verdict in (Verdict.VERIFIED, Verdict.REFUTED) and not o.as_expected for o in outcomes):
        said.append(words.UNEXPECTED(other, lang))
    said += [sentence(counts[verdict], lang) for verdict, sentence in words.TROUBLES.items() if counts[verdict]]
    return " ".join(filter(None, said))


def _how_many(good: int, of: int, lang: Lang) -> str:
    if not of:
        return words.NOTHING(lang)
    if good == of:
        return words.ALL_AS_EXPECTED(of, lang)
    return words.AS_EXPECTED(lang).format(k=good, all=words.STATEMENTS(of, lang))


def _what(good: Sequence[Outcome], lang: Lang) -> str:
    wrong = sum(outcome.claim.expect is Expected.REFUTED for outcome in good)
    hold = len(good) - wrong
    if hold and wrong:
        return f"{words.HOLD(hold, lang)}, {words.MISCONCEPTIONS(wrong, lang)}"
    if wrong:
        return words.MISCONCEPTIONS(wrong, lang)
    return words.HOLD_ONLY(hold, lang) if hold else ""


def print_end(
    console: Console,
    outcomes: Sequence[Outcome],
    faults: Sequence[Fault],
    lang: Lang,
    *,
    interrupted: bool = False,
    more: bool = True,
) -> None:
    """The end of what the user reads: the summary, then broken plugins."""
    told, *looks = summary(outcomes, lang, interrupted=interrupted, more=more)
    put(console, told, indent=0)
    for line in looks:
        put(console, line)
    print_faults(console, faults)


def print_contradictions(out: Console, record: Record, lang: Lang) -> None:
    """A line for each claim of which the file says something else than its numbers."""
    for outcome in record.contradictions:
        told, verdict = (words.VERDICTS[each](lang) for each in (record.told[outcome.claim.id], outcome.verdict))
        put(out, styled("! ", words.CONTRADICTION(lang).format(id=outcome.claim.id, told=told, verdict=verdict)))


def summary(outcomes: Sequence[Outcome], lang: Lang, *, interrupted: bool = False, more: bool = True) -> list[Text]:
    """The paragraph, a line for each claim that calls for a look, and weak controls.

    more: whether the command that shows more of one of them ends it.
    """
    lines = [styled(paragraph(outcomes, lang), style="bold")]
    quiet = (Verdict.INCOMPLETE,) if interrupted else ()
    troubles = [outcome for outcome in outcomes if not outcome.as_expected and outcome.verdict not in quiet]
    lines += [_trouble(outcome, lang) for outcome in troubles[:MOST]]
    if len(troubles) > MOST:
        lines.append(styled("  ", words.AND_MORE(lang).format(n=len(troubles) - MOST)))
    hardly_bitten = [outcome for outcome in outcomes if outcome.weak]
    lines += [_weak(outcome, lang) for outcome in hardly_bitten]
    if more and outcomes and not interrupted:
        shown = next(iter([*troubles, *hardly_bitten, *outcomes]))
        lines.append(styled(words.MORE(lang).format(command=_command(shown))))
    return lines


def _trouble(outcome: Outcome, lang: Lang) -> Text:
    symbol, style = mark(outcome)
    reason = why(outcome, lang)
    verdict = words.verdict_words(outcome, lang)
    return styled((f"{symbol} ", style), outcome.claim.id, ": ", (verdict, style), f"; {reason}" if reason else "")


def _command(outcome: Outcome) -> str:
    """Shows more; an experiment that broke has left nothing to show and has to run again."""
    broken = outcome.verdict in (Verdict.ERROR, Verdict.INCOMPLETE)
    return f"dlcheck verify {outcome.claim.id} --explain" if broken else f"dlcheck show {outcome.claim.id}"


def _weak(outcome: Outcome, lang: Lang) -> Text:
    return styled(("~ ", "magenta"), f"{outcome.claim.id}: {weak(outcome, lang)}")
