"""All kinds of question."""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter

from dlcheck.quiz.base import Header, Question
from dlcheck.quiz.claims import Prediction, Truth
from dlcheck.quiz.code import Code
from dlcheck.quiz.options import Choice, Multiple, Ordering
from dlcheck.quiz.values import Number, Shape, ShortText

KINDS: dict[str, type[Question]] = {
    "choice": Choice,
    "multiple": Multiple,
    "truth": Truth,
    "number": Number,
    "shape": Shape,
    "ordering": Ordering,
    "text": ShortText,
    "prediction": Prediction,
    "code": Code,
}


def json_schema() -> dict[str, Any]:
    """Of one document of a bank: the header, or a question."""
    kinds = Choice | Multiple | Truth | Number | Shape | Ordering | ShortText | Prediction | Code
    return TypeAdapter(Header | kinds).json_schema()
