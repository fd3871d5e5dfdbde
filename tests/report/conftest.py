"""Outcomes built by hand, judged by the real rules."""

from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from dlcheck.api import Claim, Expected, Text
from dlcheck.engine.outcome import Arm, Outcome, decide
from dlcheck.rules import Rule, at_least

AT_LEAST_ONE = at_least("x", 1.0)


def experiment(run: Any, x: float = 1.0) -> dict[str, list[float]]:
    """A number."""
    return {"x": [x for _ in run.seeds]}


@pytest.fixture
def claim() -> Callable[..., Claim]:
    def make(name: str = "a-claim", rule: Rule = AT_LEAST_ONE, **fields: Any) -> Claim:
        fields = {"statement": Text("It is so.", "그렇다."), "controls": {"off": {"x": 0.0}}, **fields}
        return Claim(name=name, source="a paper", rule=rule, experiment=experiment, topic="toy", **fields)

    return make


@pytest.fixture
def outcome(claim: Callable[..., Claim]) -> Callable[..., Outcome]:
    """`outcome("name", own numbers, numbers of its control, expect=...)`: decided as the engine does it."""

    def make(
        name: str = "a-claim",
        own: Any = (1.0,) * 8,
        control: Any = (0.0,) * 8,
        *,
        seconds: float = 1.0,
        expect: str = "verified",
        **fields: Any,
    ) -> Outcome:
        made = claim(name, expect=Expected(expect), **fields)
        arms = [Arm(""), Arm("off")]
        for arm, xs in zip(arms, (own, control), strict=True):
            numbers = {measure: list(xs) for measure in made.rule.measures}
            arm.add(list(range(len(xs))), numbers, [], seconds / 2, seconds / 2, cached=False)
            arm.judge(made.rule, "cpu")
        return decide(made, arms, "cpu")

    return make


@pytest.fixture
def printed() -> Callable[..., str]:
    """What a renderable looks like on a terminal of some width, without colours."""

    def render(*renderables: Any, width: int = 80) -> str:
        console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None, markup=False)
        for renderable in renderables:
            console.print(renderable)
        return console.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO above

    return render
