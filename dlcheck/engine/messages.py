"""What is said about a cell while it runs. Between worker and supervisor each message is one line of JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from dlcheck.engine.cell import Result


@dataclass(frozen=True)
class Started:
    """The cell has a process now."""


@dataclass(frozen=True)
class Retried:
    """The cell's process was lost and gets one more try."""

    reason: str


@dataclass(frozen=True)
class Progress:
    done: int
    total: int


@dataclass(frozen=True)
class Fault:
    """Why a cell has no result: one line, and the traceback if there is one."""

    reason: str
    details: str = ""
    retry: bool = False


Said = Progress | Fault | Result
"""What a worker says."""


def encode(said: Said) -> bytes:
    return json.dumps({type(said).__name__: asdict(said)}).encode() + b"\n"


def decode(line: bytes) -> Said:
    """The message in a line; a Fault when there is none, because an experiment can write into our pipe."""
    try:
        [(kind, fields)] = json.loads(line).items()
        known: dict[str, Any] = {"Progress": Progress, "Fault": Fault, "Result": Result.of}
        said: Said = known[kind](**fields)
    except (ValueError, TypeError, KeyError, AttributeError):
        return Fault(f"its worker sent something unreadable: {line[:40]!r}", retry=True)
    return said
