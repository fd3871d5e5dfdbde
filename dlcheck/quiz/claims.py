"""Questions that a claim's trials answer: is the statement true, and what will the experiment show?"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from dlcheck.api import Text
from dlcheck.errors import DlcheckError, did_you_mean
from dlcheck.quiz.base import Bilingual, Grade, Live, Name, Question, Solution, Unreadable, filled
from dlcheck.quiz.options import numbers
from dlcheck.report.words import VERDICTS
from dlcheck.rules import Verdict

TRUE = {"1", "t", "true", "y", "yes", "o", "참", "맞다", "예"}
FALSE = {"2", "f", "false", "n", "no", "x", "거짓", "아니다", "아니요"}


class Truth(Question):
    """True or false: whether the claim's verdict is verified or refuted. Any other verdict cannot be asked about.

    {statement} in its texts is the claim's own, {verdict} and {seeds} are what stands behind the answer.
    """

    kind: Literal["truth"]
    claim: str
    ask: Bilingual = Bilingual(en="True or false? {statement}", ko="참인가, 거짓인가? {statement}")
    evidence: Bilingual = Bilingual(
        en="The experiment's verdict, after {seeds} seeds: {verdict}.", ko="시드 {seeds}개로 실험한 판정: {verdict}."
    )

    @property
    def is_computed(self) -> bool:
        return True

    @property
    def computes_wrong(self) -> bool:
        return False

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return {"the opposite": not solution.right}

    def solve(self, live: Live, values: Mapping[str, Any], seed: int) -> Solution:
        outcome = live.outcome(self.claim)
        if outcome.verdict not in (Verdict.VERIFIED, Verdict.REFUTED):
            raise DlcheckError(f"expected {self.claim} to be verified or refuted, got {outcome.verdict}")
        seeds = len(outcome.arms[0].seeds)
        return Solution(
            outcome.verdict is Verdict.VERIFIED, shown={"verdict": VERDICTS[outcome.verdict], "seeds": seeds}
        )

    def options(self, solution: Solution, seed: int) -> dict[str, Text]:
        return {"true": Text("true", "참"), "false": Text("false", "거짓")}

    def read(self, typed: str, options: list[str]) -> bool:
        word = typed.strip().casefold()
        if word not in TRUE | FALSE:
            raise Unreadable(Text("Expected 1 (true) or 2 (false).", "1(참) 또는 2(거짓)를 입력하세요."))
        return word in TRUE

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return options["true" if answer else "false"]


class Range(Bilingual):
    """A range of what is measured, `at_least` included and `below` not."""

    at_least: float = float("-inf")
    below: float = float("inf")


class Prediction(Question):
    """What will the experiment show? The median over the seeds of one measure of one arm lies in one of the ranges."""

    kind: Literal["prediction"]
    claim: str
    control: str = ""
    measure: str
    choices: Annotated[dict[Name, Range], Field(min_length=2)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        ranges = sorted(self.choices.values(), key=lambda each: each.at_least)
        if any(low.below != high.at_least for low, high in pairwise(ranges)):
            raise ValueError("expected ranges without gap or overlap: `below` of one is `at_least` of the next")
        for name in self.wrong:
            if name not in self.choices:
                raise ValueError(f"expected keys of choices ({', '.join(self.choices)}), got {name}")
        return self

    @property
    def texts(self) -> Any:
        yield from super().texts
        yield from self.choices.values()

    @property
    def is_computed(self) -> bool:
        return True

    @property
    def computes_wrong(self) -> bool:
        return False

    def mistaken(self, solution: Solution) -> Mapping[str, Any]:
        return {key: key for key in self.choices if key != solution.right}

    def solve(self, live: Live, values: Mapping[str, Any], seed: int) -> Solution:
        """shown: `measured`, the median."""
        outcome = live.outcome(self.claim)
        if outcome.verdict is Verdict.ERROR:
            raise DlcheckError(f"{self.claim} is broken: {outcome.reason}")
        found = next((arm.numbers for arm in outcome.arms if arm.name == self.control), {})
        if self.measure not in found:
            remedy = did_you_mean(self.measure, found) or f" It measures: {', '.join(found) or 'nothing'}."
            raise DlcheckError(f"{self.claim} does not measure {self.measure!r}.{remedy}")
        measured = statistics.median(found[self.measure])
        key = next((key for key, each in self.choices.items() if each.at_least <= measured < each.below), "")
        return Solution(key, shown={"measured": float(measured)})

    def options(self, solution: Solution, seed: int) -> dict[str, Text]:
        """In ascending order: shuffled ranges are hard to read."""
        ranges = sorted(self.choices.items(), key=lambda item: item[1].at_least)
        return {key: filled(text, self.draw(seed)) for key, text in ranges}

    def read(self, typed: str, options: list[str]) -> str:
        return options[numbers(typed, len(options), exactly=1)[0]]

    def typed(self, answer: Any, options: list[str]) -> str:
        return str(options.index(answer) + 1)

    def grade(self, answer: str, solution: Solution) -> Grade:
        is_right = answer == solution.right
        return Grade(is_right, "" if is_right or answer not in self.wrong else answer)

    def spell(self, answer: Any, options: Mapping[str, Text]) -> Text:
        return options[answer]
