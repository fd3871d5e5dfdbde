"""The whole page: what is on it, what it may do, topics at a glance, then topic by topic the claims and their code."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from dlcheck.api import Claim, Lang, Text
from dlcheck.notes.standing import JudgedNote
from dlcheck.notes.words import STANDINGS
from dlcheck.plugins import LoadedTopic
from dlcheck.report import words
from dlcheck.report.document import base_style, document
from dlcheck.report.html import notes, source
from dlcheck.report.html import words as page_words
from dlcheck.report.html.card import UNMEASURED, Entry, card, command
from dlcheck.report.html.markup import Say, anchor, both, folded, label_style, text
from dlcheck.report.plots.svg import definitions, marker_style
from dlcheck.report.show import origin
from dlcheck.report.summary import paragraph


@dataclass(frozen=True)
class Report:
    """What the page tells.

    versions: of the contract.  made: when, as the clock on the wall shows it.  notes: study notes as the claims of the
    page have them; none where the page leaves claims out, which would make their statements look unmeasured.
    """

    topics: Sequence[tuple[LoadedTopic, Sequence[Entry]]]
    versions: Mapping[str, Any]
    device: str
    epoch: int
    made: str
    notes: Sequence[JudgedNote] = ()

    @property
    def entries(self) -> list[Entry]:
        return [entry for _, entries in self.topics for entry in entries]


def page(report: Report, lang: Lang) -> str:
    """One document in UTF-8, which loads nothing. lang: the language it opens in."""
    style, script = base_style() + _asset("page.css") + label_style() + marker_style(), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; base-uri 'none'; form-action 'none'"
    )
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>'
    parts = [
        definitions(),
        _head(report),
        _tools(report),
        _glance(report),
        *(_topic(topic, entries, report) for topic, entries in report.topics),
        *_notes(report),
        f'<p id="nothing" hidden>{both(page_words.NO_MATCH)}</p>',
        f"<script>{script}</script>",
    ]
    return document(f"dlcheck: {page_words.TITLE(lang)}", "\n".join(parts), lang, style, head)


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    """By which the browser knows the one style and the one script that the page may have."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


def _head(report: Report) -> str:
    outcomes = [entry.outcome for entry in report.entries if entry.outcome]
    place = _formatted(page_words.DEVICE, device=report.device, epoch=report.epoch)
    versions = ", ".join(f"{name} {report.versions[name]}" for name in ("dlcheck", "python", "torch"))
    plugins = ", ".join(f"{name} {version}".strip() for name, version in report.versions["plugins"].items())
    told = missing(report)
    without = f"<p>{both(told)}</p>" if told else ""
    return (
        f"<header><h1>{both(page_words.TITLE)}</h1><p>{both(lambda lang: paragraph(outcomes, lang))}</p>"
        f"{without}<p class=small>{both(_formatted(page_words.MADE, when=report.made))} {both(place)} · "
        f"{text(versions)} · {text(plugins)}</p></header>"
    )


def missing(report: Report) -> Callable[[Lang], str] | None:
    """How many claims have no trials, and the command that measures them; None when all have."""
    left = [entry.claim for entry in report.entries if entry.outcome is None]
    topics = " ".join(dict.fromkeys(claim.topic for claim in left))
    run = command(topics, report.device, report.epoch)

    def told(lang: Lang) -> str:
        return page_words.MISSING(len(left), lang).format(command=run)

    return told if left else None


def _tools(report: Report) -> str:
    """Language, search and filters; what the plots mean."""
    topics = "".join(_option(topic.name, topic.title) for topic, _ in report.topics)
    if report.notes:
        topics += _option(page_words.NOTES_TOPIC, page_words.STUDY_NOTES)
    occurring = {entry.verdict for entry in report.entries}
    verdicts = "".join(_option(name, said) for name, said in _verdicts().items() if name in occurring)
    verdicts += "".join(_option(each.value, STANDINGS[each]) for each in notes.standings(report.notes))
    legend = "".join(f"<p>{both(said)}</p>" for said in page_words.LEGEND)
    return (
        f"<nav><button id=language type=button>{both(page_words.LANGUAGE)}</button>"
        f"<label>{both(page_words.SEARCH)} <input id=search type=search></label>"
        f"<select id=topic>{_option('', page_words.EVERY_TOPIC)}{topics}</select>"
        f"<select id=verdict>{_option('', page_words.EVERY_VERDICT)}{_option('unexpected', page_words.UNEXPECTED)}"
        f"{verdicts}</select><span><output id=count></output> {both(page_words.SHOWN)}</span></nav>"
        f"{folded(both(page_words.READING), legend, 'reading')}"
    )


def _verdicts() -> dict[str, Text]:
    return {**{verdict.value: said for verdict, said in words.VERDICTS.items()}, UNMEASURED: page_words.UNMEASURED}


def _option(value: str, said: Text) -> str:
    """An option holds no elements; the script puts the language's words into it."""
    return f'<option value="{text(value)}" data-en="{text(said.en)}" data-ko="{text(said.ko)}">{text(said.en)}'


def _glance(report: Report) -> str:
    """Each topic with a mark for each claim, each study note with one for each statement."""
    rows = "".join(
        f'<tr><th><a href="#{anchor(topic.name)}">{both(topic.title)}</a><td>{"".join(map(_badge, entries))}'
        for topic, entries in report.topics
    )
    return f"<table id=glance>{rows}{notes.rows(report.notes)}</table>"


def _badge(entry: Entry) -> str:
    """The verdict's symbol as a link to the claim; the page's script writes into its title which claim that is."""
    symbol, kind = entry.mark
    return f'<a class={kind} href="#{anchor(entry.claim.id)}">{symbol}</a>'


def _topic(topic: LoadedTopic, entries: Sequence[Entry], report: Report) -> str:
    outcomes = [entry.outcome for entry in entries if entry.outcome]
    cards = (card(entry, report.device, report.epoch) for entry in entries)
    told = f"<p>{both(lambda lang: paragraph(outcomes, lang))}</p>" if outcomes else ""
    heading = f'<h2 id="{anchor(topic.name)}">{both(topic.title)}</h2>'
    sources = _sources(topic, [entry.claim for entry in entries])
    return "\n".join([f'<section data-topic="{text(topic.name)}">', heading, told, *cards, *sources, "</section>"])


def _notes(report: Report) -> Iterator[str]:
    shown = {entry.claim.id for entry in report.entries}
    return (notes.section(judged, shown, report.device, report.epoch) for judged in report.notes)


def _sources(topic: LoadedTopic, claims: Sequence[Claim]) -> Iterator[str]:
    """The reference model and what experiments share, once for all claims of the topic."""
    if topic.model and (lines := source.file_text(origin(topic.model))):
        yield _source(topic.model, page_words.MODEL_OF, lines)
    for module, claim in {claim.module: claim for claim in claims}.items():
        if lines := source.shared(claim):
            yield _source(module, page_words.SHARED, lines)


def _source(module: str, heading: Text, lines: str) -> str:
    return folded(both(_formatted(heading, module=module)), source.block(lines), f"code/{module}")


def _formatted(said: Text, **fields: object) -> Say:
    return lambda lang: said(lang).format(**fields)
