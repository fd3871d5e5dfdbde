"""A QTI 2.1 content package: an item for each variant, a test for each sheet, and the manifest that lists them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from xml.etree import ElementTree as ET

from dlcheck.api import Lang
from dlcheck.quiz.exports import words
from dlcheck.quiz.exports.exam import Exam, Sheet, mistakes, right_keys
from dlcheck.quiz.exports.files import archive
from dlcheck.quiz.exports.gift import aliases
from dlcheck.quiz.exports.intervals import interval
from dlcheck.quiz.values import Number, ShortText
from dlcheck.quiz.variant import Variant
from dlcheck.report.markup import rich
from dlcheck.report.text import visible

NEEDS_ANSWERS = True
IS_BINARY = True
CANNOT = ("code", "prediction")
"""A learning platform runs no code; a prediction is about an experiment that has yet to run."""
QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
EXPLANATION = "explanation"
TYPES = {
    "choice": ("single", "identifier"),
    "truth": ("single", "identifier"),
    "multiple": ("multiple", "identifier"),
    "ordering": ("ordered", "identifier"),
    "number": ("single", "float"),
    "shape": ("single", "string"),
    "text": ("single", "string"),
}
"""Cardinality and base type of what is answered."""


def expresses(variant: Variant) -> bool:
    return variant.question.kind not in CANNOT


def write(exam: Exam) -> bytes:
    files = {"imsmanifest.xml": _manifest(exam)}
    for sheet in exam.sheets:
        files[_test_file(sheet)] = _test(exam, sheet)
    for variant in exam.variants:
        files[_item_file(variant)] = _item(variant, exam.language)
    return archive(files)


def _slug(variant: Variant) -> str:
    """Like topic/id#seed, of the characters that an XML id may have."""
    return f"{variant.topic}.{variant.question.id}.{variant.seed}"


def _item_file(variant: Variant) -> str:
    return f"items/{_slug(variant)}.xml"


def _test_file(sheet: Sheet) -> str:
    return f"tests/sheet-{sheet.number}.xml"


# The package


def _manifest(exam: Exam) -> bytes:
    root = ET.Element("manifest", {"xmlns": CP, "identifier": f"dlcheck-{exam.seed}"})
    metadata = ET.SubElement(root, "metadata")
    ET.SubElement(metadata, "schema").text = "QTIv2.1 Package"
    ET.SubElement(metadata, "schemaversion").text = "1.0.0"
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    for sheet in exam.sheets:
        test = _resource(resources, f"sheet-{sheet.number}", "imsqti_test_xmlv2p1", _test_file(sheet))
        for variant in sheet.variants:
            ET.SubElement(test, "dependency", identifierref=_resource_id(variant))
    for variant in exam.variants:
        _resource(resources, _resource_id(variant), "imsqti_item_xmlv2p1", _item_file(variant))
    return _bytes(root)


def _resource(resources: ET.Element, name: str, kind: str, file: str) -> ET.Element:
    made = ET.SubElement(resources, "resource", identifier=name, type=kind, href=file)
    ET.SubElement(made, "file", href=file)
    return made


def _resource_id(variant: Variant) -> str:
    return f"item-{_slug(variant)}"


