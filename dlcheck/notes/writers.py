"""A checked note written out: for a terminal, as Markdown, as a page of HTML. Its own lines stay as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from dlcheck.api import Lang
from dlcheck.notes import words
from dlcheck.notes.remarks import Remark, Remarked
from dlcheck.report.document import base_style, document
from dlcheck.report.markup import escaped
from dlcheck.report.markup import markdown as in_markdown
from dlcheck.report.text import Part, styled

STYLE = """
body { max-width: 92rem; line-height: 1.6; }
h1 { font-size: 1.3rem; }
.line { display: grid; grid-template-columns: 3rem minmax(0, 3fr) minmax(0, 2fr); gap: 0 1rem; padding: .1rem 0; }
.line > a { color: var(--faint); text-align: right; text-decoration: none; font-size: .8rem; }
.line > pre { margin: 0; white-space: pre-wrap; font: inherit; tab-size: 4; word-break: normal; }
aside { font-size: .9rem; }
aside p { margin: 0 0 .3rem; }
.good b { color: var(--good); } .bad b { color: var(--bad); }
details[open] { border-left: 2px solid var(--rule); padding-left: .7rem; }
q { font-style: italic; }
footer { border-top: 2px solid var(--rule); margin-top: 1.5rem; }
@media (max-width: 45rem) {
  body { padding: .8rem; }
  .line { grid-template-columns: 2rem minmax(0, 1fr); }
  aside { grid-column: 2; }
}
"""
CLASSES = {"✓": "good", "✗": "bad", "!": "bad"}


def text(note: Sequence[Remarked], summary: Sequence[str]) -> Iterator[Text]:
    """Lines for a terminal: those of the note, each with its remarks below it, then the summary."""
    for line in note:
        yield styled(line.text.expandtabs(4))
        for remark in line.remarks:
            if remark.about:
                yield styled((f"  “{remark.about}”", "italic"))
            yield styled(*_on_a_terminal(remark))
    yield styled("")
    yield from (styled(sentence) for sentence in summary)


def _on_a_terminal(remark: Remark) -> list[Part]:
    symbol, style = remark.mark
    if remark.is_suggestion:  # the statement first: the verdict is the claim's, not the line's
        return [(f"  {symbol} ", style), f"{remark.statement} · {remark.said} · {remark.claim}"]
    told = " · ".join(["", remark.statement, remark.claim]) if remark.claim else ""
    return [(f"  {symbol} {remark.said}", style), told]


def markdown(note: Sequence[Remarked], summary: Sequence[str]) -> bytes:
    """The note itself; remarks stand behind the line they are about, so that lists, tables and headings stay whole."""
    written = "".join(_with_remarks(line) + line.end for line in note)
    end = next((line.end for line in note if line.end), "\n")
    closing = "".join(f"{end}> {in_markdown(sentence)}{end}" for sentence in summary)
    return (written.rstrip("\r\n") + end + closing).encode("utf-8", "replace")


def _with_remarks(line: Remarked) -> str:
    if not line.remarks:
        return line.text
    remarks = "".join(f" <br>{_behind(remark)}" for remark in line.remarks)
    row = line.text.rstrip()
    return f"{row[:-1]}{remarks} |" if row.startswith("|") and row.endswith("|") and len(row) > 1 else row + remarks


def _behind(remark: Remark) -> str:
    symbol, about = remark.mark[0], f"*“{in_markdown(remark.about)}”*<br>" if remark.about else ""
    if remark.is_suggestion:
        return f"{about}{symbol} {in_markdown(remark.statement)} ({in_markdown(remark.said)}, `{remark.claim}`)"
    claim = f": {in_markdown(remark.statement)} (`{remark.claim}`)" if remark.claim else ""
    return f"{symbol} **{in_markdown(remark.said)}**{claim}"


def page(note: Sequence[Remarked], summary: Sequence[str], title: str, lang: Lang) -> bytes:
    """The note on the left, the remarks on the right; on a phone below their line. One file, nothing outside it."""
    lines = "".join(_row(number, line, lang) for number, line in enumerate(note, 1))
    closing = "".join(f"<p>{escaped(sentence)}</p>" for sentence in summary)
    body = f"<h1>{escaped(title)}</h1>\n<main>{lines}</main>\n<footer>{closing}</footer>"
    return document(title, body, lang, base_style() + STYLE).encode("utf-8", "replace")


def _row(number: int, line: Remarked, lang: Lang) -> str:
    """Suggestions are folded away: there are many, and they are no verdicts."""
    beside = "".join(_in_html(remark) for remark in line.remarks if not remark.is_suggestion)
    if close := "".join(_in_html(remark) for remark in line.remarks if remark.is_suggestion):
        beside += f"<details><summary>≈ {words.CLOSEST(lang)}</summary>{close}</details>"
    remarks = f"<aside>{beside}</aside>" if beside else ""
    return (
        f'<div class="line" id="L{number}"><a href="#L{number}">{number}</a>'
        f"<pre>{escaped(line.text)}</pre>{remarks}</div>\n"
    )


def _in_html(remark: Remark) -> str:
    symbol = remark.mark[0]
    statement, said, claim = escaped(remark.statement), escaped(remark.said), f"<code>{escaped(remark.claim)}</code>"
    if remark.is_suggestion:
        about = f"<p><q>{escaped(remark.about)}</q></p>" if remark.about else ""
        return f"{about}<p>{statement} ({said}) {claim}</p>"
    beside = f": {statement} {claim}" if remark.claim else ""
    return f'<p class="{CLASSES.get(symbol, "other")}">{symbol} <b>{said}</b>{beside}</p>'
