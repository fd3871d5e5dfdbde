"""The statements of study notes on the page: how each stands, with links to the claims that say so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from dlcheck.notes import words
from dlcheck.notes.listing import MARKS, came_out, counted, stands
from dlcheck.notes.standing import Judged, JudgedNote, Standing, Tie
from dlcheck.notes.statements import Relation
from dlcheck.report.html import words as page_words
from dlcheck.report.html.card import CLASSES, UNMEASURED, command
from dlcheck.report.html.markup import Say, anchor, both, text
from dlcheck.report.markup import escaped_line as prose

ONLY_IF = "part"
"""The class of what holds under a condition; no claim comes out like that."""


def rows(notes: Sequence[JudgedNote]) -> str:
    """Of the table at the top: the counts of all notes, then each note with a mark for each statement."""
    if not notes:
        return ""
    counts = sum((judged.counts for judged in notes), Counter[Standing]())
    marks = ("".join(map(_badge, judged.statements)) for judged in notes)
    each = (f"<tr><th>{_link(judged)}<td>{badges}" for judged, badges in zip(notes, marks, strict=True))
    return f"<tr><th>{both(page_words.STUDY_NOTES)}<td>{both(lambda lang: counted(counts, lang))}{''.join(each)}"


def section(judged: JudgedNote, shown: Collection[str], device: str, epoch: int) -> str:
    """One note with its counts and all its statements. shown: ids of the claims on the page."""
    articles = (_statement(each, shown, device, epoch) for each in judged.statements)
    heading = f'<h2 id="{_anchor(judged.note.id)}">{both(_title(judged))}</h2>'
    told = f"<p>{both(lambda lang: counted(judged.counts, lang))}</p>"
    return "\n".join(
        [f"<section class=note data-topic={page_words.NOTES_TOPIC}>", heading, told, *articles, "</section>"]
    )


def standings(notes: Sequence[JudgedNote]) -> list[Standing]:
    """Those that occur."""
    found = {each.standing for judged in notes for each in judged.statements}
    return [standing for standing in Standing if standing in found]


def _title(judged: JudgedNote) -> Say:
    return lambda lang: f"{judged.note.id} · {judged.note.title(lang)}"


def _link(judged: JudgedNote) -> str:
    return f'<a href="#{_anchor(judged.note.id)}">{both(_title(judged))}</a>'


def _anchor(name: str) -> str:
    """Of a note or a statement: no claim's id is like it, for no function's name begins with a digit."""
    return anchor(f"{page_words.NOTES_TOPIC}/{name}")


def _mark(judged: Judged) -> tuple[str, str]:
    """The symbol, and the class that gives it its colour."""
    symbol = MARKS[judged.standing][0]
    return symbol, ONLY_IF if judged.standing is Standing.ONLY_IF else CLASSES.get(symbol, UNMEASURED)


def _badge(judged: Judged) -> str:
    symbol, kind = _mark(judged)
    return f'<a class={kind} href="#{_anchor(judged.statement.id)}">{symbol}</a>'


def _statement(judged: Judged, shown: Collection[str], device: str, epoch: int) -> str:
    """As an article with the parts of a claim's: the statement, what came of it, and last what it goes by."""
    (symbol, kind), statement = _mark(judged), judged.statement

    def run(*names: str) -> str:
        return command(" ".join(names), device, epoch)

    ties = "".join(f" · {said}" for said in _ties(judged.ties, shown))
    name = _anchor(statement.id)
    return (
        f'<article id="{name}" data-verdict={judged.standing} data-topic="{text(statement.topic)}">'
        f'<h3><b class="mark {kind}">{symbol}</b> {both(statement.text)}</h3>'
        f"<p class={kind}>{both(lambda lang: stands(judged, lang, run))}"
        f'<p><a class=id href="#{name}">{prose(statement.id)}</a>{ties}</article>'
    )


def _ties(ties: Sequence[Tie], shown: Collection[str]) -> Iterator[str]:
    """What the claims mean for the statement, meaning by meaning."""
    for relation in Relation:
        if claims := [_claim(tie, shown) for tie in ties if tie.relation is relation]:
            yield f"{both(words.RELATIONS[relation])} {', '.join(claims)}"


def _claim(tie: Tie, shown: Collection[str]) -> str:
    """With what came of it; a link where the claim is on the page."""
    name = f'<a href="#{anchor(tie.claim)}">{prose(tie.claim)}</a>' if tie.claim in shown else prose(tie.claim)
    return f"{name} ({both(lambda lang: came_out(tie, lang))})"
