"""Every word about notes, in English and in Korean."""

from __future__ import annotations

from dlcheck.api import Text
from dlcheck.notes.standing import Standing
from dlcheck.notes.statements import Relation
from dlcheck.report.words import Counted
from dlcheck.rules import Verdict

STANDINGS = {
    Standing.HOLDS: Text("holds", "성립"),
    Standing.ONLY_IF: Text("holds only if", "조건부로 성립"),
    Standing.DOES_NOT_HOLD: Text("does not hold as written", "적힌 대로는 성립하지 않음"),
    Standing.OPEN: Text("open: a claim did not come out as expected", "미정: 예상과 다르게 나온 명제가 있음"),
    Standing.NOT_MEASURED: Text("not measured on this machine yet", "이 컴퓨터에서 아직 측정하지 않음"),
    Standing.CANNOT_BE_RUN: Text("cannot be run", "실험으로 판정할 수 없음"),
    Standing.NOT_COVERED: Text("not covered yet", "아직 다루지 않음"),
}

COUNTS = {
    Standing.HOLDS: Counted("{n} holds", "{n} hold", "성립 {n}"),
    Standing.ONLY_IF: Counted("{n} holds only under a condition", "{n} hold only under a condition", "조건부 성립 {n}"),
    Standing.DOES_NOT_HOLD: Counted(
        "{n} does not hold as written", "{n} do not hold as written", "적힌 대로는 성립하지 않음 {n}"
    ),
    Standing.OPEN: Counted("{n} open", "{n} open", "미정 {n}"),
    Standing.NOT_MEASURED: Counted("{n} not measured", "{n} not measured", "측정하지 않음 {n}"),
    Standing.CANNOT_BE_RUN: Counted("{n} cannot be run", "{n} cannot be run", "실험할 수 없음 {n}"),
    Standing.NOT_COVERED: Counted("{n} not covered yet", "{n} not covered yet", "아직 다루지 않음 {n}"),
}

REASONS = {
    "history": Text("a matter of history and custom", "역사와 관행의 문제"),
    "taste": Text("a matter of taste", "취향의 문제"),
}

RELATIONS = {
    Relation.SUPPORTS: Text("supported by", "뒷받침"),
    Relation.CONTRADICTS: Text("contradicted by", "반박"),
    Relation.CONDITIONS: Text("condition shown by", "조건을 보여 줌"),
    Relation.RELATED: Text("related", "관련"),
}

STATEMENTS = Counted("{n} statement", "{n} statements", "문장 {n}개")
ALL_NOTES = Text("All notes", "모든 노트")
TOPIC = Text("topic {topic}", "토픽 {topic}")
MORE = Text("The claims behind a note: dlcheck notes {note}", "노트별 명제 보기: dlcheck notes {note}")
TO_MEASURE = Text("To measure what is missing: {command}", "빠진 것을 측정하려면: {command}")

VERDICTS = {
    Verdict.VERIFIED: Text("verified", "입증됨"),
    Verdict.REFUTED: Text("refuted", "반증됨"),
}
"""Of the claim that a line of a user's note names. Whether its author expected that does not matter there."""

UNKNOWN = Text("there is no claim {id}.{near}", "명제 {id}이(가) 없습니다.{near}")
NEAR = Text(" Did you mean {ids}?", " 혹시 {ids}?")
NAMED = Counted(
    "{n} line names claims, and carries their verdicts.",
    "{n} lines name claims, and carry their verdicts.",
    "{n}개 줄이 명제를 밝히고 있어 그 판정을 달았습니다.",
)
SUGGESTED = Counted(
    "For {n} other line the claims of the closest wording are suggested (≈). That is no verdict on the line.",
    "For {n} other lines the claims of the closest wording are suggested (≈). That is no verdict on the lines.",
    "다른 {n}개 줄에는 표현이 가장 비슷한 명제를 제안했습니다(≈). 그 줄에 대한 판정이 아닙니다.",
)
TO_NAME = Text(
    "A line is judged once a comment names its claim: {example}",
    "주석으로 명제를 밝히면 그 줄을 판정합니다: {example}",
)
NO_STATEMENTS = Text(
    "No line of {file} looks like a statement: nothing to judge.",
    "{file}에는 판정할 만한 문장이 없습니다.",
)
CLOSEST = Text("closest claims", "표현이 가장 비슷한 명제")
WRITTEN = Text("{file}: written.", "{file}에 썼습니다.")
MENTIONS_UNKNOWN = Counted(
    "{n} name of a claim does not exist.",
    "{n} names of claims do not exist.",
    "존재하지 않는 명제 이름이 {n}개 있습니다.",
)
