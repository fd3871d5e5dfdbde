"""JSON, format 1, in both languages; docs/export.md describes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from dlcheck.api import Text
from dlcheck.quiz.code import Code
from dlcheck.quiz.exports.exam import Exam, LeftOut, Sheet, mistakes, right_keys
from dlcheck.quiz.options import in_order
from dlcheck.quiz.values import Number, ShortText
from dlcheck.quiz.variant import Variant

NEEDS_ANSWERS = False
IS_BINARY = False
FORMAT = 1
Json = dict[str, Any]


def expresses(variant: Variant) -> bool:
    """Every kind."""
    return True


def write(exam: Exam) -> bytes:
    document = {
        "format": FORMAT,
        "seed": exam.seed,
        "topics": [{"name": name, "title": _text(title)} for name, title in exam.titles.items()],
        "sheets": [_sheet(sheet, exam.answers) for sheet in exam.sheets],
        "left_out": [_left_out(each) for each in exam.left_out],
    }
    told = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=2) + "\n"
    return told.encode("utf-8", "backslashreplace")  # a lone surrogate becomes the escape that JSON has for it


def _left_out(each: LeftOut) -> Json:
    return {"question": each.name, "kind": each.kind, "reason": each.reason}


def _sheet(sheet: Sheet, answers: bool) -> Json:
    questions = [_asked(variant) | (_answered(variant) if answers else {}) for variant in sheet.variants]
    return {"number": sheet.number, "seed": sheet.seed, "questions": questions}


def _asked(variant: Variant) -> Json:
    question = variant.question
    made: Json = {
        "id": variant.label,
        "topic": variant.topic,
        "question": question.id,
        "seed": variant.seed,
        "kind": question.kind,
        "difficulty": question.difficulty,
        "ask": _text(variant.ask),
        "hint": _text(variant.hint) if variant.hint else None,
        "options": [{"key": key, "text": _text(text)} for key, text in variant.options.items()],
        "notes": question.notes,
        "verifies": question.verifies,
        "requires": question.requires,
    }
    if isinstance(question, Number):
        made["compare"] = question.compare.model_dump(exclude_none=True)
    if isinstance(question, Code):
        made |= {"function": question.function, "stub": question.stub}
    return made


def _answered(variant: Variant) -> Json:
    question = variant.question
    made: Json = {
        "right": _right(variant),
        "right_text": _text(variant.right),
        "wrong": _wrong(variant),
        "evidence": _text(variant.evidence) if question.evidence and variant.evidence else None,
        "explanation": _text(variant.explanation),
        "mistakes": {name: _text(text) for name, text in mistakes(variant).items()},
    }
    if isinstance(question, ShortText):
        made["accept"] = {name: aliases.model_dump() for name, aliases in question.accept.items()}
    return made


def _right(variant: Variant) -> Any:
    question, right = variant.question, variant.solution.right
    if isinstance(question, Code):
        return question.solution
    if question.kind in ("multiple", "ordering"):
        return right_keys(variant)
    if question.kind == "choice":
        return right_keys(variant)[0]
    return _plain(right, question.kind)


def _wrong(variant: Variant) -> Json:
    """What misconceptions would give, where something computes it."""
    return {name: _plain(value, variant.question.kind) for name, value in variant.solution.wrong.items()}


def _plain(value: Any, kind: str) -> Any:
    """Without tuples, which JSON has not, and without the number types of other libraries."""
    if kind == "shape":
        return [int(side) for side in value]
    if kind == "number":
        return value if isinstance(value, int) else float(value)
    return in_order(value) if isinstance(value, Mapping | list | tuple) else value


def _text(text: Text) -> Json:
    return text._asdict()
