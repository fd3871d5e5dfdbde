"""The one door through which words reach a terminal: cleaned, and never read as markup.

Plugins write statements, names and error messages. Every renderable of the reports is made by `styled`.
"""

from __future__ import annotations

import re
import unicodedata

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

Part = str | tuple[str, str]

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # operating-system commands: window titles, links
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # control sequences: colours, cursor movement
    r"|\x1b[ -/]*[0-~]"
)
_BREAKS = re.compile(r"\s*[^\S ]\s*")
_UNWANTED = frozenset(  # what reorders a line, and two code points that are no characters, not even in XML
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff"
)

PIPE_WIDTH = 200
"""Columns of output that goes to a file or a pipe: one line per thing, so that grep finds it."""


def clean(words: str) -> str:
    """`words` on one line, without escape sequences, control characters and characters that reorder a line."""
    if words.isascii() and words.isprintable():
        return words
    words = _BREAKS.sub(" ", _ESCAPES.sub("", words))
    return "".join(c for c in words if unicodedata.category(c) not in ("Cc", "Cs") and c not in _UNWANTED)


def visible(text: str) -> str:
    """`text` on as many lines as it has, without control characters (XML has no way to write them) and lone surrogates;
    line ends are those of Unix, tabs are blanks.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ")
    return "".join(filter(_is_visible, text))


def _is_visible(c: str) -> bool:
    return c == "\n" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in "\ufffe\uffff")


def styled(*parts: Part, style: str = "") -> Text:
    """Parts, each a string or (string, style), as one renderable."""
    text = Text(style=style)
    for part in parts:
        words, part_style = (part, "") if isinstance(part, str) else part
        text.append(clean(words), part_style or None)
    return text


def put(console: Console, line: Text, indent: int = 2) -> None:
    """Print a line: whole to a file or pipe; on a terminal wrapped, what follows the first line `indent` deep.

    A word that is too long for a line is left to the terminal, so that an id can still be copied from there.
    """
    longest = max(map(cell_len, line.plain.split()), default=0)
    if not console.is_terminal or longest > console.width - indent:
        console.print(line, soft_wrap=True)
        return
    first, *rest = line.wrap(console, max(20, console.width - indent))
    console.print(first, *(Text(" " * indent).append_text(more) for more in rest), sep="\n")


def console(stderr: bool = False) -> Console:
    """A console that prints what it is given: no markup, no emoji codes, no guessing of colours."""
    made = Console(stderr=stderr, markup=False, emoji=False, highlight=False)
    if not made.is_terminal and "COLUMNS" not in made._environ:
        made.width = PIPE_WIDTH
    return made
