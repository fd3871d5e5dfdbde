"""Processes on this machine: whose children they are, and how to be rid of them. On Linux; elsewhere none is found."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Set
from contextlib import suppress
from pathlib import Path

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36


def adopt_orphans() -> None:
    """Descendants that outlive their parents become children of this process."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent is gone, even while it hangs in C code."""
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def kill_children(parent: int, spared: Set[int] = frozenset()) -> bool:
    """Kill them at once. True when there was none, apart from those spared."""
    children = _children(parent) - spared
    for child in children:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(child, signal.SIGKILL)
    return not children


def kill_descendants() -> None:
    """Of a process that adopts orphans: kill its children, and theirs as they come down to it, until none is left."""
    with suppress(ChildProcessError):
        while LINUX:
            kill_children(os.getpid())
            os.waitpid(-1, 0)


def _children(parent: int) -> set[int]:
    """Zombies too, until they are reaped."""
    try:
        return set(map(int, Path(f"/proc/{parent}/task/{parent}/children").read_text().split()))
    except OSError:  # not every kernel is built with this list
        return {int(process) for process in os.listdir("/proc") if process.isdigit() and _parent(process) == parent}


def _parent(process: str) -> int:
    try:
        with open(f"/proc/{process}/stat") as stat:
            return int(stat.read().rpartition(")")[2].split()[1])
    except (OSError, ValueError):  # it ended meanwhile
        return -1
