"""A small supervisor: fresh processes for every claim, so that what hangs, crashes or eats memory harms no other.

The standard library's fork server holds torch ready; nothing of a finished worker, its children included, survives.
"""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerProcess
from types import ModuleType
from typing import Protocol, Self

from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.messages import Fault, Retried, Said, Started, decode
from dlcheck.engine.processes import kill_children
from dlcheck.engine.worker import Order, work

GIB = 1 << 30
CHUNK = 1 << 16
LONGEST_LINE = 1 << 28
COSTLY_SECONDS = 1.0
"""Each arm of a claim that states this cost or more has a process of its own. The arms of a cheaper one take turns in
one, as long as all goes well: a fresh process costs more than they do."""
SWEEP_SECONDS = 0.5
"""How often to look for what dead workers left behind: to look at every process of the machine takes milliseconds."""
REAPING_SECONDS = 5.0
"""How long to wait for killed grandchildren to vanish: milliseconds, unless one hangs in the kernel."""

Report = tuple[Cell, Started | Retried | Said]


class Engine(Protocol):
    """Where cells run: `Pool`, or `dlcheck.engine.ray_pool.RayPool`. On leaving its block nothing runs any more.

    machine: the name under which durations are kept; None is this machine's.
    """

    machine: str | None

    def prepare(self) -> None:
        """Something will have to run."""

    def submit(self, cells: list[Cell]) -> None:
        """Cells of one claim."""

    def reports(self) -> Iterator[Report]:
        """What happens, as it happens, until nothing is left to run; more cells may be submitted meanwhile."""

    def __enter__(self) -> Self: ...

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None: ...


def divide(cells: list[Cell]) -> list[list[Cell]]:
    """The cells of one claim, by the process that they take turns in."""
    apart = any(cell.claim.rule.timing or cell.claim.seconds >= COSTLY_SECONDS for cell in cells)
    return [[cell] for cell in cells] if apart else [cells]


def rank(cells: list[Cell]) -> tuple[bool, float]:
    """What comes first in a queue: costly claims, so that none is left to run alone; those that measure time last."""
    claim = cells[0].claim
    return claim.rule.timing, -claim.seconds


@dataclass(eq=False)
class Worker:
    """A process and its cells, the first of which is running; is_retry: for the second time.

    heard: the beginning of a line that is still to come.  mute: it has closed its pipe.
    """

    cells: list[Cell]
    process: ForkServerProcess
    connection: Connection
    is_retry: bool
    deadline: float = 0.0
    heard: bytearray = field(default_factory=bytearray)
    mute: bool = False

    def __post_init__(self) -> None:
        self.set_deadline()

    def set_deadline(self) -> None:
        """The time limit of the running cell begins now."""
        self.deadline = time.monotonic() + self.cells[0].time_limit

    def listen(self) -> list[Said]:
        """The messages that are complete, when the pipe is ready; the rest of one may never come."""
        chunk = os.read(self.connection.fileno(), CHUNK)
        self.mute = not chunk
        self.heard += chunk
        if len(self.heard) > LONGEST_LINE:
            return [Fault("its worker sent a message of more than 256 MiB", retry=True)]
        if b"\n" not in chunk:
            return []
        *lines, rest = self.heard.split(b"\n")
        self.heard = bytearray(rest)
        return [decode(bytes(line)) for line in lines]


