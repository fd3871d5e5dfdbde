"""The verdict of a claim from the verdicts of its arms, and the exit code of a run from its verdicts."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.api import Claim, Expected, Text
from dlcheck.engine.outcome import Arm, Outcome, decide, exit_code, skipped
from dlcheck.rules import Verdict, at_least, equals, exceeds

V = Verdict
RULE = at_least("x", 1.0)
VALUES = {V.VERIFIED: 1.0, V.REFUTED: 0.0}


def a_claim(rule=RULE, expect=Expected.VERIFIED, controls=("off",)) -> Claim:
    knobs = {name: {"x": 0} for name in controls}
    return Claim("c", Text("e", "k"), "s", rule, lambda run: {}, knobs, expect, topic="t")


def arm(name: str, verdict: Verdict) -> Arm:
    """An arm with the numbers that lead to this verdict."""
    if verdict is V.ERROR:
        return Arm(name, fault="it broke")
    values = [0.0, 1.0] * 10 if verdict is V.INCONCLUSIVE else [VALUES[verdict]] * 8
    made = Arm(name, seeds=list(range(len(values))), numbers={"x": values})
    made.judge(RULE, "cpu")
    assert made.verdict is verdict
    return made


TABLE = [
    (V.VERIFIED, [V.REFUTED], V.VERIFIED, []),
    (V.REFUTED, [V.VERIFIED], V.REFUTED, []),
    (V.VERIFIED, [V.INCONCLUSIVE], V.VERIFIED, ["0"]),
    (V.VERIFIED, [V.REFUTED, V.INCONCLUSIVE], V.VERIFIED, ["1"]),
    (V.VERIFIED, [V.VERIFIED], V.VACUOUS, []),
    (V.REFUTED, [V.REFUTED], V.VACUOUS, []),
    (V.VERIFIED, [V.REFUTED, V.VERIFIED], V.VACUOUS, []),
    (V.VERIFIED, [V.ERROR], V.ERROR, []),
    (V.VERIFIED, [V.VERIFIED, V.ERROR], V.ERROR, []),
    (V.INCONCLUSIVE, [V.REFUTED], V.INCONCLUSIVE, []),
    (V.INCONCLUSIVE, [V.ERROR], V.INCONCLUSIVE, []),
    (V.ERROR, [V.REFUTED], V.ERROR, []),
]


@pytest.mark.parametrize(("main", "controls", "expected", "weak"), TABLE)
def test_a_claim_is_what_its_arm_says_if_its_controls_could_say_otherwise(main, controls, expected, weak):
    """The table of all cases."""
    arms = [arm("", main), *(arm(str(index), verdict) for index, verdict in enumerate(controls))]
    outcome = decide(a_claim(controls=[str(index) for index in range(len(controls))]), arms, "cpu")
    assert (outcome.verdict, list(outcome.weak)) == (expected, weak)
    assert bool(outcome.reason) == (expected in (V.VACUOUS, V.ERROR))


MEASURED = st.floats(allow_nan=True, allow_infinity=True)


@given(st.lists(MEASURED, min_size=8, max_size=20), st.lists(st.lists(MEASURED, min_size=8, max_size=20), min_size=1))
def test_no_numbers_verify_a_claim_whose_control_comes_out_the_same(main, controls):
    """Whatever is measured, verified and refuted need every control to be of another verdict; NaN is never a win."""
    arms = [Arm(str(i), list(range(len(x))), {"x": x}) for i, x in enumerate([main, *controls])]
    for each in arms:
        each.judge(RULE, "cpu")
    outcome = decide(a_claim(controls=[each.name for each in arms[1:]]), arms, "cpu")
    if outcome.verdict in (V.VERIFIED, V.REFUTED):
        assert all(control.verdict is not outcome.verdict for control in arms[1:])
    if outcome.verdict is V.VERIFIED:
        assert sum(x >= 1.0 for x in main if not math.isnan(x)) > len(main) / 2


def test_nan_is_a_loss_in_a_comparison_and_an_error_where_a_number_was_promised():
    """A run that diverged is a measurement; an equality that is NaN has measured nothing."""
    comparison, equality = exceeds("a", "b", by=0.1), equals("x", 0.0, atol=1e-9)
    diverged = Arm("", list(range(8)), {"a": [math.nan] * 8, "b": [0.0] * 8, "x": [math.nan] * 8})
    diverged.judge(comparison, "cpu")
    assert diverged.verdict is V.REFUTED
    diverged.judge(equality, "cpu")
    assert diverged.verdict is V.ERROR
    assert "finite" in diverged.fault


def test_a_rule_that_verifies_identical_arms_is_vacuous(monkeypatch):
    """The engine's own control: the arm against itself must not verify."""
    rule = exceeds("a", "b", by=0.1)
    arms = [
        Arm("", list(range(8)), {"a": [1.0] * 8, "b": [0.0] * 8}),
        Arm("off", list(range(8)), {"a": [0.0] * 8, "b": [0.0] * 8}),
    ]
    for each in arms:
        each.judge(rule, "cpu")
    assert decide(a_claim(rule), arms, "cpu").verdict is V.VERIFIED
    monkeypatch.setattr(type(rule), "won", lambda self, effect: effect >= 0)  # a rule with a bug
    assert decide(a_claim(rule), arms, "cpu").verdict is V.VACUOUS


def outcome(verdict: Verdict, expect: Expected = Expected.VERIFIED) -> Outcome:
    return Outcome(a_claim(expect=expect), verdict, [Arm("")])


CODES = [
    ([V.VERIFIED], 0),
    ([V.VERIFIED, V.SKIPPED], 0),
    ([V.REFUTED], 1),
    ([V.VACUOUS], 1),
    ([V.INCONCLUSIVE], 3),
    ([V.SKIPPED], 3),
    ([], 3),
    ([V.INCONCLUSIVE, V.VACUOUS], 1),
    ([V.ERROR, V.REFUTED], 4),
    ([V.INCOMPLETE, V.VERIFIED], 4),
]


@pytest.mark.parametrize(("verdicts", "code"), CODES)
def test_exit_codes(verdicts, code):
    """Broken before unexpected before open before as expected."""
    assert exit_code([outcome(verdict) for verdict in verdicts]) == code


def test_a_misconception_is_as_expected_when_it_is_refuted():
    """And not when it is verified."""
    assert exit_code([outcome(V.REFUTED, Expected.REFUTED)]) == 0
    assert exit_code([outcome(V.VERIFIED, Expected.REFUTED)]) == 1


def test_a_skipped_claim_has_its_arms_and_a_reason():
    """So that reports need no special case."""
    made = skipped(a_claim(), "no GPU")
    assert (made.verdict, made.reason, [each.name for each in made.arms]) == (V.SKIPPED, "no GPU", ["", "off"])
