"""A small supervisor: every cell in a fresh process, so that one that hangs, crashes or eats memory costs itself alone.

The standard library's fork server holds torch ready; nothing of a finished worker, its children included, survives.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Self

from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.worker import Fault, Order, Progress, work

GIB = 1 << 30


@dataclass(frozen=True)
class Started:
    """The cell has a process now."""


@dataclass(frozen=True)
class Retried:
    """The cell's process was lost and gets one more try."""

    reason: str


Report = tuple[Cell, Started | Progress | Retried | Fault | Result]


@dataclass(frozen=True)
class Worker:
    cell: Cell
    process: ForkServerProcess
    connection: Connection
    deadline: float
    is_retry: bool


class Pool:
    """Runs submitted cells, at most `jobs` at a time; cells that measure durations run alone, after the others."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._context = multiprocessing.get_context("forkserver")
        self._waiting: list[tuple[Cell, bool]] = []
        self._running: list[Worker] = []
        self._reports: deque[Report] = deque()

    def submit(self, cell: Cell) -> None:
        self._waiting.append((cell, False))
        self._waiting.sort(key=lambda entry: (entry[0].claim.rule.timing, -entry[0].claim.seconds))

    def reports(self) -> Iterator[Report]:
        """What happens, as it happens, until nothing is left to run; more cells may be submitted meanwhile."""
        while True:
            self._start_workers()
            while self._reports:
                yield self._reports.popleft()
                self._start_workers()
            if not self._running:
                return
            self._listen()

    def _start_workers(self) -> None:
        while self._waiting and len(self._running) < self.jobs:
            alone = self._waiting[0][0].claim.rule.timing
            if self._running and (alone or self._running[0].cell.claim.rule.timing):
                return
            self._start(*self._waiting.pop(0))

    def _start(self, cell: Cell, is_retry: bool) -> None:
        ensure_fork_server()
        claim = cell.claim
        order = Order(
            claim.module,
            claim.function,
            claim.arms()[cell.arm],
            cell.seeds,
            cell.device,
            int(claim.memory_gib * GIB),
        )
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=work, args=(theirs, order), daemon=True)
        process.start()
        theirs.close()
        self._running.append(Worker(cell, process, ours, time.monotonic() + cell.time_limit, is_retry))
        self._reports.append((cell, Started()))

    def _listen(self) -> None:
        """Wait until a worker says something, ends, or runs out of time."""
        patience = min(worker.deadline for worker in self._running) - time.monotonic()
        # A worker that ends closes its end of the pipe too, so its connection alone tells of both.
        ready = wait([worker.connection for worker in self._running], timeout=max(0.0, patience))
        for worker in list(self._running):
            if worker.connection in ready:
                self._receive(worker)
            elif time.monotonic() >= worker.deadline:
                limit = f"took longer than its time limit of {worker.cell.time_limit:.0f} s"
                self._end(worker, Fault(limit, retry=True))

    def _receive(self, worker: Worker) -> None:
        try:
            said = worker.connection.recv()
        except EOFError:
            said = None
        except Exception as error:  # bytes that are no message: the experiment wrote into our pipe
            said = Fault(f"its worker sent something unreadable ({type(error).__name__})", retry=True)
        if isinstance(said, Progress):
            self._reports.append((worker.cell, said))
        elif isinstance(said, Result | Fault):
            self._end(worker, said)
        else:
            self._end(worker, None)

    def _end(self, worker: Worker, answer: Result | Fault | None) -> None:
        """Clear the worker away, then pass on its answer; without one, say how it died."""
        if answer is None:
            worker.process.join(timeout=1.0)
            answer = Fault(f"its process died ({_cause(worker.process.exitcode)})", retry=True)
        self._running.remove(worker)
        _clear_away(worker)
        if isinstance(answer, Fault) and answer.retry and not worker.is_retry:
            self._waiting.insert(0, (worker.cell, True))
            self._reports.append((worker.cell, Retried(answer.reason)))
        else:
            self._reports.append((worker.cell, answer))
        kill_orphans({other.process.pid for other in self._running})

    def close(self) -> None:
        """Kill whatever still runs."""
        for worker in self._running:
            _kill_group(worker.process)
        for worker in self._running:
            _clear_away(worker)
        self._running.clear()
        self._waiting.clear()
        kill_orphans(set())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def ensure_fork_server() -> None:
    """Start the fork server if it does not run, deaf to Ctrl-C, which is ours to handle."""
    with _deaf_to_interrupts():
        forkserver.set_forkserver_preload(["__main__", "dlcheck.engine.preload"])
        forkserver.ensure_running()


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Children started inside inherit that SIGINT is ignored; only the main thread may change that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _clear_away(worker: Worker) -> None:
    """Kill the worker's process group, whatever it does about SIGTERM, and reap it."""
    _kill_group(worker.process)
    worker.process.join()
    worker.process.close()
    worker.connection.close()


def _kill_group(process: ForkServerProcess) -> None:
    assert process.pid is not None
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():  # it may not have come as far as having a group of its own
        process.kill()


def kill_orphans(workers: set[int | None]) -> None:
    """Kill what dead workers left behind: on Linux it has become a child of the fork server (`preload`)."""
    if sys.platform != "linux":
        return
    server = getattr(forkserver._forkserver, "_forkserver_pid", None)  # it has no public name
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) not in workers and _parent(process) == server:
            with suppress(ProcessLookupError):
                os.kill(int(process.name), signal.SIGKILL)


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, ValueError):  # it ended meanwhile
        return None


def _cause(exit_code: int | None) -> str:
    if exit_code is not None and exit_code < 0:
        return signal.Signals(-exit_code).name
    return f"exit code {exit_code}"
