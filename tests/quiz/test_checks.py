"""Each way in which a question can be wrong, put into a bank once, is found."""

import itertools
import re
import sys
import time

import pytest
import torch

from dlcheck.errors import DlcheckError
from dlcheck.quiz.base import Solution
from dlcheck.quiz.checks import check
from dlcheck.quiz.code import Exercise
from dlcheck.rules import Verdict
from tests.quiz.conftest import Live, outcome

NUMBER = """id: it
kind: number
difficulty: 1
vary: {n: [2, 3, 4]}
oracle: f
compare: {relative: 0.01}
wrong: {doubled: {en: Doubled., ko: 두 배.}}
"""
CHOICE = NUMBER.replace("number", "choice").replace("compare: {relative: 0.01}\n", "")


def found(bank, document, outcomes=(), **oracles):
    return [each.message for each in check(bank(document), Live(dict(outcomes), **oracles), seeds=20)]


def test_sound_questions_have_no_problems(bank):
    def cube(n):
        return Solution(n**3, {"doubled": 2 * n})

    assert found(bank, NUMBER, f=cube) == []
    assert found(bank, CHOICE, f=cube) == []


def test_a_wrong_answer_that_is_right(bank):
    said = found(bank, NUMBER, f=lambda n: Solution(n * n, {"doubled": 2 * n}))
    assert any("'doubled' (4) is graded right" in each for each in said)


def test_two_misconceptions_with_one_answer(bank):
    document = NUMBER.replace("wrong: {", "wrong: {again: {en: Again., ko: 다시.}, ")
    said = found(bank, document, f=lambda n: Solution(n**3, {"again": 2 * n, "doubled": 2 * n}))
    assert any("'doubled'" in each and "is taken for 'again'" in each for each in said)


def test_two_choices_that_are_equal(bank):
    said = found(bank, CHOICE, f=lambda n: Solution(n * n, {"doubled": 2 * n}))
    assert any("two choices are equal" in each for each in said)


def test_an_oracle_without_the_misconceptions_of_the_bank(bank):
    assert any("name different misconceptions" in each for each in found(bank, NUMBER, f=lambda n: n**3))


def test_an_answer_that_is_not_finite(bank):
    said = found(bank, NUMBER, f=lambda n: Solution(float("nan"), {"doubled": 2 * n}))
    assert any("the right answer is not finite with seed 0: nan" in each for each in said)


def test_an_answer_that_is_another_one_each_time(bank):
    counter = itertools.count(10)
    said = found(bank, NUMBER, f=lambda n: Solution(next(counter), {"doubled": 2 * n}))
    assert any("expected the same" in each for each in said)


def test_an_oracle_that_raises_and_one_that_is_slow(bank, monkeypatch):
    [said] = found(bank, NUMBER, f=lambda n: 1 / 0)
    assert re.fullmatch(
        r"it: its oracle raised ZeroDivisionError: division by zero \(.*test_checks.py:\d+\) with seed 0", said
    )
    monkeypatch.setattr("dlcheck.quiz.checks.ORACLE_SECONDS", 0.01)

    def slow(n):
        until = time.process_time() + 0.02
        while time.process_time() < until:
            pass
        return Solution(n**3, {"doubled": 2 * n})

    assert found(bank, NUMBER, f=slow) == ["it: its oracle took more than 0.01 s"]


def test_a_placeholder_that_nothing_fills(bank):
    document = NUMBER + 'ask: {en: "What is {m}?", ko: "{m}은?"}\nexplain: {en: "{right} {n}", ko: "{right} {n}"}\n'
    said = found(bank, document, f=lambda n: Solution(n**3, {"doubled": 2 * n}))
    assert said == ["it: nothing gives a value to {m} in 'What is {m}?'"]


