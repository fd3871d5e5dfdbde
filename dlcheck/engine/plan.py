"""What a run is to decide, fixed before anything runs; and its division among machines."""

from __future__ import annotations

import hashlib
import heapq
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Self

from dlcheck.api import Claim
from dlcheck.engine.cell import Cell
from dlcheck.errors import DlcheckError

OF_THE_MACHINE = "machine"
"""The ingredient of a cell's key in which the machines of one run may differ."""


@dataclass(frozen=True)
class Shard:
    """One of `count` parts of a run; index counts from 1."""

    index: int
    count: int

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """From "i/n". Raises DlcheckError."""
        found = re.fullmatch("([0-9]+)/([0-9]+)", text)
        if not found or not 1 <= int(found[1]) <= int(found[2]):
            raise DlcheckError(f"shard {text!r}: expected i/n with 1 <= i <= n, such as 2/3")
        return cls(int(found[1]), int(found[2]))


@dataclass(frozen=True)
class Plan:
    """All claims of a run, also those that other shards decide.

    claims: by id, in order, a digest of all that the numbers and the verdict depend on: source, knobs, seeds, rule,
    expectation, versions of Python and torch. Two runs with equal plans decide the same.
    """

    device: str
    epoch: int
    seeds_max: int | None
    claims: Mapping[str, str]
    shard: Shard | None = None


def make_plan(
    claims: Sequence[Claim], *, device: str, epoch: int, seeds_max: int | None, shard: Shard | None = None
) -> Plan:
    digests = {claim.id: _digest(claim, device, epoch, seeds_max) for claim in claims}
    return Plan(device, epoch, seeds_max, digests, shard)


def _digest(claim: Claim, device: str, epoch: int, seeds_max: int | None) -> str:
    first = min(claim.rule.batches[0], seeds_max or claim.rule.batches[0])
    cells = [Cell(claim, arm, epoch, 0, first, device).ingredients for arm in claim.arms()]
    parts = {
        "cells": [{name: what for name, what in cell.items() if name != OF_THE_MACHINE} for cell in cells],
        "rule": [type(claim.rule).__name__, asdict(claim.rule)],
        "expected": claim.expect,
        "seeds_max": seeds_max,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def share(claims: Sequence[Claim], shard: Shard) -> list[Claim]:
    """The claims of one shard, in their order; every claim is in exactly one.

    The costliest claim that is left goes to the shard with the least to do, by the costs that authors state: what
    this machine has measured is not known to the others. Raises DlcheckError when there are fewer claims than shards.
    """
    if shard.count > len(claims):
        raise DlcheckError(f"shard {shard}: expected at most as many shards as claims, which are {len(claims)}")
    load = [(0.0, index) for index in range(1, shard.count + 1)]
    mine = set()
    for claim in sorted(claims, key=lambda claim: (-_cost(claim), claim.id)):
        seconds, index = load[0]
        heapq.heapreplace(load, (seconds + _cost(claim), index))
        if index == shard.index:
            mine.add(claim.id)
    return [claim for claim in claims if claim.id in mine]


def _cost(claim: Claim) -> float:
    """CPU seconds of the first batch of every arm, as stated."""
    return claim.seconds * len(claim.arms())
