"""What a student has answered, in SQLite, and when each question is due again, by FSRS.

Every answer is one transaction: it is saved whole before the next question is shown, or not at all. Questions go by
their ids, so that one that is reworded keeps its history; two sessions at once wait for each other.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from dlcheck.errors import DlcheckError
from dlcheck.home import home

if TYPE_CHECKING:
    from fsrs import Card

VERSION = 1
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS reviews (
    question TEXT NOT NULL,          -- topic/id
    seed INTEGER NOT NULL,           -- which variant
    answered REAL NOT NULL,          -- seconds since 1970
    answer TEXT NOT NULL,            -- as typed
    is_right INTEGER NOT NULL,
    misconception TEXT NOT NULL,     -- its name, or ""
    helped INTEGER NOT NULL,         -- after a hint, or a try that failed
    seconds REAL NOT NULL            -- from the prompt to the answer
);
CREATE INDEX IF NOT EXISTS by_question ON reviews (question);
CREATE TABLE IF NOT EXISTS cards (
    question TEXT PRIMARY KEY,
    card TEXT NOT NULL,              -- JSON: FSRS's memory of it
    due REAL NOT NULL                -- seconds since 1970
);
PRAGMA user_version = {VERSION};
"""
PATIENCE_SECONDS = 10.0
"""How long to wait for another session that is saving."""
LARGEST_SEED = 2**63 - 1
LATEST = 1e11
"""Seconds since 1970: in the year 5138, beyond which a calendar has no room for the next review."""


class SavingError(DlcheckError):
    """Progress that cannot be written: going on would lose answers."""


@dataclass(frozen=True)
class Review:
    """One answer. question: topic/id.  answered: seconds since 1970.  helped: after a hint, or a try that failed."""

    question: str
    seed: int
    answered: float
    answer: str
    is_right: bool
    misconception: str = ""
    helped: bool = False
    seconds: float = 0.0


