"""The moving picture of a run."""

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from dlcheck.report.live import Screen, bar


def screen(claims, width=100, height=20):
    console = Console(file=StringIO(), width=width, height=height, force_terminal=True, color_system=None, markup=False)
    made = Screen(console, "en", "cpu", jobs=2)
    made.planned(claims, {claim.id: 4.0 for claim in claims})
    return made


def test_a_running_claim_shows_its_bar_seeds_time_and_arm(claim, printed):
    """What is measured, how far, how long it takes, and for which arm."""
    one = claim("one")
    made = screen([one])
    made.started(one, "off", "never run")
    made.progress(one, "off", 1, 2)
    shown = printed(made.picture(), width=100).splitlines()
    assert "It is so." in shown[0]
    assert "━━━━━───────────────" in shown[1]
    assert "0/16 seeds · 0 s of about 4 s · control 'off'" in shown[1]
    assert shown[2].strip().startswith("0 of 1 decided · 0 s elapsed · about 2 s to go")


@pytest.mark.parametrize(("width", "height"), [(60, 10), (200, 40)])
def test_the_picture_never_outgrows_the_terminal(claim, printed, width, height):
    """200 claims at once: no line is wider than the terminal, and the picture stays below its height."""
    claims = [claim(f"a-claim-with-a-name-that-is-quite-long-and-goes-on-{i}") for i in range(200)]
    made = screen(claims, width, height)
    for one in claims:
        made.started(one, "a control with a very long name, longer than most terminals are wide", "")
    shown = printed(made.picture(), width=width).splitlines()
    assert len(shown) < height
    assert max(map(cell_len, shown)) <= width


def test_a_bar_reads_without_colour():
    """Done and to do are drawn with different characters."""
    assert "".join(part for part, _ in bar(0.5, 10)) == "━━━━━─────"
    assert "".join(part for part, _ in bar(1.0, 10)) == "━━━━━━━━━━"
