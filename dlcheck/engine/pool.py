"""A small supervisor: every cell in a fresh process, so that one that hangs, crashes or eats memory costs itself alone.

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
from typing import Self

from dlcheck.engine.cell import Cell
from dlcheck.engine.messages import Fault, Progress, Retried, Said, Started, decode
from dlcheck.engine.processes import kill_children
from dlcheck.engine.worker import Order, work

GIB = 1 << 30
CHUNK = 1 << 16
LONGEST_LINE = 1 << 28
TRAINS_SECONDS = 1.0
"""Claims that state this cost or more train, mostly. An optimiser imports torch._dynamo, which takes 1.5 s: once in the
fork server rather than in every worker. The costliest cell starts first, so it tells."""
REAPING_SECONDS = 5.0
"""How long to wait for killed grandchildren to vanish: milliseconds, unless one hangs in the kernel."""

Report = tuple[Cell, Started | Retried | Said]


@dataclass(eq=False)
class Worker:
    """One cell's process. heard: the beginning of a line that is still to come; mute: it has closed its pipe."""

    cell: Cell
    process: ForkServerProcess
    connection: Connection
    deadline: float
    is_retry: bool
    heard: bytearray = field(default_factory=bytearray)
    mute: bool = False

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

    def last_words(self) -> Said:
        """What a dead worker had still sent, or how it died."""
        while wait([self.connection], timeout=0) and not self.mute:
            for said in self.listen():
                if not isinstance(said, Progress):
                    return said
        self.process.join()
        return Fault(f"its process died ({_cause(self.process.exitcode)})", retry=True)


class Pool:
    """Runs submitted cells, at most `jobs` at a time; cells that measure durations run alone, after the others."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._context = multiprocessing.get_context("forkserver")
        self._waiting: list[tuple[Cell, bool]] = []
        self._running: list[Worker] = []
        self._dying: list[Worker] = []
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
            if not self._running and not self._dying:
                return
            self._listen()

    def _start_workers(self) -> None:
        while self._waiting and len(self._running) < self.jobs:
            alone = self._waiting[0][0].claim.rule.timing
            if alone and (self._running or self._dying):
                return
            if self._running and self._running[0].cell.claim.rule.timing:
                return
            self._start(*self._waiting.pop(0))

    def _start(self, cell: Cell, is_retry: bool) -> None:
        claim = cell.claim
        knobs, memory = claim.arms()[cell.arm], int(claim.memory_gib * GIB)
        order = Order(claim.module, claim.function, knobs, cell.seeds, cell.device, memory)
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=work, args=(theirs, order), daemon=True)
        self._reports.append((cell, Started()))
        try:
            with _no_main_module():
                ensure_fork_server(trains=claim.seconds >= TRAINS_SECONDS)
                process.start()
        except Exception as error:
            ours.close()
            self._answer(cell, is_retry, _not_started(error))
        else:
            self._running.append(Worker(cell, process, ours, time.monotonic() + cell.time_limit, is_retry))
        finally:
            theirs.close()

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
                _kill_group(worker.process)
                self._end(worker, worker.last_words())
            elif time.monotonic() >= worker.deadline:
                limit = f"took longer than its time limit of {worker.cell.time_limit:.0f} s"
                self._end(worker, Fault(limit, retry=True))
            elif worker.connection in ready:
                self._receive(worker)

    def _receive(self, worker: Worker) -> None:
        for said in worker.listen():
            if not isinstance(said, Progress):
                self._end(worker, said)
                return
            self._reports.append((worker.cell, said))

    def _end(self, worker: Worker, answer: Said) -> None:
        """Kill the worker's process group, whatever it does about SIGTERM; the next cell need not wait for its end."""
        _kill_group(worker.process)
        self._running.remove(worker)
        self._dying.append(worker)
        self._answer(worker.cell, worker.is_retry, answer)

    def _bury(self, worker: Worker) -> None:
        """Reap a dead worker, and kill what it has left behind."""
        self._dying.remove(worker)
        worker.process.join()
        worker.process.close()
        worker.connection.close()
        kill_orphans({other.process.pid or 0 for other in self._running + self._dying})

    def _answer(self, cell: Cell, is_retry: bool, answer: Said) -> None:
        if isinstance(answer, Fault) and answer.retry and not is_retry:
            self._waiting.insert(0, (cell, True))
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
        with _ignored_interrupts():  # whoever presses Ctrl-C twice must not stop the clearing up
            self.close()
            if failed:  # a worker may be in the making that we know nothing of
                _stop_fork_server()


def ensure_fork_server(trains: bool) -> None:
    """Start the fork server if it does not run, with what optimisers import when the cells to come train networks.

    Ctrl-C is ours to handle: it inherits that SIGINT is blocked.
    """
    resource_tracker.ensure_running()  # first, because starting it unblocks SIGINT
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.set_forkserver_preload(["dlcheck.engine.preload", *(["torch._dynamo"] if trains else [])])
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
def _ignored_interrupts() -> Iterator[None]:
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
    if isinstance(error, OSError | EOFError):  # the fork server was killed, or cannot import torch
        _stop_fork_server()  # it may look alive for another moment
        return Fault(f"its process did not start ({type(error).__name__})", retry=True)
    return Fault(f"its knobs cannot be sent to a process ({error}): expected numbers, strings or functions of a module")


def _cause(exit_code: int | None) -> str:
    if exit_code is None or exit_code >= 0:
        return f"exit code {exit_code}"
    with suppress(ValueError):  # real-time signals have no name
        return signal.Signals(-exit_code).name
    return f"signal {-exit_code}"
