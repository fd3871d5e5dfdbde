"""Questions with options: one of several, all that apply, and putting them in order."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from dlcheck.api import Text
from dlcheck.quiz.base import Bilingual, Grade, Name, Question, Solution, Unreadable, filled, spelt

NONE = Text("none of them", "없음")


class Options(Question):
    """choices: what can be named, each under a key. The key of a wrong one is its misconception's name in `wrong`."""

    choices: dict[Name, Bilingual] = Field(default_factory=dict)

    @property
    def texts(self) -> Any:
        yield from super().texts
        yield from self.choices.values()

    @property
    def computes_options(self) -> bool:
        return self.oracle is not None

    def options(self, solution: Solution, seed: int) -> dict[str, Text]:
        values = {**self.draw(seed), **solution.shown}
        return shuffled({key: filled(text, values) for key, text in self.choices.items()}, self.id, seed)

    @property
    def computes_wrong(self) -> bool:
        return not self.choices

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return {key: key for key in self.choices if key != solution.right}

    def typed(self, answer: Any, options: list[str]) -> str:
        keys = [answer] if isinstance(answer, str) else list(answer)
        return " ".join(str(options.index(key) + 1) for key in keys) or "0"

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        keys = [answer] if isinstance(answer, str) else list(answer)
        return Text("; ".join(options[key].en for key in keys), "; ".join(options[key].ko for key in keys))

    def _check_source(self, answer: Sequence[str] | None) -> None:
        if (self.oracle is None) == (answer is None):
            raise ValueError("expected either an oracle, which computes the answer, or the answer itself")
        named = [] if self.computes_wrong else self.wrong  # else the names are those of what the oracle computes
        for key in [*named, *(answer or [])]:
            if self.choices and key not in self.choices:
                raise ValueError(f"expected keys of choices ({', '.join(self.choices)}), got {key}")


class Choice(Options):
    """One of several. Without `choices` the oracle computes them: the right value, and one for each name in `wrong`."""

    kind: Literal["choice"]
    answer: Name | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_source(None if self.answer is None else [self.answer])
        if not self.choices and not (self.wrong and self.oracle):
            raise ValueError("expected choices, or an oracle that computes them and their misconceptions in wrong")
        return self

    def options(self, solution: Solution, seed: int) -> dict[str, Text]:
        if self.choices:
            return super().options(solution, seed)
        values = {"right": spelt(solution.right), **{name: spelt(value) for name, value in solution.wrong.items()}}
        return shuffled({key: Text(words, words) for key, words in values.items()}, self.id, seed)

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return super().mistaken(solution) if self.choices else {name: name for name in solution.wrong}

    def read(self, typed: str, options: list[str]) -> str:
        return options[numbers(typed, len(options), exactly=1)[0]]

    def typed(self, answer: Any, options: list[str]) -> str:
        return super().typed(answer if answer in options else "right", options)

    def grade(self, answer: str, solution: Solution) -> Grade:
        is_right = answer == (solution.right if self.choices else "right")
        return Grade(is_right, "" if is_right or answer not in self.wrong else answer)

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return super().spell(answer if answer in options else "right", options)


class Multiple(Options):
    """All that apply, out of several; an oracle gives their keys."""

    kind: Literal["multiple"]
    choices: Annotated[dict[Name, Bilingual], Field(min_length=3)]
    answer: list[Name] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_source(self.answer)
        return self

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return {key: frozenset(solution.right) ^ {key} for key in self.choices}

    def read(self, typed: str, options: list[str]) -> frozenset[str]:
        """0 is none of them."""
        if typed.strip() == "0":
            return frozenset()
        return frozenset(options[number] for number in numbers(typed, len(options)))

    def grade(self, answer: frozenset[str], solution: Solution) -> Grade:
        mistaken = [key for key in self.choices if (key in answer) != (key in solution.right)]
        return Grade(not mistaken, next((key for key in mistaken if key in self.wrong), ""))

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        """In the order in which they are shown."""
        return super().spell([key for key in options if key in answer], options) if answer else NONE

    def typed(self, answer: Any, options: list[str]) -> str:
        return super().typed([key for key in options if key in answer], options)


class Ordering(Options):
    """Put the choices in order. An oracle gives their keys in order, or a number for each: the smallest comes first."""

    kind: Literal["ordering"]
    choices: Annotated[dict[Name, Bilingual], Field(min_length=3)]
    answer: list[Name] | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        self._check_source(self.answer)
        if self.answer is not None and sorted(self.answer) != sorted(self.choices):
            raise ValueError(f"expected each choice once ({', '.join(self.choices)}), got {', '.join(self.answer)}")
        return self

    @property
    def computes_wrong(self) -> bool:
        return self.oracle is not None

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return {**solution.wrong, "the reverse": in_order(solution.right)[::-1]}

    def read(self, typed: str, options: list[str]) -> list[str]:
        return [options[number] for number in numbers(typed, len(options), exactly=len(options))]

    def grade(self, answer: list[str], solution: Solution) -> Grade:
        return super().grade(answer, Solution(in_order(solution.right), solution.wrong))

    def typed(self, answer: Any, options: list[str]) -> str:
        return super().typed(in_order(answer), options)

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return super().spell(in_order(answer), options)


def in_order(right: Any) -> list[str]:
    """The keys, by their numbers if each has one."""
    return sorted(right, key=right.__getitem__) if isinstance(right, Mapping) else list(right)


def shuffled(options: dict[str, Text], question: str, seed: int) -> dict[str, Text]:
    """The same for the same question and seed."""
    return dict(random.Random(f"{question}/{seed}/options").sample(list(options.items()), len(options)))


def numbers(typed: str, count: int, exactly: int | None = None) -> list[int]:
    """Numbers of options, from 0: "2 1 3", "2,1,3" and "213" are the same. Raises Unreadable.

    So do signs: what they mean may not be what they seem to, as in 3>2>1, 1-3 and -1.
    """
    words = re.findall(r"\d", typed) if count < 10 else re.findall(r"\d+", typed)
    chosen = [int(word) - 1 for word in words]
    is_plain = not re.sub(r"[\d\s,.;()]", "", typed)
    in_range = all(0 <= number < count for number in chosen) and len(set(chosen)) == len(chosen)
    if is_plain and chosen and in_range and len(chosen) in (exactly, exactly or len(chosen)):
        return chosen
    wanted = {1: f"a number from 1 to {count}", count: f"all numbers from 1 to {count}, in order"}
    korean = {1: f"1부터 {count}까지의 번호 하나를", count: f"1부터 {count}까지의 번호를 순서대로 모두"}
    raise Unreadable(
        Text(
            f"Expected {wanted.get(exactly or 0, f'numbers from 1 to {count}, such as 1 3 (0: none of them)')}.",
            f"{korean.get(exactly or 0, f'1부터 {count}까지의 번호를 1 3처럼(없으면 0)')} 입력하세요.",
        )
    )
