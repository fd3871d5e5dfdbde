"""What the quiz itself says, in English and in Korean."""

from __future__ import annotations

from dlcheck.api import Text

RIGHT = Text("Right.", "맞았습니다.")
WRONG = Text("Not right.", "틀렸습니다.")
ANSWER = Text("Answer: {answer}", "정답: {answer}")
SKIPPED = Text("Skipped. It will come again.", "건너뛰었습니다. 다음에 다시 나옵니다.")
DUE = Text("Again on {day}.", "다음 복습: {day}")
VERIFY = Text("See it run: dlcheck verify {claim}", "직접 돌려 보기: dlcheck verify {claim}")
SANDBOX = Text("Where your code ran: {level}", "코드가 실행된 곳: {level}")
NO_HINT = Text("There is no hint for this one.", "이 문제에는 힌트가 없습니다.")
KEYS = Text("h hint · c show the code · s skip · q quit", "h 힌트 · c 코드 보기 · s 건너뛰기 · q 끝내기")
EXAM_KEYS = Text("s skip · q hand in", "s 건너뛰기 · q 제출")
COLON = Text("with a colon before: :h :s ...", "앞에 콜론을 붙여 :h, :s처럼")
ONE = Text("One number", "번호 하나")
SEVERAL = Text("All that apply, such as 1 3; 0 for none", "모두 고르기(예: 1 3, 없으면 0)")
ORDER = Text("All numbers in order, such as 2 1 3", "순서대로 모두(예: 2 1 3)")
NUMBER = Text("A number", "숫자")
SHAPE = Text("A shape, such as (2, 8, 5)", "형태(예: (2, 8, 5))")
TERM = Text("A term", "용어")
CODE = Text("Enter opens your editor", "Enter를 누르면 편집기가 열립니다")
PROMPTS = {
    "choice": ONE,
    "truth": ONE,
    "prediction": ONE,
    "multiple": SEVERAL,
    "ordering": ORDER,
    "number": NUMBER,
    "shape": SHAPE,
    "text": TERM,
    "code": CODE,
}
TIME_LEFT = Text("{minutes} left", "{minutes} 남음")
TIME_IS_UP = Text("Time is up.", "시간이 끝났습니다.")
SCORE = Text("{right} of {answered} right.", "{answered}문제 중 {right}문제를 맞혔습니다.")
NOTHING_ANSWERED = Text("Nothing was answered.", "답한 문제가 없습니다.")
NOTHING_DUE = Text(
    "Nothing is due. The next question is due on {day}. New ones: dlcheck quiz",
    "지금 복습할 문제가 없습니다. 다음 복습은 {day}입니다. 새 문제: dlcheck quiz",
)
NOTHING_YET = Text(
    "Nothing was answered yet. Begin with: dlcheck quiz", "아직 푼 문제가 없습니다. 시작하기: dlcheck quiz"
)
SAVED = Text("Your answers are saved. Go on: dlcheck quiz", "답은 모두 저장되었습니다. 이어서 풀기: dlcheck quiz")
REPORT = Text("The report is in {path}.", "성적표: {path}")
EXAM_TITLE = Text("dlcheck exam", "dlcheck 시험")
YOUR_ANSWER = Text("Your answer: {answer}", "내 답: {answer}")
NO_ANSWER = Text("No answer.", "답하지 않았습니다.")
IMPORTED = Text("{count} answers were added.", "답 {count}개를 추가했습니다.")
FORGET = Text("Forget all answers on {topics}?", "{topics}에 대한 답을 모두 지울까요?")
FORGOTTEN = Text("{count} answers are forgotten.", "답 {count}개를 지웠습니다.")
MASTERY = Text(
    "{seen} of {questions} questions seen, {right} of {answers} answers right",
    "{questions}문제 중 {seen}문제 풀이, 답 {answers}개 중 {right}개 정답",
)
STREAK_DAYS = Text(
    "Days in a row: {days} · due now: {due} · the last two weeks: {chart}",
    "연속 {days}일 · 지금 복습할 문제 {due}개 · 최근 2주: {chart}",
)
CONFUSED = Text("What you confuse most:", "가장 자주 헷갈리는 것:")
