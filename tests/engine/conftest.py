"""Real processes, a real store; whatever a test starts is marked, so that what is left behind can be found."""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest

from dlcheck.api import Claim, Topic
from dlcheck.engine.fingerprint import forget
from dlcheck.engine.outcome import Outcome
from dlcheck.engine.pool import _fork_server, _stop_fork_server
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher

FAULTY = Path(__file__).parent / "faulty"
MARK = "DLCHECK_TEST_MARK"
PATIENCE = 60.0  # for what takes milliseconds; only a broken engine needs all of it


class Ear(Watcher):
    """Writes down all that it hears."""

    def __init__(self) -> None:
        self.why: dict[tuple[str, str], list[str]] = {}
        self.finished_cells: list[tuple[str, str, int, bool]] = []
        self.shares: dict[tuple[str, str], list[float]] = {}
        self.outcomes: list[Outcome] = []
        self.notices: list[str] = []
        self.expected: dict[str, float] = {}
        self.audits: list[tuple[str, bool]] = []

    def planned(self, claims, expected_seconds) -> None:
        self.expected = dict(expected_seconds)

    def started(self, claim, arm, why) -> None:
        self.why.setdefault((claim.name, arm), []).append(why)

    def progress(self, claim, arm, done, total) -> None:
        self.shares.setdefault((claim.name, arm), []).append(done / total)

    def finished(self, claim, arm, seeds, seconds, cached) -> None:
        self.finished_cells.append((claim.name, arm, seeds, cached))

    def audited(self, claim, arm, same) -> None:
        self.audits.append((claim.name, same))

    def decided(self, outcome) -> None:
        self.outcomes.append(outcome)

    def notice(self, message) -> None:
        self.notices.append(message)


@pytest.fixture
def ear() -> Ear:
    return Ear()


@pytest.fixture
def store(tmp_path: Path, ear: Ear) -> Iterator[Store]:
    with Store(tmp_path / "home" / "trials.sqlite3", ear.notice) as opened:
        yield opened


Write = Callable[..., list[Claim]]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Write]:
    """`write(source, name="toys")` writes a module (dots make packages) and returns the claims in it, imported anew."""
    site = tmp_path / "site"
    site.mkdir()
    monkeypatch.syspath_prepend(str(site))
    before = set(sys.modules)

    def module(source: str, name: str = "toys") -> list[Claim]:
        path = site.joinpath(*name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source, encoding="utf-8")
        for loaded in set(sys.modules) - before:
            if getattr(sys.modules[loaded], "__file__", None) and str(site) in str(sys.modules[loaded].__file__):
                del sys.modules[loaded]
        importlib.invalidate_caches()
        forget()  # another module of the same name
        return Topic("toys", "Toys", "장난감", claims=[name]).collect(name)

    yield module
    for loaded in set(sys.modules) - before:
        if str(site) in str(getattr(sys.modules[loaded], "__file__", None)):
            del sys.modules[loaded]


@pytest.fixture
def faults(write: Write) -> dict[str, Claim]:
    """The claims of `faulty/faults.py`, by the function's name."""
    return {claim.function: claim for claim in write((FAULTY / "faults.py").read_text(encoding="utf-8"), "faults")}


@pytest.fixture
def left_behind(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Command lines of the processes that this test has started and that are not the fork server."""
    mark = uuid.uuid4().hex
    _stop_fork_server()  # the next one carries our mark, and so do all that descend from it
    monkeypatch.setenv(MARK, mark)
    return lambda: marked(mark, but={_fork_server(), os.getpid()})


def marked(mark: str, but: set[int | None] = frozenset()) -> list[str]:  # type: ignore[assignment]
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        is_tracker = "resource_tracker" in command
        if f"{MARK}={mark}".encode() in environment and int(process.name) not in but and not is_tracker:
            found.append(f"{process.name} {command[:200]}")
    return found


def wait_until(holds: Callable[[], object], what: str) -> None:
    """Poll; a machine that is merely slow passes."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited {PATIENCE:.0f} s for {what}"
        time.sleep(0.02)


@pytest.fixture
def copy_faults(tmp_path: Path) -> Path:
    """A folder with the faulty claims, for processes of their own."""
    folder = tmp_path / "elsewhere"
    shutil.copytree(FAULTY, folder)
    return folder


@pytest.fixture
def helpers() -> ModuleType:
    """This file: tests are no package, from which they could import it."""
    return sys.modules[__name__]
