"""The answer is found once, while the student reads, and does not depend on what else runs."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Event
from types import ModuleType, SimpleNamespace
from unittest.mock import MagicMock

import pytest
import torch

from dlcheck.errors import DlcheckError
from dlcheck.quiz.live import LiveTopic
from dlcheck.quiz.memory import SavingError
from dlcheck.quiz.session import Session

NUMBER = "kind: number\noracle: slow\ncompare: {absolute: 0}\n"


def test_two_threads_that_ask_for_the_answer_find_it_once(ask):
    """The one that comes second waits for the first."""
    begun, go_on, runs = Event(), Event(), []

    def slow() -> int:
        runs.append(1)
        begun.set()
        assert go_on.wait(60)
        return 7

    variant = ask(NUMBER, slow=slow)
    with ThreadPoolExecutor(2) as threads:
        ahead = threads.submit(lambda: variant.solution)
        assert begun.wait(60)
        graded = threads.submit(lambda: variant.grade(variant.read("7")))
        go_on.set()
        assert graded.result().right
        assert ahead.result().right == 7
    assert runs == [1]


@pytest.fixture
def live(monkeypatch):
    """A topic with one oracle, which draws numbers and lets others draw in between."""

    def draws() -> list[float]:
        drawn = []
        for _ in range(50):
            drawn.append(torch.rand(()).item())
            Event().wait(0.001)
        return drawn

    oracles = ModuleType("slow_oracles")
    oracles.draws = draws  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "slow_oracles", oracles)
    return LiveTopic(SimpleNamespace(name="toy", oracles="slow_oracles"), None)  # type: ignore[arg-type]


def test_oracles_of_two_questions_do_not_share_random_numbers(live):
    """A question that was skipped may still be solved when the next one is."""
    alone = [live.oracle("draws", {}, seed).right for seed in (1, 2)]
    with ThreadPoolExecutor(2) as threads:
        together = list(threads.map(lambda seed: live.oracle("draws", {}, seed).right, (1, 2)))
    assert together == alone


@pytest.mark.parametrize(("raised", "asked"), [(DlcheckError("undecided"), 2), (SavingError("disk full"), 1)])
def test_only_a_broken_question_is_passed_over(ask, raised, asked):
    """An answer that cannot be saved ends the session: the next one would be lost as well."""
    face, memory = MagicMock(), MagicMock()
    face.listen.return_value = "7"
    memory.save.side_effect = raised
    session = Session([ask(NUMBER, slow=lambda: 7) for _ in range(2)], memory, face)
    with pytest.raises(SavingError) if asked == 1 else nullcontext():
        assert session.run() == []
    assert face.ask.call_count == asked
