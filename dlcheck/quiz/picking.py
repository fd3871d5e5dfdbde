"""Which questions to ask: what is due first, then new ones from easy to hard, then what is due soonest."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass

from dlcheck.quiz.bank import Bank, BankError, Entry


@dataclass(frozen=True)
class Pick:
    """A question that is going to be asked."""

    bank: Bank
    entry: Entry

    @property
    def name(self) -> str:
        """topic/id"""
        return f"{self.bank.topic}/{self.entry.id}"


def candidates(banks: Iterable[Bank], kinds: Collection[str] = (), difficulty: int | None = None) -> list[Pick]:
    """The questions of these kinds (all if none is named) and of this difficulty."""
    return [
        Pick(bank, entry)
        for bank in banks
        for entry in bank.entries.values()
        if (not kinds or entry.head.get("kind") in kinds)
        and (difficulty is None or entry.head.get("difficulty") == str(difficulty))
    ]


def only_due(picks: list[Pick], due: Mapping[str, float], now: float | None = None) -> list[Pick]:
    """Those that were answered before and are due again, the longest overdue first."""
    now = time.time() if now is None else now
    overdue = [pick for pick in picks if due.get(pick.name, now + 1) <= now]
    return sorted(overdue, key=lambda pick: due[pick.name])


def in_turn(picks: list[Pick], due: Mapping[str, float], draws: random.Random, now: float | None = None) -> list[Pick]:
    """All of them, in the order in which to ask."""
    first = only_due(picks, due, now)
    asked = {pick.name for pick in first}
    new = [pick for pick in picks if pick.name not in due]
    draws.shuffle(new)
    new.sort(key=lambda pick: pick.entry.head.get("difficulty", ""))
    rest = [pick for pick in picks if pick.name in due and pick.name not in asked]
    return [*first, *new, *sorted(rest, key=lambda pick: due[pick.name])]


def with_required(
    picks: list[Pick], known: Collection[str], count: int, leave_out: Callable[[BankError], None]
) -> list[Pick]:
    """The first `count`, each after those of the others that it requires unless they are known.

    leave_out: is told why one of them cannot be read, and may raise.
    """
    chosen: dict[str, Pick] = {}
    asked = {pick.name for pick in picks}
    for pick in picks:
        if len(chosen) >= count:
            break
        try:
            before = _required(pick, known)
        except BankError as error:
            leave_out(error)
            continue
        for needed in [*before, pick]:
            if needed.name in asked:  # else it is of a kind, or a difficulty, that nobody wants now
                chosen.setdefault(needed.name, needed)
    return list(chosen.values())[:count]


def _required(pick: Pick, known: Collection[str], above: tuple[str, ...] = ()) -> list[Pick]:
    """What has to be asked before, the deepest first."""
    before = []
    for needed in pick.entry.parse().requires:
        entry = pick.bank.entries.get(needed)
        if entry and needed not in above and f"{pick.bank.topic}/{needed}" not in known:
            first = Pick(pick.bank, entry)
            before += [*_required(first, known, (*above, pick.entry.id)), first]
    return before
