"""Files out of reach without bubblewrap: Landlock, with which a Linux process gives up its right to open them."""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from collections.abc import Sequence

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""System calls, with the same numbers on every processor."""
GET_VERSION, PATH_BENEATH = 1, 1
PR_SET_NO_NEW_PRIVS = 38
WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
RIGHTS = ((1, 0x1FFF), (2, 1 << 13), (3, 1 << 14))
"""To files and folders, by the version that brought them: execute, write, read, list, make, remove; move; truncate."""


def seal(readable: Sequence[str]) -> bool:
    """From now on nothing can be opened but what lies below these paths, and that for reading. False when the kernel
    cannot. What is open stays open.
    """
    if sys.platform != "linux":
        return False
    libc = ctypes.CDLL(None)
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), GET_VERSION)
    handled = sum(rights for since, rights in RIGHTS if version >= since)
    ruleset = libc.syscall(CREATE_RULESET, struct.pack("Q", handled), ctypes.c_size_t(8), 0) if handled else -1
    if ruleset < 0:
        return False
    for path in readable:
        _allow(libc, ruleset, path, READ_FILE | READ_DIR if os.path.isdir(path) else READ_FILE)
    _allow(libc, ruleset, os.devnull, READ_FILE | WRITE_FILE)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    is_sealed = bool(libc.syscall(RESTRICT_SELF, ruleset, 0) == 0)
    os.close(ruleset)
    return is_sealed


def _allow(libc: ctypes.CDLL, ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:  # there is no /lib32, say
        return
    libc.syscall(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, place), 0)
    os.close(place)