def test_the_answer_is_no_placeholder_of_the_question(bank):
    document = NUMBER + 'ask: {en: "Is it {right}?", ko: "{right}인가?"}\nexplain: {en: a, ko: b}\n'
    said = found(bank, document, f=lambda n: Solution(n**3, {"doubled": 2 * n}))
    assert said == ["it: nothing gives a value to {right} in 'Is it {right}?'"]


TRUTH = "id: it\nkind: truth\ndifficulty: 1\nclaim: toy/it\n"


def test_a_claim_that_is_not_decided(bank):
    assert found(bank, TRUTH, {"toy/it": outcome(Verdict.VERIFIED)}) == []
    [said] = found(bank, TRUTH, {"toy/it": outcome(Verdict.VACUOUS)})
    assert said == "it: expected toy/it to be verified or refuted, got vacuous"


def test_problems_of_form_do_not_hide_those_of_other_questions(bank):
    read = bank("id: broken\nkind: truth\ndifficulty: 7\nclaim: toy/it\n", TRUTH)
    said = [each.message for each in check(read, Live({"toy/it": outcome(Verdict.INCOMPLETE)}), seeds=1)]
    assert len(said) == 2


@pytest.mark.parametrize("kind", ["multiple", "ordering"])
def test_kinds_with_options_are_tried_with_answers_that_are_nearly_right(bank, kind, monkeypatch):
    """Break the grading, and the check says so."""
    document = f"""id: it
kind: {kind}
difficulty: 1
answer: [a, b, c]
choices: {{a: {{en: x, ko: x}}, b: {{en: y, ko: y}}, c: {{en: z, ko: z}}}}
"""
    assert found(bank, document) == []
    from dlcheck.quiz.base import Grade
    from dlcheck.quiz.options import Multiple, Ordering

    monkeypatch.setattr({"multiple": Multiple, "ordering": Ordering}[kind], "grade", lambda *_: Grade(True))
    assert any("is graded right" in each for each in found(bank, document))


KEYS = "choices: {a: {en: x, ko: x}, b: {en: y, ko: y}, c: {en: z, ko: z}}\n"
ODD = {
    "an unknown key of choices": (f"kind: choice\noracle: f\n{KEYS}", "zzz"),
    "an unknown key of several": (f"kind: multiple\noracle: f\n{KEYS}", ["zzz"]),
    "an order of other keys": (f"kind: ordering\noracle: f\n{KEYS}", ["a", "zzz"]),
    "an order with a tie": (f"kind: ordering\noracle: f\n{KEYS}", {"a": 1, "b": 1, "c": 2}),
    "words for a number": ("kind: number\noracle: f\ncompare: {absolute: 0}\n", "abc"),
    "nothing for a number": ("kind: number\noracle: f\ncompare: {absolute: 0}\n", None),
    "a tensor for a number": ("kind: number\noracle: f\ncompare: {absolute: 0}\n", torch.tensor(2.0)),
    "a number for a shape": ("kind: shape\noracle: f\n", 5),
    "a negative shape": ("kind: shape\noracle: f\n", (-1, 2)),
    "an unknown name of a term": ("kind: text\noracle: f\naccept: {a: {en: [x], ko: [y]}}\n", "zzz"),
}


@pytest.mark.parametrize("odd", ODD)
def test_an_oracle_that_gives_something_else(bank, odd):
    """It is a problem of the bank, told at its question, and no traceback."""
    document, answer = ODD[odd]
    [said] = found(bank, f"id: it\ndifficulty: 1\n{document}", f=lambda: answer)
    assert "with seed 0" in said


def test_an_oracle_that_raises_for_some_values_only(bank):
    [said] = found(bank, NUMBER, f=lambda n: Solution(n**3, {"doubled": 2 * n}) if n < 4 else 1 / 0)
    assert re.search(r"ZeroDivisionError: division by zero \(.*\) with seed \d", said)


