"""Cells on the nodes of a Ray cluster, through the interface of the local pool. What comes back is saved here.

Ray decides where a task runs, and what runs there is a local pool (`ray_task`): time and memory limits, the retry of a
process that died and the clearing up are its own. A task whose node is lost is sent again, less what it has told.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.devices import saved_under
from dlcheck.engine.messages import Fault, Retried
from dlcheck.engine.pool import Report, divide, ignored_interrupts, rank
from dlcheck.engine.ray_task import Parcel, run
from dlcheck.errors import DlcheckError

# Ray reads this when it is imported, and prints what nodes log among our lines without it.
os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".*")
try:
    import ray
    from ray.exceptions import RayError, RayTaskError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ImportError:
    raise DlcheckError("--engine ray needs Ray: pip install 'dlcheck[ray]'") from None

CONNECT_SECONDS = 10.0
LOSSES = 3
"""How often a cell may lose its node, as in Ray itself: it is not to blame, since it has a process of its own there."""
CONTEXT_GIB, GPU_GIB = 0.5, 16.0
"""What CUDA takes for each process, and what the smallest GPU has that clusters are made of (T4, V100)."""


def resolve(device: str) -> str:
    """The device as the process on a node sees it. Raises DlcheckError."""
    if device not in ("cpu", "cuda"):
        raise DlcheckError(
            f"--engine ray: expected --device cpu or cuda, got {device!r}: Ray chooses among the GPUs of its nodes"
        )
    return saved_under(device)


@dataclass(eq=False)
class Task:
    """Cells of one claim that go to a node together. left: which have told no result yet.  losses: of its nodes."""

    cells: list[Cell]
    left: set[int]
    losses: int = 0


class RayPool:
    """Runs submitted cells on a cluster; cells that measure durations have a node for themselves."""

    def __init__(self, address: str | None, jobs: int | None, device: str) -> None:
        """address: HOST:PORT, or None for RAY_ADDRESS or the cluster of this machine.

        jobs: tasks at once; None is one for each core of the cluster.  device: "cpu" or "cuda:0".
        Raises DlcheckError when there is no such cluster, or none with such a device.
        """
        _connect(address or os.environ.get("RAY_ADDRESS", "auto"))
        self.machine: str | None = f"Ray cluster {ray.get_runtime_context().gcs_address}"
        resources = ray.cluster_resources()
        if device != "cpu" and not resources.get("GPU"):
            ray.shutdown()
            raise DlcheckError(f"--device cuda: no node of the {self.machine} has a GPU that Ray knows of")
        self.jobs = jobs or max(1, int(resources.get("CPU", 0)))
        self._run = ray.remote(max_retries=0)(run)
        self._waiting: list[Task] = []
        self._running: dict[Any, Task] = {}

    def prepare(self) -> None:
        """Nodes import torch when their first task comes."""

    def submit(self, cells: list[Cell]) -> None:
        """Cells of one claim."""
        self._waiting += [Task(together, set(range(len(together)))) for together in divide(cells)]
        self._waiting.sort(key=lambda task: rank(task.cells))

    def reports(self) -> Iterator[Report]:
        """What happens, as it happens, until nothing is left to run; more cells may be submitted meanwhile."""
        while True:
            while self._waiting and len(self._running) < self.jobs:
                self._start(self._waiting.pop(0))
            if not self._running:
                return
            [stream], _ = ray.wait(list(self._running), num_returns=1)
            yield from self._listen(stream)

    def _start(self, task: Task) -> None:
        stream = self._run.options(**_needs(task.cells[0])).remote([Parcel.of(cell) for cell in task.cells])
        self._running[stream] = task

    def _listen(self, stream: Any) -> Iterator[Report]:
        """The next report of a task, or how it ended."""
        task = self._running[stream]
        try:
            number, said = ray.get(next(stream))
        except StopIteration:
            del self._running[stream]
            yield from self._lost(task, "its task ended early")  # nothing is left, unless Ray has lost it
        except RayTaskError as error:
            del self._running[stream]
            yield from _end(task, f"its node cannot run dlcheck ({_line(error)})")
        except RayError as error:
            del self._running[stream]
            yield from self._lost(task, type(error).__name__)
        else:
            if isinstance(said, Fault | Result):
                task.left.discard(number)
            yield task.cells[number], said

    def _lost(self, task: Task, how: str) -> Iterator[Report]:
        """Send the cells that are left again, to whatever nodes there are now."""
        cells = [task.cells[number] for number in sorted(task.left)]
        if task.losses == LOSSES:
            yield from _end(task, f"its node was lost {LOSSES + 1} times ({how})")
        elif cells:
            self._waiting.insert(0, Task(cells, set(range(len(cells))), task.losses + 1))
            yield from ((cell, Retried(f"has lost its node ({how})")) for cell in cells)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the cluster, which kills whatever still runs for us there."""
        with ignored_interrupts():
            ray.shutdown()


def _connect(address: str) -> None:
    """Raises DlcheckError."""
    host, _, port = address.rpartition(":")
    if address != "auto" and (not host or "/" in host or not port.isdigit()):
        raise DlcheckError(f"--address {address}: expected HOST:PORT of a Ray cluster's head, such as 10.0.0.1:6379")
    try:
        if host:  # Ray itself tries for 80 s and then ends the process
            socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError) as error:  # no answer, another version of Ray or Python
        said = " ".join(str(error).split())
        raise DlcheckError(f"no Ray cluster to be had at {address}: {said} (docs/distributed.md)") from None


def _needs(cell: Cell) -> dict[str, Any]:
    """What Ray sets aside: a core and a share of a GPU, or a whole node for durations."""
    claim, uses_gpu = cell.claim, cell.device != "cpu"
    nodes = [node for node in ray.nodes() if node["Alive"]]
    nodes = [node for node in nodes if node["Resources"].get("GPU" if uses_gpu else "CPU")]
    if not claim.rule.timing or not nodes:  # one with a GPU may still come
        share = min(1.0, (claim.memory_gib + CONTEXT_GIB) / GPU_GIB)
        return {"num_cpus": 1, "num_gpus": share if uses_gpu else 0}
    # The same one each time, as long as it lives. A task that is bound to a node fails with it, and is sent again.
    largest = max(nodes, key=lambda node: (node["Resources"].get("CPU", 0.0), node["NodeID"]))
    return {
        "num_cpus": largest["Resources"].get("CPU", 0),
        "num_gpus": largest["Resources"]["GPU"] if uses_gpu else 0,
        "scheduling_strategy": NodeAffinitySchedulingStrategy(largest["NodeID"], soft=False),
    }


def _end(task: Task, why: str) -> Iterator[Report]:
    return ((task.cells[number], Fault(why)) for number in sorted(task.left))


def _line(error: RayTaskError) -> str:
    """What was raised: the last line of the traceback."""
    return str(error).strip().splitlines()[-1]
