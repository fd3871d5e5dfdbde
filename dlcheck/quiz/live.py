"""Where answers come from: oracles of the topic's plugin, and the trials of its claims. Torch comes in here."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from dlcheck.api import Text
from dlcheck.engine import recall, verify
from dlcheck.engine.devices import default_jobs
from dlcheck.engine.outcome import Outcome
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher
from dlcheck.errors import DlcheckError, did_you_mean
from dlcheck.plugins import Catalogue, LoadedTopic
from dlcheck.quiz.base import Solution


class LiveTopic:
    """A topic whose model runs. A claim that has been decided is not run again."""

    def __init__(self, topic: LoadedTopic, catalogue: Catalogue, store: Store) -> None:
        self.topic = topic
        self._catalogue = catalogue
        self._store = store

    def oracle(self, name: str, values: Mapping[str, Any], seed: int) -> Solution:
        """What the function returns for these values, with torch's random state at `seed`.

        Raises DlcheckError when the plugin has no such function.
        """
        import torch

        oracles = importlib.import_module(self.topic.oracles) if self.topic.oracles else None
        function = getattr(oracles, name, None)
        if not callable(function):
            known = [each for each in vars(oracles or object) if not each.startswith("_")]
            place = self.topic.oracles or f"topic {self.topic.name}"
            raise DlcheckError(f"{place} has no oracle {name!r}.{did_you_mean(name, known)}")
        with torch.random.fork_rng([]):
            torch.manual_seed(seed)
            found = function(**values)
        return found if isinstance(found, Solution) else Solution(found)

    def statement(self, claim_id: str) -> Text:
        """What the claim says. Raises DlcheckError for an unknown one."""
        return self._catalogue.select([claim_id])[0].statement

    def outcome(self, claim_id: str) -> Outcome:
        """The claim's verdict and trials: saved ones, else it runs now. Raises DlcheckError for an unknown claim."""
        [claim] = self._catalogue.select([claim_id])
        saved = recall(claim, device="cpu", store=self._store)
        return saved or verify([claim], jobs=default_jobs("cpu"), store=self._store, watcher=Watcher())[0]
