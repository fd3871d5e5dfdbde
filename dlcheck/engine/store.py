"""Trials in SQLite: saved as each cell finishes, so that nothing measured is lost. Verdicts are never stored."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import platformdirs

from dlcheck.engine.cell import Cell, Result

SCHEMA = """
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
"""


def home() -> Path:
    """The folder of saved trials: `DLCHECK_HOME`, else the user's data directory."""
    return Path(os.environ.get("DLCHECK_HOME") or platformdirs.user_data_dir("dlcheck", appauthor=False))


class Store:
    """Saved cells. A store that cannot be written keeps the run going, and says so once through `notice`."""

    def __init__(self, path: Path, notice: Callable[[str], None] = lambda message: None) -> None:
        self.path = path
        self.notice = notice
        self.unsaved = 0
        try:
            self._connection = self._open_or_set_aside()
        except (OSError, sqlite3.Error) as error:
            self.notice(f"cannot keep trials in {path} ({error}); this run works without. Set DLCHECK_HOME to a folder")
            self._connection = _prepare(sqlite3.connect(":memory:", isolation_level=None))

    @classmethod
    def default(cls, notice: Callable[[str], None] = lambda message: None) -> Self:
        return cls(home() / "trials.sqlite3", notice)

    def _open_or_set_aside(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            return _open(self.path)
        except sqlite3.OperationalError:  # locked, read-only, full: not damaged
            raise
        except sqlite3.DatabaseError as error:
            return self._start_afresh(error)

    def _start_afresh(self, error: sqlite3.Error) -> sqlite3.Connection:
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        os.replace(self.path, aside)
        for suffix in ("-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)
        self.notice(f"{self.path} is damaged ({error}); it was kept as {aside.name} and a new store begun")
        return _open(self.path)

    def load(self, cell: Cell) -> Result | None:
        """What this very cell measured before, if it did."""
        row = self._ask("SELECT result FROM cells WHERE key = ?", cell.key)
        return None if row is None else _read(row[0])

    def ingredients_before(self, cell: Cell) -> dict[str, str] | None:
        """Of the newest cell in the same place: claim, arm, seeds, device."""
        row = self._ask(
            "SELECT ingredients FROM cells WHERE (claim, arm, epoch, start, device) = (?, ?, ?, ?, ?)"
            " ORDER BY finished DESC LIMIT 1",
            cell.claim.id, cell.arm, cell.epoch, cell.start, cell.device,
        )  # fmt: skip
        before: dict[str, str] | None = None if row is None else json.loads(row[0])
        return before

    def save(self, cell: Cell, result: Result) -> None:
        """Keep the result at once. A disk that is full costs the saving, not the run."""
        row = (cell.key, cell.claim.id, cell.arm, cell.epoch, cell.start, cell.stop, cell.device,
               json.dumps(dict(cell.ingredients)), result.to_json(), time.time())  # fmt: skip
        try:
            self._connection.execute(f"INSERT OR REPLACE INTO cells VALUES ({', '.join('?' * len(row))})", row)
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
    connection = sqlite3.connect(path, timeout=30.0, isolation_level=None)
    try:
        return _prepare(connection)
    except sqlite3.Error:
        connection.close()
        raise


def _prepare(connection: sqlite3.Connection) -> sqlite3.Connection:
    connection.execute("PRAGMA journal_mode = WAL")  # two dlcheck runs at once read and write side by side
    connection.execute("PRAGMA synchronous = NORMAL")
    if (health := connection.execute("PRAGMA quick_check(1)").fetchone()[0]) != "ok":
        raise sqlite3.DatabaseError(health)
    connection.executescript(SCHEMA)
    return connection


def _read(text: str) -> Result | None:
    try:
        return Result.from_json(text)
    except (ValueError, TypeError, KeyError):
        return None
