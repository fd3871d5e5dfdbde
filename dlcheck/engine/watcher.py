"""What the engine tells whoever watches a run. A watcher that does nothing is a good base class."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlcheck.api import Claim
from dlcheck.engine.outcome import Outcome


class Watcher:
    """Override what you want to hear. All calls come from one thread."""

    def planned(self, claims: Sequence[Claim], expected_seconds: Mapping[str, float]) -> None:
        """Before anything runs: the claims in order, and for each id about how many seconds its cells will take."""

    def started(self, claim: Claim, arm: str, why: str) -> None:
        """A cell of this arm ("" is the claim itself) begins to run; `why` says why it was not taken from the store."""

    def progress(self, claim: Claim, arm: str, done: int, total: int) -> None:
        """`done` of `total` steps of the running cell."""

    def finished(self, claim: Claim, arm: str, seeds: int, seconds: float, cached: bool) -> None:
        """A cell with this many seeds has reported, or was taken from the store."""

    def audited(self, claim: Claim, arm: str, same: bool) -> None:
        """A cell that was saved has been measured again; whether all its numbers are the same to the last bit."""

    def decided(self, outcome: Outcome) -> None:
        """A claim has its verdict."""

    def notice(self, message: str) -> None:
        """Something the user should know and the run goes on: a retry, a store that is full."""
