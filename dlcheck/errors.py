"""Errors that are the user's to mend: one line with what was expected, what was got, and the remedy.

Everything that is not a `DlcheckError` is a bug of ours and keeps its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import ClassVar


class DlcheckError(Exception):
    """Something the user can mend; the command line prints the message and exits with `exit_code`."""

    exit_code: ClassVar[int] = 2


class ClaimError(DlcheckError):
    """A claim or topic that is declared wrongly, or an experiment that broke its contract."""


class PluginError(DlcheckError):
    """What was asked for belongs to a plugin that is broken."""

    exit_code: ClassVar[int] = 4


class MergeError(DlcheckError):
    """Files of results that do not make up one complete run."""

    exit_code: ClassVar[int] = 4


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """' Did you mean ...?' with the closest of `known`, or an empty string."""
    close = similar(name, known)
    return f" Did you mean {' or '.join(close)}?" if close else ""


def similar(name: str, known: Iterable[str]) -> list[str]:
    """Up to three of `known` that `name` may be a misspelling of, the closest first."""
    return get_close_matches(name, list(known), n=3, cutoff=0.5)
