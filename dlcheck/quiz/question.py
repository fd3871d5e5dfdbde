"""All kinds of question, and reading one from the fields of its YAML document."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from dlcheck.quiz.base import Header
from dlcheck.quiz.claims import Prediction, Truth
from dlcheck.quiz.code import Code
from dlcheck.quiz.options import Choice, Multiple, Ordering
from dlcheck.quiz.values import Number, Shape, ShortText

AnyQuestion = Choice | Multiple | Truth | Number | Shape | Ordering | ShortText | Prediction | Code
KINDS = ("choice", "multiple", "truth", "number", "shape", "ordering", "text", "prediction", "code")
QUESTION: TypeAdapter[AnyQuestion] = TypeAdapter(Annotated[AnyQuestion, Field(discriminator="kind")])


def json_schema() -> dict[str, Any]:
    """Of one document of a bank: the header, or a question."""
    return TypeAdapter(Header | AnyQuestion).json_schema()
