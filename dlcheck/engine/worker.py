"""A fresh process for cells of one claim: set the limits, run the experiment, send back plain numbers."""

from __future__ import annotations

import importlib
import os
import resource
import time
import traceback
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from typing import Any

from dlcheck.api import Claim, Run
from dlcheck.engine.cell import Result
from dlcheck.engine.messages import Fault, Progress, Said, encode
from dlcheck.engine.processes import LINUX, die_with_parent
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


def work(connection: Connection, orders: Sequence[Order]) -> None:
    """The worker's whole life: orders of one claim, until one of them fails and leaves who knows what behind."""
    confine(orders[0])
    worker = os.getpid()
    for order in orders:
        answer = carry_out(order, connection)
        if os.getpid() != worker:  # the experiment has forked, and this copy of it must not answer for the worker
            os._exit(0)
        tell(connection, answer)
        if isinstance(answer, Fault):
            return


def carry_out(order: Order, connection: Connection) -> Result | Fault:
    """What the experiment measured, or why it did not."""
    try:
        claim: Claim = getattr(importlib.import_module(order.module), order.function)
        return measure(claim, order, connection)
    except ClaimError as error:
        return Fault(str(error))
    except BaseException as error:  # SystemExit too: nothing an experiment raises is ours
        _limit_memory(resource.RLIM_INFINITY)  # to tell of a lack of memory takes some
        return _out_of_memory(error) if _is_out_of_memory(error) else _raised(error, order.module)


def measure(claim: Claim, order: Order, connection: Connection) -> Result:
    """Run the experiment for all seeds of the order.

    Raises ClaimError when it returns anything but one number, or one list of numbers, per seed and measure.
    """
    import torch

    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # a recurrent net over 100 steps was measured nine times slower without
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    if order.device != "cpu":  # one thread is deterministic, and this call imports torch._dynamo: 1.5 s
        torch.use_deterministic_algorithms(True, warn_only=True)
    # Whoever forgets the seeds of the run gets the same numbers each time. torch.manual_seed costs 3 ms without CUDA.
    (torch.default_generator.manual_seed if order.device == "cpu" else torch.manual_seed)(order.seeds[0])
    run = Run(order.seeds, order.device, on_progress=lambda done, total: tell(connection, Progress(done, total)))
    wall, cpu = time.perf_counter(), time.process_time()
    numbers = plain(claim.experiment(run, **order.knobs), claim.rule, len(order.seeds))
    seconds, cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu
    hardware = torch.cuda.get_device_name(order.device) if order.device.startswith("cuda") else ""
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Result(numbers, run.curves, seconds, cpu_seconds, peak_kib / 1024, hardware)


def tell(connection: Connection, said: Said) -> None:
    with open(connection.fileno(), "wb", closefd=False) as pipe:
        pipe.write(encode(said))


def confine(order: Order) -> None:
    """A process group of its own, silent, which dies with the supervisor and has a memory limit on the CPU.

    An address-space limit breaks CUDA, which reserves far more than it uses, and does not work on macOS.
    """
    os.setsid()
    die_with_parent()  # the fork server, which in turn ends when the last hold on this pipe, the supervisor's, is gone:
    os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]  # it has no public name
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(silence, stream)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if LINUX and order.device == "cpu":
        _limit_memory(_address_space() + order.memory_bytes)


def _limit_memory(size: int) -> None:
    """The most that may be mapped, in bytes; a limit that the user has set stays."""
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    finite = [limit for limit in (size, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_AS, (min(finite, default=resource.RLIM_INFINITY), hard))


def _address_space() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _is_out_of_memory(error: BaseException) -> bool:
    return isinstance(error, MemoryError) or (isinstance(error, RuntimeError) and "can't allocate memory" in str(error))


def _out_of_memory(error: BaseException) -> Fault:
    return Fault("ran out of the memory that the claim states (memory_gib)", _traceback(error), retry=True)


def _raised(error: BaseException, module: str) -> Fault:
    """What was raised, and the last place in the author's package that led to it."""
    frames = list(traceback.walk_tb(error.__traceback__))
    package = module.partition(".")[0]
    theirs = [each for each in frames if str(each[0].f_globals.get("__name__", "")).partition(".")[0] == package]
    frame, number = (theirs or frames)[-1]
    where = f"{os.path.basename(frame.f_code.co_filename)}:{number}" if theirs else module
    line = " ".join(str(error).split())[:300]
    return Fault(f"the experiment raised {type(error).__name__}: {line} ({where})", _traceback(error))


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))
