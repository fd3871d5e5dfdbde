"""What every kind of question has: fields in YAML, checked by pydantic, and three steps from the text to a grade.

`solve` finds the right answer (and, for named misconceptions, the wrong ones) by running something, `read` makes an
answer of what a person typed, and `grade` compares the two. The kinds are in `options`, `values`, `claims`, `code`.
"""

from __future__ import annotations

import random
import string
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from dlcheck.api import Lang, Text
from dlcheck.errors import DlcheckError

if TYPE_CHECKING:
    from dlcheck.engine.outcome import Outcome

NAME = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
Words = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Unreadable(Exception):  # noqa: N818  # not an error: the question is asked again
    """What was typed is no answer to this kind of question, which is not the same as a wrong answer."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Solution:
    """right: what the model shows.  wrong: what each named misconception would have it show.  shown: further values
    for the texts, by placeholder.
    """

    right: Any
    wrong: Mapping[str, Any] = field(default_factory=dict)
    shown: Mapping[str, Any] = field(default_factory=dict)


def confirmed(exact: float, measured: float, *, within: float) -> float:
    """The exact answer, which is better to read than a sample of it, as long as the model still shows it.

    Raises ValueError when what was measured differs by more than the share `within`.
    """
    if not abs(measured - exact) <= within * abs(exact):
        raise ValueError(f"expected to measure {exact:g} within {within:.0%}, got {measured:g}")
    return exact


@dataclass(frozen=True)
class Grade:
    """misconception: the name, among `wrong`, of what the answer mistakes; empty when nobody gave it a name.

    reason: where code fails, with what was expected and what it gave.  sandbox: how well the code was contained.
    """

    right: bool
    misconception: str = ""
    reason: Text | None = None
    sandbox: Text | None = None


class Live(Protocol):
    """Where answers come from: things that run. An oracle is a function of the topic's plugin."""

    def oracle(self, name: str, values: Mapping[str, Any], seed: int) -> Solution: ...

    def statement(self, claim_id: str) -> Text: ...

    def outcome(self, claim_id: str) -> Outcome: ...

    def source(self, question: Question) -> str: ...


class Strict(BaseModel):
    """Unknown fields are errors: a misspelt one would otherwise be lost without a word."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Bilingual(Strict):
    """The same text in both languages, with placeholders such as {heads} for what was drawn or computed."""

    en: Words
    ko: Words

    def __call__(self, lang: Lang) -> str:
        return self.ko if lang == "ko" else self.en

    @property
    def placeholders(self) -> set[str]:
        return _placeholders(self.en)

    @model_validator(mode="after")
    def _same_placeholders(self) -> Self:
        english, korean = _placeholders(self.en), _placeholders(self.ko)
        if english != korean:
            lone = sorted(english ^ korean)[0]
            raise ValueError(f"expected the same placeholders in both languages, got {{{lone}}} in one of them only")
        return self


class Question(Strict):
    """What every kind has. A seed draws one value from each list of `vary`; they are placeholders of all texts."""

    id: Name
    kind: str
    difficulty: Literal[1, 2, 3]
    ask: Bilingual
    explain: Bilingual
    hint: Bilingual | None = None
    evidence: Bilingual | None = None
    vary: dict[str, Annotated[list[Any], Field(min_length=1)]] = {}
    oracle: str | None = None
    wrong: dict[Name, Bilingual] = {}
    requires: list[Name] = []
    verifies: list[str] = []
    notes: list[str] = []

    @property
    def texts(self) -> Iterator[Bilingual]:
        """All that a student may read."""
        yield from (text for text in (self.ask, self.explain, self.hint, self.evidence) if text)
        yield from self.wrong.values()

    @property
    def is_computed(self) -> bool:
        """Whether the answer comes from something that runs."""
        return self.oracle is not None

    @property
    def computes_wrong(self) -> bool:
        """Whether the oracle gives a value for each name in `wrong`; else they are names of what can be chosen."""
        return self.is_computed

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        """Answers that are wrong, by name; a name in `wrong` is the misconception that such an answer shows."""
        return solution.wrong

    def draw(self, seed: int) -> dict[str, Any]:
        """The values of this variant."""
        draws = random.Random(f"{self.id}/{seed}")
        return {name: draws.choice(values) for name, values in self.vary.items()}

    def solve(self, live: Live, values: Mapping[str, Any], seed: int) -> Solution:
        if self.oracle is not None:
            return live.oracle(self.oracle, values, seed)
        return Solution(getattr(self, "answer"))  # noqa: B009  # kinds without an oracle state it

    @property
    def computes_options(self) -> bool:
        """Whether `options` needs a solution: else they are shown before anything has run."""
        return False

    def options(self, solution: Solution, seed: int) -> dict[str, Text]:
        """What to choose from, in the order in which it is shown; empty for kinds without."""
        return {}

    def read(self, typed: str, options: list[str]) -> Any:
        """The answer in what was typed; options: their keys as shown. Raises Unreadable."""
        raise NotImplementedError

    def typed(self, answer: Any, options: list[str]) -> str:
        """What a person types for this answer: `read` makes the same answer of it."""
        return str(answer)

    def grade(self, answer: Any, solution: Solution) -> Grade:
        """Right when equal; the name of a misconception when equal to what that gives."""
        if answer == solution.right:
            return Grade(True)
        return Grade(False, next((name for name, value in solution.wrong.items() if answer == value), ""))

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        """An answer as people write it."""
        words = spelt(answer)
        return Text(words, words)


class Header(Strict):
    """The first document of a bank, with the version of the format."""

    format: Literal[1]
    topic: Name


def spelt(value: Any) -> str:
    """A value in a text: 1,050,624 and 0.0313 and (2, 8, 5, 5)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(tuple(value)) if isinstance(value, list | tuple) else str(value)
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def filled(text: Bilingual, values: Mapping[str, Any]) -> Text:
    """The text with values in the places of its placeholders. Raises DlcheckError for one that has none."""
    if missing := sorted(text.placeholders - values.keys()):
        raise DlcheckError(f"nothing gives a value to {{{missing[0]}}} in {text.en[:40]!r}")
    english = {name: value.en if isinstance(value, Text) else spelt(value) for name, value in values.items()}
    korean = {name: value.ko if isinstance(value, Text) else spelt(value) for name, value in values.items()}
    return Text(text.en.format_map(english), text.ko.format_map(korean))


def _placeholders(text: str) -> set[str]:
    try:
        parsed = string.Formatter().parse(text)
        fields = [
            name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "")
            for _, name, form, conversion in parsed
            if name is not None
        ]
    except ValueError as error:
        raise ValueError(f"expected {{name}}, and {{{{ or }}}} for a brace itself, got {error}") from None
    for name in fields:
        if not name.isidentifier():
            raise ValueError(f"expected a plain name between braces ({{{{ or }}}} is a brace itself), got {{{name}}}")
    return set(fields)
