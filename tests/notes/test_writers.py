"""A checked note: every line of the user's as it was, with remarks beside it that nothing in them can break."""

import re
from html.parser import HTMLParser

import pytest
from markdown_it import MarkdownIt

from dlcheck.api import Claim, Lang
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.notes import writers
from dlcheck.notes.check import Checked, check
from dlcheck.notes.document import parse
from dlcheck.notes.remarks import remarked, summary
from dlcheck.plugins import load
from dlcheck.rules import Verdict

CLAIMS = load().claims
SOUND = next(claim for claim in CLAIMS if claim.id == "transformer/unmasked-decoder-copies")
MISCONCEPTION = next(claim for claim in CLAIMS if claim.id == "activations/tanh-is-twice-sigmoid-minus-one")
OUTCOMES = {
    SOUND.id: Outcome(SOUND, Verdict.VERIFIED, [Arm("")]),
    MISCONCEPTION.id: Outcome(MISCONCEPTION, Verdict.REFUTED, [Arm("")]),
}
NOTE = f"""\
# Decoder

- Without a mask the decoder copies. <!-- dlcheck: {SOUND.id} -->
- Tanh is twice the sigmoid, minus one. <!-- dlcheck: {MISCONCEPTION.id} -->
- Nobody has claimed this. <!-- dlcheck: transformer/unmasked-decoder-copy -->

| term | meaning |
| --- | --- |
| mask | hides what comes later <!-- dlcheck: {SOUND.id} --> |
"""


def remarks(text: str, lang: Lang = "en") -> tuple[list[Checked], list[writers.Remarked]]:
    checked = check(parse(text), CLAIMS)
    return checked, remarked(checked, OUTCOMES, [claim.id for claim in CLAIMS], lang)


def plain(text: str, lang: Lang = "en") -> list[str]:
    checked, note = remarks(text, lang)
    return [line.plain for line in writers.text(note, summary(checked, lang))]


def as_markdown(text: str) -> str:
    checked, note = remarks(text)
    return writers.markdown(note, summary(checked, "en")).decode()


def test_the_verdict_of_a_named_claim_stands_below_its_line() -> None:
    """A refuted misconception is ✗ here, expected or not: the line that says it does not hold."""
    lines = plain(NOTE)
    assert lines[3].startswith("  ✓ verified · Without a mask the decoder copies the next token")
    assert lines[5].startswith("  ✗ refuted · Tanh is sigmoid times two minus one")
    assert lines[5].endswith(MISCONCEPTION.id)
    assert lines[7].startswith("  ! there is no claim transformer/unmasked-decoder-copy. Did you mean transformer/unm")


def test_a_suggestion_says_the_statement_first() -> None:
    """The verdict behind it is the claim's, and a claim without numbers says so."""
    lines = plain("Without a mask the decoder copies the next token from its input.")
    assert lines[1].startswith(f"  ≈ {SOUND.statement.en} · verified · {SOUND.id}")
    assert " · not measured on this machine yet · " in lines[2]


def test_a_line_of_several_sentences_says_which() -> None:
    """The beginning of the sentence, once, before its suggestions."""
    lines = plain("I read this today. Without a mask the decoder copies the next token from its own input, it is said.")
    assert lines.count("  “Without a mask the decoder copies the n…”") == 1


def test_the_summary_counts_and_shows_how_to_name_a_claim() -> None:
    """In both languages, with an id that exists."""
    text = f"{NOTE}\nWithout a mask the decoder copies the next token.\n"
    assert "3 lines name claims" in " ".join(plain(text))
    assert f"<!-- dlcheck: {SOUND.id} -->" in plain(text)[-1]
    assert "3개 줄이 명제를 밝히고 있어" in " ".join(plain(text, "ko"))


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_markdown_keeps_the_note(end: str) -> None:
    """Every line begins with the line as it was (a row of a table: up to its last bar), with the same line ends."""
    note = NOTE.replace("\n", end)
    written = as_markdown(note).split(end)
    for before, after in zip(note.split(end)[:-1], written, strict=False):
        assert after.startswith(before.removesuffix("|"))
    assert "\n" not in "".join(written).replace("\r", "")


def test_markdown_stays_what_it_was() -> None:
    """The same headings, items and cells as before, and a block quote more for each closing sentence."""

    def structure(text: str) -> list[str]:
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        return [t.type for t in tokens if t.type in ("heading_open", "list_item_open", "td_open", "tr_open")]

    assert structure(as_markdown(NOTE)) == structure(NOTE)


def test_nothing_in_a_note_or_a_claim_becomes_markup() -> None:
    """A page shows what it was given, tags and all, and loads nothing."""
    text = f"<script>alert('a note of words')</script> <img src=x> & <!-- dlcheck: {SOUND.id} -->"
    checked = [Checked(parse(text)[0], named=(nasty(),))]
    written = writers.page(remarked(checked, {}, [], "en"), summary(checked, "en"), "<b>my</b> note", "en").decode()
    seen = Tags()
    seen.feed(written)
    assert seen.found <= {"html", "head", "meta", "title", "style", "body", "h1", "main", "div", "a", "pre", "aside",
                          "p", "b", "code", "footer"}  # fmt: skip
    assert "&lt;script&gt;alert(" in written
    assert "&lt;blink&gt;" in written
    assert "\x1b" not in written
    assert not re.search(r"https?:|url\(|@import|<link", written)


def test_every_line_of_a_page_has_an_anchor() -> None:
    """#L3 is the third line."""
    checked, note = remarks(NOTE)
    written = writers.page(note, summary(checked, "ko"), "note", "ko").decode()
    assert re.findall(r'id="L(\d+)"', written) == [str(n) for n in range(1, NOTE.count("\n") + 1)]
    assert '<html lang="ko">' in written


def nasty() -> Claim:
    from dataclasses import replace

    from dlcheck.api import Text

    return replace(SOUND, statement=Text("<blink>\x1b[31mred</blink> [a](javascript:1)", "<blink>"), topic="toy")


class Tags(HTMLParser):
    """The names of all elements."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.found.add(tag)
