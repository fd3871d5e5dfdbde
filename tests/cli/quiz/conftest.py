"""The documented questions on softmax, asked by dlcheck as a real process: on a terminal, or over pipes."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from documented import install

COMMAND = [sys.executable, "-m", "dlcheck"]
Environment = dict[str, str]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the plugin."""
    folder = tmp_path_factory.mktemp("site")
    install(folder)
    return folder


@pytest.fixture(scope="session")
def decided(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which the claims behind the questions have been decided."""
    home = tmp_path_factory.mktemp("decided")
    environment = {**os.environ, "PYTHONPATH": str(site), "DLCHECK_HOME": str(home), "OMP_NUM_THREADS": "1"}
    subprocess.run([*COMMAND, "verify", "softmax"], env=environment, check=True, capture_output=True)
    return home


@pytest.fixture
def student(site: Path, tmp_path: Path) -> Environment:
    """The environment of somebody who has answered nothing yet, and has no editor."""
    decided_here = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL", "LC_MESSAGES", "EDITOR", "VISUAL")
    return {
        **{name: value for name, value in os.environ.items() if name not in decided_here},
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(site),
        "DLCHECK_HOME": str(tmp_path / "home"),
        "DLCHECK_LANG": "en",
    }


@pytest.fixture
def ran(student: Environment) -> Callable[..., subprocess.CompletedProcess[str]]:
    """`ran("stats", typed="")`: a command to its end."""

    def run(*arguments: str, typed: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments], env={**student, **more}, input=typed, capture_output=True, encoding="utf-8"
        )

    return run


@pytest.fixture
def answers(student: Environment) -> Callable[[], list[dict[str, Any]]]:
    """Everything that is saved, without the code under test."""

    def read() -> list[dict[str, Any]]:
        import sqlite3

        with sqlite3.connect(Path(student["DLCHECK_HOME"], "progress.sqlite3")) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute("SELECT * FROM reviews ORDER BY answered, rowid")]

    return read


class Pipe:
    """`dlcheck quiz --json-lines`, one line at a time."""

    def __init__(self, arguments: tuple[str, ...], environment: Environment) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, *arguments],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )

    def hear(self) -> dict[str, Any]:
        assert self.process.stdout
        heard: dict[str, Any] = json.loads(self.process.stdout.readline())
        return heard

    def say(self, line: object) -> dict[str, Any]:
        """A line, and what comes back. A string goes as it stands."""
        assert self.process.stdin
        self.process.stdin.write((line if isinstance(line, str) else json.dumps(line)) + "\n")
        self.process.stdin.flush()
        return self.hear()


@pytest.fixture
def pipe(student: Environment) -> Iterator[Callable[..., Pipe]]:
    """`pipe("quiz", "softmax")`; keywords are environment variables."""
    begun: list[Pipe] = []

    def begin(*arguments: str, **more: str) -> Pipe:
        begun.append(Pipe((*arguments, "--json-lines"), {**student, **more}))
        return begun[-1]

    yield begin
    for each in begun:
        each.process.kill()
        each.process.communicate()


@pytest.fixture
def with_claims(decided: Path, student: Environment) -> None:
    """The student's home has the claims decided."""
    shutil.copytree(decided, student["DLCHECK_HOME"])


@pytest.fixture
def screen(terminal: Callable[..., Any], student: Environment) -> Iterator[Callable[..., Any]]:
    """`screen("quiz", "softmax", columns=60, EDITOR=...)`: on a terminal of its own."""
    begun: list[Any] = []

    def start(*arguments: str, columns: int = 100, **more: str) -> Any:
        begun.append(terminal(*arguments, columns=columns, **{**student, **more}))
        return begun[-1]

    yield start
    for each in begun:
        each.process.kill()
        each.process.wait()
