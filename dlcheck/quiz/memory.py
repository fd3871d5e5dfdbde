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
from typing import Any, Self

from dlcheck.errors import DlcheckError
from dlcheck.home import home

VERSION = 1
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS reviews (
    question TEXT NOT NULL,          -- topic/id
    seed INTEGER NOT NULL,           -- which variant
    answered REAL NOT NULL,          -- seconds since 1970
    answer TEXT NOT NULL,            -- as typed
    is_right INTEGER NOT NULL,
    misconception TEXT NOT NULL,     -- its name, or ""
    helped INTEGER NOT NULL,         -- after a hint
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


@dataclass(frozen=True)
class Review:
    """One answer. question: topic/id.  answered: seconds since 1970.  helped: whether a hint was shown before."""

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
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.executescript(SCHEMA)

    def save(self, review: Review) -> datetime:
        """Keep an answer; when its question is due next."""
        with self._transaction():
            due = self._schedule(review)
            self._insert(review)
        return due

    def _schedule(self, review: Review) -> datetime:
        """A wrong answer starts over; one that took a hint was hard."""
        from fsrs import Card, Rating, Scheduler

        row = self._connection.execute("SELECT card FROM cards WHERE question = ?", (review.question,)).fetchone()
        card = Card.from_json(row[0]) if row else Card()
        rating = Rating.Again if not review.is_right else Rating.Hard if review.helped else Rating.Good
        now = datetime.fromtimestamp(review.answered, UTC)
        card, _ = Scheduler(enable_fuzzing=False).review_card(card, rating, now)
        self._connection.execute(
            "INSERT OR REPLACE INTO cards VALUES (?, ?, ?)", (review.question, card.to_json(), card.due.timestamp())
        )
        return card.due

    def _insert(self, review: Review) -> None:
        self._connection.execute(
            "INSERT INTO reviews VALUES (:question, :seed, :answered, :answer, :is_right, :misconception, :helped,"
            " :seconds)",
            asdict(review),
        )

    def due(self) -> dict[str, float]:
        """When each question that was ever answered is due, in seconds since 1970, the earliest first."""
        return dict(self._connection.execute("SELECT question, due FROM cards ORDER BY due"))

    def reviews(self) -> list[Review]:
        """All answers, the oldest first."""
        rows = self._connection.execute("SELECT * FROM reviews ORDER BY answered, rowid")
        return [Review(q, s, at, a, bool(right), m, bool(helped), t) for q, s, at, a, right, m, helped, t in rows]

    def known(self) -> set[str]:
        """Questions that were answered right at least once."""
        return {question for (question,) in self._connection.execute("SELECT question FROM reviews WHERE is_right")}

    def retention(self) -> dict[str, float]:
        """For each question, the probability that it would be answered right now."""
        from fsrs import Card, Scheduler

        scheduler = Scheduler(enable_fuzzing=False)
        rows = self._connection.execute("SELECT question, card FROM cards")
        return {question: scheduler.get_card_retrievability(Card.from_json(card)) for question, card in rows}

    def export(self) -> dict[str, Any]:
        """All of it as JSON has it; `restore` reads it."""
        return {"format": VERSION, "reviews": [asdict(review) for review in self.reviews()]}

    def restore(self, document: Mapping[str, Any]) -> int:
        """Add the answers of an export that are not here yet, all or none; how many they were.

        Schedules are worked out again from all answers, in order. Raises DlcheckError for what is no export.
        """
        try:
            if document["format"] != VERSION:
                raise DlcheckError(f"expected format {VERSION}, got {document['format']!r}; upgrade dlcheck")
            reviews = [Review(**fields) for fields in document["reviews"]]
            if not all(_is_sound(review) for review in reviews):
                raise TypeError
        except (KeyError, TypeError):
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
            before = len(self.reviews())
            for topic in topics or [""]:
                pattern = f"{topic}/%" if topic else "%"
                self._connection.execute("DELETE FROM reviews WHERE question LIKE ?", (pattern,))
                self._connection.execute("DELETE FROM cards WHERE question LIKE ?", (pattern,))
            return before - len(self.reviews())

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
            raise DlcheckError(
                f"cannot save progress in {self.path} ({error}); what was saved before is safe"
            ) from None

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _is_sound(review: Review) -> bool:
    texts = (review.question, review.answer, review.misconception)
    numbers = (review.seed, review.answered, review.seconds)
    return all(isinstance(text, str) for text in texts) and all(isinstance(number, int | float) for number in numbers)


def write_export(memory: Memory, path: Path) -> None:
    """To a file of its own, which is there whole or not at all."""
    part = path.with_name(f"{path.name}.part-{time.time_ns()}")
    part.write_text(json.dumps(memory.export(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    part.replace(path)
