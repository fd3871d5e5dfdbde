"""The report: how long one of all topics takes, and how large a page of 5,000 claims is and how long it takes to open.

Trials are drawn, not measured: numbers in the shape that each claim's rule reads, for a third of the claims with
learning curves. What is timed is what `dlcheck report` does once it is imported, from the store to the page.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from dlcheck.api import Claim, Curve, Numbers
from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.outcome import Arm, Outcome, decide
from dlcheck.engine.store import Store
from dlcheck.engine.verify import seed_batches
from dlcheck.notes.standing import judge_notes
from dlcheck.notes.statements import bundled
from dlcheck.plugins import load
from dlcheck.report.contract import versions
from dlcheck.report.html.card import Entry
from dlcheck.report.html.page import Report, page
from dlcheck.rules import Count, Growth, Proportion

sys.path.append(str(Path(__file__).parents[1] / "tests" / "support"))
from browser import PROGRAM, browser

MANY = 5000
OPENINGS = 3
EPOCH = 0


def measure() -> list[tuple[str, float, float]]:
    """Seconds for a report of all topics; megabytes of a page of 5,000 claims, and seconds until it is loaded."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [("report of all topics after import, s", _all_topics(Path(folder)), 5.0)]
        large = _large(Path(folder))
        rows.append((f"page of {MANY:,} claims, MB", large.stat().st_size / 1e6, 30.0))
        if PROGRAM:
            rows.append((f"page of {MANY:,} claims, opens in s", _opens(large, Path(folder)), 3.0))
    return rows


def _all_topics(folder: Path) -> float:
    with Store(folder / "trials.sqlite3") as store:
        for claim in load().claims:
            for cell, result in _drawn_cells(claim):
                store.save(cell, result)
    timed = "import time; from dlcheck.cli import report; began = time.perf_counter(); report.command(html='page.html')"
    ask = f"{IMPORTS}; {timed}; import sys; print(time.perf_counter() - began, file=sys.stderr)"
    environment = os.environ | {"DLCHECK_HOME": str(folder)}
    done = subprocess.run([sys.executable, "-c", ask], cwd=folder, env=environment, check=True, capture_output=True)
    return float(done.stderr.split()[-1])


IMPORTS = "import dlcheck.engine.store, dlcheck.engine.verify, dlcheck.plugins, dlcheck.report.html.page"


def _drawn_cells(claim: Claim) -> Iterator[tuple[Cell, Result]]:
    for name in claim.arms():
        for start, stop in seed_batches(claim, None):
            yield Cell(claim, name, EPOCH, start, stop, "cpu"), _drawn(claim, stop - start)


def _drawn(claim: Claim, seeds: int) -> Result:
    """One batch of trials of one arm; the same for the same claim and number of seeds."""
    draw = random.Random(f"{claim.id} {seeds}")
    return Result(_numbers(claim, seeds, draw), _curves(claim, seeds, draw), seconds=1.0, cpu_seconds=1.0)


def _numbers(claim: Claim, seeds: int, draw: random.Random) -> Numbers:
    rule = claim.rule
    match rule:
        case Growth(exponential=exponential):
            sizes = list(range(1, 9)) if exponential else [2.0**power for power in range(4, 12)]
            return {rule.measure: [[draw.uniform(1, 2) * x for x in sizes] for _ in range(seeds)],
                    rule.against: [sizes] * seeds}  # fmt: skip
        case Proportion(total=total):
            shares = [total // rule.draws + (total % rule.draws if seed == 0 else 0) for seed in range(seeds)]
            return {rule.hits: [round(n * draw.uniform(0.1, 0.9)) for n in shares], rule.of: shares}
        case Count():
            return {measure: [draw.randrange(1000)] * seeds for measure in rule.measures}
    return {measure: [draw.uniform(0.1, 2.0) for _ in range(seeds)] for measure in rule.measures}


def _curves(claim: Claim, seeds: int, draw: random.Random) -> list[Curve]:
    if draw.random() > 1 / 3:
        return []
    losses = [[3.0 * 0.9**step + 0.2 * draw.random() for step in range(20)] for _ in range(seeds)]
    return [Curve("training loss", [10.0 * step for step in range(20)], losses)]


def _large(folder: Path) -> Path:
    """A page of so many claims, with the study notes: the installed claims again and again, under other names from the
    second time on, and with other numbers.
    """
    catalogue = load()
    claims = catalogue.claims
    rounds = ((claims[n % len(claims)], n // len(claims)) for n in range(MANY))
    again = (replace(claim, name=f"{claim.name}-{turn}") if turn else claim for claim, turn in rounds)
    entries = [Entry(number, claim, _outcome(claim)) for number, claim in enumerate(again)]
    topics = [(topic, [entry for entry in entries if entry.claim.topic == topic.name]) for topic in catalogue.topics]
    path = folder / "large.html"
    notes = judge_notes(bundled(), {entry.claim.id: entry.outcome for entry in entries})
    report = Report(topics, versions(catalogue), "cpu", EPOCH, "today", notes)
    path.write_text(page(report, "en"), encoding="utf-8")
    return path


def _outcome(claim: Claim) -> Outcome:
    arms = [Arm(name) for name in claim.arms()]
    start, stop = seed_batches(claim, None)[0]
    for number, arm in enumerate(arms):
        cell = Cell(claim, arm.name, EPOCH, start, stop, "cpu")
        result = _drawn(replace(claim, name=f"{claim.name}-{number}"), stop - start)
        arm.add(cell.seeds, result.numbers, result.curves, 1.0, 1.0, cached=True)
        arm.judge(claim.rule, "cpu")
    return decide(claim, arms, "cpu")


def _opens(path: Path, folder: Path) -> float:
    """The fastest of a few, from the navigation to the load event: other work on the machine only ever adds."""
    timing: list[float] = []
    with browser(folder / "profile") as shown:
        shown.look(width=1280)
        for _ in range(OPENINGS):
            shown.open(path)
            timing.append(shown.run("performance.timing.loadEventStart - performance.timing.navigationStart") / 1000)
    return min(timing)


if __name__ == "__main__":
    for what, value, target in measure():
        print(f"{what}: {value:.2f} (at most {target:g})")
