"""Two computations timed in turn, in one process: only their ratio is meant to be read.

On the CPU the clock counts the processor time of this process, so that other processes do not count. Experiments
run on one thread; there it is the time that passes on a machine with nothing else to do.
"""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter, process_time

import torch

LEAST = 0.01
"""Seconds that one measurement lasts at least, thousands of times what the clock itself takes."""


def paired(a: Callable[[], object], b: Callable[[], object], *, device: str = "cpu", rounds: int = 3) -> list[float]:
    """Seconds of one call of `a` and of one call of `b`: of each, the shortest of 2 · rounds measurements.

    Each round measures a, b, b, a, so that a machine that slows down or speeds up treats both alike. Disturbances
    only ever add time, so the shortest measurement is the one least disturbed. Both are called before anything is
    measured, for caches and for kernels that are chosen at the first call.
    """
    calls = {compute: _calls(compute, device) for compute in (a, b)}
    measured: dict[Callable[[], object], list[float]] = {a: [], b: []}
    for _ in range(rounds):
        for compute in (a, b, b, a):
            measured[compute].append(_seconds(compute, calls[compute], device) / calls[compute])
    return [min(measured[a]), min(measured[b])]


def _calls(compute: Callable[[], object], device: str) -> int:
    """How many calls in a row last at least `LEAST` seconds."""
    calls = 1
    _seconds(compute, calls, device)
    while _seconds(compute, calls, device) < LEAST:
        calls *= 2
    return calls


def _seconds(compute: Callable[[], object], calls: int, device: str) -> float:
    """Seconds of `calls` calls, from an idle device to an idle device."""
    clock = process_time if device == "cpu" else perf_counter
    _wait(device)
    start = clock()
    for _ in range(calls):
        compute()
    _wait(device)
    return clock() - start


def _wait(device: str) -> None:
    """Until everything that was handed to an accelerator is done."""
    if device.startswith("cuda"):
        torch.cuda.synchronize(device)
    elif device == "mps":
        torch.mps.synchronize()
