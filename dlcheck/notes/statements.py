"""What the five study notes state, in our words, and the claims that each statement is tied to.

The statements stand in `bundled/`, one file for each note. A note can be wrong, half right, or right only under
conditions; nothing in the files decides that. They say what a claim would mean for a statement *if it comes out as its
author expects*; whether it does is up to the experiments.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from typing import Any, Self

from dlcheck.api import Text


class Relation(StrEnum):
    """What a claim that comes out as expected means for a statement."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    CONDITIONS = "conditions"  # it shows where the statement holds, or where it ends
    RELATED = "related"  # it is about the same thing and decides no word of the statement


@dataclass(frozen=True)
class Statement:
    """One statement of a note.

    id: number of the note and running number, such as 000-07; it never changes.
    topic: name of the topic that answers for it, whether or not there is a plugin yet.
    ties: ids of claims with what each means for the statement.
    only_if: the condition under which it holds, for one that needs a condition.
    instead: what is true instead, for one that is contradicted.
    cannot_run: why no experiment can decide it, "history" or "taste"; else empty.
    """

    id: str
    topic: str
    text: Text
    ties: Mapping[str, Relation]
    only_if: Text | None = None
    instead: Text | None = None
    cannot_run: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """From the fields as TOML has them."""
        return cls(
            id=told["id"],
            topic=told["topic"],
            text=Text(told["en"], told["ko"]),
            ties={claim: relation for relation in Relation for claim in told.get(relation, ())},
            only_if=Text(**told["only_if"]) if "only_if" in told else None,
            instead=Text(**told["instead"]) if "instead" in told else None,
            cannot_run=told.get("cannot_run", ""),
        )


@dataclass(frozen=True)
class Note:
    """One study note. id: three digits."""

    id: str
    title: Text
    statements: tuple[Statement, ...]


def bundled() -> list[Note]:
    """The five notes, in order."""
    folder = files("dlcheck.notes") / "bundled"
    found = sorted((file for file in folder.iterdir() if file.name.endswith(".toml")), key=lambda file: file.name)
    return [_note(file.name.removesuffix(".toml"), tomllib.loads(file.read_text("utf-8"))) for file in found]


def _note(name: str, told: Mapping[str, Any]) -> Note:
    return Note(name, Text(told["en"], told["ko"]), tuple(map(Statement.of, told["statement"])))
