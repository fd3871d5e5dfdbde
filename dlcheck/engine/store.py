"""Trials in SQLite: saved as each cell finishes, so that nothing measured is lost. Verdicts are never stored."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Self

from dlcheck.engine.cell import Cell, Result
from dlcheck.errors import DlcheckError
from dlcheck.home import home

VERSION = 1
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS cells (
    key TEXT PRIMARY KEY,            -- hash of the ingredients
    claim TEXT NOT NULL,
    arm TEXT NOT NULL,               -- "" is the claim itself, else the control's name
    epoch INTEGER NOT NULL,
    start INTEGER NOT NULL,          -- number of the first seed
    stop INTEGER NOT NULL,
    device TEXT NOT NULL,
    ingredients TEXT NOT NULL,       -- JSON: what the numbers depend on
    result TEXT NOT NULL,            -- JSON: a Result
    finished REAL NOT NULL           -- seconds since 1970
);
CREATE INDEX IF NOT EXISTS by_place ON cells (claim, arm, epoch, start, device, finished);
PRAGMA user_version = {VERSION};
"""
INSERT = f"INSERT OR REPLACE INTO cells VALUES ({', '.join('?' * 10)})"
PATIENCE_SECONDS = 30.0
"""How long to wait for another dlcheck that is writing."""


class Store:
    """Saved cells. A store that cannot be written keeps the run going, and says so once through `notice`.

    Raises DlcheckError for a store that a newer dlcheck has written.
    """

    def __init__(self, path: Path, notice: Callable[[str], None] = lambda message: None) -> None:
        self.path = path
        self.notice = notice
        self.unsaved = 0
        try:
            self._connection = self._open_or_mend()
        except (OSError, sqlite3.Error) as error:
            self.notice(f"cannot keep trials in {path} ({error}); this run works without. Set DLCHECK_HOME to a folder")
            self._connection = _prepared(sqlite3.connect(":memory:", isolation_level=None))

    @classmethod
    def default(cls, notice: Callable[[str], None] = lambda message: None) -> Self:
        return cls(home() / "trials.sqlite3", notice)

    def _open_or_mend(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open(self.path)
        except sqlite3.OperationalError:  # locked, read-only, full: not damaged
            raise
        except sqlite3.DatabaseError as error:
            return self._mend(error)

    def _mend(self, error: sqlite3.Error) -> sqlite3.Connection:
        """Begin a new store with what can still be read of the damaged one, which is kept."""
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        for suffix in ("-wal", "-shm", ""):
            with suppress(FileNotFoundError):
                os.replace(f"{self.path}{suffix}", f"{aside}{suffix}")
        connection = _open(self.path)
        for row in _readable_rows(aside):
            with suppress(sqlite3.IntegrityError):
                connection.execute(INSERT, row)
        saved = connection.execute("SELECT COUNT(*) FROM cells").fetchone()[0]
        self.notice(f"{self.path} is damaged ({error}); it was kept as {aside.name}, {saved} saved cells could be read")
        return connection

    def load(self, cell: Cell) -> Result | None:
        """What this very cell measured before, if it did."""
        row = self._ask("SELECT result FROM cells WHERE key = ?", cell.key)
        return None if row is None else _read(row[0], cell.stop - cell.start)

    def ingredients_before(self, cell: Cell) -> dict[str, str] | None:
        """Of the newest cell in the same place: claim, arm, seeds, device."""
        row = self._ask(
            "SELECT ingredients FROM cells WHERE (claim, arm, epoch, start, device) = (?, ?, ?, ?, ?)"
            " ORDER BY finished DESC LIMIT 1",
            cell.claim.id, cell.arm, cell.epoch, cell.start, cell.device,
        )  # fmt: skip
        with suppress(ValueError, TypeError):
            return dict(json.loads(row[0])) if row else None
        return None

    def seconds_before(self, cell: Cell) -> float | None:
        """How long the newest cell of the same arm took, brought to this number of seeds."""
        row = self._ask(
            "SELECT result, stop - start FROM cells WHERE (claim, arm, device) = (?, ?, ?)"
            " ORDER BY finished DESC LIMIT 1",
            cell.claim.id, cell.arm, cell.device,
        )  # fmt: skip
        before = _read(row[0], row[1]) if row else None
        return before.seconds * (cell.stop - cell.start) / row[1] if row and before else None

    def finished(self, cell: Cell) -> float:
        """When the cell was saved, in seconds since 1970; 0 if it was not."""
        row = self._ask("SELECT finished FROM cells WHERE key = ?", cell.key)
        return row[0] if row else 0.0

    def save(self, cell: Cell, result: Result) -> None:
        """Keep the result at once. A disk that is full costs the saving, not the run."""
        row = (cell.key, cell.claim.id, cell.arm, cell.epoch, cell.start, cell.stop, cell.device,
               json.dumps(dict(cell.ingredients)), result.to_json(), time.time())  # fmt: skip
        try:
            self._connection.execute(INSERT, row)
        except sqlite3.Error as error:
            self.unsaved += 1
            if self.unsaved == 1:
                self.notice(f"cannot save to {self.path} ({error}); the run goes on, but what follows has to run again")

    def count(self) -> int:
        """How many cells are saved."""
        row = self._ask("SELECT COUNT(*) FROM cells")
        return 0 if row is None else int(row[0])

    def _ask(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """The first row, or None; a page that cannot be read counts as not saved."""
        try:
            row: tuple[Any, ...] | None = self._connection.execute(query, values).fetchone()
        except sqlite3.DatabaseError:
            return None
        return row

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise DlcheckError(
                f"{path}: expected a store of version {VERSION}, got {version}, which a newer dlcheck has written; "
                "upgrade dlcheck, or set DLCHECK_HOME to another folder"
            )
        return _prepared(connection)
    except (sqlite3.Error, DlcheckError):
        connection.close()
        raise


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    with suppress(sqlite3.OperationalError):  # some network file systems cannot; SQLite's usual journal works there
        if connection.execute("PRAGMA journal_mode = WAL").fetchone()[0] == "wal":  # two runs read and write together
            connection.execute("PRAGMA synchronous = NORMAL")
    if (health := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(" ".join(health.split()))
    if connection.execute("PRAGMA user_version").fetchone()[0] < VERSION:
        connection.executescript(SCHEMA)
    return connection


def _readable_rows(path: Path) -> Iterator[tuple[Any, ...]]:
    """From both ends of a damaged table up to the damage. A row may come twice."""
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error), closing(sqlite3.connect(path)) as damaged:
            damaged.execute("PRAGMA writable_schema = ON")  # else SQLite reads nothing of a file that is too short
            yield from damaged.execute(f"SELECT * FROM cells ORDER BY rowid {order}")


def _read(text: str, seeds: int) -> Result | None:
    """The saved result; None when it is not one, or not one of so many seeds."""
    try:
        result = Result.from_json(text)
        return result if all(len(values) == seeds for values in result.numbers.values()) else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
