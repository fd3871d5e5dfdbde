"""How words reach the page: cleaned and escaped, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable

from dlcheck.api import Lang, Text
from dlcheck.report.html.words import LABELS
from dlcheck.report.markup import escaped
from dlcheck.report.markup import escaped_line as prose
from dlcheck.report.text import clean

Say = Callable[[Lang], str] | Text


def text(words: str) -> str:
    """Words on one line, also within an attribute's quotes."""
    return escaped(clean(words))


def both(say: Say) -> str:
    """What is said in English and in Korean; the page shows one of them."""
    en, ko = prose(say("en")), prose(say("ko"))
    return en if en == ko else f"<i lang=en>{en}</i><i lang=ko>{ko}</i>"


def label(said: Text) -> str:
    """One of LABELS, which the style sheet says."""
    return f"<i class=w{LABELS.index(said)}></i>"


def label_style() -> str:
    """The classes of `label`. A quoted string of CSS is one of JSON where neither has to escape anything."""
    return "".join(
        f".w{n}::before{{content:{json.dumps(said.en)}}}"
        f":root[lang=ko] .w{n}::before{{content:{json.dumps(said.ko, ensure_ascii=False)}}}"
        for n, said in enumerate(LABELS)
    )


def code(words: str) -> str:
    return f"<code>{prose(words)}</code>"


def anchor(name: str) -> str:
    """An id, or what follows the # of a link to it."""
    return text(name).replace(" ", "-")


def folded(heading: str, inside: str, name: str = "") -> str:
    """Closed until somebody asks. heading, inside: HTML.  name: to link to it."""
    named = f' id="{anchor(name)}"' if name else ""
    return f"<details{named}><summary>{heading}</summary>{inside}</details>"
