"""Nothing that was saved is lost, whatever happens to the file, and a store that fails costs no verdict."""

from __future__ import annotations

import ctypes
import os
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from multiprocessing import get_context
from pathlib import Path

import pytest

from dlcheck.api import Claim, Curve
from dlcheck.engine import verify
from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.store import VERSION, Store, _prepared
from dlcheck.errors import DlcheckError
from dlcheck.rules import Verdict

TOYS = (Path(__file__).parent / "toys.py").read_text(encoding="utf-8")


@pytest.fixture
def true(write) -> Claim:
    return next(claim for claim in write(TOYS) if claim.function == "true")


def a_cell(claim: Claim, start: int = 0) -> Cell:
    return Cell(claim, "", 0, start, start + 2, "cpu")


def fill(path: Path, claim: Claim, cells: int, curve: int = 500) -> list[Cell]:
    """A store of so many cells, each with a curve that takes some pages."""
    made = [a_cell(claim, 2 * index) for index in range(cells)]
    with Store(path) as store:
        for index, cell in enumerate(made):
            store.save(cell, Result({"x": [index, float("nan")]}, [Curve("c", [0.0] * curve, [[1.0] * curve])], 1.5))
    return made


def heard(path: Path) -> tuple[Store, list[str]]:
    notices: list[str] = []
    return Store(path, notices.append), notices


def test_what_is_saved_comes_back_as_it_was(true, tmp_path):
    """NaN, infinities, big integers, lists and curves included."""
    result = Result(
        {"x": [1 << 60, float("inf")], "ys": [[1, 2.5], []]}, [Curve("c", [1.0], [[2.0], [3.0]])], 1.0, 2.0, 3.0, "gpu"
    )
    with Store(tmp_path / "s") as store:
        assert store.load(a_cell(true)) is None
        store.save(a_cell(true), result)
    with Store(tmp_path / "s") as store:
        assert store.load(a_cell(true)) == result
        assert store.ingredients_before(a_cell(true)) == dict(a_cell(true).ingredients)
        assert store.seconds_before(Cell(true, "", 5, 0, 4, "cpu")) == 2.0


def test_a_garbage_file_is_set_aside(true, tmp_path):
    """And kept; a new store begins, with one notice."""
    path = tmp_path / "s"
    path.write_bytes(b"this is no database" * 500)
    store, notices = heard(path)
    store.save(a_cell(true), Result({"x": [1, 2]}))
    assert store.count() == 1
    assert len(notices) == 1
    assert "is damaged" in notices[0]
    [aside] = tmp_path.glob("s.damaged-*")
    assert aside.read_bytes().startswith(b"this is no database")


@pytest.mark.parametrize("damage", ["a page in the middle", "a truncated file"])
def test_what_can_be_read_of_a_damaged_store_is_kept(true, tmp_path, damage):
    """Rows before and after the damage are there; the others have to run again, and can be saved."""
    path = tmp_path / "s"
    cells = fill(path, true, 40)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    if damage == "a truncated file":
        del content[middle:]
    else:
        content[middle : middle + 4096] = os.urandom(4096)
    path.write_bytes(content)
    store, notices = heard(path)
    kept = [index for index, cell in enumerate(cells) if store.load(cell)]
    assert 10 <= len(kept) < 40
    assert all(store.load(cells[index]).numbers["x"][0] == index for index in kept)
    assert len(notices) == 1
    assert f"{len(kept)} saved cells could be read" in notices[0]
    for cell in cells:
        store.save(cell, Result({"x": [7, 7]}))
    assert store.count() == 40
    assert store.unsaved == 0


MEANINGLESS = [
    "",
    "{",
    "[]",
    "{}",
    '{"other": 1, "curves": []}',
    '{"numbers": null, "curves": []}',
    '{"numbers": {"x": 3}, "curves": []}',
    '{"numbers": {"x": [1]}, "curves": []}',
    '{"numbers": {"x": [1, 2]}, "curves": [3]}',
]


@pytest.mark.parametrize("text", MEANINGLESS)
def test_a_row_that_means_nothing_is_not_there(true, tmp_path, text):
    """It has to run again, and is replaced."""
    fill(tmp_path / "s", true, 1)
    with sqlite3.connect(tmp_path / "s") as connection:
        connection.execute("UPDATE cells SET result = ?, ingredients = ?", [text, text])
    with Store(tmp_path / "s") as store:
        assert store.load(a_cell(true)) is None
        assert store.seconds_before(a_cell(true)) is None
        assert not store.ingredients_before(a_cell(true)) or text.startswith("{")
        store.save(a_cell(true), Result({"x": [1, 2]}))
        assert store.load(a_cell(true)) == Result({"x": [1, 2]})