class Memory:
    """The reviews of one student. Raises DlcheckError for a file that cannot be used."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)
            self._prepare()
        except (OSError, sqlite3.Error) as error:
            raise DlcheckError(f"cannot keep progress in {path} ({error}); set DLCHECK_HOME to a folder") from None

    @classmethod
    def default(cls) -> Self:
        return cls(home() / "progress.sqlite3")

    def _prepare(self) -> None:
        version = self._connection.execute("PRAGMA user_version").fetchone()[0]
        if version > VERSION:
            raise DlcheckError(f"{self.path}: expected version {VERSION}, got {version} of a newer dlcheck; upgrade")
        if version < VERSION:
            self._make()

    def _make(self) -> None:
        """The tables. SQLite itself does not wait for a session that is changing the journal's mode just now."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._connection.execute("PRAGMA journal_mode = WAL")
                self._connection.executescript(SCHEMA)
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def save(self, review: Review) -> datetime:
        """Keep an answer; when its question is due next."""
        with self._transaction():
            due = self._schedule(review)
            self._insert(review)
        return due

    def _schedule(self, review: Review) -> datetime:
        [*saved] = self._connection.execute("SELECT card FROM cards WHERE question = ?", (review.question,))
        card = _reviewed(self._card(review.question, *saved[0]) if saved else None, review)
        self._connection.execute(
            "INSERT OR REPLACE INTO cards VALUES (?, ?, ?)", (review.question, card.to_json(), card.due.timestamp())
        )
        return card.due

    def _card(self, question: str, saved: str) -> Card:
        """FSRS's memory as saved. One that another release of fsrs has written otherwise follows from the answers."""
        from fsrs import Card

        try:
            return Card.from_json(saved)
        except (ValueError, KeyError, TypeError):
            card = Card()
            for review in self.reviews():
                card = _reviewed(card, review) if review.question == question else card
            return card

    def _insert(self, review: Review) -> None:
        self._connection.execute(
            "INSERT INTO reviews VALUES (:question, :seed, :answered, :answer, :is_right, :misconception, :helped,"
            " :seconds)",
            asdict(review),
        )

    def _read(self, query: str) -> list[Any]:
        try:
            return self._connection.execute(query).fetchall()
        except sqlite3.Error as error:
            raise DlcheckError(f"cannot read progress in {self.path} ({error}); move it away to begin anew") from None

    def due(self) -> dict[str, float]:
        """When each question that was ever answered is due, in seconds since 1970, the earliest first."""
        return dict(self._read("SELECT question, due FROM cards ORDER BY due"))

    def reviews(self) -> list[Review]:
        """All answers, the oldest first."""
        rows = self._read("SELECT * FROM reviews ORDER BY answered, rowid")
        return [Review(q, s, at, a, bool(right), m, bool(helped), t) for q, s, at, a, right, m, helped, t in rows]

    def known(self) -> set[str]:
        """Questions that were answered right at least once."""
        return {question for (question,) in self._read("SELECT question FROM reviews WHERE is_right")}

    def retention(self) -> dict[str, float]:
        """For each question, the probability that it would be answered right now."""
        from fsrs import Scheduler

        scheduler = Scheduler(enable_fuzzing=False)
        cards = {name: self._card(name, saved) for name, saved in self._read("SELECT question, card FROM cards")}
        return {name: scheduler.get_card_retrievability(card) for name, card in cards.items()}

    def export(self) -> bytes:
        """All answers as JSON; `restore` takes what it holds."""
        document = {"format": VERSION, "reviews": [asdict(review) for review in self.reviews()]}
        return json.dumps(document, indent=1, ensure_ascii=False).encode() + b"\n"

    def restore(self, document: Mapping[str, Any]) -> int:
        """Add the answers of an export that are not here yet, all or none; how many they were.

        Schedules are worked out again from all answers, in order. Raises DlcheckError for what is no export.
        """
        try:
            if document["format"] != VERSION:
                raise DlcheckError(f"expected format {VERSION}, got {document['format']!r}; upgrade dlcheck")
            reviews = [Review(**fields) for fields in document["reviews"]]
            for review in reviews:
                _check(review)
        except (KeyError, TypeError, ValueError):
            raise DlcheckError("expected what `dlcheck progress export` writes; nothing was imported") from None
        with self._transaction():
            here = set(self.reviews())
            missing = [review for review in reviews if review not in here]
            for review in missing:
                self._insert(review)
            self._connection.execute("DELETE FROM cards")
            for review in self.reviews():
                self._schedule(review)
        return len(missing)

    def reset(self, topics: Sequence[str] = ()) -> int:
        """Forget the answers of these topics, or all; how many they were."""
        with self._transaction():
            if not topics:
                self._connection.execute("DELETE FROM cards")
                return self._connection.execute("DELETE FROM reviews").rowcount
            return sum(map(self._forget, topics))

    def _forget(self, topic: str) -> int:
        of_topic = (f"{topic}/", f"{topic}/")
        self._connection.execute("DELETE FROM cards WHERE substr(question, 1, length(?)) = ?", of_topic)
        return self._connection.execute(
            "DELETE FROM reviews WHERE substr(question, 1, length(?)) = ?", of_topic
        ).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                if self._connection.in_transaction:  # SQLite itself has rolled back where the disk is full
                    self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise SavingError(f"cannot save progress in {self.path} ({error}); what was saved before is safe") from None

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _reviewed(card: Card | None, review: Review) -> Card:
    """A wrong answer starts over; one that took a hint was hard."""
    from fsrs import Card, Rating, Scheduler

    rating = Rating.Again if not review.is_right else Rating.Hard if review.helped else Rating.Good
    now = datetime.fromtimestamp(review.answered, UTC)
    return Scheduler(enable_fuzzing=False).review_card(card or Card(), rating, now)[0]


def _check(review: Review) -> None:
    """Raises TypeError or ValueError for what `save` never keeps."""
    texts = (review.question, review.answer, review.misconception)
    if not all(isinstance(text, str) for text in texts) or "/" not in review.question:
        raise TypeError("texts")
    "".join(texts).encode()  # a lone surrogate cannot be saved
    if type(review.seed) is not int or not -LARGEST_SEED <= review.seed <= LARGEST_SEED:
        raise TypeError("seed")
    if not all(type(each) in (int, float) and 0 <= each < LATEST for each in (review.answered, review.seconds)):
        raise TypeError("times")
    if not all(type(each) is bool for each in (review.is_right, review.helped)):
        raise TypeError("grades")
