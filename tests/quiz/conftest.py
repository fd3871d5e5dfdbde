"""Questions written in tests, and a model to grade them that is not a model."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import pytest

from dlcheck.api import Text
from dlcheck.quiz.bank import Bank
from dlcheck.quiz.base import Question, Solution
from dlcheck.quiz.variant import Variant

HEADER = "format: 1\ntopic: toy\n---\n"
EXPLAINED = 'ask: {en: What?, ko: "무엇?"}\nexplain: {en: Because., ko: 그래서.}\n'


class Live:
    """oracles: by name. outcomes: what a claim came to."""

    def __init__(self, outcomes: Mapping[str, Any] = {}, **oracles: Callable[..., Any]) -> None:
        self.outcomes = outcomes
        self.oracles = oracles

    def oracle(self, name: str, values: Mapping[str, Any], seed: int) -> Solution:
        found = self.oracles[name](**values)
        return found if isinstance(found, Solution) else Solution(found)

    def statement(self, claim_id: str) -> Text:
        return Text("It holds.", "성립한다.")

    def outcome(self, claim_id: str) -> Any:
        return self.outcomes[claim_id]

    def source(self, question: Question) -> str:
        return f"the oracle of {question.id}"


def outcome(verdict: str, **numbers: list[float]) -> Any:
    """Of a claim without controls."""
    return SimpleNamespace(verdict=verdict, arms=[SimpleNamespace(name="", numbers=numbers, seeds=[1, 2, 3])])


@pytest.fixture
def bank() -> Callable[..., Bank]:
    """`bank(document, ...)`: each without ask and explain, unless it has its own."""

    def read(*documents: str) -> Bank:
        whole = [each if "ask:" in each else each.rstrip() + "\n" + EXPLAINED for each in documents]
        return Bank.read("toy", "toy.yaml", HEADER + "---\n".join(whole))

    return read


@pytest.fixture
def ask(bank) -> Callable[..., Variant]:
    """`ask(document, seed, oracle=...)`: one question as it is asked."""

    def make(document: str, seed: int = 0, outcomes: Mapping[str, Any] = {}, **oracles: Any) -> Variant:
        [entry] = bank(f"id: it\ndifficulty: 1\n{document}").entries.values()
        return Variant("toy", entry.parse(), seed, Live(outcomes, **oracles))

    return make
