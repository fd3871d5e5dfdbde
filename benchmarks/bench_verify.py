"""`dlcheck verify` as its user waits for it, one topic and all of them: cold, and again from the saved trials."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

LIMITS = {"transformer": 90.0, "--all": 360.0}


def measure() -> list[tuple[str, float, float]]:
    """Wall seconds of one cold run, the largest worker in it, and the median of five that find every trial saved."""
    return [row for what, limit in LIMITS.items() for row in _cold_and_saved(what, limit)]


def _cold_and_saved(what: str, limit: float) -> list[tuple[str, float, float]]:
    with tempfile.TemporaryDirectory() as home:
        cold = _seconds(what, home)
        saved = median(_seconds(what, home) for _ in range(5))
        largest = _largest_worker(Path(home))
    return [
        (f"`dlcheck verify {what}`, cold, seconds", cold, limit),
        (f"`dlcheck verify {what}`, from saved trials, seconds", saved, 1.0),
        (f"`dlcheck verify {what}`, largest worker, MB", largest, 700.0),
    ]


def _seconds(what: str, home: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "dlcheck", "verify", what, "--quiet", "--device", "cpu"]
    subprocess.run(command, env=os.environ | {"DLCHECK_HOME": home}, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def _largest_worker(home: Path) -> float:
    """MB, the most memory that any worker had at once."""
    with closing(sqlite3.connect(home / "trials.sqlite3")) as connection:
        peaks = [json.loads(row)["peak_mib"] for (row,) in connection.execute("SELECT result FROM cells")]
    return max(peaks) * 1.048576


if __name__ == "__main__":
    for what, measured, limit in measure():
        print(f"{what}: {measured:.2f} (at most {limit:g})")
