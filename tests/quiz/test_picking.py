"""What is due comes first, then what is new from easy to hard, then the rest; prerequisites come before."""

import random

import pytest

from dlcheck.quiz.picking import candidates, in_turn, only_due, with_required

QUESTION = "id: {id}\nkind: {kind}\ndifficulty: {difficulty}\nclaim: toy/it\nrequires: [{requires}]\n"


@pytest.fixture
def picks(bank):
    def make(**questions):
        documents = [
            QUESTION.format(id=name, **{"kind": "truth", "difficulty": 1, "requires": "", **fields})
            for name, fields in questions.items()
        ]
        return candidates([bank(*documents)])

    return make


def names(picks):
    return [pick.entry.id for pick in picks]


def test_order(picks):
    all_of_them = picks(
        hard={"difficulty": 3},
        later={},
        easy={"difficulty": 1},
        overdue={},
        sooner={},
        due={},
        middle={"difficulty": 2},
    )
    due = {"toy/due": 90.0, "toy/overdue": 10.0, "toy/later": 300.0, "toy/sooner": 200.0}
    order = in_turn(all_of_them, due, random.Random(1), now=100.0)
    assert names(order) == ["overdue", "due", "easy", "middle", "hard", "sooner", "later"]
    assert names(only_due(all_of_them, due, now=100.0)) == ["overdue", "due"]


def test_the_same_draws_give_the_same_questions(picks):
    many = picks(**{f"q{number}": {} for number in range(20)})
    orders = [names(in_turn(many, {}, random.Random(seed))) for seed in (1, 1, 2)]
    assert orders[0] == orders[1] != orders[2]


def test_prerequisites_come_before_unless_they_are_known(picks):
    chain = picks(last={"requires": "middle"}, middle={"requires": "first"}, first={}, other={})
    assert names(with_required(chain, set(), 4, pytest.fail)) == ["first", "middle", "last", "other"]
    assert names(with_required(chain, {"toy/middle"}, 3, pytest.fail)) == ["last", "first", "middle"]
    assert names(with_required(chain, set(), 1, pytest.fail)) == ["first"]


def test_prerequisites_are_no_way_around_the_kinds_that_were_asked_for(bank):
    """A text question is not asked by `--kind truth`, whatever requires it."""
    text = "id: word\nkind: text\ndifficulty: 1\naccept: {a: {en: [a], ko: [a]}}\nanswer: a\n"
    read = bank(text, QUESTION.format(id="it", kind="truth", difficulty=1, requires="word"))
    assert names(with_required(candidates([read], kinds=["truth"]), set(), 5, pytest.fail)) == ["it"]
    assert names(with_required(candidates([read]), set(), 5, pytest.fail)) == ["word", "it"]


def test_a_circle_of_prerequisites_ends(picks):
    circle = picks(a={"requires": "b"}, b={"requires": "a"})
    assert sorted(names(with_required(circle, set(), 5, pytest.fail))) == ["a", "b"]


def test_only_some_kinds_or_one_difficulty(bank):
    read = bank(*(QUESTION.format(id=f"q{n}", kind="truth", difficulty=n, requires="") for n in (1, 2, 3)))
    assert names(candidates([read], difficulty=2)) == ["q2"]
    assert names(candidates([read], kinds=["number"])) == []
    assert len(candidates([read], kinds=["truth", "number"])) == 3
