"""What the quiz itself says, in English and in Korean."""

from __future__ import annotations

from dlcheck.api import Text
from dlcheck.report.words import Counted

RIGHT = Text("Right.", "맞았습니다.")
WRONG = Text("Not right.", "틀렸습니다.")
ANSWER = Text("Answer: {answer}", "정답: {answer}")
SKIPPED = Text("Skipped. It will come again.", "건너뛰었습니다. 다음에 다시 나옵니다.")
DUE = Text("Again on {day}.", "다음 복습: {day}")
VERIFY = Text("See it run:", "직접 돌려 보기:")
SANDBOX = Text("How your code was contained: it {level}", "코드 실행 환경: {level}")
NO_HINT = Text("There is no hint for this one.", "이 문제에는 힌트가 없습니다.")
KEYS = Text("h hint · c show the code · s skip · q quit", "h 힌트 · c 코드 보기 · s 건너뛰기 · q 끝내기")
EXAM_KEYS = Text("s skip · q hand in", "s 건너뛰기 · q 제출")
NOT_IN_EXAM = Text("Not during an exam.", "시험 중에는 볼 수 없습니다.")
ONE = Text("One number", "번호 하나")
SEVERAL = Text("All that apply, such as 1 3; 0 for none", "모두 고르기(예: 1 3, 없으면 0)")
ORDER = Text("All numbers in order, such as 2 1 3", "순서대로 모두(예: 2 1 3)")
NUMBER = Text("A number", "숫자")
SHAPE = Text("A shape, such as (2, 8, 5)", "형태(예: (2, 8, 5))")
TERM = Text("A term", "용어")
CODE = Text("Enter opens your editor", "Enter를 누르면 편집기가 열립니다")
TRY_AGAIN = Text(
    "Enter opens your code again, with this beside it · s shows the answer · q quit",
    "Enter를 누르면 이 설명을 곁들여 코드를 다시 엽니다 · s 정답 보기 · q 끝내기",
)
ENTER = Text(
    "Code is written in your editor: press Enter alone.", "코드는 편집기에서 작성합니다. 그냥 Enter를 누르세요."
)
NO_EDITOR = Text(
    "No editor is set. Quit (q), set one (export EDITOR=nano) and come back; or write in a file, which is graded each"
    " time you save it: dlcheck quiz {topic} --watch answer.py",
    "편집기가 설정되어 있지 않습니다. q로 끝내고 편집기를 정한 뒤(export EDITOR=nano) 다시 오세요. 또는 파일에 작성하고"
    " 저장할 때마다 채점받으세요: dlcheck quiz {topic} --watch answer.py",
)
NO_EDITOR_IN_EXAM = Text(
    "No editor is set, so this question cannot be answered now: skip it (s). For the next exam set one before"
    " (export EDITOR=nano).",
    "편집기가 설정되어 있지 않아 지금은 이 문제에 답할 수 없습니다. s로 건너뛰세요. 다음 시험 전에는 편집기를 먼저"
    " 정하세요(export EDITOR=nano).",
)
EDITOR_FAILED = Text(
    "The editor did not end well ({why}), so nothing was graded. Which one runs is up to {variable}={editor}",
    "편집기가 정상적으로 끝나지 않아({why}) 채점하지 않았습니다. 편집기는 {variable} 변수로 정합니다:"
    " {variable}={editor}",
)
EXIT_CODE = Text("exit code {code}", "종료 코드 {code}")
UNCHANGED = Text("Nothing was changed, so nothing was graded.", "바뀐 것이 없어 채점하지 않았습니다.")
STOPPED = Text(
    "Grading was stopped; nothing was graded. Your text is kept: Enter opens it · q quit",
    "채점을 중단했습니다. 작성한 내용은 그대로 있습니다. Enter를 누르면 다시 열립니다 · q 끝내기",
)
BROKEN = Text(
    "This question is broken and passed over, nothing is saved for it: {why}",
    "문제에 결함이 있어 건너뛰고 아무것도 저장하지 않습니다: {why}",
)
GRADING = Text("The model is at work ...", "모델이 계산하고 있습니다 ...")
WATCHING = Text(
    "Write it in {file} with any editor: it is graded each time you save. Ctrl-C ends.",
    "아무 편집기로나 {file}에 작성하세요. 저장할 때마다 채점합니다. 끝내려면 Ctrl-C를 누르세요.",
)
GO_ON_WATCHING = Text(
    "Your last try is saved as not right yet. Go on with: dlcheck quiz {topic} --watch {file}",
    "마지막 시도는 아직 맞지 않은 것으로 저장했습니다. 이어서 풀기: dlcheck quiz {topic} --watch {file}",
)
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
TIME_IS_UP = Text("Time is up.", "시간이 끝났습니다.")
SCORE = Text("{right} of {asked} right.", "{asked}문제 중 {right}문제를 맞혔습니다.")
NOT_REACHED = Counted("{n} was not reached.", "{n} were not reached.", "{n}문제는 풀지 못했습니다.")
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
    "Days in a row: {days} · due now: {due}",
    "연속 {days}일 · 지금 복습할 문제 {due}개",
)
LAST_DAYS = Text("The last two weeks: {chart}", "최근 2주: {chart}")
CONFUSED = Text("What you confuse most:", "가장 자주 헷갈리는 것:")
