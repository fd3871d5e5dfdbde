"""The engine's cost: 200 trivial claims with one control each, every claim in a fresh process, two at a time.

Against `pytest --forked -n 2` on the same checks, and against all of them inline in one process. Each way is a
process of its own and imports torch; the ways take turns, and ratios are medians over the rounds.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

CLAIMS = 200
ROUNDS = 5

CLAIM = '''
@claim(en="Ones add up.", ko="일을 더하면 맞는다.", source="arithmetic", rule=equals("gap", 0.0, atol=1e-9),
       controls={{"one more": {{"extra": 1.0}}}}, seconds=0.01)
def adds_up_{index}(run, extra=0.0):
    """The sum of eight ones, less eight."""
    return {{"gap": [float(torch.ones(8).sum()) + extra - 8 for _ in run.seeds]}}
'''
HEAD = """
from dlcheck import claim, equals, lazy
torch = lazy("torch")
"""
ENGINE = """
import sys
from pathlib import Path
from dlcheck.api import Topic
from dlcheck.engine import verify
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher

with Store(Path(sys.argv[1])) as store:
    outcomes = verify(Topic("bench", "", "", ["checks"]).collect("checks"), jobs=2, store=store, watcher=Watcher())
    assert all(outcome.verdict == "verified" and len(outcome.arms) == 2 for outcome in outcomes), outcomes[0]
    assert len(outcomes) == {claims} and store.count() == 2 * {claims}
"""
INLINE = """
import torch
from dlcheck.api import Run, Topic
torch.set_num_threads(1)
claims = Topic("bench", "", "", ["checks"]).collect("checks")
assert len(claims) == {claims}
for claim in claims:
    arms = [claim.rule.judge(claim.experiment(Run(claim.seeds(0, 0, 8)), **knobs)) for knobs in claim.arms().values()]
    assert [arm.verdict for arm in arms] == ["verified", "refuted"]
"""
PYTEST = """
import pytest
import torch
from dlcheck.api import Run, Topic
torch.set_num_threads(1)
CLAIMS = Topic("bench", "", "", ["checks"]).collect("checks")

@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_claim(claim):
    arms = [claim.rule.judge(claim.experiment(Run(claim.seeds(0, 0, 8)), **knobs)) for knobs in claim.arms().values()]
    assert [arm.verdict for arm in arms] == ["verified", "refuted"]
"""


CONFTEST = """
import pytest_forked

serialize = pytest_forked.serialize_report

def without_id(report):  # pytest 9.2 has ids that pytest-forked 1.7 cannot send
    fields = serialize(report)
    if fields.pop("_id", None):
        fields["nodeid"] = report.nodeid
    return fields

pytest_forked.serialize_report = without_id
"""


def measure(rounds: int = ROUNDS) -> list[tuple[str, float, float]]:
    """(what, measured, at most this): two ratios of wall times, and the memory of a worker in MB."""
    with tempfile.TemporaryDirectory() as folder:
        site = _write(Path(folder))
        walls: dict[str, list[float]] = {"engine": [], "pytest": [], "inline": []}
        for number in range(rounds):
            for way, command in _ways(site, Path(folder) / f"{number}.sqlite3").items():
                walls[way].append(_wall(command, site))
        forked = statistics.median(e / p for e, p in zip(walls["engine"], walls["pytest"], strict=True))
        inline = statistics.median(e / i for e, i in zip(walls["engine"], walls["inline"], strict=True))
        mib = max(_peak(path) for path in Path(folder).glob("*.sqlite3"))
        print({way: [round(wall, 2) for wall in each] for way, each in walls.items()}, file=sys.stderr)
    return [
        (f"{CLAIMS} claims, against pytest --forked -n 2", forked, 0.75),
        (f"{CLAIMS} claims, against all inline in one process", inline, 2.5),
        ("peak memory of a worker of a trivial claim, MB", mib * 1.048576, 700.0),
    ]


def _write(site: Path) -> Path:
    (site / "checks.py").write_text(HEAD + "".join(CLAIM.format(index=index) for index in range(CLAIMS)))
    for name, source in (
        ("engine.py", ENGINE),
        ("inline.py", INLINE),
        ("test_checks.py", PYTEST),
        ("conftest.py", CONFTEST),
    ):
        (site / name).write_text(source.replace("{claims}", str(CLAIMS)))
    (site / "pytest.ini").write_text("[pytest]\n")
    return site


def _ways(site: Path, store: Path) -> dict[str, list[str]]:
    forked = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--forked", "-n", "2", "test_checks.py"]
    return {
        "engine": [sys.executable, "engine.py", str(store)],
        "pytest": forked,
        "inline": [sys.executable, "inline.py"],
    }


def _peak(store: Path) -> float:
    """MiB, over all workers of a run."""
    with closing(sqlite3.connect(store)) as connection:
        return max(float(json.loads(row)["peak_mib"]) for (row,) in connection.execute("SELECT result FROM cells"))


def _wall(command: list[str], site: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # each way compiles the claims once, as it is usual
    began = time.perf_counter()
    subprocess.run(command, cwd=site, env=environment, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


if __name__ == "__main__":
    for what, value, target in measure():
        print(f"{what}: {value:.2f} (at most {target:g})")
