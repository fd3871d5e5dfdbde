"""A real Ray cluster on this machine, with nodes that come and go. Skipped where Ray is not installed."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from dlcheck.engine import verify
from dlcheck.engine.cell import Cell
from dlcheck.engine.store import Store
from dlcheck.errors import DlcheckError
from dlcheck.rules import Verdict

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
ray = pytest.importorskip("ray", reason="the extra 'ray' is not installed")
cluster_utils = pytest.importorskip("ray.cluster_utils")
ray_pool = pytest.importorskip("dlcheck.engine.ray_pool")

PATIENT = '''

@toy()
def looks(run, x=1.0):
    """One, if it is all alone."""
    import os
    note(f"sees GPU {os.environ.get('CUDA_VISIBLE_DEVICES')}, {torch.get_num_threads()} thread")
    return {"x": [x for _ in run.seeds]}


@toy(seconds=7.0)
def early(run, x=1.0):
    """One; it costs more than the patient one, so it is the first to run."""
    return {"x": [x for _ in run.seeds]}


@toy(seconds=6.0)
def patient(run, x=1.0):
    """One, as soon as it may."""
    import os, time
    note(f"patient {os.getpid()}")
    run.progress(1, 2)
    while not (HERE / "released").exists():
        time.sleep(0.05)
    return {"x": [x for _ in run.seeds]}
'''
TOYS = (Path(__file__).parent / "toys.py").read_text(encoding="utf-8") + PATIENT
TOPIC = """

import dlcheck


@dlcheck.hookimpl
def dlcheck_topics():
    return [dlcheck.Topic("toys", "Toys", "장난감", claims=[__name__])]
"""
COMMAND = [sys.executable, "-m", "dlcheck", "verify", "--engine", "ray", "--address"]
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """A cluster whose head runs nothing."""
    started = cluster_utils.Cluster()
    started.add_node(num_cpus=0, include_dashboard=False)
    yield started
    started.shutdown()


AddNode = Callable[..., Any]


@pytest.fixture
def add_node(cluster: Any, tmp_path: Path) -> Iterator[AddNode]:
    """`add_node(num_cpus=1)`: its plugins are those of this test. It is gone after the test."""
    added = []

    def add(site: Path = tmp_path / "site", **more: Any) -> Any:
        added.append(cluster.add_node(env_vars={"PYTHONPATH": str(site)}, **{"num_cpus": 1, **more}))
        return added[-1]

    yield add
    for node in added:
        if node in cluster.worker_nodes:
            cluster.remove_node(node)


@pytest.fixture
def toys(write):
    return {claim.function: claim for claim in write(TOYS)}


def saved(store: Store) -> list[tuple[Any, ...]]:
    """Every cell in the store, with its key and its numbers; durations only by their place."""
    with closing(sqlite3.connect(store.path)) as file:
        rows = file.execute("SELECT claim, arm, start, stop, key, json_extract(result, '$.numbers') FROM cells")
        return sorted(row if row[0] != "toys/timed" else row[:4] for row in rows)


def told(outcomes):
    return [
        (o.claim.id, o.verdict, o.reason, [(a.name, a.seeds, a.numbers, a.fault) for a in o.arms]) for o in outcomes
    ]


def test_a_node_dies_and_the_verdicts_are_those_of_one_machine(cluster, add_node, toys, store, tmp_path, helpers):
    """Each planned cell is measured and saved once, whatever its node did; keys and numbers are the local engine's."""
    claims = list(toys.values())
    add_node()
    doomed = add_node()
    running = set()

    class Killer(helpers.Ear):
        """Kills a node while both are busy, and lets the experiments go on when the loss has been noticed."""

        def started(self, claim, arm, why) -> None:
            super().started(claim, arm, why)
            if claim.function == "patient":
                running.add(arm)
                if len(running) == 2 and doomed in cluster.worker_nodes:
                    cluster.remove_node(doomed, allow_graceful=False)

        def notice(self, message) -> None:
            super().notice(message)
            (tmp_path / "site" / "released").touch()

    ear = Killer()
    outcomes = verify(claims, engine=ray_pool.RayPool(cluster.address, None, "cpu"), store=store, watcher=ear)
    lost = [re.fullmatch(r"(toys/\w+).* has lost its node \(\w+\); trying once more.*", said) for said in ear.notices]
    assert all(lost)  # those that measure time may have been bound to it too
    assert [each[1] for each in lost].count("toys/patient") == 1
    with Store(tmp_path / "local.sqlite3") as local:
        here = helpers.Ear()
        assert told(verify(claims, jobs=2, store=local, watcher=here)) == told(outcomes)
        assert sorted(here.finished_cells) == sorted(ear.finished_cells)
        assert saved(local) == saved(store)
    with closing(sqlite3.connect(store.path)) as file:
        [machine] = file.execute(
            "SELECT DISTINCT json_extract(ingredients, '$.machine') FROM cells WHERE claim = 'toys/timed'"
        ).fetchone()
    assert machine == f"Ray cluster {cluster.address}"


