"""Where answers come from: oracles of the topic's plugin, and the trials of its claims. Torch comes in here."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from threading import Lock
from typing import TYPE_CHECKING, Any

from dlcheck.api import Text
from dlcheck.errors import DlcheckError, did_you_mean
from dlcheck.plugins import Catalogue, LoadedTopic
from dlcheck.quiz.base import Question, Solution

if TYPE_CHECKING:
    from dlcheck.engine.outcome import Outcome


_RANDOM_STATE = Lock()
"""Torch has one for all threads, so one oracle runs at a time."""


class LiveTopic:
    """A topic whose model runs. A claim that has been decided is not run again."""

    def __init__(self, topic: LoadedTopic, catalogue: Catalogue) -> None:
        self.topic = topic
        self._catalogue = catalogue

    def oracle(self, name: str, values: Mapping[str, Any], seed: int) -> Solution:
        """What the function returns for these values, with torch's random state at `seed`.

        Raises DlcheckError when the plugin has no such function.
        """
        import torch

        function = self._oracle(name)
        with _RANDOM_STATE, torch.random.fork_rng([]):
            torch.manual_seed(seed)
            found = function(**values)
        return found if isinstance(found, Solution) else Solution(found)

    def _oracle(self, name: str) -> Callable[..., Any]:
        oracles = importlib.import_module(self.topic.oracles) if self.topic.oracles else None
        function: Callable[..., Any] | None = getattr(oracles, name, None)
        if not callable(function):
            known = [each for each in vars(oracles or object) if not each.startswith("_")]
            place = self.topic.oracles or f"topic {self.topic.name}"
            raise DlcheckError(f"{place} has no oracle {name!r}.{did_you_mean(name, known)}")
        return function

    def source(self, question: Question) -> str:
        """The code that computes the question's answer: its oracle, or its claim's experiment; else the answer."""
        if question.oracle:
            return inspect.getsource(self._oracle(question.oracle))
        claim_id = getattr(question, "claim", None)
        if claim_id is None:
            return f"answer: {getattr(question, 'answer', '')}\n"
        return inspect.getsource(inspect.unwrap(self._catalogue.select([claim_id])[0].experiment))

    def statement(self, claim_id: str) -> Text:
        """What the claim says. Raises DlcheckError for an unknown one."""
        return self._catalogue.select([claim_id])[0].statement

    def outcome(self, claim_id: str) -> Outcome:
        """The claim's verdict and trials: saved ones, else it runs now. Raises DlcheckError for an unknown claim."""
        from dlcheck.engine import recall, verify  # not before it is needed: the first prompt should not wait for it
        from dlcheck.engine.devices import default_jobs
        from dlcheck.engine.store import Store
        from dlcheck.engine.watcher import Watcher

        [claim] = self._catalogue.select([claim_id])
        with Store.default() as store:
            saved = recall(claim, device="cpu", store=store)
            return saved or verify([claim], jobs=default_jobs("cpu"), store=store, watcher=Watcher())[0]
