"""A note is read as people write notes: mixed languages, bullets, formulas, no headings, any line ends."""

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.errors import DlcheckError
from dlcheck.notes.document import parse, read

KOREAN = "셀프 어텐션은 모든 위치를 참조한다."


def sentences(text: str) -> list[str]:
    return [sentence for line in parse(text) for sentence in line.sentences]


@given(st.text(alphabet=st.sampled_from("a가 -#`$<!>/|*[](){}\\.\r\n\t~1"), max_size=200))
def test_nothing_is_lost(text: str) -> None:
    """The lines with their ends are the note, whatever is in it."""
    assert "".join(line.text + line.end for line in parse(text)) == text


@pytest.mark.parametrize(
    "line",
    [
        KOREAN,
        f"- {KOREAN}",
        f"    * {KOREAN}",
        f"• {KOREAN}",
        f"\t3) {KOREAN}",
        f"① {KOREAN}",
        f"> {KOREAN}",
        f"- [x] {KOREAN}",
        f"| {KOREAN} |",
        KOREAN.replace("어텐션", "**어텐션**"),
        KOREAN.replace("어텐션", "[어텐션](https://a.b/c)"),
        KOREAN.replace("어텐션", "`어텐션`"),
        KOREAN + " <!-- 나중에 다시 -->",
        unicodedata.normalize("NFD", KOREAN),
    ],
)
def test_markup_is_taken_off(line: str) -> None:
    """Bullets, numbers, quotes, tables, links and decomposed Korean leave the same sentence."""
    assert sentences(line) == [KOREAN]


def test_a_line_is_taken_sentence_by_sentence() -> None:
    """Also where Korean has no blank behind the full stop; numbers are not cut."""
    text = "어텐션은 층 하나로 충분하다.RNN은 그렇지 않다. The slope is 0.25 at most. 정말 그런가?"
    assert sentences(text) == [
        "어텐션은 층 하나로 충분하다.",
        "RNN은 그렇지 않다.",
        "The slope is 0.25 at most.",
    ]


def test_a_row_of_a_table_is_one_sentence() -> None:
    """Its first cell is what the others speak of."""
    assert sentences("| ResNet | 50층도 잘 학습된다 |") == ["ResNet 50층도 잘 학습된다"]


@pytest.mark.parametrize(
    "text",
    [
        "# 트랜스포머의 모든 것에 대하여",
        "- Transformer",
        "https://example.org/a/very/long/address",
        "![a picture of attention](attention.png)",
        "```python\nx = 'this is a long string of words'\n```",
        "- ~~~\n  some code of many letters\n  ~~~",
        "````\n```\nstill code of many letters\n````",
        "```\nnever closed code of many letters",
        "$$\nloss = cross entropy of logits\n$$",
        "$$ loss = cross entropy of logits $$",
        "\\[\nloss = cross entropy of logits\n\\]",
        "<!--\na long comment of many words\n-->",
        "---\ntitle: a note of many words\n---",
        "| --- | :-: |",
        "| a concept | its explanation |\n| --- | :-: |",
        "",
    ],
)
def test_what_states_nothing(text: str) -> None:
    """Headings, single words, addresses, pictures, code, formulas, comments and front matter."""
    assert sentences(text) == []


@pytest.mark.parametrize("stray", ["$$ x", "\\[ x", "<!-- x", "---"])
def test_a_stray_mark_does_not_silence_the_rest(stray: str) -> None:
    """A block that is never closed is none."""
    assert KOREAN in sentences(f"{stray}\n\n{KOREAN}")


@pytest.mark.parametrize(
    ("comment", "ids"),
    [
        ("<!-- dlcheck: toy/one -->", ("toy/one",)),
        ("<!--DLCHECK:toy/one-->", ("toy/one",)),
        ("<!-- dlcheck: toy/one, toy/two -->", ("toy/one", "toy/two")),
        ("<!-- dlcheck: toy/one --> <!-- dlcheck: toy/two -->", ("toy/one", "toy/two")),
        ("<!-- dlcheck: one toy/* 하나 -->", ("one", "toy/*", "하나")),
        ("<!-- toy/one -->", ()),
        ("<!-- TODO/확인 -->", ()),
        ("<!-- 2026/11 -->", ()),
        ("<!-- -->", ()),
        ("`<!-- dlcheck: toy/one -->`", ()),
    ],
)
def test_claims_are_named_in_comments(comment: str, ids: tuple[str, ...]) -> None:
    """Every word is a name, so that a misspelt one is told. Any other comment, and one in code, names none."""
    assert parse(f"- {KOREAN} {comment}")[0].marks == ids


def test_a_comment_alone_on_its_line_speaks_of_the_line_above() -> None:
    """Also with an empty line between them, and whatever ends the lines."""
    lines = parse(f"{KOREAN}\r\n\r\n  <!-- dlcheck: toy/one -->\r\n{KOREAN}")
    assert [line.marks for line in lines] == [("toy/one",), (), (), ()]


def test_a_comment_in_code_is_code() -> None:
    """A note about notes shows comments without meaning them."""
    assert all(not line.marks for line in parse(f"```\n{KOREAN} <!-- dlcheck: toy/one -->\n```"))


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    """As Windows writes it."""
    file = tmp_path / "note.md"
    file.write_bytes(b"\xef\xbb\xbf" + f"# {KOREAN}\r\n".encode())
    assert read(file) == f"# {KOREAN}\r\n"


def test_another_encoding_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    """The file, the byte, its line, and the command that converts it."""
    file = tmp_path / "note.txt"
    file.write_bytes(b"one\n" + KOREAN.encode("cp949"))
    with pytest.raises(DlcheckError, match=r"note\.txt: expected UTF-8, got byte 0xbc in line 2\. .*iconv -f CP949"):
        read(file)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_told_by_its_mark(tmp_path: Path, encoding: str) -> None:
    """As Notepad writes it where "Unicode" is chosen: from CP949 it would become rubbish."""
    file = tmp_path / "note.txt"
    file.write_bytes(f"\ufeff{KOREAN}".encode(encoding))
    with pytest.raises(DlcheckError, match=r"expected UTF-8, got UTF-16\. To convert it: iconv -f UTF-16 -t UTF-8 n"):
        read(file)


@pytest.mark.parametrize(
    "text",
    ["a " + each * 50_000 for each in ("`", "` `", "<!--", "<!--dlcheck: a ", "[", "[a](", "![", "- ", "$$", "<a ")],
)
def test_no_line_takes_longer_than_it_is_long(text: str) -> None:
    """A pattern that looks at each pair of places would take minutes of CPU time for these."""
    began = time.process_time()
    parse(text + "\n" + "\\[\n" * 2_000)
    assert time.process_time() - began < 10
