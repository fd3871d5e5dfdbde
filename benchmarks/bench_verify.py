"""`dlcheck verify transformer` as its user waits for it: cold, and again from the saved trials."""

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


def measure() -> list[tuple[str, float, float]]:
    """Wall seconds of one cold run, the largest worker in it, and the median of five that find every trial saved."""
    with tempfile.TemporaryDirectory() as home:
        cold = _seconds(home)
        cached = median(_seconds(home) for _ in range(5))
        largest = _largest_worker(Path(home))
    return [
        ("`dlcheck verify transformer`, cold, seconds", cold, 90.0),
        ("`dlcheck verify transformer`, from saved trials, seconds", cached, 1.0),
        ("`dlcheck verify transformer`, largest worker, MB", largest, 700.0),
    ]


def _seconds(home: str) -> float:
    start = time.perf_counter()
    command = [sys.executable, "-m", "dlcheck", "verify", "transformer", "--quiet", "--device", "cpu"]
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
