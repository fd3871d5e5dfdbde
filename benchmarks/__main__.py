"""Run every benchmark and write docs/benchmarks.md: `python benchmarks` from the project's root, on a quiet machine.

Each bench_*.py beside this file has `measure() -> list[(what, measured, at_most)]`. Ratios compare both sides in one
run; seconds and megabytes are of this machine. Exits 1 when a figure is above its limit.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
HEAD = """\
# Benchmarks

Written by `python benchmarks` on {day}: {cores} cores ({machine}), Python {python}, torch {torch}, one thread per
process. Ratios have both sides measured in turn in one run; a ratio below 1 means that dlcheck is the faster one.

| what | measured | at most |
| --- | ---: | ---: |
"""


def measured_by(module: str) -> list[tuple[str, float, float]]:
    """The figures of one benchmark, from a process of its own: none finds what another has imported."""
    ask = f"import json, sys, {module}; json.dump({module}.measure(), sys.stdout)"
    done = subprocess.run([sys.executable, "-c", ask], cwd=HERE, check=True, stdout=subprocess.PIPE, text=True)
    rows: list[tuple[str, float, float]] = json.loads(done.stdout)
    return rows


def main() -> None:
    rows = []
    for module in sorted(path.stem for path in HERE.glob("bench_*.py")):
        print(module, flush=True)
        for what, measured, limit in measured_by(module):
            above = "" if measured <= limit else "  ABOVE"
            print(f"  {what}: {measured:.3g} (at most {limit:g}){above}", flush=True)
            rows.append((what, measured, limit))
    head = HEAD.format(
        day=date.today(),
        cores=os.cpu_count(),
        machine=platform.machine(),
        python=platform.python_version(),
        torch=version("torch"),
    )
    PAGE.write_text(head + "".join(f"| {what} | {m:.3g} | {limit:g} |\n" for what, m, limit in rows), encoding="utf-8")
    sys.exit(any(measured > limit for _, measured, limit in rows))


if __name__ == "__main__":
    main()