class Pool:
    """Runs submitted cells, at most `jobs` at a time; cells that measure durations run alone, after the others."""

    machine: str | None = None

    def __init__(self, jobs: int, trains: bool = False) -> None:
        """trains: whether experiments train networks, with optimisers that import more of torch (`prepare`)."""
        self.jobs = jobs
        self.trains = trains
        self._context = multiprocessing.get_context("forkserver")
        self._waiting: list[tuple[list[Cell], bool]] = []
        self._running: list[Worker] = []
        self._dying: list[Worker] = []
        self._reports: deque[Report] = deque()
        self._swept = -math.inf

    def prepare(self) -> None:
        """Begin to import torch, while the caller goes on planning. What optimisers import takes another 1.5 s."""
        with _no_main_module():
            ensure_fork_server(["dlcheck.engine.preload", *(["torch._dynamo"] if self.trains else [])])

    def submit(self, cells: list[Cell]) -> None:
        """Cells of one claim."""
        self._waiting += [(together, False) for together in divide(cells)]
        self._waiting.sort(key=lambda entry: rank(entry[0]))

    def reports(self) -> Iterator[Report]:
        """What happens, as it happens, until nothing is left to run; more cells may be submitted meanwhile."""
        while True:
            self._start_workers()
            while self._reports:
                yield self._reports.popleft()
                self._start_workers()
            if not self._running and not self._dying:
                return
            self._listen()

    def _start_workers(self) -> None:
        while self._waiting and len(self._running) < self.jobs:
            alone = self._waiting[0][0][0].claim.rule.timing
            if alone and (self._running or self._dying):
                return
            if self._running and self._running[0].cells[0].claim.rule.timing:
                return
            self._start(*self._waiting.pop(0))

    def _start(self, cells: list[Cell], is_retry: bool) -> None:
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=work, args=(theirs, [_order(cell) for cell in cells]), daemon=True)
        self._reports.append((cells[0], Started()))
        try:
            self._fork(process)
        except Exception as error:
            ours.close()
            self._answer(cells, is_retry, _not_started(error))
        else:
            self._running.append(Worker(cells, process, ours, is_retry))
        finally:
            theirs.close()

    def _fork(self, process: ForkServerProcess) -> None:
        """By the fork server, or by another one if that was killed: it looks alive until the kernel has buried it."""
        with _no_main_module():
            try:
                self.prepare()
                process.start()
            except (OSError, EOFError):
                _stop_fork_server()
                self.prepare()
                process.start()

    def _listen(self) -> None:
        """Wait until a worker says something, ends, or runs out of time."""
        patience = min((worker.deadline for worker in self._running), default=math.inf) - time.monotonic()
        pipes = [worker.connection for worker in self._running if not worker.mute]
        # A grandchild may hold the pipe of a dead worker, so its end alone is certain.
        ends = [worker.process.sentinel for worker in self._running + self._dying]
        ready = wait([*pipes, *ends], timeout=None if patience == math.inf else max(0.0, patience))
        for worker in list(self._dying):
            if worker.process.sentinel in ready:
                self._bury(worker)
        for worker in list(self._running):
            if worker.process.sentinel in ready:
                self._hear_out(worker)
            elif time.monotonic() >= worker.deadline:
                limit = f"took longer than its time limit of {worker.cells[0].time_limit:.0f} s"
                self._end(worker, Fault(limit, retry=True))
            elif worker.connection in ready:
                self._receive(worker)

    def _receive(self, worker: Worker) -> None:
        for said in worker.listen():
            if isinstance(said, Fault) or (isinstance(said, Result) and len(worker.cells) == 1):
                self._end(worker, said)
                return
            self._reports.append((worker.cells[0], said))
            if isinstance(said, Result):
                worker.cells.pop(0)
                worker.set_deadline()
                self._reports.append((worker.cells[0], Started()))

    def _hear_out(self, worker: Worker) -> None:
        """What a dead worker had still sent, or how it died."""
        _kill_group(worker.process)
        while worker in self._running and not worker.mute and wait([worker.connection], timeout=0):
            self._receive(worker)
        if worker in self._running:
            worker.process.join()
            self._end(worker, Fault(f"its process died ({_cause(worker.process.exitcode)})", retry=True))

    def _end(self, worker: Worker, answer: Fault | Result) -> None:
        """Kill the worker's process group, whatever it does about SIGTERM; the next cell need not wait for its end."""
        _kill_group(worker.process)
        self._running.remove(worker)
        self._dying.append(worker)
        self._answer(worker.cells, worker.is_retry, answer)

    def _bury(self, worker: Worker) -> None:
        """Reap a dead worker, and before long kill what it has left behind."""
        self._dying.remove(worker)
        worker.process.join()
        worker.process.close()
        worker.connection.close()
        if time.monotonic() - self._swept >= SWEEP_SECONDS:
            kill_orphans({other.process.pid or 0 for other in self._running + self._dying})
            self._swept = time.monotonic()

    def _answer(self, cells: list[Cell], is_retry: bool, answer: Fault | Result) -> None:
        """Pass on the answer to the first cell, or try it once more; the others need a process that works."""
        cell, *others = cells
        if others:
            self._waiting.insert(0, (others, False))
        if isinstance(answer, Fault) and answer.retry and not is_retry:
            self._waiting.insert(0, ([cell], True))
            self._reports.append((cell, Retried(answer.reason)))
        else:
            self._reports.append((cell, answer))

    def close(self) -> None:
        """Kill whatever still runs."""
        for worker in self._running:
            _kill_group(worker.process)
        self._waiting.clear()
        self._dying, self._running = self._dying + self._running, []
        for worker in list(self._dying):
            self._bury(worker)
        kill_orphans(set())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failed: type[BaseException] | None, *_: object) -> None:
        with ignored_interrupts():  # whoever presses Ctrl-C twice must not stop the clearing up
            self.close()
            if failed:  # a worker may be in the making that we know nothing of
                _stop_fork_server()


def _order(cell: Cell) -> Order:
    claim = cell.claim
    memory = int(claim.memory_gib * GIB)
    return Order(claim.module, claim.function, claim.arms()[cell.arm], cell.seeds, cell.device, memory)


def ensure_fork_server(modules: list[str]) -> None:
    """Start the fork server, which imports these modules, if it does not run.

    Ctrl-C is ours to handle: it inherits that SIGINT is blocked.
    """
    resource_tracker.ensure_running()  # first, because starting it unblocks SIGINT
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.set_forkserver_preload(modules)
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _fork_server() -> int | None:
    pid: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]  # it has no public name
    return pid


def _stop_fork_server() -> None:
    """At once, even while it imports torch; the next cell starts another."""
    if (server := _fork_server()) is not None:
        with suppress(ProcessLookupError, ChildProcessError):
            os.kill(server, signal.SIGKILL)
            os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)  # multiprocessing wants to reap it itself


def kill_orphans(workers: set[int]) -> None:
    """Kill what dead workers left behind: it has become a child of the fork server (`preload`)."""
    server, deadline = _fork_server(), time.monotonic() + REAPING_SECONDS
    while server and not kill_children(server, spared=workers) and time.monotonic() < deadline:
        time.sleep(0.001)  # its own children come next, when it is dead


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Workers would import the main module, the whole command line for each cell, and they have no use for it."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def ignored_interrupts() -> Iterator[None]:
    """Only the main thread may, and only there they arrive."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _kill_group(process: ForkServerProcess) -> None:
    assert process.pid is not None
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    if process.is_alive():  # it may not have come as far as having a group of its own
        process.kill()


def _not_started(error: Exception) -> Fault:
    if isinstance(error, OSError | EOFError):  # the fork server cannot import torch, say
        _stop_fork_server()
        return Fault(f"its process did not start ({type(error).__name__})", retry=True)
    return Fault(f"its knobs cannot be sent to a process ({error}): expected numbers, strings or functions of a module")


def _cause(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    with suppress(ValueError):  # real-time signals have no name
        return signal.Signals(-exit_code).name
    return f"signal {-exit_code}"
