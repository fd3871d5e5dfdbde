"""What the exported files say themselves, in English and in Korean."""

from __future__ import annotations

from dlcheck.api import Text

KINDS = {
    "choice": Text("choice", "선택형"),
    "multiple": Text("multiple choice", "복수 선택형"),
    "truth": Text("true or false", "참/거짓"),
    "number": Text("number", "숫자"),
    "shape": Text("shape", "형태"),
    "ordering": Text("ordering", "순서 배열"),
    "text": Text("short text", "단답형"),
    "prediction": Text("prediction", "예측"),
    "code": Text("code", "코드"),
}

INSTRUCTIONS = {
    "multiple": Text("Choose all that apply.", "해당하는 것을 모두 고르시오."),
    "number": Text("Answer with a number.", "숫자로 답하시오."),
    "shape": Text("Answer with a shape, written like (2, 8, 5).", "형태를 (2, 8, 5)와 같이 쓰시오."),
    "ordering": Text("Put these in order.", "순서대로 나열하시오."),
    "text": Text("Answer with a term.", "용어로 답하시오."),
    "code": Text("Write the function.", "함수를 작성하시오."),
}
"""Kinds whose form does not say how to answer them."""

QUIZ = Text("Quiz", "퀴즈")
SHEET = Text("Sheet {number} of {count}", "{count}종 중 {number}번 시험지")
KEY = Text("Answer key", "정답과 해설")
NAME = Text("Name", "이름")
DATE = Text("Date", "날짜")
SCORE = Text("Score", "점수")
HINT = Text("Hint", "힌트")
MISTAKES = Text("Common mistakes", "흔한 오답")
ACCEPTED = Text("From {low} to {high} counts as right.", "{low} 이상 {high} 이하면 정답입니다.")
EXACT = Text("Only this number counts as right.", "정확히 이 값만 정답입니다.")

WRITTEN = Text("{questions} in {file}", "{file}: {questions}")
QUESTIONS = Text("{n} questions", "문제 {n}개")
QUESTION = Text("1 question", "문제 1개")
EACH = Text("{questions}, {n} variants of each", "{questions}, 변형 {n}개씩")
CANNOT = Text(
    "Left out, because {format} cannot express it: {kinds}",
    "{format} 형식으로 나타낼 수 없어 뺀 문제 {n}개: {kinds}",
)
UNANSWERED = Text(
    "Left out, without an answer here: {name} ({reason})", "여기서는 답을 구할 수 없어 뺌: {name} ({reason})"
)
