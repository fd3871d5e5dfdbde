"""Topics that have questions, with their banks, what can be run for them, and what the student has answered."""

from __future__ import annotations

import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from dlcheck.errors import DlcheckError, did_you_mean
from dlcheck.plugins import Catalogue, LoadedTopic, load
from dlcheck.quiz.bank import Bank, BankError
from dlcheck.quiz.live import LiveTopic
from dlcheck.quiz.memory import Memory
from dlcheck.quiz.picking import Pick
from dlcheck.quiz.variant import Variant, new_seed
from dlcheck.report.text import console, put, styled


@dataclass
class Course:
    """topics: those named, or all that have questions. Of topics that nobody named, what cannot be read is left out."""

    catalogue: Catalogue
    topics: Sequence[LoadedTopic]
    memory: Memory
    is_named: bool = False
    _told: set[str] = field(default_factory=set)

    @classmethod
    @contextmanager
    def open(cls, names: Sequence[str]) -> Iterator[Self]:
        """Raises DlcheckError for a topic without questions, or when progress cannot be kept."""
        catalogue = load()
        topics = topics_with_questions(catalogue, names)
        with Memory.default() as memory:
            yield cls(catalogue, topics, memory, is_named=bool(names))

    @cached_property
    def banks(self) -> list[Bank]:
        """Raises DlcheckError for a file that cannot be read, if its topic was named."""
        found = []
        for topic in self.topics:
            try:
                found.append(Bank.open(topic.name, topic.questions))
            except DlcheckError as error:
                self.leave_out(error)
        return found

    def leave_out(self, error: DlcheckError) -> None:
        """Tell once of questions that cannot be read, so that they stop nobody; raise where their topic was named."""
        if self.is_named:
            raise error
        if str(error) not in self._told:
            put(console(stderr=True), styled(f"dlcheck: left out: {error}"), indent=0)
        self._told.add(str(error))

    def live(self, name: str) -> LiveTopic:
        """What runs for this topic."""
        topic = next(topic for topic in self.topics if topic.name == name)
        return LiveTopic(topic, self.catalogue)

    def variants(self, picks: Iterable[Pick], seed: int | None) -> list[Variant]:
        """Of each question a variant: by the seed, or one that nobody has seen.

        Raises BankError for a broken one, if its topic was named.
        """
        seeds, made = random.Random(seed), []
        for pick in picks:
            number = new_seed() if seed is None else seeds.randrange(1 << 31)
            try:
                question = pick.entry.parse()
            except BankError as error:
                self.leave_out(error)
            else:
                made.append(Variant(pick.bank.topic, question, number, self.live(pick.bank.topic)))
        return made


def topics_with_questions(catalogue: Catalogue, names: Sequence[str]) -> list[LoadedTopic]:
    """Those named, in their order; all when none is named. Raises DlcheckError for one that has no questions."""
    topics = {topic.name: topic for topic in catalogue.topics if topic.questions}
    for name in names:
        if name not in topics:
            raise _no_questions(catalogue, name, topics)
    if not topics:
        raise DlcheckError("no installed topic has questions; see: dlcheck plugins")
    return [topics[name] for name in names] or list(topics.values())


def _no_questions(catalogue: Catalogue, name: str, topics: Collection[str]) -> DlcheckError:
    """Why there are none: the plugin behind the name is broken, if there is one."""
    told = f"no questions on {name!r}."
    listed = f" Topics with questions: {', '.join(topics)}." if topics else " No installed topic has questions."
    return catalogue.broken_behind(name, told) or DlcheckError(told + (did_you_mean(name, topics) or listed))
