"""An Anki package: a deck for each topic, a note for each variant, in both languages.

A note is known by topic/id#seed, so that importing the package of a later release updates it and keeps its reviews.
The same exam gives the same bytes.
"""

from __future__ import annotations

import hashlib
import itertools
import re
import sqlite3
from functools import cache
from typing import Any

from dlcheck import __version__
from dlcheck.api import Lang
from dlcheck.errors import DlcheckError
from dlcheck.quiz.exports import sheets, words
from dlcheck.quiz.exports.exam import Exam
from dlcheck.quiz.exports.files import archive
from dlcheck.quiz.variant import Variant
from dlcheck.report.markup import rich

NEEDS_ANSWERS = True
IS_BINARY = True
CANNOT = ("code", "prediction")
"""Anki runs no code; a prediction is about an experiment that has yet to run, and a card holds what has run."""
LANGUAGES: dict[Lang, str] = {"en": "English", "ko": "한국어"}
NOTE_TYPE = 1_606_337_021
"""Anki's number for our kind of note: changed when its fields change, never else."""

STYLE = """
.card { text-align: left; font: 20px/1.6 system-ui, "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo",
  "Malgun Gothic", sans-serif; max-width: 40em; margin: 1em auto; word-break: keep-all; overflow-wrap: anywhere; }
.small { font-size: 14px; opacity: .7; }
.right { font-weight: bold; }
li { margin: .3em 0; }
pre { white-space: pre-wrap; }
"""


def expresses(variant: Variant) -> bool:
    return variant.question.kind not in CANNOT


def write(exam: Exam) -> bytes:
    """Raises DlcheckError where genanki is missing."""
    genanki = import_genanki()
    decks = {name: genanki.Deck(_number(f"deck/{name}"), f"dlcheck::{name}") for name in exam.titles}
    note_type = _note_type(genanki)
    for variant in exam.variants:
        decks[variant.topic].add_note(_note(genanki, note_type, variant, exam.lang))
    return archive({"collection.anki2": _database(genanki.Package(list(decks.values()))), "media": b"{}"})


def import_genanki() -> Any:
    """Raises DlcheckError, naming the extra, where it is missing."""
    try:
        import genanki
    except ImportError:
        raise DlcheckError("an Anki package needs genanki; install it with: pip install 'dlcheck[anki]'") from None
    return genanki


def _database(package: Any) -> bytes:
    """The collection. Anki keeps the newer of two notes, so each release of dlcheck stamps a later moment."""
    moment = _moment(__version__)
    connection = sqlite3.connect(":memory:")
    package.write_to_db(connection.cursor(), moment, itertools.count(moment * 1000))
    connection.commit()
    made = connection.serialize()
    connection.close()
    return made


def _moment(version: str) -> int:
    """Seconds that grow with the version, and are the same whenever the package is made."""
    major, minor, patch = ([int(part) for part in re.findall(r"\d+", version)] + [0, 0, 0])[:3]
    return 1 + (major * 1000 + minor) * 1000 + patch


def _note_type(genanki: Any) -> Any:
    """A card in each language in which the note has a question."""
    fields = ["Id", *(f"{side} {lang}" for lang in LANGUAGES for side in ("Question", "Answer"))]
    templates = [
        {
            "name": name,
            "qfmt": f"{{{{#Question {lang}}}}}<div lang='{lang}'>{{{{Question {lang}}}}}</div>{{{{/Question {lang}}}}}",
            "afmt": f"{{{{FrontSide}}}}<hr id='answer'><div lang='{lang}'>{{{{Answer {lang}}}}}</div>"
            "<p class='small'>{{Id}}</p>",
        }
        for lang, name in LANGUAGES.items()
    ]
    return genanki.Model(NOTE_TYPE, "dlcheck", [{"name": name} for name in fields], templates, css=STYLE)


def _note(genanki: Any, note_type: Any, variant: Variant, only: Lang | None) -> Any:
    """In one language if that was asked for: the fields of the other one are empty then, and give no card.

    Such a note is not the one with both: Anki would give it the cards of both, one of them blank.
    """
    fields = [variant.label]
    for lang in LANGUAGES:
        fields += ["", ""] if only not in (lang, None) else [_front(variant, lang), _back(variant, lang)]
    tags = ["dlcheck", *(f"dlcheck::{each}" for each in (variant.topic, variant.question.kind))]
    return genanki.Note(
        note_type, fields, tags=tags, guid=genanki.guid_for("dlcheck", variant.label, *([only] if only else []))
    )


def _front(variant: Variant, lang: Lang) -> str:
    said = sheets.instruction(variant, lang)
    parts = [f"<div>{rich(variant.ask(lang))}</div>", f"<p class='small'>{rich(said)}</p>" if said else ""]
    if variant.options:
        items = "".join(f"<li>{rich(text(lang))}</li>" for text in variant.options.values())
        parts.append(f"<ol>{items}</ol>")
    if variant.hint:
        parts.append(f"<details><summary>{words.HINT(lang)}</summary>{rich(variant.hint(lang))}</details>")
    return _without_commands("".join(parts))


def _back(variant: Variant, lang: Lang) -> str:
    parts = [f"<div class='right'>{rich(sheets.numbered(variant, lang))}</div>"]
    parts += [f"<div>{rich(said)}</div>" for said in sheets.remarks(variant, lang)]
    if told := sheets.common_mistakes(variant, lang):
        items = "".join(f"<li>{rich(said)}</li>" for said in told)
        parts.append(f"<p class='small'>{words.MISTAKES(lang)}</p><ul>{items}</ul>")
    if said := sheets.check_it(variant, lang):
        parts.append(f"<p class='small'><code>{rich(said)}</code></p>")
    return _without_commands("".join(parts))


def _without_commands(html: str) -> str:
    """Anki would take [sound:x] for a sound, [latex] for LaTeX and {{c1::x}} for a gap."""
    return html.replace("[", "&#91;").replace("{{", "{&#123;")


@cache
def _number(name: str) -> int:
    """Anki's number for something of this name: the same in every export."""
    return 1 + int.from_bytes(hashlib.sha256(f"dlcheck/{name}".encode()).digest()[:5])