def _test(exam: Exam, sheet: Sheet) -> bytes:
    name = f"dlcheck-{sheet.seed}"
    root = ET.Element("assessmentTest", {"xmlns": QTI, "identifier": name, "title": visible(exam.title)})
    part = ET.SubElement(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    title = words.SHEET(exam.language).format(number=sheet.number, count=len(exam.sheets))
    section = ET.SubElement(part, "assessmentSection", identifier="section", title=title, visible="true")
    for variant in sheet.variants:
        ET.SubElement(section, "assessmentItemRef", identifier=_resource_id(variant), href=f"../{_item_file(variant)}")
    return _bytes(root)


# An item


def _item(variant: Variant, lang: Lang) -> bytes:
    attributes = {"xmlns": QTI, "identifier": variant.label, "title": variant.label, LANG: lang}
    root = ET.Element("assessmentItem", {**attributes, "adaptive": "false", "timeDependent": "false"})
    _declare(root, variant, lang)
    body = ET.SubElement(root, "itemBody")
    body.append(_html("div", variant.ask(lang)))
    _interaction(body, variant, lang)
    _processing(root, variant)
    for name, text in (*mistakes(variant).items(), (None, variant.explanation)):
        shown = _html("div", text(lang))
        feedback = ET.SubElement(
            root,
            "modalFeedback",
            outcomeIdentifier="FEEDBACK",
            showHide="show",
            identifier=_key(name) if name else EXPLANATION,
        )
        feedback.append(shown)
    return _bytes(root)


def _declare(root: ET.Element, variant: Variant, lang: Lang) -> None:
    cardinality, base = TYPES[variant.question.kind]
    response = ET.SubElement(root, "responseDeclaration", identifier="RESPONSE", cardinality=cardinality, baseType=base)
    if right := _correct(variant, lang):
        correct = ET.SubElement(response, "correctResponse")
        for value in right:
            ET.SubElement(correct, "value").text = value
    score = ET.SubElement(root, "outcomeDeclaration", identifier="SCORE", cardinality="single", baseType="float")
    default = ET.SubElement(score, "defaultValue")
    ET.SubElement(default, "value").text = "0"
    ET.SubElement(root, "outcomeDeclaration", identifier="FEEDBACK", cardinality="multiple", baseType="identifier")


def _correct(variant: Variant, lang: Lang) -> list[str]:
    """What a platform shows as the right answer."""
    question, right = variant.question, variant.solution.right
    if isinstance(question, ShortText):
        return [aliases(question.accept[right], lang)[0]]
    if isinstance(question, Number):
        return [repr(right)]
    return [_key(key) for key in right_keys(variant)] if variant.options else [variant.right(lang)]


def _interaction(body: ET.Element, variant: Variant, lang: Lang) -> None:
    kind = variant.question.kind
    said = words.INSTRUCTIONS.get(kind)
    if not variant.options:
        place = ET.SubElement(body, "p")
        place.text = f"{said(lang)} " if said else ""
        ET.SubElement(place, "textEntryInteraction", responseIdentifier="RESPONSE", expectedLength="24")
        return
    most: dict[str, Any] = {} if kind == "ordering" else {"maxChoices": "0" if kind == "multiple" else "1"}
    name = "orderInteraction" if kind == "ordering" else "choiceInteraction"
    interaction = ET.SubElement(body, name, responseIdentifier="RESPONSE", shuffle="false", **most)
    if said:
        ET.SubElement(interaction, "prompt").text = said(lang)
    for key, text in variant.options.items():
        ET.SubElement(interaction, "simpleChoice", identifier=_key(key)).append(_html("div", text(lang)))


# Grading


def _processing(root: ET.Element, variant: Variant) -> None:
    """SCORE is 1 for what the quiz grades right; FEEDBACK names the first misconception, then the explanation."""
    processing = ET.SubElement(root, "responseProcessing")
    grading = ET.SubElement(processing, "responseCondition")
    right = ET.SubElement(grading, "responseIf")
    right.append(_is_right(variant))
    _set(right, "SCORE", _node("baseValue", "1", baseType="float"))
    _set(right, "FEEDBACK", _feedback(EXPLANATION))
    for name, condition in _misconceptions(variant):
        branch = ET.SubElement(grading, "responseElseIf")
        branch.append(condition)
        _set(branch, "FEEDBACK", _feedback(_key(name), EXPLANATION))
    otherwise = ET.SubElement(grading, "responseElse")
    _set(otherwise, "FEEDBACK", _feedback(EXPLANATION))


def _is_right(variant: Variant) -> ET.Element:
    if variant.options:
        if not right_keys(variant):
            return _node("isNull", _response())
        return _node("match", _response(), _node("correct", identifier="RESPONSE"))
    return _equals(variant, variant.solution.right)


def _misconceptions(variant: Variant) -> Iterator[tuple[str, ET.Element]]:
    kind, told = variant.question.kind, mistakes(variant)
    right = right_keys(variant)
    if kind == "multiple":
        for key in (key for key in told if key in variant.options):
            chosen = _node("member", _identifier(key), _response())
            yield key, _node("not", chosen) if key in right else chosen
    elif kind == "choice":
        yield from ((key, _node("match", _response(), _identifier(key))) for key in told if key in variant.options)
    elif isinstance(variant.question, ShortText):
        yield from ((name, _equals(variant, name)) for name in told if name != variant.solution.right)
    elif not variant.options:
        wrong = variant.solution.wrong
        yield from ((name, _equals(variant, wrong[name])) for name in told if name in wrong)


def _equals(variant: Variant, value: object) -> ET.Element:
    """Whether what was typed is this value, as the quiz would take it."""
    return _SAME[variant.question.kind](variant, value)


def _same_number(variant: Variant, value: object) -> ET.Element:
    assert isinstance(variant.question, Number)
    assert isinstance(value, int | float)
    low, high = interval(variant.question.compare, value)
    return _node(
        "and",
        _node("gte", _response(), _node("baseValue", repr(low), baseType="float")),
        _node("lte", _response(), _node("baseValue", repr(high), baseType="float")),
    )


def _same_shape(variant: Variant, value: object) -> ET.Element:
    assert isinstance(value, Sequence)
    return _node("patternMatch", _response(), pattern=shape_pattern(value))


def shape_pattern(shape: Sequence[int]) -> str:
    """Of every way to write it: (2, 8, 5), [2,8,5], 2 8 5, 2x8x5. XML Schema's expressions match as a whole."""
    sides = r"[\s,x×*]+".join(str(side) for side in shape)
    return rf"\s*(torch\.Size)?[\s(\[]*{sides}[\s,)\]]*"


def _same_term(variant: Variant, value: object) -> ET.Element:
    assert isinstance(variant.question, ShortText)
    matches = [
        _node("stringMatch", _response(), _node("baseValue", alias, baseType="string"), caseSensitive="false")
        for alias in aliases(variant.question.accept[str(value)], "en")
    ]
    return _node("or", *matches)


_SAME: dict[str, Callable[[Variant, object], ET.Element]] = {
    "number": _same_number,
    "shape": _same_shape,
    "text": _same_term,
}


# XML


def _key(key: str) -> str:
    """An identifier: it may not begin with a digit, as a key may."""
    return f"key-{key}"


def _identifier(key: str) -> ET.Element:
    return _node("baseValue", _key(key), baseType="identifier")


def _response() -> ET.Element:
    return _node("variable", identifier="RESPONSE")


def _feedback(*names: str) -> ET.Element:
    return _node("multiple", *(_node("baseValue", name, baseType="identifier") for name in names))


def _set(parent: ET.Element, outcome: str, value: ET.Element) -> None:
    ET.SubElement(parent, "setOutcomeValue", identifier=outcome).append(value)


def _node(tag: str, *inside: ET.Element | str, **attributes: str) -> ET.Element:
    made = ET.Element(tag, attributes)
    for part in inside:
        if isinstance(part, str):
            made.text = visible(part)
        else:
            made.append(part)
    return made


def _html(tag: str, text: str) -> ET.Element:
    return ET.fromstring(f"<{tag}>{rich(text)}</{tag}>")


def _bytes(root: ET.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"
