"""Limits that a process puts on itself and cannot take back: what it may use, and what it may ask the kernel for.

The system calls that a filter refuses (seccomp, Linux) are those by which code could start programs, reach the network
or another process, or lift its limits. Files are not the filter's business: those the sandbox has to keep out of sight.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Mapping

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38
SECCOMP_MODE_FILTER = 2
LOAD, EQUAL, AT_LEAST, HAS_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # of classic BPF
ALLOW, REFUSE, KILL = 0x7FFF0000, 0x00050000, 0x80000000
NUMBER, ARCHITECTURE, FIRST_ARGUMENT, SECOND_ARGUMENT = 0, 4, 16, 24  # where they stand in struct seccomp_data
CLONE_THREAD = 0x10000
F_SETOWN, F_SETOWN_EX = 8, 15
"""Of fcntl: whom the kernel signals when there is something to read. It may be another process of the same user."""
X32 = 0x40000000
"""From here on x86-64 has the same calls once more, for another kind of program."""

TABLE = """
    clone 56 220, fork 57 -, vfork 58 -, execve 59 221, execveat 322 281, clone3 435 435, socket 41 198,
    socketpair 53 199, io_uring_setup 425 425, kill 62 129, tkill 200 130, tgkill 234 131,
    rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, pidfd_send_signal 424 424, pidfd_getfd 438 438,
    ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, setrlimit 160 164, prlimit64 302 261,
    shmget 29 194, msgget 68 186, semget 64 190, mq_open 240 180, unshare 272 97, setns 308 268, mount 165 40,
    umount2 166 39, pivot_root 155 41, chroot 161 51, bpf 321 280, perf_event_open 298 241, keyctl 250 219,
    add_key 248 217, request_key 249 218, userfaultfd 323 282, init_module 175 105, finit_module 313 273,
    reboot 169 142, swapon 167 224, memfd_create 319 279, memfd_secret 447 447, setpriority 141 140,
    sched_setparam 142 118, sched_setscheduler 144 119, sched_setaffinity 203 122, sched_setattr 314 274,
    ioprio_set 251 30, pidfd_open 434 434, process_madvise 440 440, open_by_handle_at 304 265, fcntl 72 25
"""
"""Refused calls with their numbers: name, x86-64, aarch64. Some arguments of clone and fcntl are allowed."""
CALLS = {
    machine: {name: int(numbers[place]) for name, *numbers in map(str.split, TABLE.split(",")) if numbers[place] != "-"}
    for place, machine in enumerate(("x86_64", "aarch64"))
}
AUDIT = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


def confine(limits: Mapping[str, int]) -> bool:
    """Put all limits on this process. False when the kernel takes no filter: then only its own limits hold it.

    limits: seconds, memory (bytes beyond what is mapped by now), file_bytes (of one file), open_files.
    """
    if LINUX:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        _limit(resource.RLIMIT_AS, _address_space() + limits["memory"])
    used = resource.getrusage(resource.RUSAGE_SELF)
    _limit(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + limits["seconds"] + 1)
    _limit(resource.RLIMIT_FSIZE, limits["file_bytes"])
    _limit(resource.RLIMIT_NOFILE, limits["open_files"])
    _limit(resource.RLIMIT_CORE, 0)
    is_filtered = LINUX and _filter()
    if not is_filtered:
        _limit(resource.RLIMIT_NPROC, 0)  # no more processes; on Linux no threads either, which the filter would allow
    return is_filtered


def _limit(kind: int, most: int) -> None:
    """Soft and hard, but not above what the user has set."""
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _address_space() -> int:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _filter() -> bool:
    """Have the kernel refuse what the calls above do, in this thread and those it starts. False when it cannot."""
    machine = platform.machine()
    if machine not in CALLS:
        return False
    program = _program(CALLS[machine], AUDIT[machine])
    buffer = ctypes.create_string_buffer(program, len(program))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer)))
    libc = ctypes.CDLL(None)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        return False
    return bool(libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header) == 0)


def _program(calls: Mapping[str, int], audit: int) -> bytes:
    """Classic BPF: a refused call fails with "operation not permitted". Each jump tells how many lines to leave out."""
    refuse = (RETURN, 0, 0, REFUSE | errno.EPERM)
    lines = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, audit), (RETURN, 0, 0, KILL)]
    lines += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, X32), refuse]
    # The C library asks for threads by clone3, whose flags a filter cannot see, and by clone where there is no clone3.
    lines += [(EQUAL, 0, 1, calls["clone3"]), (RETURN, 0, 0, REFUSE | errno.ENOSYS)]
    for name, number in calls.items():
        if name not in ("clone", "clone3", "fcntl"):
            lines += [(EQUAL, 0, 1, number), refuse]
    lines += [(EQUAL, 0, 3, calls["clone"]), (LOAD, 0, 0, FIRST_ARGUMENT), (HAS_BITS, 1, 0, CLONE_THREAD), refuse]
    lines += [(LOAD, 0, 0, NUMBER), (EQUAL, 0, 4, calls["fcntl"]), (LOAD, 0, 0, SECOND_ARGUMENT)]
    lines += [(EQUAL, 1, 0, F_SETOWN), (EQUAL, 0, 1, F_SETOWN_EX), refuse]
    lines += [(RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)