def test_a_node_with_other_source_is_refused(cluster, add_node, toys, store, ear, tmp_path):
    """It measures nothing, and the claim's error says which node it is, what differs and what to do."""
    stale = tmp_path / "stale"
    stale.mkdir()
    (stale / "toys.py").write_text(TOYS.replace("[x for _ in run.seeds]", "[x + 1 for _ in run.seeds]"))
    add_node(stale)
    [true] = verify([toys["true"]], engine=ray_pool.RayPool(cluster.address, 1, "cpu"), store=store, watcher=ear)
    assert true.verdict is Verdict.ERROR
    assert re.fullmatch(r"node \S+ differs in toys\.true; install the same packages on all nodes.*", true.reason)
    assert store.count() == 0
    assert not (stale / "notes").exists()


def test_what_breaks_on_a_node_breaks_as_it_does_here(cluster, add_node, faults, store, ear):
    """A process of its own for each cell: one that dies gets one more try, and harms no other claim."""
    add_node()
    claims = [faults["segfaults"], faults["sound"]]
    broken, sound = verify(claims, engine=ray_pool.RayPool(cluster.address, None, "cpu"), store=store, watcher=ear)
    assert (broken.verdict, broken.reason) == (Verdict.ERROR, "its process died (SIGSEGV)")
    assert sound.verdict is Verdict.VERIFIED
    assert [notice for notice in ear.notices if "trying once more" in notice] == ear.notices
    assert len(ear.notices) == 1


def test_what_a_cell_is_given(cluster, add_node, toys, store, ear, tmp_path):
    """A core and, for CUDA, as much of a GPU as its memory takes; durations have the largest node for themselves."""
    add_node(num_cpus=2)
    add_node(num_cpus=3, num_gpus=1)
    true, timed = toys["true"], toys["timed"]
    with ray_pool.RayPool(cluster.address, None, "cuda:0") as pool:
        assert pool.jobs == 5
        needs = ray_pool._needs(Cell(true, "", 0, 0, 8, "cuda:0"))
        assert needs == {"num_cpus": 1, "num_gpus": (true.memory_gib + 0.5) / 16}
        assert ray_pool._needs(Cell(true, "", 0, 0, 8, "cpu"))["num_gpus"] == 0
        alone = ray_pool._needs(Cell(timed, "", 0, 0, 8, "cuda:0"))
        assert (alone["num_cpus"], alone["num_gpus"]) == (3, 1)
        [with_gpu] = [node["NodeID"] for node in ray.nodes() if node["Alive"] and node["Resources"].get("GPU")]
        assert alone["scheduling_strategy"].node_id == with_gpu
    engine = ray_pool.RayPool(cluster.address, None, "cuda:0")
    verify([toys["looks"]], device="cuda:0", engine=engine, store=store, watcher=ear)  # there is no such GPU in truth
    assert set((tmp_path / "site" / "notes").read_text().splitlines()) == {"sees GPU 0, 1 thread"}


def test_ctrl_c_ends_what_runs_on_the_nodes(cluster, add_node, plugin_dir, tmp_path, helpers):
    """The command ends within seconds, with what has finished in its store, and its processes on the nodes are gone."""
    environment = plugin_dir("toys", TOYS + TOPIC, tmp_path)
    add_node()
    add_node()
    command = [*COMMAND, cluster.address, "toys/early", "toys/patient"]
    run = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    notes = tmp_path / "site" / "notes"
    helpers.wait_until(lambda: notes.exists() and notes.read_text().count("patient") == 2, "two experiments to begin")
    run.send_signal(signal.SIGINT)
    rest = run.communicate(timeout=60)[0]
    assert run.returncode == 4
    assert "--engine ray" in rest
    assert "Traceback" not in rest
    patient = [Path("/proc", line.split()[1]) for line in notes.read_text().splitlines()]
    helpers.wait_until(lambda: not any(process.exists() for process in patient), "experiments to be gone")
    with Store(tmp_path / "home" / "trials.sqlite3") as store:
        assert {row[0] for row in saved(store)} == {"toys/early"}


@pytest.mark.parametrize(
    ("address", "device", "message"),
    [
        ("ray://somewhere:10001", "cpu", r"--address ray://somewhere:10001: expected HOST:PORT"),
        ("somewhere", "cpu", r"--address somewhere: expected HOST:PORT"),
        ("127.0.0.1:1", "cpu", r"no Ray cluster to be had at 127\.0\.0\.1:1: .*refused"),
        (None, "cuda:0", r"--device cuda: no node of the Ray cluster \S+ has a GPU"),
    ],
)
def test_a_cluster_that_is_not_there(cluster, address, device, message):
    """Told in one line, at once."""
    with pytest.raises(DlcheckError, match=message):
        ray_pool.RayPool(address or cluster.address, None, device)


@pytest.mark.parametrize("device", ["auto", "cuda:1", "mps"])
def test_ray_chooses_the_gpu(device):
    """Only the kind of device can be asked for."""
    with pytest.raises(DlcheckError, match=r"expected --device cpu or cuda, got"):
        ray_pool.resolve(device)
    assert ray_pool.resolve("cuda") == "cuda:0"
