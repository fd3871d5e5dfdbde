"""Reads GIFT step by step as Moodle's importer does (question/format/gift), and refuses more than it does."""

import re
from dataclasses import dataclass, field

ESCAPED = {
    "\\:": "\x00c",
    "\\#": "\x00h",
    "\\=": "\x00e",
    "\\{": "\x00l",
    "\\}": "\x00r",
    "\\~": "\x00t",
    "\\n": "\x00n",
}
MEANT = {"\x00c": ":", "\x00h": "#", "\x00e": "=", "\x00l": "{", "\x00r": "}", "\x00t": "~", "\x00n": "\n"}
GRADES = [100 / n for n in range(1, 11)]
"""Moodle refuses other shares of a point (there are a few more, which nobody needs here)."""


@dataclass
class Answer:
    text: str
    weight: float
    feedback: str = ""


@dataclass
class GiftQuestion:
    name: str
    category: str
    ask: str
    kind: str
    explanation: str
    answers: list[Answer] = field(default_factory=list)
    pairs: dict[str, str] = field(default_factory=dict)

    def accepts(self, number: float) -> Answer | None:
        """What a numerical question takes this number for: its first answer within whose ends it lies."""
        for answer in self.answers:
            if ".." in answer.text:
                low, high = map(float, answer.text.split(".."))
            else:
                middle, distance = map(float, answer.text.split(":"))
                low, high = middle - distance, middle + distance
            if low <= number <= high:
                return answer
        return None


def read(gift: str) -> list[GiftQuestion]:
    """Every question of the file: empty lines stand between them."""
    found, category = [], ""
    for block in re.split(r"\n[ \t]*\n", gift):
        if block.strip().startswith("$CATEGORY:"):
            category = block.strip().removeprefix("$CATEGORY:").strip()
        elif block.strip():
            found.append(_question(block.strip(), category))
    return found


def _question(text: str, category: str) -> GiftQuestion:
    for line in text.splitlines():
        assert not line.strip().startswith("//"), "a comment"
    text = text.replace("\\\\", "\x00b")
    for escape, place in ESCAPED.items():
        text = text.replace(escape, place)
    assert "\\" not in text, "an escape that is none"
    text = text.replace("\x00b", "\\")
    match = re.fullmatch(r"::(.*?)::([^{}]*)\{([^{}]*)\}", text, re.DOTALL)
    assert match, "not a name, a question and its answers in braces"
    name, ask, body = match.groups()
    answers, _, explanation = body.rpartition("####")
    assert "####" not in answers, "general feedback twice"
    question = GiftQuestion(_meant(name), category, _html(ask), "", _meant(explanation))
    _read_answers(question, answers.strip())
    return question


def _read_answers(question: GiftQuestion, text: str) -> None:
    if text[0] == "#":
        question.kind = "numerical"
        question.answers = [_weighed(each, 100.0) for each in _split("=", text[1:])]
    elif "~" in text:
        question.kind = "multichoice"
        question.answers = [_option(each) for each in _split("~", text.replace("=", "~="))]
        _check_grades(question)
    elif "=" in text and "->" in text:
        question.kind = "match"
        question.pairs = {_meant(left): _meant(right) for left, right in (_pair(p) for p in _split("=", text))}
    elif text.partition("#")[0].strip() in ("T", "TRUE", "F", "FALSE"):
        question.kind = "truefalse"
        question.answers = [Answer(text.partition("#")[0].strip(), 100.0)]
    else:
        question.kind = "shortanswer"
        question.answers = [_weighed(each, 100.0) for each in _split("=", text)]


def _check_grades(question: GiftQuestion) -> None:
    right = [answer.weight for answer in question.answers if answer.weight > 0]
    assert abs(sum(right) - 100) < 0.001, "right answers are not worth the whole"
    assert all(any(abs(abs(a.weight) - grade) < 0.001 for grade in [0.0, *GRADES]) for a in question.answers)


def _option(text: str) -> Answer:
    return _weighed(text[1:], 100.0) if text.startswith("=") else _weighed(text, 0.0)


def _weighed(text: str, weight: float) -> Answer:
    stated = re.match(r"%(-?[0-9]{1,2}\.?[0-9]*)%", text)
    if stated:
        weight, text = float(stated[1]), text[stated.end() :]
    answer, _, feedback = text.partition("#")
    assert "#" not in feedback, "feedback twice"
    assert not re.match(r"\[(moodle|html|plain|markdown)\]", answer), "a format that nobody named"
    return Answer(_meant(answer), weight, _meant(feedback))


def _pair(text: str) -> tuple[str, str]:
    left, arrow, right = text.partition("->")
    assert arrow, "a pair without an arrow"
    return left, right


def _split(sign: str, text: str) -> list[str]:
    before, *parts = text.split(sign)
    assert not before.strip(), f"something before the first {sign}"
    return [part.strip() for part in parts]


def _html(text: str) -> str:
    assert text.startswith("[html]")
    return _meant(text.removeprefix("[html]"))


def _meant(text: str) -> str:
    for place, character in MEANT.items():
        text = text.replace(place, character)
    return text.strip()
