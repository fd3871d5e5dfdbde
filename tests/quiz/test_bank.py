"""Every fault of a bank is told at its place, all at once; what is asked for is the only thing that is parsed."""

import pytest

from dlcheck.errors import DlcheckError
from dlcheck.quiz.bank import Bank, BankError
from dlcheck.quiz.question import KINDS, json_schema
from dlcheck.quiz.template import TEMPLATE

SOUND = "id: {}\nkind: truth\ndifficulty: 1\nclaim: toy/it\n"


def told(bank):
    return [f"{each.line}:{each.column}: {each.message}" for each in bank.problems()]


def test_questions_are_found_by_id_in_the_order_of_the_file(bank):
    read = bank(SOUND.format("one"), SOUND.format("two"))
    assert list(read.entries) == ["one", "two"]
    assert read.entries["two"].head == {"id": "two", "kind": "truth", "difficulty": "1"}
    assert read.problems() == []


TEXTS = "id: it\nkind: truth\nclaim: a\ndifficulty: 1\nexplain: {en: a, ko: b}\n"
CHOICE = "id: it\nkind: choice\ndifficulty: 1\nchoices: {a: {en: a, ko: a}}\n"
ORDERING = "id: it\nkind: ordering\ndifficulty: 1\nchoices: {a: {en: a, ko: a}, b: {en: b, ko: b}, c: {en: c, ko: c}}\n"
PREDICTION = "id: it\nkind: prediction\ndifficulty: 1\nclaim: a\nmeasure: m\n"
NUMBER = "id: it\nkind: number\ndifficulty: 1\noracle: f\n"


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("id: it\nkind: turth\ndifficulty: 1\n", "5:1: expected a kind (choice, multiple"),
        ("id: it\nkind: truth\ndifficulty: 4\nclaim: a\n", "6:1: Input should be 1, 2 or 3, got '4'"),
        (SOUND.format("it") + "hints: a\n", "8:1: expected a known field, got 'hints'. Did you mean hint"),
        ("id: it\nkind: truth\ndifficulty: 1\n", "1: expected a field 'claim', got none"),
        (NUMBER, "expected a field 'compare', got none"),
        (NUMBER + "compare: {}\n", "8:1: expected exactly one of absolute, relative and digits"),
        (TEXTS + "ask: {en: What?}\n", "9:1: expected a field 'ko', got none"),
        (
            TEXTS + "ask: {en: 'a {n}', ko: b}\n",
            "9:1: expected the same placeholders in both languages, got {n} in one",
        ),
        (TEXTS + "ask: {en: 'a {', ko: b}\n", "9:1: expected {name}, and {{ or }} for a brace itself"),
        (TEXTS + "ask: {en: '{a.b}', ko: '{a.b}'}\n", "9:1: expected a plain name between braces"),
        (TEXTS + "ask: {en: a, ko: b\n", "expected YAML"),
        (SOUND.format("it") + "claim: b\n", "8:1: expected YAML: found duplicate key"),
        (TEXTS + 'ask: {en: "a\x01", ko: b}\n', "9:13: expected YAML: the character U+0001"),
        (TEXTS + "ask: {en: '{a:.2f}', ko: '{a}'}\n", "9:1: expected a plain name between braces"),
        (TEXTS + "ask: {en: '{a!r}', ko: '{a}'}\n", "9:1: expected a plain name between braces"),
        (TEXTS + "ask: {en: a, ko: b}\nrequires: [it]\n", "10:1: requires: a question cannot require itself"),
        (CHOICE, "expected either an oracle, which computes the answer, or the answer itself"),
        (CHOICE + "answer: b\n", "expected keys of choices (a), got b"),
        (ORDERING + "answer: [a, b]\n", "expected each choice once (a, b, c), got a, b"),
        (
            PREDICTION + "choices: {a: {en: a, ko: a, below: 1}, b: {en: b, ko: b, at_least: 2}}\n",
            "expected ranges without gap or overlap",
        ),
        (
            "id: it\nkind: text\ndifficulty: 1\nanswer: a\naccept: {a: {en: [x], ko: [y]}, b: {en: [X], ko: [z]}}\n",
            "expected each alias under one name",
        ),
    ],
)
def test_a_fault_is_told_at_its_place(bank, document, problem):
    [said] = told(bank(document))
    assert problem in said


def test_all_faults_of_all_questions_are_told_at_once(bank):
    read = bank("id: a\nkind: truth\ndifficulty: 9\nclaimm: x\n", "id: b\nkind: nothing\ndifficulty: 1\n")
    assert len(told(read)) == 4  # difficulty, claimm, no claim; kind


def test_a_question_that_is_required_has_to_be_there(bank):
    [said] = told(bank(SOUND.format("first"), SOUND.format("second") + "requires: [frist]\n"))
    assert said.endswith("requires: no question 'frist'. Did you mean first?")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "toy.yaml:1:1: expected a first document with format: 1 and topic: toy, then ---"),
        ("format: 2\ntopic: toy\n---\n", "expected a first document with format: 1"),
        ("format: 1\ntopic: other\n---\n", "expected topic: toy, got other"),
        ("format: \x01\n---\n", "toy.yaml:1:9: expected YAML: the character U+0001"),
        ("format: [1\n---\n", "expected YAML"),
        ("format: 1\ntopic: toy\n---\nkind: truth\n", "toy.yaml:4:1: expected an id of its own for each"),
        ("format: 1\ntopic: toy\n---\nid: a\n---\nid: a\n", "got 'a' a second time"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_bank(text, problem):
    with pytest.raises(BankError) as error:
        Bank.read("toy", "toy.yaml", text)
    assert problem in str(error.value)


def test_numbers_and_words_are_what_yaml_1_2_takes_them_for(bank):
    """1e-3 is a number and `no` is a word, which they are not in YAML 1.1."""
    document = "id: it\nkind: text\ndifficulty: 1\nvary: {x: [1e-3]}\nanswer: no\naccept: {no: {en: [no], ko: [off]}}\n"
    question = bank(document).entries["it"].parse()
    assert (question.vary["x"], question.answer) == ([0.001], "no")


def test_opening_a_bank_parses_no_question(bank, monkeypatch):
    monkeypatch.setattr("dlcheck.quiz.bank.Entry.parse", lambda entry: pytest.fail("parsed"))
    assert len(bank(*(SOUND.format(f"q{number}") for number in range(1000))).entries) == 1000


@pytest.mark.parametrize(
    ("resource", "said"),
    [
        ("no_such_package/x.yaml", "no package no_such_package"),
        ("latin_bank/none.yaml", "got No such file or directory"),
        ("latin_bank/x.yaml", "got bytes that are not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(tmp_path, monkeypatch, resource, said):
    (tmp_path / "latin_bank").mkdir()
    (tmp_path / "latin_bank" / "__init__.py").touch()
    (tmp_path / "latin_bank" / "x.yaml").write_bytes(b"\xff\xfe")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DlcheckError, match=f"topic 'toy': expected its questions in .*{said}"):
        Bank.open("toy", resource)


def test_the_template_is_a_sound_bank():
    assert Bank.read("mine", "mine.yaml", TEMPLATE.replace("TOPIC", "mine")).problems() == []


def test_the_schema_names_every_kind_and_field():
    schema = json_schema()["$defs"]
    kinds = {
        each["properties"]["kind"].get("const") for each in schema.values() if "kind" in each.get("properties", {})
    }
    assert kinds == set(KINDS)
