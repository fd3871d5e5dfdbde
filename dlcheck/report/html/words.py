"""The page's own words, in English and in Korean; those of results are in `dlcheck.report.words`."""

from __future__ import annotations

from dlcheck.api import Text
from dlcheck.report import words
from dlcheck.report.words import Counted
from dlcheck.rules import at_least

TITLE = Text("What the experiments say", "실험이 말하는 것")
MADE = Text(
    "Judged anew from saved trials on {when}; nothing was run for this page.",
    "{when}에 저장된 시행만으로 새로 판정했습니다. 이 페이지를 만들며 실행한 것은 없습니다.",
)
DEVICE = Text("device {device}, seeds of epoch {epoch}", "장치 {device}, 에포크 {epoch}의 시드")
LANGUAGE = Text("한국어", "English")
SEARCH = Text("Search", "검색")
EVERY_TOPIC = Text("every topic", "모든 토픽")
EVERY_VERDICT = Text("every verdict", "모든 판정")
STUDY_NOTES = Text("Study notes", "학습 노트")
NOTES_TOPIC = "notes"
"""By which the page knows the statements of notes, as claims by their topic."""
UNEXPECTED = Text("not as expected", "예상과 다름")
UNMEASURED = Text("not measured", "측정 전")
SHOWN = Text("shown", "표시됨")
NO_MATCH = Text("No statement matches.", "조건에 맞는 것이 없습니다.")
MISSING = Counted(
    "{n} statement has no trials yet. To measure it: {{command}}",
    "{n} statements have no trials yet. To measure them: {{command}}",
    "명제 {n}개는 아직 시행이 없습니다. 측정하려면: {{command}}",
)
NO_TRIALS = Text(
    "No trials with these seeds on this device, or the code has changed since.",
    "이 장치와 시드로 측정한 적이 없거나 그 뒤로 코드가 바뀌었습니다.",
)
TO_MEASURE = Text("To measure it:", "측정하려면:")
TO_REPEAT = Text("To repeat it:", "다시 실행하려면:")
HOW = Text("How it was decided", "판정 과정과 수치")
CODE = Text("Code of the experiment", "실험 코드")
SHARED = Text("shared by the experiments of {module}", "{module}의 실험들이 함께 쓰는 코드")
MODEL_OF = Text("reference model: {module}", "기준 모델: {module}")
SEED_NUMBERS = Text("seeds", "시드")
TOOK = Text("time", "걸린 시간")
READING = Text("How to read the plots", "그림 읽는 법")
LEGEND = (
    Text(
        "The claim and its controls share their axes. Under a control the mechanism is taken away, and the verdict has "
        "to come out the other way.",
        "본 실험과 대조군의 그림은 축이 같습니다. 대조군은 작동 원리를 없앤 실험이므로 판정이 반대로 나와야 합니다.",
    ),
    Text(
        "Strip: each row is a seed, a disc where it showed the effect and a cross where it did not. Shaded is where "
        "the claim wants it, up to the dashed margin. The black diamond is the effect over all seeds (the median; the "
        "largest error of an equality; the share of a proportion), the bar its interval. An arrow at an end: the value "
        "lies beyond, such as zero on a logarithmic axis or a run that diverged.",
        "띠 그림: 한 줄이 시드 하나이며, 효과가 나타났으면 동그라미, 아니면 가위표입니다. 색칠한 곳이 명제가 말하는 "
        "범위이고 점선이 그 경계(마진)입니다. 검은 마름모는 시드 전체의 효과(중앙값, 등식은 최대 오차, 비율은 전체 "
        "비율), 막대는 그 구간입니다. 끝의 화살표는 값이 축 밖에 있다는 뜻입니다(로그 축의 0, 발산한 실행 등).",
    ),
    Text(
        "Pairs: disc and diamond are the two sides on the same seed; the disc has to be beyond the short black line.",
        "짝 그림: 동그라미와 마름모는 같은 시드에서 잰 두 값이며, 동그라미가 짧은 검은 선을 넘어야 합니다.",
    ),
    Text(
        "Growth: points of all seeds, the line of the median slope, dashed those of the ends of its interval.",
        "증가 법칙: 모든 시드의 점, 중앙값 기울기의 직선, 점선은 그 구간 양 끝의 기울기입니다.",
    ),
    Text(
        "Curves: a line for each seed; where an experiment trains several models, a colour for each, in the order of "
        "training.",
        "곡선: 선 하나가 시드 하나이며, 한 실험이 여러 모델을 학습하면 학습 순서대로 색이 다릅니다.",
    ),
)

_BETS = at_least("", 0.0), at_least("", 0.0, reliably=True)
HOW_OFTEN = [Text(bet.how_often("en"), bet.how_often("ko")) for bet in _BETS]
"""How many seeds a bet needs; the second is that of rules that ask for "reliably"."""

LABELS = (
    *words.VERDICTS.values(), *words.EXPECTATIONS.values(), words.REFUTED_AS_EXPECTED, words.THE_CLAIM, words.CONTROL,
    words.MEASURED, words.RULE, words.EXPECTED, words.NOTES, HOW, CODE, TO_MEASURE, TO_REPEAT, SEED_NUMBERS, TOOK,
    *HOW_OFTEN,
)  # fmt: skip
"""What most claims say. The style sheet has these words, or a page of thousands would be megabytes longer."""
