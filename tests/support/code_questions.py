"""A small code question and the ways to run an answer to it."""

import torch

from dlcheck.quiz.base import Grade, Solution
from dlcheck.quiz.code import Code, Exercise

BOTH = {"en": "Write it.", "ko": "작성하라."}
QUESTION = Code.model_validate(
    {
        "id": "halve",
        "kind": "code",
        "difficulty": 1,
        "ask": BOTH,
        "explain": BOTH,
        "oracle": "halve",
        "function": "halve",
        "stub": "def halve(x):\n    ...\n",
        "solution": "def halve(x):\n    return x / 2\n",
        "wrong": {
            "doubles": {**BOTH, "code": "def halve(x):\n    return x + x\n"},
            "adds-shapes": {**BOTH, "code": "def halve(x):\n    return x @ x\n"},
        },
    }
)


def exercise(**options: object) -> Solution:
    inputs = [[torch.arange(6.0).reshape(2, 3) + 1], [torch.ones(4, 1)]]
    return Solution(Exercise(lambda x: x / 2, inputs, **options))


def graded(source: str, **options: object) -> Grade:
    """What the question makes of this answer."""
    return QUESTION.grade(QUESTION.read(source, []), exercise(**options))


def body(*lines: str) -> str:
    """A module whose function has this body; x is its argument."""
    return "import os, sys, time, threading, socket\nimport torch\n\ndef halve(x):\n" + "".join(
        f"    {line}\n" for line in lines
    )
