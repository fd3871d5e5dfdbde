"""One cell in one fresh process: set the limits, run the experiment, send back plain numbers."""

from __future__ import annotations

import fcntl
import importlib
import multiprocessing
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from dlcheck.api import Claim, Run
from dlcheck.engine.cell import Result
from dlcheck.errors import ClaimError
from dlcheck.measured import plain


@dataclass(frozen=True)
class Order:
    """What a worker needs to know; the claim travels by name and is imported there."""

    module: str
    function: str
    knobs: Mapping[str, Any]
    seeds: Sequence[int]
    device: str
    memory_bytes: int


@dataclass(frozen=True)
class Progress:
    done: int
    total: int


@dataclass(frozen=True)
class Fault:
    """Why a cell has no result: one line, and the traceback if there is one."""

    reason: str
    details: str = ""
    retry: bool = False


def work(connection: Connection, order: Order) -> None:
    """The worker's whole life."""
    confine(order)
    try:
        claim: Claim = getattr(importlib.import_module(order.module), order.function)
        answer: Result | Fault = measure(claim, order, connection)
    except MemoryError as error:
        answer = _out_of_memory(error)
    except RuntimeError as error:
        answer = _out_of_memory(error) if "can't allocate memory" in str(error) else _raised(error)
    except ClaimError as error:
        answer = Fault(str(error))
    except Exception as error:
        answer = _raised(error)
    connection.send(answer)


def measure(claim: Claim, order: Order, connection: Connection) -> Result:
    """Run the experiment for all seeds of the order.

    Raises ClaimError when it returns anything but one number, or one list of numbers, per seed and measure.
    """
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # a recurrent net over 100 steps was measured nine times slower without
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if order.device != "cpu":  # one thread is deterministic, and this call imports a compiler: 2 s in each worker
        torch.use_deterministic_algorithms(True, warn_only=True)
    torch.manual_seed(order.seeds[0])  # whoever forgets the seeds of the run gets the same numbers each time
    run = Run(order.seeds, order.device, on_progress=lambda done, total: connection.send(Progress(done, total)))
    wall, cpu = time.perf_counter(), time.process_time()
    numbers = plain(claim.experiment(run, **order.knobs), claim.rule, len(order.seeds))
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    hardware = torch.cuda.get_device_name(order.device) if order.device.startswith("cuda") else ""
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Result(numbers, run.curves, seconds, cpu_seconds, peak_kib / 1024, hardware)


def confine(order: Order) -> None:
    """A process group of its own, which dies with the supervisor, is silent, and has a memory limit on the CPU.

    An address-space limit breaks CUDA, which reserves far more than it uses, and does not work on macOS.
    """
    os.setsid()
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _die_with_supervisor()
    if sys.platform == "linux" and order.device == "cpu":
        limit = _address_space() + order.memory_bytes
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _die_with_supervisor() -> None:
    """Have the kernel kill this process group when the supervisor is gone, even while an experiment hangs in C code.

    The sentinel is a pipe whose other end only the supervisor holds; it becomes readable when that end closes.
    """
    supervisor = multiprocessing.parent_process()
    if supervisor is None or sys.platform != "linux":
        return
    fcntl.fcntl(supervisor.sentinel, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(supervisor.sentinel, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(supervisor.sentinel, fcntl.F_SETFL, fcntl.fcntl(supervisor.sentinel, fcntl.F_GETFL) | os.O_ASYNC)


def _address_space() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _out_of_memory(error: BaseException) -> Fault:
    return Fault("ran out of the memory that the claim states (memory_gib)", _traceback(error), retry=True)


def _raised(error: BaseException) -> Fault:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    line = " ".join(str(error).split())[:300]
    where = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    return Fault(f"the experiment raised {type(error).__name__}: {line} ({where})", _traceback(error))


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
