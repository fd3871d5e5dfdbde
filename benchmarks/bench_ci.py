"""What CI pays for beside the experiments: judging saved trials, planning, merging shards, and pytest around it all."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

JUDGED = 10_000
CELLS = 10_000
ARMS = 10  # of a claim; to hash the source of as many claims as there are cells would be most of the time
SHARDS = 4
ROUNDS = 3
TOPIC = "transformer/*mask*"

CLAIM = '''
@claim(en="It is more.", ko="더 크다.", source="arithmetic", rule=exceeds("a", "b", by=0.5),
       controls={{f"off by {{more}}": {{"a": -float(more)}} for more in range({controls})}})
def is_more_{index}(run, a=1.0):
    """Two numbers."""
    return {{"a": [a for _ in run.seeds], "b": [0.0 for _ in run.seeds]}}
'''
HEAD = "from dlcheck import claim, exceeds\n"
WRITE = """
import sys
from pathlib import Path
from dlcheck.api import Topic
from dlcheck.engine.outcome import Arm, decide
from dlcheck.engine.plan import Shard, make_plan, share
from dlcheck.report import contract
from dlcheck.report.results import Results

def decided(claim):
    arms = []
    for name, a in [("", 1.0), *((name, knobs["a"]) for name, knobs in claim.controls.items())]:
        arms.append(Arm(name))
        numbers = {"a": [a + seed / 64 for seed in range(8)], "b": [0.0] * 8}
        arms[-1].add(claim.seeds(0, 0, 8), numbers, [], 1.0, 1.0, False)
        arms[-1].judge(claim.rule, "cpu")
    return decide(claim, arms, "cpu")

module, count, folder = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
claims = Topic("bench", "", "", [module]).collect(module)
versions = {"dlcheck": "0", "python": "3", "torch": "2", "plugins": {}}
for index in range(1, count + 1):
    shard = Shard(index, count)
    plan = make_plan(claims, device="cpu", epoch=0, seeds_max=None, shard=shard)
    outcomes = [decided(claim) for claim in share(claims, shard)]
    written = contract.encode(contract.document(Results(plan, versions, outcomes, [], 0)))
    (folder / f"{module}-{index}.json").write_bytes(written)
"""
PLAN = """
import resource, sys, time
from pathlib import Path
from dlcheck.api import Topic
from dlcheck.engine.plan import Shard, make_plan, share
from dlcheck.engine.pool import Pool
from dlcheck.engine.store import Store
from dlcheck.engine.verify import Session
from dlcheck.engine.watcher import Watcher

class Idle(Pool):
    def prepare(self):
        pass

claims = Topic("bench", "", "", [sys.argv[1]]).collect(sys.argv[1])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.perf_counter()
make_plan(claims, device="cpu", epoch=0, seeds_max=None, shard=Shard(1, 1))
with Store(Path(sys.argv[2])) as store:
    Session("cpu", 0, None, False, False, store, Watcher(), Idle(1)).plan_all(share(claims, Shard(1, 1)))
took = time.perf_counter() - began
print(took, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024 * 1.048576)
"""


def measure() -> list[tuple[str, float, float]]:
    """Seconds of whole processes (of planning, without imports), megabytes, and a ratio of wall times."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        for module, claims, arms in (("judged", JUDGED, 2), ("merged", CELLS // ARMS, ARMS), ("few", 100, ARMS)):
            source = [CLAIM.format(index=index, controls=arms - 1) for index in range(claims)]
            (site / f"{module}.py").write_text(HEAD + "".join(source))
            _python(site, "-c", WRITE, module, "1" if module == "judged" else str(SHARDS), folder)
        judged = median(_seconds(site, "judge", site / "judged-1.json", "--quiet") for _ in range(ROUNDS))
        planned = [
            list(map(float, _python(site, "-c", PLAN, "merged", str(site / "s")).split())) for _ in range(ROUNDS)
        ]
        merged, peak = _merged(site, "merged")
        _, peak_of_few = _merged(site, "few")
    return [
        (f"`dlcheck judge`, {JUDGED:,} claims, seconds", judged, 2.0),
        (f"planning {CELLS:,} cells, seconds", median(took for took, _ in planned), 2.0),
        (f"planning {CELLS:,} cells, MB", max(grown for _, grown in planned), 64.0),
        (f"`dlcheck merge`, {CELLS:,} cells in {SHARDS} files, seconds", merged, 2.0),
        (f"`dlcheck merge`, {CELLS:,} cells, MB more than for {100 * ARMS:,}", peak - peak_of_few, 64.0),
        ("`pytest --dlcheck`, against `dlcheck verify` on the same claims", _pytest(), 1.1),
    ]


def _merged(site: Path, module: str) -> tuple[float, float]:
    """Seconds, and MB at most."""
    files = [site / f"{module}-{index}.json" for index in range(1, SHARDS + 1)]
    took = median(_seconds(site, "merge", *files, "--json", site / "whole.json") for _ in range(ROUNDS))
    peak = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL); "
    peak += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    command = [sys.executable, "-m", "dlcheck", "merge", *files, "--json", site / "whole.json"]
    return took, float(_python(site, "-c", peak, *map(str, command))) / 1024 * 1.048576


def _pytest() -> float:
    """Both cold, in turn, each with a store of its own."""
    took: dict[str, list[float]] = {"verify": [], "pytest": []}
    for way in ("verify", "pytest", "pytest", "verify"):
        with tempfile.TemporaryDirectory() as folder:
            more = ["-q", "-p", "no:cacheprovider", "--rootdir", folder, folder, "--dlcheck", TOPIC]
            words = ["dlcheck", "verify", TOPIC, "--quiet"] if way == "verify" else ["pytest", *more]
            began = time.perf_counter()
            _python(Path(folder), "-m", *words)
            took[way].append(time.perf_counter() - began)
    return sum(took["pytest"]) / sum(took["verify"])


def _seconds(site: Path, *words: str | Path) -> float:
    began = time.perf_counter()
    _python(site, "-m", "dlcheck", *map(str, words))
    return time.perf_counter() - began


def _python(site: Path, *words: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(site), "DLCHECK_HOME": str(site), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # byte code is compiled once, as it is usual
    command = [sys.executable, *words]
    done = subprocess.run(command, cwd=site, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    for what, measured, limit in measure():
        print(f"{what}: {measured:.3g} (at most {limit:g})")
