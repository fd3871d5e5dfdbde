"""docs/commands.md says what the commands say."""

import runpy
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_commands_is_up_to_date():
    """The page is what its generator writes; if not: python docs/make_commands.py."""
    made = runpy.run_path(str(DOCS / "make_commands.py"))["page"]()
    assert made == (DOCS / "commands.md").read_text(encoding="utf-8")


def test_exit_codes_are_documented():
    """All five, in the help of verify and so on the page."""
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert all(f"\n  {code}  " in page for code in range(5))
