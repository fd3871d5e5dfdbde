"""Every word of a result, in English and in Korean."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from dlcheck.api import Expected, Lang, Text
from dlcheck.rules import Verdict

if TYPE_CHECKING:  # the engine takes its time to import, and lists do without
    from dlcheck.engine.outcome import Outcome


class Counted(NamedTuple):
    """A phrase about n things: English for one and for many, Korean for any number."""

    one: str
    many: str
    ko: str

    def __call__(self, n: int | str, lang: Lang) -> str:
        return (self.ko if lang == "ko" else self.one if n == 1 else self.many).format(n=n)


VERDICTS = {
    Verdict.VERIFIED: Text("verified", "입증"),
    Verdict.REFUTED: Text("refuted", "반증"),
    Verdict.INCONCLUSIVE: Text("inconclusive", "판단 불가"),
    Verdict.VACUOUS: Text("vacuous", "공허(대조군도 같은 판정)"),
    Verdict.ERROR: Text("error", "오류"),
    Verdict.SKIPPED: Text("skipped", "건너뜀"),
    Verdict.INCOMPLETE: Text("incomplete", "미완료"),
}

EXPECTATIONS = {
    Expected.VERIFIED: Text("verified", "입증"),
    Expected.REFUTED: Text("refuted (a popular misconception)", "반증 (흔한 오해)"),
}

REFUTED_AS_EXPECTED = Text("refuted, as expected", "예상대로 반증")
EXPECTED_OTHER = Text("{verdict} (expected: {expected})", "{verdict} (예상: {expected})")

UNITS = {
    "x": Text("{effect}x", "{effect}배"),
    "largest error": Text("largest error {effect}", "최대 오차 {effect}"),
    "exponent": Text("exponent {effect}", "지수 {effect}"),
}
"""The units that the rules themselves name; those of claims stand behind the number, as their authors wrote them."""

CACHED = Text("cached", "저장된 값")
CONTROL = Text("control", "대조군")
THE_CLAIM = Text("the claim", "본 실험")

STATEMENT = Text("statement", "명제")
MISCONCEPTION = Text("misconception", "흔한 오해")
SOURCE = Text("source", "출처")
NOTES = Text("notes", "노트")
MEASURED = Text("what is measured", "측정하는 것")
RULE = Text("rule", "판정 규칙")
CONTROLS = Text("controls", "대조군")
EXPECTED = Text("expected", "예상")
VERDICT = Text("verdict", "판정")
EXPERIMENT = Text("experiment", "실험 코드")
MODEL = Text("reference model", "기준 모델")
NOT_RUN = Text("not run yet, or its code has changed since", "아직 실행하지 않았거나 그 뒤로 코드가 바뀜")
TO_DECIDE = Text("To decide it: dlcheck verify {id}", "판정하려면: dlcheck verify {id}")

SEEDS = Counted("{n} seed", "{n} seeds", "시드 {n}개")
WINS = Text("{wins} of {n} seeds", "시드 {n}개 중 {wins}개")
DIFFERENCE = Text("difference", "차이")
NO_TIME = Text("<0.1 s", "0.1초 미만")
SECONDS = Text("{s} s", "{s}초")
WHOLE_MINUTES = Text("{m} min", "{m}분")
MINUTES = Text("{m} min {s} s", "{m}분 {s}초")

VERIFYING = Text("Verifying {claims} on {device}", "{device}에서 {claims} 검증")
STATEMENTS = Counted("{n} statement", "{n} statements", "명제 {n}개")
DECIDED = Text("{done} of {total} decided", "{total}개 중 {done}개 판정")
ELAPSED = Text("{time} elapsed", "{time} 지남")
TO_GO = Text("about {time} to go", "약 {time} 남음")
OF_ABOUT = Text("{time} of about {expected}", "{time} / 약 {expected}")

SAME_AS_CLAIM = Text(
    "under {names} the verdict is the same, so the experiment shows nothing",
    "대조군 {names}에서도 판정이 같아 아무것도 보여 주지 못함",
)
SAME_NUMBERS = Text(
    "the rule verifies even when both arms are the same numbers",
    "양쪽에 같은 수를 넣어도 규칙이 입증이라고 판정함",
)
MEASURED_BUT = Text("measured {effect}, but asked for: {rule}", "측정 결과는 {effect}, 규칙은 다음과 같음: {rule}")
ONLY_ON = Text("runs on {devices} only", "{devices}에서만 실행됨")
NO_TOLERANCE = Text(
    "its rule states no tolerance for the working precision of this device",
    "이 장치의 연산 정밀도에 대한 허용 오차가 규칙에 없음",
)
SHOWED_IT = Text("{wins} of {n} seeds showed it", "시드 {n}개 중 {wins}개에서 나타남")
TOO_LITTLE = Text("too little evidence at the seed limit", "시드를 모두 쓰고도 증거가 부족함")
WEAK = Text("weak control", "약한 대조군")
WEAK_MEANS = Text("it did not clearly fail where it should", "실패해야 할 곳에서 뚜렷이 실패하지 않음")


AS_EXPECTED = Text("{k} of {all} came out as expected.", "{all} 중 {k}개가 예상대로 나왔습니다.")
ALL_AS_EXPECTED = Counted(
    "The statement came out as expected.",
    "All {n} statements came out as expected.",
    "명제 {n}개가 모두 예상대로 나왔습니다.",
)
HOLD = Counted("{n} holds", "{n} hold", "{n}개는 성립하고")
HOLD_ONLY = Counted("{n} holds.", "{n} hold.", "{n}개는 성립합니다.")
MISCONCEPTIONS = Counted(
    "{n} is a popular misconception that the experiments refute.",
    "{n} are popular misconceptions that the experiments refute.",
    "{n}개는 흔한 오해로, 실험이 이를 반증했습니다.",
)
UNEXPECTED = Counted(
    "{n} came out the other way.",
    "{n} came out the other way.",
    "{n}개는 예상과 반대로 나왔습니다.",
)
TROUBLES = {
    Verdict.VACUOUS: Counted(
        "{n} shows nothing, because its check cannot come out the other way.",
        "{n} show nothing, because their checks cannot come out the other way.",
        "{n}개는 다른 결과가 나올 수 없는 검사라서 아무것도 보여 주지 못합니다.",
    ),
    Verdict.INCONCLUSIVE: Counted(
        "{n} is still open, for want of evidence.",
        "{n} are still open, for want of evidence.",
        "{n}개는 증거가 부족해 아직 판단할 수 없습니다.",
    ),
    Verdict.ERROR: Counted(
        "{n} could not be measured.",
        "{n} could not be measured.",
        "{n}개는 오류로 측정하지 못했습니다.",
    ),
    Verdict.INCOMPLETE: Counted(
        "{n} did not finish.",
        "{n} did not finish.",
        "{n}개는 끝까지 실행되지 않았습니다.",
    ),
    Verdict.SKIPPED: Counted(
        "{n} was left out, because it does not run on this device.",
        "{n} were left out, because they do not run on this device.",
        "{n}개는 이 장치에서 실행할 수 없어 건너뛰었습니다.",
    ),
}
AUDITED = Text(
    "Audit: of {n} saved measurements made again, {same} came out the same to the last digit.",
    "감사: 저장된 측정 {n}개를 다시 실행해 {same}개가 마지막 자리까지 같게 나왔습니다.",
)
NOTHING_AUDITED = Text(
    "Audit: nothing was saved that could be measured again, so nothing was compared.",
    "감사: 다시 실행해 볼 저장된 측정이 없어 비교한 것이 없습니다.",
)
CONTRADICTION = Text(
    "{id}: the file says {told}, its numbers give {verdict}",
    "{id}: 파일에는 {told}(으)로 적혀 있으나 수치로는 {verdict}",
)
WAS_NOW = Text("{name}: {old} → {new}", "{name}: {old} → {new}")
CHANGED = Text("changed: {old} → {new}", "판정이 바뀜: {old} → {new}")
MOVED = Text("moved beyond both intervals: {old} → {new}", "효과가 두 구간을 벗어나 움직임: {old} → {new}")
GONE = Text("no longer there (was {old})", "더 이상 없음 (이전: {old})")
NEW = Text("new: {new}", "새로 생김: {new}")
UNEXPLAINED = Text(
    "although nothing it is known to depend on has changed", "영향을 줄 만한 것은 아무것도 바뀌지 않았는데도 그러함"
)
DIFFERENT = Text(
    "Verdicts changed: {changed}. Effects moved: {moved}. Claims gone: {gone}, new: {new}. As before: {same}.",
    "판정이 바뀐 명제 {changed}개, 효과가 움직인 명제 {moved}개, 없어진 명제 {gone}개, 새 명제 {new}개,"
    " 그대로인 명제 {same}개.",
)
TO_LOOK_AT = Text("What calls for a look", "살펴볼 것")
OF_EXPECTED = Text("{k} of {n} as expected", "{n}개 중 {k}개가 예상대로")
ROWS_LEFT_OUT = Text(
    "There was no room for {n} more rows; they are in the JSON.",
    "자리가 모자라 {n}행을 뺐습니다. JSON에 모두 있습니다.",
)
NOTHING = Text("No statement was decided.", "판정이 나온 명제가 없습니다.")
AND_MORE = Text("and {n} more", "그 밖에 {n}개")
MORE = Text("More about one of them: {command}", "자세히 보기: {command}")
INTERRUPTED = Text(
    "Interrupted. Every measurement that had finished is saved. To go on: {command}",
    "중단했습니다. 이미 끝난 측정은 모두 저장되었습니다. 이어서 하려면: {command}",
)


def verdict_words(outcome: Outcome, lang: Lang) -> str:
    """The verdict, and whether it is the expected one where that is not obvious."""
    verdict = VERDICTS[outcome.verdict](lang)
    if outcome.verdict not in (Verdict.VERIFIED, Verdict.REFUTED):
        return verdict
    if not outcome.as_expected:
        expected = VERDICTS[Verdict(outcome.claim.expect.value)](lang)
        return EXPECTED_OTHER(lang).format(verdict=verdict, expected=expected)
    return REFUTED_AS_EXPECTED(lang) if outcome.verdict is Verdict.REFUTED else verdict


def moment(seconds: float) -> str:
    """A time in seconds since 1970, as the clock on the wall shows it."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M")
