"""Run every benchmark and write docs/benchmarks.md: `python benchmarks` from the project's root, on a quiet machine.

Each bench_*.py beside this file has `measure() -> list[(what, measured, at_most)]`. Ratios compare both sides in one
run; seconds and megabytes are of this machine. Exits 1 when a figure is above its limit.
"""

from __future__ import annotations

import importlib
import os
import platform
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib.metadata import version
from multiprocessing import get_context
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
    """The figures of one benchmark."""
    sys.path.insert(0, str(HERE))
    rows: list[tuple[str, float, float]] = importlib.import_module(module).measure()
    return rows


def main() -> None:
    rows = []
    for module in sorted(path.stem for path in HERE.glob("bench_*.py")):
        print(module, flush=True)
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:  # no benchmark finds another's modules
            for what, measured, limit in fresh.submit(measured_by, module).result():
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
