"""Questions whose answer is written: a number, the shape of a tensor, a term."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from dlcheck.api import Text
from dlcheck.quiz.base import Grade, Name, Question, Solution, Strict, Unreadable, Words

NO_NUMBER = Text("Expected a number, such as 512, 0.25, 1/8 or 1e-3.", "512, 0.25, 1/8, 1e-3처럼 숫자로 입력하세요.")
NO_SHAPE = Text("Expected a shape, such as (2, 8, 5) or 2 8 5.", "(2, 8, 5) 또는 2 8 5처럼 형태(shape)로 입력하세요.")

NEAR = 0.75
"""How alike a misspelt term is to what was meant: one letter of four is another, as terms in Korean are short."""
LONGEST_SIZE = 18
"""Digits of one size of a shape: no tensor has a larger one."""


class Comparison(Strict):
    """When a number is right: within an absolute or a relative distance, or to so many significant digits."""

    absolute: Annotated[float, Field(ge=0)] | None = None
    relative: Annotated[float, Field(gt=0, lt=1)] | None = None
    digits: Annotated[int, Field(ge=1, le=15)] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("expected exactly one of absolute, relative and digits")
        return self

    def holds(self, answer: float, right: float) -> bool:
        if self.digits is not None:
            return f"{answer:.{self.digits - 1}e}" == f"{right:.{self.digits - 1}e}"
        return math.isclose(answer, right, rel_tol=self.relative or 0.0, abs_tol=self.absolute or 0.0)


class Number(Question):
    """A number, compared as `compare` says; there is no default. An oracle computes it and what misconceptions give."""

    kind: Literal["number"]
    compare: Comparison
    oracle: str

    def read(self, typed: str, options: list[str]) -> float:
        """Thousands separators, fractions, powers and percentages are understood: 1,024 and 1/8 and 2^10 and 15%."""
        whole = re.sub(r"(?<![\d.])[1-9]\d{0,2}(?:([,_ ])\d{3})(?:\1\d{3})*(?!\d)", _without_separators, typed.strip())
        plain = re.sub(r"\s*([/^%*])\s*", r"\1", whole).replace("**", "^")
        match = re.fullmatch(r"([^%/^]+)(?:([/^])([^%/^]+))?(%?)", plain)
        try:
            left, sign, right, percent = match.groups() if match else ("", None, None, "")
            number = float(left) if sign is None else _applied(sign, float(left), float(right or ""))
        except (ValueError, TypeError, ZeroDivisionError, OverflowError):  # a root of -1 is no float
            number = math.nan
        if not math.isfinite(number):
            raise Unreadable(NO_NUMBER)
        return number / 100 if percent else number

    def typed(self, answer: Any, options: list[str]) -> str:
        return repr(float(answer))

    def grade(self, answer: float, solution: Solution) -> Grade:
        if self.compare.holds(answer, solution.right):
            return Grade(True)
        mistaken = (name for name, value in solution.wrong.items() if self.compare.holds(answer, value))
        return Grade(False, next(mistaken, ""))


def _without_separators(number: re.Match[str]) -> str:
    """Those of thousands. Any other comma may be meant as a decimal point, and is asked about again."""
    return number[0].replace(number[1], "")


def _applied(sign: str, left: float, right: float) -> float:
    return left / right if sign == "/" else float(left**right)


class Shape(Question):
    """The shape of a tensor; an oracle gives it, and those of misconceptions, as tuples of integers."""

    kind: Literal["shape"]
    oracle: str

    def read(self, typed: str, options: list[str]) -> tuple[int, ...]:
        """(2, 8, 5), 2 8 5, 2x8x5 and [2,8,5] are the same; () is a scalar."""
        sizes = re.findall(r"\d+", typed)
        is_scalar = re.sub(r"torch\.Size|\s", "", typed) in ("()", "[]", "([])")
        is_plain = not re.sub(r"torch\.Size|[\d\s,x×*()\[\]]", "", typed)
        if not (is_scalar or (sizes and is_plain)) or any(len(size) > LONGEST_SIZE for size in sizes):
            raise Unreadable(NO_SHAPE)
        return tuple(map(int, sizes))

    def typed(self, answer: Any, options: list[str]) -> str:
        return str(tuple(answer))

    def grade(self, answer: tuple[int, ...], solution: Solution) -> Grade:
        wrong = {name: tuple(shape) for name, shape in solution.wrong.items()}
        return super().grade(answer, Solution(tuple(solution.right), wrong))


class Aliases(Strict):
    """The ways to write one answer; those of either language are accepted in both."""

    en: Annotated[list[Words], Field(min_length=1)]
    ko: Annotated[list[Words], Field(min_length=1)]

    @property
    def spellings(self) -> set[str]:
        return {normal(alias) for alias in (*self.en, *self.ko)}


class ShortText(Question):
    """A term. What is accepted stands under names: one is the answer, others are misconceptions."""

    kind: Literal["text"]
    accept: Annotated[dict[Name, Aliases], Field(min_length=1)]
    answer: Name | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.oracle is None) == (self.answer is None):
            raise ValueError("expected either an oracle, which computes the answer, or the answer itself")
        for name in (*self.wrong, *([self.answer] if self.answer else [])):
            if name not in self.accept:
                raise ValueError(f"expected names in accept ({', '.join(self.accept)}), got {name}")
        if len(self._names) < sum(len(aliases.spellings) for aliases in self.accept.values()):
            raise ValueError("expected each alias under one name, got one under two")
        return self

    @property
    def computes_wrong(self) -> bool:
        return False

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return {name: name for name in self.accept if name != solution.right}

    @property
    def _names(self) -> dict[str, str]:
        """The name that each spelling stands for."""
        return {spelling: name for name, aliases in self.accept.items() for spelling in aliases.spellings}

    @property
    def _as_written(self) -> dict[str, str]:
        """How the bank writes each spelling."""
        return {normal(alias): alias for each in self.accept.values() for alias in (*each.en, *each.ko)}

    def read(self, typed: str, options: list[str]) -> str:
        """The name of what was written, or the words themselves. A near miss is asked again, never taken for it."""
        names, words = self._names, normal(typed)
        if not words:
            raise Unreadable(Text("Expected a term.", "용어를 입력하세요."))
        if words not in names and (close := get_close_matches(words, names, n=1, cutoff=NEAR)):
            meant = self._as_written[close[0]]
            raise Unreadable(Text(f"Did you mean {meant}?", f"혹시 {meant}인가요?"))
        return names.get(words, typed)

    def typed(self, answer: Any, options: list[str]) -> str:
        return self.accept[answer].en[0] if answer in self.accept else str(answer)

    def grade(self, answer: str, solution: Solution) -> Grade:
        is_right = answer == solution.right
        return Grade(is_right, "" if is_right or answer not in self.wrong else answer)

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        aliases = self.accept.get(answer)
        return Text(aliases.en[0], aliases.ko[0]) if aliases else Text(str(answer), str(answer))


def normal(words: str) -> str:
    """Case, composition of characters, hyphens and spacing make no difference.

    Korean is written with or without blanks between the words of a term.
    """
    spaced = " ".join(unicodedata.normalize("NFC", words).casefold().replace("-", " ").split())
    return re.sub(r"(?<=[가-힣]) | (?=[가-힣])", "", spaced)
