"""One claim on the page: statement, verdict, the plots of its arms, and folded away how it was decided and the code."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from dlcheck.api import Claim, Lang
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.report import words
from dlcheck.report.details import knobs
from dlcheck.report.html import source
from dlcheck.report.html import words as page_words
from dlcheck.report.html.markup import anchor, both, code, folded, label, text
from dlcheck.report.lines import mark, said, why
from dlcheck.report.markup import escaped_line as prose
from dlcheck.report.numbers import duration, effect, number, seeds
from dlcheck.report.plots.figure import svg
from dlcheck.report.plots.picture import Panel, panels
from dlcheck.rules import Betting, Count, Rule, Verdict

CLASSES = {"✓": "good", "✗": "bad", "?": "open", "!": "broken", "-": "left"}
NO_MARK, UNMEASURED = "·", "none"


@dataclass(frozen=True)
class Entry:
    """A claim with what its saved trials say; None: there are none, or not all that a verdict needs.

    number: of the claim on the page.
    """

    number: int
    claim: Claim
    outcome: Outcome | None

    @property
    def verdict(self) -> str:
        return self.outcome.verdict.value if self.outcome else UNMEASURED

    @property
    def mark(self) -> tuple[str, str]:
        """The symbol, and the class that gives it its colour."""
        symbol = mark(self.outcome)[0] if self.outcome else NO_MARK
        return symbol, CLASSES.get(symbol, UNMEASURED)


def command(names: str, device: str, epoch: int, *more: str) -> str:
    """The command that measures with these seeds on this device."""
    options = [f"--device={device}"] * (device != "cpu") + [f"--epoch={epoch}"] * (epoch != 0)
    return shlex.join(["dlcheck", "verify", *names.split(), *more, *options])


def card(entry: Entry, device: str, epoch: int) -> str:
    """As an article that can be linked to by the claim's id.

    A browser that runs scripts takes what is in <noscript> for a piece of text, which costs next to nothing, and the
    page's script puts it in place when it comes into view; a browser without scripts reads it as it stands.
    """
    claim, outcome, (symbol, kind) = entry.claim, entry.outcome, entry.mark
    unexpected = " data-unexpected" if outcome and not outcome.as_expected else ""
    parts = [
        f'<article id="{anchor(claim.id)}" data-verdict={entry.verdict}{unexpected}>',
        f'<h3><b class="mark {kind}">{symbol}</b> {both(lambda lang: said(claim, lang))}</h3>',
        f'<p><b class={kind}>{_verdict(outcome)}</b> {_told(outcome)}<p><a class=id href="#{anchor(claim.id)}">'
        f"{prose(claim.id)}</a> <cite>{prose(claim.source)}</cite><noscript>",
        _plots(outcome, entry.number, device) if outcome else "",
        folded(label(page_words.HOW), _how(entry, device, epoch)),
        _code(claim),
        "</noscript></article>",
    ]
    return "".join(parts)


def _verdict(outcome: Outcome | None) -> str:
    if outcome is None:
        return both(page_words.UNMEASURED)
    if outcome.verdict is Verdict.REFUTED and outcome.as_expected:
        return label(words.REFUTED_AS_EXPECTED)
    if outcome.as_expected or outcome.verdict not in (Verdict.VERIFIED, Verdict.REFUTED):
        return label(words.VERDICTS[outcome.verdict])
    return both(lambda lang: words.verdict_words(outcome, lang))


def _told(outcome: Outcome | None) -> str:
    """Effect, seeds, and why where the verdict calls for a word."""
    if outcome is None:
        return both(page_words.NO_TRIALS)
    rule, judged = outcome.claim.rule, outcome.arm.judgement

    def told(lang: Lang) -> str:
        figures = [effect(judged, rule, lang), seeds(judged, lang)] if judged else []
        weak = f"{words.WEAK(lang)}: {words.WEAK_MEANS(lang)}" if outcome.weak else ""
        return " · ".join(filter(None, [*figures, why(outcome, lang), weak]))

    return both(told)


def _plots(outcome: Outcome, number: int, device: str) -> str:
    frames: dict[str, str] = {}
    shown = enumerate(panels(outcome, device))
    figures = [_figure(outcome, panel, f"p{number}-{place}", frames) for place, panel in shown]
    return f"<div class=arms>{''.join(figures)}</div>"


def _figure(outcome: Outcome, panel: Panel, name: str, frames: dict[str, str]) -> str:
    """The plots of one arm with what they show in words, which is their alternative text too."""
    drawn = svg(panel.pictures, name, frames) if panel.pictures else _counts(outcome, panel.arm)
    return (
        f"<figure><figcaption id={name}>{_arm(panel.arm)}: {_judged(panel.arm, outcome)}</figcaption>{drawn}</figure>"
    )


def _arm(arm: Arm) -> str:
    return f"<b>{label(words.CONTROL)} '{prose(arm.name)}'</b>" if arm.name else f"<b>{label(words.THE_CLAIM)}</b>"


def _judged(arm: Arm, outcome: Outcome) -> str:
    said, judged = label(words.VERDICTS[arm.verdict]), arm.judgement
    if arm.fault:
        return f"{said}: {prose(arm.fault)}"
    return f"{said}, {both(lambda lang: effect(judged, outcome.claim.rule, lang))}" if judged else said


def _counts(outcome: Outcome, arm: Arm) -> str:
    """The integers of a count, each with its derivation."""
    rule = outcome.claim.rule
    if not isinstance(rule, Count) or arm.judgement is None or arm.judgement.worst is None:
        return ""
    counted = [(name, arm.numbers[name][arm.judgement.worst]) for name in rule.measures]
    published = [] if rule.published is None else [(outcome.claim.source, rule.published)]
    rows = "".join(f"<tr><td>{prose(name)}<td>{value:,}" for name, value in counted + published)
    return f"<table>{rows}</table>"


def _how(entry: Entry, device: str, epoch: int) -> str:
    rows = "".join(f"<dt>{name}<dd>{value}" for name, value in _rows(entry, device, epoch))
    return f"<dl>{rows}</dl>"


def _rows(entry: Entry, device: str, epoch: int) -> Iterator[tuple[str, str]]:
    """(name, value) as HTML."""
    claim, outcome = entry.claim, entry.outcome
    yield label(words.MEASURED), prose(claim.measures)
    yield label(words.RULE), _rule(claim.rule)
    yield label(words.EXPECTED), label(words.EXPECTATIONS[claim.expect])
    if claim.notes:
        yield label(words.NOTES), prose(", ".join(claim.notes))
    for arm in outcome.arms if outcome else [Arm(name) for name in claim.arms()]:
        yield _arm(arm), code(knobs(claim.arms()[arm.name])) if arm.name else ""
        for measure, values in arm.numbers.items():
            yield prose(measure), prose(" ".join(map(number, values)))
    if outcome:
        yield from _circumstances(outcome)
    again = ["--fresh"] if outcome else []
    run = command(claim.id, device, epoch, *again)
    yield label(page_words.TO_REPEAT if outcome else page_words.TO_MEASURE), code(run)


def _rule(rule: Rule) -> str:
    """In words; how often a seed has to win is said of most claims, and by the style sheet."""
    if not isinstance(rule, Betting):
        return both(rule.words)
    often = page_words.HOW_OFTEN[rule.reliably]
    return both(lambda lang: rule.words(lang).removesuffix(often(lang))) + label(often)


def _circumstances(outcome: Outcome) -> Iterator[tuple[str, str]]:
    if hardware := outcome.arm.hardware:
        yield "GPU", text(hardware)
    yield label(page_words.TOOK), both(lambda lang: duration(outcome.seconds, lang))
    yield label(page_words.SEED_NUMBERS), " ".join(map(str, outcome.arm.seeds))


def _code(claim: Claim) -> str:
    if not (lines := source.experiment(claim)):
        return ""
    shared = f'<p><a href="#code/{anchor(claim.module)}">{prose(claim.module)}</a></p>' if source.shared(claim) else ""
    return folded(label(page_words.CODE), source.block(lines) + shared)
