"""The toy plugin, and dlcheck as a real process: with its output in a pipe, or on a terminal of some width."""

import codecs
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

Environment = dict[str, str]
Dlcheck = Callable[..., subprocess.CompletedProcess[str]]
COMMAND = [sys.executable, "-m", "dlcheck"]
SILENCE_SECONDS = 120.0
"""After so long nothing more will be shown: the test fails and does not hang."""


@pytest.fixture(scope="session")
def toy(plugin_dir: Callable[..., Environment], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment in which dlcheck finds the toy plugin, with one store: what one test measures, all have."""
    source = (Path(__file__).parent / "toy_plugin.py").read_text(encoding="utf-8")
    return plugin_dir("toy", source, tmp_path_factory.mktemp("toy"))


@pytest.fixture
def dlcheck(toy: Environment) -> Dlcheck:
    """`dlcheck("list", "toy")` with its output in pipes; keywords are environment variables."""

    def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        environment = {**toy, **more}
        return subprocess.run(
            [*COMMAND, *arguments], env=environment, capture_output=True, encoding="utf-8", check=False
        )

    return run


class Terminal:
    """dlcheck on a terminal of its own."""

    def __init__(self, arguments: list[str], environment: Environment, columns: int) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env={**environment, "TERM": "xterm-256color"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._terminal = ours
        self.raw = self.before = ""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")  # a read may end within a character

    def read_until(self, wanted: str) -> None:
        """Read on until this has been shown."""
        while wanted not in self.text:
            assert self._read(), f"ended without showing {wanted!r}:\n{self.text}"

    def press(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def answer(self, line: str, wanted: str) -> str:
        """Type a line when there is a prompt; what is shown from there on, once this is among it."""
        self.read_until("> ")
        self.before, self.raw = self.whole, ""
        self.press(f"{line}\n")
        self.read_until(wanted)
        return self.text

    def finish(self) -> int:
        """Read to the end; the exit code."""
        while self._read():
            pass
        os.close(self._terminal)
        return self.process.wait()

    def _read(self) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], SILENCE_SECONDS)
        assert ready, f"nothing more is shown:\n{self.text}"
        try:
            got = os.read(self._terminal, 65536)
        except OSError:  # Linux: nobody is left at the other end
            got = b""
        self.raw += self._decoder.decode(got)
        return bool(got)

    @property
    def text(self) -> str:
        """What was shown (since the last answer), without the escape sequences of the terminal."""
        return re.sub(r"\x1b(?:\[[0-?]*[@-~]|[78])", "", self.raw)

    @property
    def whole(self) -> str:
        """What was shown from the beginning."""
        return self.before + self.text


@pytest.fixture
def terminal(toy: Environment) -> Callable[..., Terminal]:
    """`terminal("verify", "toy", columns=60)`; further keywords are environment variables."""

    def start(*arguments: str, columns: int = 100, **more: str) -> Terminal:
        return Terminal(list(arguments), {**toy, **more}, columns)

    return start
