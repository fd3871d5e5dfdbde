"""Code that is not to be trusted, in a process of its own: what it can reach depends on what this machine can do.

Always: a fresh Python that inherits no environment, writes to files of limited size, and is killed when its time is up.
What it may ask of the kernel it gives up itself before the code is loaded (`inside/confine.py`). Bubblewrap, where it
works, leaves it a file system with Python's installation, read-only, and an empty scratch folder, and nothing else;
where it does not, Landlock (`inside/seal.py`) at least keeps it from opening anything but that installation.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from dlcheck.api import Text
from dlcheck.errors import DlcheckError
from dlcheck.quiz.inside.answer import READY
from dlcheck.quiz.inside.wire import pack

MIB = 1 << 20
START_SECONDS = 120.0
"""How long Python may take to import torch: 2 s as a rule, but the machine may be busy."""
PROBE_SECONDS = 20.0
HERE = Path(__file__).parent
BEGIN = "import sys; sys.path.insert(0, sys.argv[1]); sys.path += sys.argv[2:]; "
"""Isolated Python looks for modules in its installation only: tell it where ours, and torch, are."""
MAIN = "from inside.answer import main; main()"
PROBE = """
import os, socket
from inside.confine import confine
from inside.seal import seal
def refused(call, *arguments):
    try:
        call(*arguments)
    except PermissionError:
        return True
if not confine(dict(seconds=10, memory=1 << 30, file_bytes=1 << 20, open_files=64)):
    sys.exit("the kernel takes no filter")
if {readable} and not (seal({readable}) and refused(os.listdir, "/")):
    sys.exit("the kernel has no Landlock")
print("held" if refused(os.fork) and refused(socket.socket) else "not held")
"""


@dataclass(frozen=True)
class Level:
    """How well this machine can contain code. words: what that means.  missing: why it is not better, if it is not."""

    name: str
    words: Text
    missing: str = ""

    @property
    def is_best(self) -> bool:
        return not self.missing


@dataclass(frozen=True)
class Limits:
    """Of the code's own run, torch being imported. memory and file_bytes in bytes; processes: none but its own."""

    seconds: int = 10
    memory: int = 2048 * MIB
    file_bytes: int = 64 * MIB
    open_files: int = 64
    scratch: int = 64 * MIB


@dataclass(frozen=True)
class Ran:
    """How the process ended, and what it wrote: at most `Limits.file_bytes`, and nothing that can be relied on.

    ended_by: the signal, 0 when it exited with exit_code.
    """

    level: Level
    output: bytes
    exit_code: int
    ended_by: int
    timed_out: bool


BUBBLEWRAP = Text(
    "sees only Python and an empty scratch folder: no files of yours, no network, no other processes",
    "파이썬과 빈 작업 폴더만 보임: 사용자 파일, 네트워크, 다른 프로세스에 접근할 수 없음",
)
LANDLOCK = Text(
    "opens no files but Python's, writes none, no network, no other processes",
    "파이썬 설치 파일만 열 수 있고 쓰기는 불가능함. 네트워크와 다른 프로세스에 접근할 수 없음",
)
FILTER = Text(
    "no network, no other processes; may read and write your files",
    "네트워크와 다른 프로세스에 접근할 수 없음. 사용자 파일은 읽고 쓸 수 있음",
)
LIMITS = Text(
    "limits on time and memory only; may read and write your files and use the network",
    "시간과 메모리만 제한함. 사용자 파일을 읽고 쓰거나 네트워크를 쓸 수 있음",
)


@cache
def level() -> Level:
    """The best that works here, tried once in the life of this process by doing it."""
    program = shutil.which("bwrap")
    if sys.platform != "linux":
        return Level("limits", LIMITS, "bubblewrap is for Linux")
    why = _fails(bubblewrap(program, Limits())) if program else "bwrap is not installed (apt install bubblewrap)"
    if not why:
        return Level("bubblewrap", BUBBLEWRAP)
    if not _fails([], installation()):
        return Level("landlock", LANDLOCK, why)
    if no_filter := _fails([]):
        return Level("limits", LIMITS, f"{why}; {no_filter}")
    return Level("filter", FILTER, why)


def require() -> None:
    """Raises DlcheckError where code is not kept from the files of the user, and says why."""
    if not level().is_best:
        raise DlcheckError(f"--require-sandbox: expected bubblewrap to work, got {level().name} ({level().missing})")


