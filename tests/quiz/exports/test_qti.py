"""QTI 2.1: the package holds together, and its items grade as the quiz does.

All files were also validated against the schema of the specification (imsqti_v2p1.xsd, imscp_v1p1.xsd) when this was
written; its licence keeps it out of this repository. DLCHECK_QTI_SCHEMAS names a folder with both to do it again.
"""

import io
import os
import re
import subprocess
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dlcheck.quiz.exports import qti
from dlcheck.quiz.exports.exam import mistakes, right_keys
from qti_player import NS, Player

CP = "{http://www.imsglobal.org/xsd/imscp_v1p1}"
SCHEMAS = os.environ.get("DLCHECK_QTI_SCHEMAS")
ORDER = ["responseDeclaration", "outcomeDeclaration", "itemBody", "responseProcessing", "modalFeedback"]
IDENTIFIER = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)


@pytest.fixture
def package(exam):
    """`package(lang="ko")`: the exam, and the files of its package by name."""

    def made(**options):
        whole = exam(qti, **options)
        with zipfile.ZipFile(io.BytesIO(qti.write(whole))) as packed:
            assert packed.testzip() is None
            return whole, {name: packed.read(name) for name in packed.namelist()}

    return made


@pytest.fixture
def players(package):
    """The variants with what plays their items, by topic/id."""
    whole, files = package()
    made = [Player(content) for name, content in files.items() if name.startswith("items/")]
    return {variant.name: (variant, player) for variant, player in zip(whole.variants, made, strict=True)}


def test_the_manifest_lists_every_file(package):
    """Once; tests depend on items that are there, and refer to them by paths that lead there."""
    whole, files = package(variants=2)
    root = ET.fromstring(files["imsmanifest.xml"])
    resources = {each.attrib["identifier"]: each for each in root.iter(f"{CP}resource")}
    assert [each.attrib["href"] for each in resources.values()] == list(files)[1:]
    assert all(IDENTIFIER.fullmatch(name) for name in resources)
    for sheet in whole.sheets:
        depends = [each.attrib["identifierref"] for each in resources[f"sheet-{sheet.number}"].iter(f"{CP}dependency")]
        test = ET.fromstring(files[f"tests/sheet-{sheet.number}.xml"])
        referred = [each.attrib["href"] for each in test.iter(f"{NS}assessmentItemRef")]
        assert [f"../{resources[name].attrib['href']}" for name in depends] == referred
        assert len(referred) == len(sheet.variants)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_items_have_the_structure_that_the_specification_asks_for(lang, package):
    """Order of the parts, identifiers declared before they are used, words that survive."""
    whole, files = package(lang=lang)
    items = [ET.fromstring(content) for name, content in files.items() if name.startswith("items/")]
    assert [item.attrib["identifier"] for item in items] == [variant.label for variant in whole.variants]
    for item, variant in zip(items, whole.variants, strict=True):
        tags = [child.tag.removeprefix(NS) for child in item]
        assert tags == sorted(tags, key=ORDER.index)
        choices = [each.attrib["identifier"] for each in item.iter(f"{NS}simpleChoice")]
        assert len(choices) == len(variant.options)
        assert all(IDENTIFIER.fullmatch(name) for name in choices)
        assert {each.text for each in item.iter(f"{NS}baseValue") if each.attrib["baseType"] == "identifier"} <= {
            *choices,
            *(each.attrib["identifier"] for each in item.iter(f"{NS}modalFeedback")),
        }
    nasty = next(item for item in items if "nasty" in item.attrib["identifier"])
    variant = next(variant for variant in whole.variants if "nasty" in variant.name)
    assert "".join(nasty.find(f"{NS}itemBody/{NS}div").itertext()).startswith(variant.ask(lang).partition("\n")[0])
    shown = ["".join(each.itertext()) for each in nasty.iter(f"{NS}simpleChoice")]
    assert shown == [text(lang) for text in variant.options.values()]


def answers(variant):
    """The right answer and wrong ones, as QTI gives them and as a person types them to the quiz."""
    question, right = variant.question, variant.solution.right
    keys = list(variant.options)
    if question.kind in ("choice", "truth"):
        return [(f"key-{key}", str(index + 1)) for index, key in enumerate(keys)]
    if question.kind == "multiple":
        chosen = [right_keys(variant), keys, keys[:1], keys[1:]]
        return [
            ([f"key-{key}" for key in each], " ".join(str(keys.index(key) + 1) for key in each))
            for each in chosen
            if each
        ]
    if question.kind == "ordering":
        order = right_keys(variant)
        chosen = [order, order[::-1]]
        return [([f"key-{key}" for key in each], " ".join(str(keys.index(key) + 1) for key in each)) for each in chosen]
    if question.kind == "number":
        numbers = [right, right * 1.04, right * 1.06, *variant.solution.wrong.values()]
        return [(float(each), repr(float(each))) for each in numbers]
    if question.kind == "shape":
        shapes = [str(right), " ".join(map(str, right)), str(list(right)), "x".join(map(str, right)), "(1, 2)"]
        return [(each, each) for each in [*shapes, *map(str, variant.solution.wrong.values())]]
    return [
        (each, each)
        for each in ("causal mask", "CAUSAL MASK", "look ahead mask", "padding mask", "인과 마스크", "no", "a -> b")
    ]


def test_items_grade_as_the_quiz_does(players):
    """Right and wrong answers of every kind, with the feedback of the misconception."""
    for variant, player in players.values():
        for response, typed in answers(variant):
            grade = variant.grade(variant.read(typed))
            score, feedback = player.answer(response)
            assert score == grade.right, (variant.name, typed)
            told = [f"key-{grade.misconception}"] if grade.misconception in mistakes(variant) else []
            assert feedback == [*told, "explanation"], (variant.name, typed)


def test_no_answer_is_right_only_where_none_of_them_is(players):
    """An empty response is NULL in QTI."""
    for name, (_, player) in players.items():
        assert player.answer(None)[0] == (name == "toy/none-of-them")


@pytest.mark.skipif(not SCHEMAS, reason="the schemas of QTI are not free to be kept here: set DLCHECK_QTI_SCHEMAS")
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_file_is_valid_by_the_schemas_of_qti(lang, package, tmp_path):
    """With xmllint, which reads them as W3C XML Schema."""
    files = {"imscp_v1p1.xsd": [], "imsqti_v2p1.xsd": []}
    for name, content in package(lang=lang, variants=2)[1].items():
        file = tmp_path / Path(name).name
        file.write_bytes(content)
        files["imscp_v1p1.xsd" if name == "imsmanifest.xml" else "imsqti_v2p1.xsd"].append(file)
    for name, made in files.items():
        [schema] = Path(SCHEMAS or "").rglob(name)
        command = ["xmllint", "--nonet", "--noout", "--schema", schema, *made]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count(" validates\n") == len(made)
