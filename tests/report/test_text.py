"""Words from plugins: never markup, never escape sequences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.report.text import clean, console, styled


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain", "plain"),
        ("[bold red]x[/]", "[bold red]x[/]"),
        (":smile:", ":smile:"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a window title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jcleared", "cleared"),
        ("over\rwritten", "over written"),
        ("two\n    lines", "two lines"),
        ("bell\x07 null\x00", "bell null"),
        ("\u202egnirts", "gnirts"),
        ("위치 인코딩 √d_k ✓", "위치 인코딩 √d_k ✓"),
        ("two  blanks", "two  blanks"),
    ],
)
def test_what_is_shown_of_what_is_said(said, shown):
    """Escape sequences and control characters go, everything readable stays."""
    assert clean(said) == shown


@given(st.text())
def test_nothing_that_steers_a_terminal_survives(said):
    """Whatever a plugin says, it is one line without control characters; cleaning twice changes nothing."""
    shown = clean(said)
    assert not any(ord(c) < 32 or 127 <= ord(c) < 160 for c in shown)
    assert clean(shown) == shown


def test_markup_and_emoji_codes_are_printed_as_they_are(capsys):
    """rich is given text, never markup."""
    console().print(styled("[bold red]x[/] :smile:"))
    console().print("[bold red]y[/] :smile:")
    assert capsys.readouterr().out == "[bold red]x[/] :smile:\n[bold red]y[/] :smile:\n"
