"""Outcomes with numbers of one's choice, judged by the real rules."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from dlcheck.api import Claim, Curve, Numbers
from dlcheck.engine.outcome import Arm, Outcome, decide
from dlcheck.rules import Rule


@pytest.fixture
def decided(claim: Callable[..., Claim]) -> Callable[..., Outcome]:
    """`decided(rule, own numbers, numbers of its control, curves of the claim's own arm)`."""

    def make(rule: Rule, own: Numbers, control: Numbers, curves: Sequence[Curve] = (), **fields: Any) -> Outcome:
        made = claim(rule=rule, **fields)
        arms = [Arm(name) for name in made.arms()]
        for arm, numbers in zip(arms, (own, control), strict=True):
            seeds = len(next(iter(numbers.values())))
            arm.add(list(range(seeds)), numbers, [] if arm.name else curves, 1.0, 1.0, cached=False)
            arm.judge(rule, "cpu")
        return decide(made, arms, "cpu")

    return make
