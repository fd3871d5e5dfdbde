"""What looking around costs: `dlcheck --help` and `dlcheck list` against the help of a bare two-command Typer app."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

BARE = """
import typer

app = typer.Typer()


@app.command()
def one(name: str) -> None:
    \"\"\"The first command.\"\"\"


@app.command()
def two(name: str) -> None:
    \"\"\"The second command.\"\"\"


if __name__ == "__main__":
    app()
"""
ROUNDS = 15
LIMIT = 1.3


def measure() -> list[tuple[str, float, float]]:
    """Ratios of median wall times; in each round every command runs in the order A B B A with the bare app."""
    with tempfile.TemporaryDirectory() as folder:
        app = Path(folder) / "bare.py"
        app.write_text(BARE)
        bare = [sys.executable, str(app), "--help"]
        return [(f"`dlcheck {what}`, against a bare Typer app's `--help`", _ratio(what, bare), LIMIT) for what in WHAT]


WHAT = ("--help", "list")


def _ratio(what: str, bare: list[str]) -> float:
    ours = [sys.executable, "-m", "dlcheck", what]
    took: dict[str, list[float]] = {"ours": [], "bare": []}
    _seconds(ours), _seconds(bare)  # byte code and the disk's cache
    for _ in range(ROUNDS):
        for side in ("bare", "ours", "ours", "bare"):
            took[side].append(_seconds(ours if side == "ours" else bare))
    return median(took["ours"]) / median(took["bare"])


def _seconds(command: list[str]) -> float:
    environment = os.environ | {"DLCHECK_LANG": "en"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or our sources, unlike typer's, are compiled each time
    start = time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


if __name__ == "__main__":
    for what, ratio, limit in measure():
        print(f"{what}: {ratio:.2f} (at most {limit})")