@pytest.mark.parametrize("name", ["m", "right"])
def test_a_choice_with_a_placeholder_that_nothing_fills(bank, name):
    """The right answer is no part of what can be chosen."""
    document = f"id: it\nkind: choice\ndifficulty: 1\noracle: f\n{KEYS}".replace(
        "en: x, ko: x", f"en: '{{{name}}}', ko: '{{{name}}}'"
    )
    assert found(bank, document, f=lambda: "a") == [f"it: nothing gives a value to {{{name}}} in '{{{name}}}'"]


def test_what_an_oracle_gives_instead_of_an_answer_hides_no_other_question(bank):
    """Lists and dicts, a code question's oracle without an exercise, one that ends the program."""
    code = "kind: code\ndifficulty: 1\noracle: c\nfunction: f\nstub: 'f = 1'\nsolution: 'f = 2'\nwrong: {}\n"
    text = "kind: text\ndifficulty: 1\noracle: {}\naccept: {{a: {{en: [x], ko: [y]}}}}\n"
    read = bank(
        f"id: choice\ndifficulty: 1\nkind: choice\noracle: d\n{KEYS}",
        f"id: several\ndifficulty: 1\nkind: multiple\noracle: e\n{KEYS}",
        f"id: code\n{code}",
        f"id: nested\n{code.replace('oracle: c', 'oracle: n')}",
        f"id: left\n{text.format('exit')}",
        f"id: term\n{text.format('d')}",
        f"id: nobody\n{text.format('unknown')}",
    )
    oracles = {"d": lambda: {"a": 1}, "e": lambda: [["a"]], "c": lambda: [1], "n": lambda: Exercise(abs, [1, 2])}
    told = [each.message for each in check(read, Live(**oracles, exit=sys.exit), seeds=2)]
    assert [each.partition(":")[0] for each in told] == [*read.entries]
    wanted = "expected Exercise(reference, cases), the cases a list of lists of arguments, as the right answer, got"
    assert told[2] == f"code: its oracle gave no answer: {wanted} [1] (list) with seed 0"
    assert told[0].endswith("expected a key of choices as the right answer, got {'a': 1} (dict) with seed 0")
    assert "its oracle raised SystemExit" in told[4]


CODE = """id: it
kind: code
difficulty: 1
vary: {n: [2, 3]}
oracle: f
function: f
stub: "def f(x):\\n    ..."
solution: "def f(x):\\n    return x * 2"
wrong: {}
"""


def test_a_solution_is_tried_with_every_draw(bank):
    """And it is said why it is graded wrong."""
    said = found(bank, CODE, f=lambda n: Exercise(lambda x: x * n, [[1.0]]))
    assert [re.sub(r"seed \d+", "seed n", each) for each in said] == [
        "it: its solution is graded wrong with seed n: Expected 3, got 2. Arguments: 1.0."
    ]
    assert found(bank, CODE, f=lambda n: Exercise(lambda x: x * 2, [[1.0]])) == []


def test_a_reference_that_raises_and_a_stub_that_is_no_python(bank):
    [said] = found(bank, CODE, f=lambda n: Exercise(lambda x: x / 0, [[1.0]]))
    assert "its oracle raised ZeroDivisionError: float division by zero (" in said
    [said] = found(bank, CODE.replace('stub: "def', 'stub: "de'), f=lambda n: Exercise(lambda x: x * 2, [[1.0]]))
    assert said == "it: its stub cannot be read: Line 1: this is not Python: invalid syntax."


def test_a_misspelt_claim_is_told_at_its_line(bank):
    class Strangers(Live):
        def statement(self, claim_id):
            raise DlcheckError(f"no topic or claim {claim_id!r}. Did you mean toy/it?")

    read = bank("id: it\nkind: text\ndifficulty: 1\naccept: {a: {en: [x], ko: [y]}}\nanswer: a\nverifies: [toy/its]\n")
    [problem] = check(read, Strangers(), seeds=1)
    assert problem.message == "it: verifies: no topic or claim 'toy/its'. Did you mean toy/it?"
    assert problem.line == 9
