"""What runs on a node of a Ray cluster: a local pool for cells of one claim. Each still has its fresh process."""

from __future__ import annotations

import importlib
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Self

from dlcheck.api import Claim
from dlcheck.engine.cell import Cell, Result
from dlcheck.engine.fingerprint import refresh
from dlcheck.engine.messages import Fault, Progress, Retried, Said, Started
from dlcheck.engine.pool import COSTLY_SECONDS, Pool
from dlcheck.errors import DlcheckError

PROGRESS_SECONDS = 0.5
"""How often a node tells how far a cell is: every message crosses the network."""

Numbered = tuple[int, Started | Retried | Said]
"""A report, with the number of its cell among those of the task."""


@dataclass(frozen=True)
class Parcel:
    """A cell on its way to a node. The claim travels by name, and with what its numbers depend on at the driver."""

    module: str
    function: str
    topic: str
    arm: str
    epoch: int
    start: int
    stop: int
    device: str
    machine: str | None
    ingredients: Mapping[str, str]

    @classmethod
    def of(cls, cell: Cell) -> Self:
        claim = cell.claim
        place = (claim.module, claim.function, claim.topic)
        return cls(
            *place, cell.arm, cell.epoch, cell.start, cell.stop, cell.device, cell.machine, dict(cell.ingredients)
        )

    def open(self) -> Cell:
        """The same cell here. Raises DlcheckError when this node would measure something else."""
        try:
            claim: Claim = getattr(importlib.import_module(self.module), self.function)
            claim = replace(claim, topic=self.topic)
            cell = Cell(claim, self.arm, self.epoch, self.start, self.stop, self.device, self.machine)
            differing = cell.differs_from(self.ingredients)
        except Exception as error:  # whatever a module raises while it is imported
            raise DlcheckError(f"node {platform.node()} cannot import {self.module}: {error}") from error
        if differing:
            raise DlcheckError(f"node {platform.node()} differs in {differing}")
        return cell


def run(parcels: Sequence[Parcel]) -> Iterator[Numbered]:
    """What happens to the cells, as it happens. All are refused when the source here is not the driver's."""
    refresh()
    try:
        cells = [parcel.open() for parcel in parcels]
    except DlcheckError as error:
        remedy = "install the same packages on all nodes as on the driver"
        yield from ((number, Fault(f"{error}; {remedy}")) for number in range(len(parcels)))
        return
    told = 0.0
    with Pool(1, trains=cells[0].claim.seconds >= COSTLY_SECONDS) as pool:
        pool.submit(list(cells))  # which it uses up
        for cell, said in pool.reports():
            if isinstance(said, Progress) and time.monotonic() - told < PROGRESS_SECONDS:
                continue
            told = time.monotonic()
            if isinstance(said, Result) and cell.outdated:
                said = Fault(f"was edited on node {platform.node()} while it ran")
            yield cells.index(cell), said