def run(order: dict[str, Any], limits: Limits) -> Ran:
    """Carry out an order (`inside/answer.py`). The level is the one that `level()` tells, or nothing runs.

    Raises DlcheckError when Python does not start there.
    """
    here = level()
    prefix = bubblewrap(shutil.which("bwrap") or "bwrap", limits) if here.is_best else []
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, _scratch() as folder:
        readable = installation() if here.name == "landlock" else []
        ours = {"limits": vars(limits), "most": limits.file_bytes // 2, "readable": readable}
        given.write(pack({**order, **ours}, sys.maxsize))
        given.seek(0)
        command = [*prefix, *python(MAIN)]
        with _process(command, folder, given, output) as process:
            _await_start(process)
            timed_out = not _ends_within(process, limits.seconds)
        output.seek(0)
        code, ended_by = _ending(process.returncode, in_bubblewrap=bool(prefix))
        return Ran(here, output.read(limits.file_bytes), code, ended_by, timed_out)


def python(program: str) -> list[str]:
    """Isolated Python that runs a program."""
    return [sys.executable, "-I", "-B", "-c", BEGIN + program, str(HERE), *libraries()]


def installation() -> list[str]:
    """Where Python and its libraries are, and what they need of the system."""
    system = ["/usr", "/lib", "/lib64", "/lib32", "/bin", "/etc/ld.so.cache", "/etc/alternatives"]
    system += ["/sys/devices/system/cpu"]  # torch counts the cores
    installed = [sys.prefix, sys.base_prefix, sys.exec_prefix, *libraries()]
    return list(dict.fromkeys([*system, *installed, *map(os.path.realpath, installed), str(HERE / "inside")]))


def bubblewrap(program: str, limits: Limits) -> list[str]:
    """A file system of Python's installation, and namespaces of its own. The environment is scrubbed before bubblewrap
    starts (`_process`): its own --clearenv would leave it to be read in the /proc of bubblewrap's process.
    """
    ours = [str(folder) for site in {*libraries(), str(HERE.parents[1])} for folder in Path(site).glob("dlcheck*/")]
    return [
        *(program, "--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL"),
        *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"),
        *("--size", str(limits.scratch), "--tmpfs", "/tmp", "--chdir", "/tmp"),  # before Python, which may be in /tmp
        *(word for place in installation() for word in ("--ro-bind-try", place, place)),
        *(word for folder in ours for word in ("--tmpfs", folder)),  # solutions are among it
        *("--ro-bind", str(HERE / "inside"), str(HERE / "inside")),
        *(word for folder in ours for word in ("--remount-ro", folder)),
        *("--remount-ro", "/", "--"),
    ]


@cache
def libraries() -> list[str]:
    """The folders that torch and numpy are in: not always the interpreter's own."""
    origins = [spec.origin for name in ("torch", "numpy") if (spec := find_spec(name)) and spec.origin]
    return list(dict.fromkeys(str(Path(origin).parents[1]) for origin in origins))


def _environment() -> dict[str, str]:
    """All that the code gets to know of ours."""
    kept = {name: os.environ[name] for name in ("LD_LIBRARY_PATH",) if name in os.environ}  # Python may need it
    fixed = {"LANG": "C.UTF-8", "OMP_NUM_THREADS": "1", "TORCHINDUCTOR_CACHE_DIR": "/tmp", "HOME": "/tmp"}
    return {**kept, **fixed, "PATH": "/usr/bin:/bin"}


@contextmanager
def _scratch() -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="dlcheck-", ignore_cleanup_errors=True) as folder:
        yield folder


@contextmanager
def _process(command: Sequence[str], folder: str, given: IO[bytes], output: IO[bytes]) -> Iterator[Any]:
    """In a group of its own, which does not outlive the block. With bubblewrap its namespace goes with it."""
    process = subprocess.Popen(
        command,
        stdin=given,
        stdout=output,
        stderr=subprocess.PIPE,
        env=_environment(),
        cwd=folder,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert process.stderr
        process.stderr.close()


def _await_start(process: subprocess.Popen[bytes]) -> None:
    """Until torch is imported and the limits hold. Raises DlcheckError with the last thing that Python said."""
    assert process.stderr
    heard, deadline = b"", time.monotonic() + START_SECONDS
    while READY not in heard:
        is_readable, _, _ = select.select([process.stderr], [], [], max(0.0, deadline - time.monotonic()))
        chunk = os.read(process.stderr.fileno(), 1 << 16) if is_readable else b""
        heard += chunk
        if not chunk:
            last = heard.decode(errors="replace").strip().splitlines()[-1:] or ["nothing was said"]
            raise DlcheckError(f"cannot run code answers: expected Python to start with torch in it, got: {last[0]}")


def _ends_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _ending(returned: int, *, in_bubblewrap: bool) -> tuple[int, int]:
    """Exit code and signal. Bubblewrap tells a signal as shells do."""
    if in_bubblewrap and returned > 128:
        return 0, returned - 128
    return max(returned, 0), max(-returned, 0)


def _fails(prefix: Sequence[str], readable: Sequence[str] = ()) -> str:
    """Why the limits cannot be put on a process that is started like this; empty when they can."""
    command = [*prefix, *python(PROBE.format(readable=list(readable)))]
    try:
        done = subprocess.run(
            command, env=_environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=PROBE_SECONDS, cwd="/"
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{command[0]} does not run ({error})"
    if done.stdout == b"held\n":
        return ""
    said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["nothing was said"]
    return f"{Path(command[0]).name} does not work here ({said[0]})"
