"""Topics that have questions, with their banks, what can be run for them, and what the student has answered."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from dlcheck.errors import DlcheckError, did_you_mean
from dlcheck.plugins import Catalogue, LoadedTopic, load
from dlcheck.quiz.bank import Bank
from dlcheck.quiz.live import LiveTopic
from dlcheck.quiz.memory import Memory
from dlcheck.quiz.picking import Pick
from dlcheck.quiz.variant import Variant, new_seed


@dataclass
class Course:
    """topics: those named, or all that have questions."""

    catalogue: Catalogue
    topics: Sequence[LoadedTopic]
    memory: Memory

    @classmethod
    @contextmanager
    def open(cls, names: Sequence[str]) -> Iterator[Self]:
        """Raises DlcheckError for a topic without questions, or when progress cannot be kept."""
        catalogue = load()
        topics = topics_with_questions(catalogue, names)
        with Memory.default() as memory:
            yield cls(catalogue, topics, memory)

    @cached_property
    def banks(self) -> list[Bank]:
        """Raises BankError for a file that cannot be read."""
        return [Bank.open(topic.name, topic.questions) for topic in self.topics]

    def live(self, name: str) -> LiveTopic:
        """What runs for this topic."""
        topic = next(topic for topic in self.topics if topic.name == name)
        return LiveTopic(topic, self.catalogue)

    def variants(self, picks: Iterable[Pick], seed: int | None) -> list[Variant]:
        """Of each question a variant: by the seed, or one that nobody has seen. Raises BankError for a broken one."""
        seeds = random.Random(seed)
        return [
            Variant(
                pick.bank.topic,
                pick.entry.parse(),
                new_seed() if seed is None else seeds.randrange(1 << 31),
                self.live(pick.bank.topic),
            )
            for pick in picks
        ]


def topics_with_questions(catalogue: Catalogue, names: Sequence[str]) -> list[LoadedTopic]:
    """Those named, in their order; all when none is named. Raises DlcheckError for one that has no questions."""
    topics = {topic.name: topic for topic in catalogue.topics if topic.questions}
    if not topics:
        raise DlcheckError("no installed topic has questions; see: dlcheck plugins")
    for name in names:
        if name not in topics:
            hint = did_you_mean(name, topics) or f" Topics with questions: {', '.join(topics)}."
            raise DlcheckError(f"no questions on {name!r}.{hint}")
    return [topics[name] for name in names] or list(topics.values())
