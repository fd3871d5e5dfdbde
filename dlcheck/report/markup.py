"""Words as HTML and as Markdown, in which nothing of them is taken for markup."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from dlcheck.report.text import clean, visible

_FENCED = re.compile(r"^```[^\n`]*\n(.*?)^```[ \t]*$\n?", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>#|~$&^!@])")
_LINE_STARTS = re.compile(r"^(\s*\d*)([-+=.)])", re.MULTILINE)


def escaped(text: str, *, quote: bool = True) -> str:
    """As HTML with its line breaks. quote: also within an attribute's quotes."""
    return html.escape(visible(text), quote=quote)


def escaped_line(text: str) -> str:
    """As HTML between tags, on one line; quotes may stay as they are there."""
    return html.escape(clean(text), quote=False)


def rich(text: str) -> str:
    """HTML that is XML too: prose with line breaks; its `code` and fenced blocks as <code> and <pre>."""
    parts = []
    for kind, words in _parts(visible(text)):
        said = html.escape(words, quote=False)
        if kind == "block":
            parts.append(f"<pre><code>{said}</code></pre>")
        else:
            parts.append(f"<code>{said}</code>" if kind == "code" else said.replace("\n", "<br/>"))
    return "".join(parts)


def block(code: str) -> str:
    """A whole text of code as HTML."""
    return f"<pre><code>{html.escape(visible(code).rstrip(), quote=False)}</code></pre>"


def markdown_line(text: str) -> str:
    """Markdown on one line, in which nothing is markup."""
    return _MARKDOWN.sub(r"\\\1", clean(text))


def markdown(text: str) -> str:
    """Markdown of prose; its `code` and fenced blocks stay what they are."""
    parts = []
    for kind, words in _parts(visible(text)):
        if kind == "block":
            parts.append(fenced(words))
        else:
            parts.append(f"`{words}`" if kind == "code" else _prose(words))
    return "".join(parts)


def fenced(code: str, language: str = "") -> str:
    """A block of code, in a fence longer than any within."""
    code = visible(code).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    return f"\n{fence}{language}\n{code}\n{fence}\n"


def _prose(words: str) -> str:
    escaped = _MARKDOWN.sub(r"\\\1", words)
    escaped = _LINE_STARTS.sub(r"\1\\\2", escaped)
    return escaped.replace("\n", "\\\n")


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """("block" | "code" | "prose", words), in order."""
    start = 0
    for fence in _FENCED.finditer(text):
        yield from _inline(text[start : fence.start()].rstrip("\n"))
        yield "block", fence[1].rstrip("\n")
        start = fence.end()
    yield from _inline(text[start:].strip("\n"))


def _inline(text: str) -> Iterator[tuple[str, str]]:
    for index, words in enumerate(_CODE.split(text)):
        if words:
            yield ("code" if index % 2 else "prose"), words
