"""A bank with a question of each kind, whose texts hold what some format gives a meaning, and its exams."""

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from dlcheck.api import Text
from dlcheck.errors import DlcheckError
from dlcheck.quiz.bank import Bank
from dlcheck.quiz.base import Question, Solution
from dlcheck.quiz.code import Exercise
from dlcheck.quiz.exports.exam import Exam, Source, compose
from dlcheck.rules import Verdict

BANK = (Path(__file__).parent / "toy.yaml").read_text(encoding="utf-8")


class Live:
    """What a model and trials would give."""

    def weights(self, B: int, T: int) -> Solution:
        return Solution((B, T, T), {"flat": (B * T, T)})

    def parameters(self, d: int) -> Solution:
        return Solution(d * d + d, {"no-bias": d * d, "square": 2 * d * d})

    def deviation(self, d: int) -> Solution:
        return Solution(d**0.5, {"variance": float(d)})

    def third(self) -> Solution:
        return Solution(1 / 3)

    def seven(self) -> Solution:
        return Solution(7)

    def cost(self) -> Solution:
        return Solution({"scores": 1, "projections": 2, "feed-forward": 3})

    def exercise(self) -> Solution:
        return Solution(Exercise(abs, [[1]]))

    def oracle(self, name: str, values: Mapping[str, Any], seed: int) -> Solution:
        made: Solution = getattr(self, name)(**values)
        return made

    def statement(self, claim_id: str) -> Text:
        return Text("It holds & stays <so>.", "성립하고 <그대로>다.")

    def outcome(self, claim_id: str) -> Any:
        arm = SimpleNamespace(name="", numbers={"entropy": [0.05, 0.1, 0.15]}, seeds=[1, 2, 3])
        verdict = Verdict.INCONCLUSIVE if "undecided" in claim_id else Verdict.VERIFIED
        return SimpleNamespace(verdict=verdict, arms=[arm])

    def source(self, question: Question) -> str:
        raise DlcheckError("no source")


@pytest.fixture
def live() -> Live:
    return Live()


Compose = Callable[..., Exam]


@pytest.fixture
def bank() -> Bank:
    return Bank.read("toy", "toy.yaml", BANK)


@pytest.fixture
def exam(bank: Bank) -> Compose:
    """`exam(format, lang="ko")`: the bank as this format takes it; keywords go to `compose`."""

    def made(form: Any, *, live: Any = None, **options: Any) -> Exam:
        sources = [Source(Text("Toys", "장난감"), bank, live or Live())]
        return compose(sources, form.expresses, **{"seed": 1, "variants": 1, "lang": "en", **options})

    return made
