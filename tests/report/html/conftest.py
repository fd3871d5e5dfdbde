"""A page made of real outcomes: every verdict, curves, and a plugin that writes whatever it likes."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dlcheck.api import Claim, Curve, Text
from dlcheck.engine.outcome import Arm, Outcome, decide, skipped
from dlcheck.notes.standing import judge_notes
from dlcheck.notes.statements import Note, Relation, Statement
from dlcheck.plugins import LoadedTopic
from dlcheck.report.html.card import Entry
from dlcheck.report.html.page import Report
from dlcheck.rules import at_least, count, exceeds

NASTY = '<img src=x onerror="alert(1)">&amp;</noscript><script>alert(2)</script>\x1b[31m\x07\u202e'


def experiment(run: Any, x: float = 1.0) -> dict[str, list[float]]:
    """A number."""
    return {"x": [x for _ in run.seeds]}


def decided(claim: Claim, own: dict[str, Any], control: dict[str, Any], *curves: Curve) -> Outcome:
    arms = [Arm(name) for name in claim.arms()]
    for arm, numbers in zip(arms, (own, control), strict=True):
        arm.add(list(range(len(next(iter(numbers.values()))))), numbers, curves, 1.0, 1.0, cached=True)
        arm.judge(claim.rule, "cpu")
    return decide(claim, arms, "cpu")


@pytest.fixture
def report(claim: Callable[..., Claim]) -> Report:
    """Two topics: "toy" with all kinds of verdicts, "nasty" with hostile words."""
    loss = Curve("loss", [0.0, 10.0, 20.0], [[4.0, 2.0, 1.0]] * 8)
    compared = claim("compared", rule=exceeds("a", "b", by=1.0), statement=Text("A beats B.", "A가 B보다 낫다."))
    wrong = claim("wrong", rule=at_least("x", 1.0), statement=Text("X is large.", "X는 크다."))
    counted = claim("counted", rule=count("a", "b", published=7), statement=Text("Seven.", "일곱이다."))
    abroad = claim("abroad", devices=("cuda",), statement=Text("Elsewhere.", "다른 곳에서."))
    unmeasured = claim("unmeasured", statement=Text("Later.", "나중에."))
    high, low = {"a": [3.0] * 8, "b": [1.0] * 8}, {"a": [1.0] * 8, "b": [1.0] * 8}
    toy = [
        (compared, decided(compared, high, low, loss)),
        (wrong, decided(wrong, {"x": [0.0] * 8}, {"x": [2.0] * 8})),
        (counted, decided(counted, {"a": [7], "b": [7]}, {"a": [7], "b": [8]})),
        (abroad, skipped(abroad, "runs on cuda only")),
        (unmeasured, None),
    ]
    made = replace(claim("evil", rule=at_least(NASTY, 1.0), statement=Text(NASTY, NASTY)), topic="nasty", source=NASTY)
    evil = replace(made, controls={NASTY: {NASTY: NASTY}}, notes=(NASTY,), experiment=experiment)
    nasty = [(evil, decided(evil, {NASTY: [2.0] * 8}, {NASTY: [0.0] * 8}, Curve(NASTY, [0.0, 1.0], [[1.0, 2.0]] * 8)))]
    topics = []
    for name, claims in (("toy", toy), ("nasty", nasty)):
        title = Text(NASTY, NASTY) if name == "nasty" else Text("Toys", "장난감")
        first = sum(len(entries) for _, entries in topics)
        entries = [Entry(first + n, made, outcome) for n, (made, outcome) in enumerate(claims)]
        topics.append((LoadedTopic(name, title, name, [made for made, _ in claims]), entries))
    versions = {"dlcheck": "1", "python": "3", "torch": "2", "plugins": {NASTY: NASTY}}
    outcomes = {entry.claim.id: entry.outcome for _, entries in topics for entry in entries}
    return Report(topics, versions, "cuda:0", 3, "2026-01-02 03:04", judge_notes(NOTES, outcomes))


def stated(number: int, text: Text, ties: dict[str, Relation], **more: Any) -> Statement:
    return Statement(f"000-{number:02}", "toy", text, ties, **more)


SUPPORTS, CONDITIONS = Relation.SUPPORTS, Relation.CONDITIONS
NOTES = [
    Note(
        "000",
        Text("A note", "노트 하나"),
        (
            stated(1, Text("A wins.", "A가 이긴다."), {"toy/compared": SUPPORTS, "toy/gone": Relation.RELATED}),
            stated(
                2, Text("Seven at times.", "때로 일곱."), {"toy/counted": CONDITIONS}, only_if=Text("sunny", "맑을 때")
            ),
            stated(3, Text("Later.", "언젠가."), {"toy/unmeasured": SUPPORTS}),
        ),
    ),
    Note("001", Text(NASTY, NASTY), (Statement("001-01", NASTY, Text(NASTY, NASTY), {NASTY: SUPPORTS}),)),
]
"""Statements that hold, hold only if, and are not measured; and one whose words are hostile."""
