"""What an experiment returned, checked against its contract and turned into plain Python numbers."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from dlcheck.api import Numbers
from dlcheck.errors import ClaimError, did_you_mean
from dlcheck.rules import Growth, Rule


def plain(numbers: object, rule: Rule, seeds: int) -> Numbers:
    """`numbers` as plain Python numbers: for each measure, one number (or one list of numbers) per seed.

    Tensors and arrays become lists. NaN and infinities are kept: a run that diverged is a measurement. Integers stay
    integers, for rules that count; True and False become 1 and 0, so a yes or no can be a measure. Measures that the
    rule does not name are kept for the reader. Raises ClaimError when the contract is broken.
    """
    if not isinstance(numbers, Mapping):
        raise ClaimError(f"experiment: expected a dict of measure -> one number per seed, got {shown(numbers)}")
    for name in numbers:
        if not isinstance(name, str):
            raise ClaimError(f"experiment: expected measures named by strings, got {shown(name)}")
    for name in rule.measures:
        if name not in numbers:
            got = ", ".join(map(repr, numbers)) or "none"
            raise ClaimError(f"experiment: expected a measure {name!r}, got {got}.{did_you_mean(name, numbers)}")
    measured = {name: _per_seed(name, values, seeds) for name, values in numbers.items()}
    for name in rule.measures:
        _shape_for(rule, name, measured[name])
    return measured


def shown(value: object) -> str:
    """A short description of any value, on one line."""
    return f"{' '.join(reprlib.repr(value).split())} ({type(value).__name__})"


def _per_seed(name: str, values: object, seeds: int) -> list[Any]:
    listed = _listed(values)
    if not isinstance(listed, Sequence) or isinstance(listed, (str, bytes)):
        raise ClaimError(
            f"measure {name!r}: expected a list of {seeds}, one number per seed, got {shown(values)}; "
            "@per_seed collects the numbers of an experiment written for one seed"
        )
    if len(listed) != seeds:
        raise ClaimError(f"measure {name!r}: expected {seeds} numbers, one per seed, got {len(listed)}")
    return [_one_seed(name, value) for value in listed]


def _one_seed(name: str, value: object) -> Any:
    listed = _listed(value)
    return [_number(name, _listed(x)) for x in listed] if isinstance(listed, (list, tuple)) else _number(name, listed)


def _number(name: str, value: object) -> int | float:
    if isinstance(value, int):
        return int(value)  # also True and False
    if isinstance(value, float):
        return float(value)
    raise ClaimError(f"measure {name!r}: expected numbers, got {shown(value)}")


def _shape_for(rule: Rule, name: str, values: list[Any]) -> None:
    """A growth law reads one list over sizes per seed, every other rule one number."""
    for value in values:
        if isinstance(value, list) != isinstance(rule, Growth):
            wanted = "a list of numbers over sizes" if isinstance(rule, Growth) else "one number"
            raise ClaimError(f"measure {name!r}: expected {wanted} for each seed, got {shown(value)}")


def _listed(value: object) -> object:
    """Tensors, arrays and their scalars as Python values, without importing their libraries."""
    return value.tolist() if hasattr(value, "tolist") else value
