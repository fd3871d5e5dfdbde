"""Exam sheets to print: one HTML file with nothing outside it, each sheet and each key on pages of their own."""

from __future__ import annotations

from collections.abc import Iterator

from dlcheck.api import Lang
from dlcheck.quiz.code import Code
from dlcheck.quiz.exports import sheets, words
from dlcheck.quiz.exports.exam import Exam, Sheet
from dlcheck.quiz.variant import Variant
from dlcheck.report.document import base_style, document
from dlcheck.report.markup import block, escaped, rich

NEEDS_ANSWERS = False
IS_BINARY = False

STYLE = """
@page { size: A4; margin: 18mm 16mm; }
:root { color-scheme: light; }
body { max-width: 46rem; padding: 1.5rem; color: #111; background: #fff; line-height: 1.6; }
section + section { break-before: page; margin-top: 4rem; }
h1 { font-size: 1.4rem; margin: 0 0 .6rem; }
header { border-bottom: 2px solid #111; margin-bottom: 1.2rem; padding-bottom: .6rem; }
.fields { display: flex; gap: 1.5rem; margin: 0; }
.fields span { flex: 1; border-bottom: 1px solid #777; }
.fields .short { flex: 0 0 7rem; }
article { break-inside: avoid; display: grid; grid-template-columns: minmax(1.8rem, max-content) 1fr;
  column-gap: .4rem; margin: 0 0 1.5rem; }
article > .number { font-weight: 700; font-size: 1.05rem; }
article > div { min-width: 0; }
p { margin: 0 0 .5rem; }
.ask { font-size: 1.05rem; }
.small { color: #555; font-size: .8rem; }
ol.options { list-style: none; counter-reset: option; margin: .4rem 0; padding: 0; }
ol.options li { counter-increment: option; display: grid; grid-template-columns: 2rem 1fr; margin: .25rem 0; }
ol.options li::before { content: counter(option); border: 1px solid #111; width: 1.35rem; height: 1.35rem;
  line-height: 1.35rem; text-align: center; font-size: .8rem; border-radius: 50%; margin-top: .15rem; }
ol.several li::before { border-radius: 3px; }
.line { border-bottom: 1px solid #777; width: 18rem; max-width: 100%; height: 1.8rem; margin-bottom: .5rem; }
.room { border: 1px solid #777; height: 13rem; }
code, pre { font-size: .9em; }
code { background: #f2f2f2; padding: 0 .2em; }
pre { background: #f2f2f2; padding: .6rem .8rem; white-space: pre-wrap; margin: .4rem 0; }
pre code { padding: 0; }
.right { font-weight: 700; }
@media print {
  html { font-size: 10.5pt; }
  body { padding: 0; max-width: none; }
  section + section { margin-top: 0; }
  .key { font-size: .9rem; }
  .key article { margin-bottom: .9rem; }
}
ul { margin: .2rem 0 .5rem; padding-left: 1.2rem; }
"""


def expresses(variant: Variant) -> bool:
    """Every kind: a person reads it."""
    return True


def write(exam: Exam) -> bytes:
    lang = exam.language
    body = "\n".join(part for sheet in exam.sheets for part in _sheet(exam, sheet))
    made = document(f"{exam.title}: {words.QUIZ(lang)}", body, lang, base_style() + STYLE)
    return made.encode("utf-8", "replace")


def _sheet(exam: Exam, sheet: Sheet) -> Iterator[str]:
    lang, heading = exam.language, escaped(sheets.title(exam, sheet))
    fields = f"<span>{words.NAME(lang)}:</span><span>{words.DATE(lang)}:</span>"
    score = f'<span class="short">{words.SCORE(lang)}: &#160; / {len(sheet.variants)}</span>'
    yield '<section class="sheet">'
    yield f'<header><h1>{heading}</h1><p class="fields">{fields}{score}</p></header>'
    for number, variant in enumerate(sheet.variants, 1):
        yield _article(number, variant, _asked(variant, lang))
    yield "</section>"
    if exam.answers:
        yield '<section class="key">'
        yield f"<header><h1>{words.KEY(lang)}</h1><p>{heading}</p></header>"
        for number, variant in enumerate(sheet.variants, 1):
            yield _article(number, variant, _answered(variant, lang))
        yield "</section>"


def _article(number: int, variant: Variant, parts: Iterator[str]) -> str:
    name = f'<p class="small">{escaped(variant.label)}</p>'
    return f'<article><div class="number">{number}.</div><div>{"".join(parts)}{name}</div></article>'


def _asked(variant: Variant, lang: Lang) -> Iterator[str]:
    kind = variant.question.kind
    yield f'<div class="ask">{rich(variant.ask(lang))}</div>'
    if said := sheets.instruction(variant, lang):
        yield f'<p class="small">{escaped(said)}</p>'
    if isinstance(variant.question, Code):
        yield f'{block(variant.question.stub)}<div class="room"></div>'
    elif variant.options:
        items = "".join(f"<li><div>{rich(text(lang))}</div></li>" for text in variant.options.values())
        yield f'<ol class="options{" several" if kind in ("multiple", "ordering") else ""}">{items}</ol>'
    if kind == "ordering":
        yield f'<p class="order">{" → ".join("(&#160;&#160;&#160;&#160;)" for _ in variant.options)}</p>'
    elif not variant.options and kind != "code":
        yield '<div class="line"></div>'


def _answered(variant: Variant, lang: Lang) -> Iterator[str]:
    code = sheets.solution(variant)
    yield block(code) if code else f'<p class="right">{rich(sheets.numbered(variant, lang))}</p>'
    yield from (f"<div>{rich(said)}</div>" for said in sheets.remarks(variant, lang))
    if told := sheets.common_mistakes(variant, lang):
        items = "".join(f"<li>{rich(said)}</li>" for said in told)
        yield f'<p class="small">{words.MISTAKES(lang)}</p><ul>{items}</ul>'
    if said := sheets.check_it(variant, lang):
        yield f'<p class="small"><code>{escaped(said)}</code></p>'
