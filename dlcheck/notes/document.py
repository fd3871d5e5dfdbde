"""A user's note, line by line: which lines name claims, and which sentences of the others may be statements.

Nothing is rendered and nothing is thrown away: the lines with their ends, put together, are the file.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dlcheck.errors import DlcheckError


@dataclass(frozen=True)
class Line:
    """One line of a note.

    text, end: as they stand in the file; end is its line end, "" behind the last line.
    marks: names of claims in a comment that begins with "dlcheck:", in the line or alone on a line below it.
    sentences: what it says that may be a statement, without markup, composed (NFC).
    """

    text: str
    end: str = ""
    marks: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()


# Each pattern stops at a second opening mark, so that none takes longer than its line is long, whatever the line.
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_NAMES = re.compile(r"\s*dlcheck:(.*)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--((?:[^<-]|<(?!!--)|-(?!->))*+)-->")
_FENCE = re.compile(r"[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(`{3,}(?=[^`]*$)|~{3,})")
_INLINE_CODE = re.compile(r"`[^`]*`")
_BLOCKS = {"$$": "$$", r"\[": r"\]", "<!--": "-->"}
"""What opens a block in which nothing is stated, at the start of a line, and what closes it."""
_TABLE_RULE = re.compile(r"\s*\|[\s|:-]*-[\s|:-]*")
"""What stands below the head of a table."""
_HEADING = re.compile(r"\s{0,3}#{1,6}(\s|$)")
_LEAD = re.compile(r"^(?:\s|>|[-*+•·◦▪‣○●■□※]\s|(?:\d+|[a-zA-Z가-힣])[.)]\s|\(\d+\)|[①-⑳]|\[[ xX]\]\s)+")
_MARKUP = (
    (re.compile(r"!\[[^\[\]]*\]\([^()]*\)"), " "),  # images
    (re.compile(r"\[([^\[\]]*)\]\([^()]*\)"), r"\1"),  # links
    (re.compile(r"(?:https?|ftp)://\S+"), " "),
    (re.compile(r"</?[a-zA-Z][^<>]*>"), " "),
    (re.compile(r"\$\$[^$]*\$\$"), " "),
    (re.compile(r"\*\*|__|~~|==|[`$\\{}]"), ""),
)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s+|(?<=[가-힣][.!?])(?=[^\s.!?)\"'”’])")
MIN_LETTERS = 8
"""A sentence has at least so many letters, in at least two words; "Transformer" alone states nothing."""


def read(path: Path) -> str:
    """The text of a file. Raises DlcheckError, with the remedy, when it cannot be read or is not UTF-8."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DlcheckError(f"cannot read {path}: expected a text file ({error.strerror})") from error
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DlcheckError(f"{path}: expected UTF-8, got UTF-16. To convert it: {_converted(path, 'UTF-16')}")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise DlcheckError(
            f"{path}: expected UTF-8, got byte 0x{content[error.start]:02x} in line {line}. "
            f"If Korean Windows wrote it: {_converted(path, 'CP949')}"
        ) from error


def _converted(path: Path, encoding: str) -> str:
    return f"iconv -f {encoding} -t UTF-8 {path.name} > utf8-{path.name}"


def parse(text: str) -> list[Line]:
    """The lines of a note, with the claims they name and the sentences they are made of."""
    lines = [Line(found[1], found[2]) for found in _LINE.finditer(text)]
    while lines and not lines[-1].text and not lines[-1].end:
        lines.pop()
    silent = set(_silent(lines))
    parsed = [line if number in silent else _understood(line) for number, line in enumerate(lines)]
    return _marks_moved_up(parsed)


def _understood(line: Line) -> Line:
    marks = tuple(name for found in _COMMENT.findall(_INLINE_CODE.sub(" ", line.text)) for name in _named(found))
    sentences = () if marks or _HEADING.match(line.text) else tuple(_sentences(line.text))
    return Line(line.text, line.end, marks, sentences)


def _named(comment: str) -> list[str]:
    """What a comment for dlcheck is made of, misspelt or not; nothing of any other comment, which is its author's."""
    names = _NAMES.match(comment)
    return names[1].replace(",", " ").split() if names else []


def _sentences(text: str) -> Iterator[str]:
    words = _COMMENT.sub(" ", unicodedata.normalize("NFC", text))
    for pattern, instead in _MARKUP:
        words = pattern.sub(instead, words)
    if words.lstrip().startswith("|"):  # the first cell of a row is what the others speak of
        words = words.replace("|", " ")
    for sentence in _SENTENCE_END.split(_LEAD.sub("", words)):
        said = " ".join(sentence.split())
        if sum(map(str.isalpha, said)) >= MIN_LETTERS and " " in said:
            yield said


def _silent(lines: list[Line]) -> Iterator[int]:
    """Numbers of the lines in which nothing is stated: code, formulas on lines of their own, heads of tables."""
    last = {closes: n for n, line in enumerate(lines) for closes in _BLOCKS.values() if closes in line.text}
    number = _after_front_matter(lines)
    yield from range(number)
    while number < len(lines):
        stop = _end_of_block(lines, number, last)
        yield from range(number, stop)
        number = max(stop, number + 1)


def _after_front_matter(lines: list[Line]) -> int:
    if lines and lines[0].text.rstrip() == "---":
        for number, line in enumerate(lines[1:], 1):
            if line.text.rstrip() in ("---", "..."):
                return number + 1
    return 0


def _end_of_block(lines: list[Line], start: int, last: Mapping[str, int]) -> int:
    """The number of the line behind the block that begins here; `start` itself where none does.

    last: where each closing mark stands for the last time. A block that is never closed is none: a stray "$$" does not
    silence the rest of a note.
    """
    text = lines[start].text
    if text.lstrip().startswith("|") and any(_TABLE_RULE.fullmatch(line.text) for line in lines[start + 1 : start + 2]):
        return start + 2
    if fence := _FENCE.match(text):
        closing = re.compile(rf"[\s>]*{re.escape(fence[1][0])}{{{len(fence[1])},}}\s*$")
        return next((n + 1 for n in range(start + 1, len(lines)) if closing.match(lines[n].text)), len(lines))
    for opens, closes in _BLOCKS.items():
        inside = text.lstrip().removeprefix(opens)
        if inside != text.lstrip() and closes not in inside and last.get(closes, start) > start:
            return next(n + 1 for n in range(start + 1, len(lines)) if closes in lines[n].text)
    return start


def _marks_moved_up(lines: list[Line]) -> list[Line]:
    """A comment alone on its line speaks of the line above it."""
    moved: list[Line] = []
    spoken_of: int | None = None
    for line in lines:
        alone = line.marks and not _COMMENT.sub("", line.text).strip(" \t>-*+|")
        if alone and spoken_of is not None:
            above = moved[spoken_of]
            moved[spoken_of] = Line(above.text, above.end, (*above.marks, *line.marks))
            line = Line(line.text, line.end)
        elif line.text.strip():
            spoken_of = len(moved)
        moved.append(line)
    return moved