def test_a_store_of_a_newer_dlcheck_is_left_alone(true, tmp_path):
    """One line with the remedy, and not a byte is changed."""
    fill(tmp_path / "s", true, 1)
    with sqlite3.connect(tmp_path / "s") as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    before = (tmp_path / "s").read_bytes()
    with pytest.raises(DlcheckError, match="newer dlcheck has written; upgrade dlcheck") as caught:
        Store(tmp_path / "s")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "s").read_bytes() == before


def test_a_place_that_is_no_folder_costs_no_verdict(true, tmp_path, ear):
    """The run goes on without a store, and says so once."""
    (tmp_path / "file").write_text("")
    with Store(tmp_path / "file" / "trials.sqlite3", ear.notice) as store:
        [outcome] = verify([true], store=store, watcher=ear)
    assert outcome.verdict is Verdict.VERIFIED
    assert len(ear.notices) == 1
    assert "Set DLCHECK_HOME" in ear.notices[0]


def test_without_shared_memory_the_usual_journal_is_used(true, tmp_path):
    """As on network file systems, for which SQLite has this way of locking."""
    with closing(sqlite3.connect(f"file:{tmp_path}/s?vfs=unix-dotfile", uri=True, isolation_level=None)) as connection:
        _prepared(connection)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("SELECT COUNT(*) FROM cells").fetchone() == (0,)


RUN = """
import sys
from pathlib import Path
from dlcheck.api import Topic
from dlcheck.engine import verify
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher
class Teller(Watcher):
    def notice(self, message): print("notice", message)
    def started(self, claim, arm, why): print("started", claim.name, arm)
claims = [c for c in Topic("toys", "T", "T", ["toys"]).collect("toys") if c.function in ("true", "weak", "a_coin")]
with Store(Path(sys.argv[1]), Teller().notice) as store:
    outcomes = verify(claims, jobs=2, store=store, watcher=Teller())
    for outcome in outcomes: print("outcome", outcome.claim.name, outcome.verdict)
    print("saved", store.count())
"""


def run(path: Path, limit=lambda: None) -> list[str]:
    site = path.parent / "site" if (path.parent / "site").exists() else path.parent.parent / "site"
    told = subprocess.run(
        [sys.executable, "-c", RUN, str(path)],
        env={**os.environ, "PYTHONPATH": str(site), "OMP_NUM_THREADS": "1"},
        preexec_fn=limit,
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stderr == ""
    return told.stdout.splitlines()


OUTCOMES = ["outcome true verified", "outcome weak verified", "outcome a-coin inconclusive"]


def test_a_full_disk_costs_the_saving_and_nothing_else(true, tmp_path):
    """A file-size limit stands for it: every verdict is reached, one notice, and what fitted is there afterwards."""
    path = tmp_path / "s"
    fill(path, true, 40)
    limited = run(path, lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)))
    assert [line for line in limited if line.startswith("outcome")] == OUTCOMES
    assert [line[:18] for line in limited if line.startswith("notice")] == ["notice cannot save"]
    saved = int(limited[-1].split()[1])
    with_room = run(path)
    assert [line for line in with_room if line.startswith("outcome")] == OUTCOMES
    missing = len([line for line in with_room if line.startswith("started")])
    assert with_room[-1] == f"saved {saved + missing}"
    assert saved >= 40
    assert missing > 1
    assert not [line for line in run(path) if line.startswith("started")]


def test_a_read_only_folder_costs_no_verdict(true, tmp_path):
    """Even root, without its privilege to write everywhere, gets its verdicts and one notice."""
    home = tmp_path / "home"
    home.mkdir(mode=0o555)

    def without_privilege() -> None:
        PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)

    told = run(home / "s", without_privilege)
    assert [line for line in told if line.startswith("outcome")] == OUTCOMES
    assert len([line for line in told if line.startswith("notice")]) == 1


def save_some(path: Path, source: Path, first: int) -> None:
    sys.path.insert(0, str(source))
    import toys

    claim = next(each for each in toys.__dlcheck_claims__ if each.function == "true")
    with Store(path, lambda message: os._exit(3)) as store:
        for index in range(first, first + 50):
            store.save(a_cell(claim, 2 * index), Result({"x": [index, 0]}))
        os._exit(0 if store.unsaved == 0 else 4)


def test_many_runs_write_to_one_store(true, tmp_path):
    """All open it at once while it does not exist yet; every cell is there afterwards."""
    context = get_context("spawn")
    arguments = [(tmp_path / "home" / "s", tmp_path / "site", 50 * number) for number in range(4)]
    writers = [context.Process(target=save_some, args=each) for each in arguments]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0] * 4
    with Store(tmp_path / "home" / "s") as store:
        assert store.count() == 200
