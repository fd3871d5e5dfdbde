"""Writes docs/commands.md from the help of every command: `python docs/make_commands.py`."""

import os
import subprocess
import sys
from pathlib import Path

COMMANDS = (
    *("", "verify", "list", "show", "report", "notes", "notes show", "notes check"),
    *("quiz", "review", "stats", "progress", "progress export", "progress import", "progress reset", "doctor"),
    *("judge", "merge", "diff"),
    *("plugins", "bank", "bank test", "bank new", "bank schema", "export"),
)
HEAD = """\
# Commands

What `--help` says. This page is written by `python docs/make_commands.py`, and a test compares it.
"""


def page() -> str:
    """The page as it ought to be."""
    return HEAD + "".join(section(command) for command in COMMANDS)


def section(command: str) -> str:
    """One command's help, 80 columns wide."""
    line = [*command.split(), "--help"]
    left_out = ("DLCHECK_LANG", "TERMINAL_WIDTH")
    environment = {name: value for name, value in os.environ.items() if name not in left_out}
    told = subprocess.run(
        [sys.executable, "-m", "dlcheck", *line],
        env={**environment, "COLUMNS": "80", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    body = "\n".join(row.rstrip() for row in told.stdout.strip().splitlines())
    return f"\n## {f'dlcheck {command}'.strip()}\n```text\n{body}\n```\n"


if __name__ == "__main__":
    Path(__file__).with_name("commands.md").write_text(page(), encoding="utf-8")
