"""What each kind of question takes for an answer, and what it takes for right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.quiz.base import Solution, Unreadable
from dlcheck.quiz.options import numbers
from dlcheck.quiz.values import Comparison, Number, normal
from dlcheck.rules import Verdict
from tests.quiz.conftest import outcome

CHOICE = """kind: choice
choices: {a: {en: first, ko: 하나}, b: {en: second, ko: 둘}, c: {en: third, ko: 셋}}
wrong: {b: {en: Not the second., ko: 둘은 아니다.}}
"""


def typed(variant, key):
    """The number under which an option is shown."""
    return str(list(variant.options).index(key) + 1)


def test_a_choice_is_the_number_of_its_option(ask):
    variant = ask(CHOICE + "answer: a")
    assert variant.grade(variant.read(typed(variant, "a"))).right
    wrong = variant.grade(variant.read(typed(variant, "b")))
    assert (wrong.right, wrong.misconception) == (False, "b")
    assert variant.feedback(wrong).ko == "둘은 아니다."
    unnamed = variant.grade(variant.read(typed(variant, "c")))
    assert (unnamed.right, unnamed.misconception, variant.feedback(unnamed)) == (False, "", None)


def test_an_oracle_can_choose_the_key(ask):
    variant = ask(CHOICE + "oracle: which", which=lambda: "c")
    assert variant.grade(variant.read(typed(variant, "c"))).right
    assert variant.right.en == "third"


COMPUTED = """kind: choice
vary: {n: [3, 4]}
oracle: square
wrong: {doubled: {en: "Twice {n} is no square.", ko: "{n}의 두 배는 제곱이 아니다."}}
"""


def test_computed_choices_are_the_right_value_and_one_for_each_misconception(ask):
    variant = ask(COMPUTED, square=lambda n: Solution(n * n, {"doubled": 2 * n}))
    n = variant.values["n"]
    assert {text.en for text in variant.options.values()} == {str(n * n), str(2 * n)}
    wrong = variant.grade(variant.read(typed(variant, "doubled")))
    assert variant.feedback(wrong).en == f"Twice {n} is no square."
    assert variant.right.en == str(n * n)


def test_a_seed_makes_the_same_variant_and_another_seed_another(ask):
    made = [ask(COMPUTED, seed, square=lambda n: Solution(n * n, {"doubled": 2 * n})) for seed in (5, 5, *range(20))]
    assert made[0].values == made[1].values
    assert list(made[0].options) == list(made[1].options)
    assert len({variant.values["n"] for variant in made}) == 2
    assert len({tuple(variant.options) for variant in made}) == 2


def test_multiple_is_right_only_when_all_and_no_others_are_named(ask):
    variant = ask(CHOICE.replace("kind: choice", "kind: multiple") + "answer: [a, c]")
    both = f"{typed(variant, 'a')} {typed(variant, 'c')}"
    assert variant.grade(variant.read(both)).right
    assert not variant.grade(variant.read(typed(variant, "a"))).right
    assert variant.grade(variant.read("1 2 3")).misconception == "b"
    assert variant.read("0") == frozenset()


def test_ordering_goes_by_keys_or_by_their_numbers(ask):
    document = CHOICE.replace("kind: choice", "kind: ordering").partition("wrong")[0]
    for source, oracles in (("answer: [c, a, b]", {}), ("oracle: size", {"size": lambda: {"a": 2, "b": 3, "c": 1}})):
        variant = ask(document + source, **oracles)
        assert variant.grade(variant.read(" ".join(typed(variant, key) for key in "cab"))).right
        assert not variant.grade(variant.read(" ".join(typed(variant, key) for key in "abc"))).right
        assert variant.right.en == "third; first; second"


@pytest.mark.parametrize("words", ["3>2>1", "1<2<3", "1-2-3", "1->2->3"])
def test_an_order_with_signs_is_asked_again(words):
    """It would be read from left to right, whatever the signs say."""
    with pytest.raises(Unreadable):
        numbers(words, 3, exactly=3)


def test_a_wrong_order_can_have_a_name(ask):
    """The name of a misconception about the order is that of no option."""
    document = CHOICE.replace("kind: choice", "kind: ordering").replace("wrong: {b:", "wrong: {backwards:")
    variant = ask(document + "oracle: order", order=lambda: Solution(list("abc"), {"backwards": list("cba")}))
    wrong = variant.grade(variant.read(" ".join(typed(variant, key) for key in "cba")))
    assert (wrong.right, wrong.misconception) == (False, "backwards")
    assert variant.feedback(wrong).en == "Not the second."


@pytest.mark.parametrize("words", ["", "x", "0", "4", "1 1", "-1x", "one", "1.5.", "12", "-1", "<1"])
def test_what_names_no_option_is_asked_again(words):
    with pytest.raises(Unreadable) as unreadable:
        numbers(words, 3, exactly=1)
    assert "1" in unreadable.value.text.en
    assert "번호" in unreadable.value.text.ko


NUMBER = "kind: number\noracle: it\ncompare: {relative: 0.01}\nwrong: {halved: {en: Half., ko: 절반.}}"


@pytest.mark.parametrize(
    "words",
    [
        "1024",
        "1,024",
        "1,024.0",
        "1_024",
        "+1,024",
        "2,048/2",
        "2^10",
        "2**10",
        "1.024e3",
        "2048/2",
        " 1 024 ",
        "102400%",
        "1030",
    ],
)
def test_a_number_can_be_written_in_many_ways(ask, words):
    variant = ask(NUMBER, it=lambda: Solution(1024, {"halved": 512}))
    assert variant.grade(variant.read(words)).right


def test_a_number_that_a_misconception_gives_is_recognised(ask):
    variant = ask(NUMBER, it=lambda: Solution(1024, {"halved": 512}))
    assert variant.grade(variant.read("513")).misconception == "halved"
    assert variant.grade(variant.read("700")) == variant.grade(700.0)
    assert variant.grade(700.0).misconception == ""


@pytest.mark.parametrize(
    "words",
    [
        "",
        "a lot",
        "nan",
        "inf",
        "1/0",
        "--3",
        "2^99999",
        "-1^0.5",
        "0,5",
        "1,02",
        "1,0240",
        "1 024 5",
        "1,,024",
        "0,125",
    ],
)
def test_what_is_no_number_is_asked_again(ask, words):
    with pytest.raises(Unreadable):
        ask(NUMBER, it=lambda: 1).read(words)


def test_comparisons_at_their_borders():
    assert Comparison(absolute=0.5).holds(2.5, 2.0)
    assert not Comparison(absolute=0.5).holds(2.51, 2.0)
    assert Comparison(relative=0.1).holds(-9.1, -10.0)
    assert not Comparison(relative=0.1).holds(-8.9, -10.0)
    assert Comparison(digits=3).holds(3.1449, 3.14)
    assert not Comparison(digits=3).holds(3.1451, 3.14)
    assert Comparison(digits=2).holds(0.0, 0.0)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_as_it_is_written(number):
    question = Number.model_construct()
    assert question.read(question.typed(number, []), []) == number


@pytest.mark.parametrize("words", ["(2, 8, 5)", "2 8 5", "2x8x5", "[2,8,5]", "2×8×5", "torch.Size([2, 8, 5])"])
def test_a_shape_can_be_written_in_many_ways(ask, words):
    variant = ask("kind: shape\noracle: it", it=lambda: [2, 8, 5])
    assert variant.grade(variant.read(words)).right
    assert not variant.grade(variant.read("(2, 5, 8)")).right


def test_a_scalar_has_an_empty_shape_and_silence_is_none(ask):
    variant = ask("kind: shape\noracle: it", it=lambda: ())
    assert variant.grade(variant.read("()")).right
    assert variant.grade(variant.read("torch.Size([])")).right
    for words in ("", "B, T", "2.5.-", "x", ",", "(", ")(", "(,)"):
        with pytest.raises(Unreadable):
            variant.read(words)


TERM = """kind: text
accept: {right: {en: [layer norm, layer normalization], ko: [층 정규화]}, other: {en: [batch norm], ko: [배치 정규화]}}
answer: right
wrong: {other: {en: Over the batch., ko: 배치에 걸쳐 정규화한다.}}
"""


def test_a_term_is_accepted_in_both_languages_whatever_its_case(ask):
    variant = ask(TERM)
    for words in ("Layer-Norm", "  layer  NORM ", "층 정규화", "층 정규화"):  # the last one decomposed
        assert variant.grade(variant.read(words)).right
    assert variant.grade(variant.read("batch norm")).misconception == "other"
    assert not variant.grade(variant.read("dropout")).right


def test_a_near_miss_is_asked_again_and_never_taken_for_it(ask):
    with pytest.raises(Unreadable) as unreadable:
        ask(TERM).read("layer nrom")
    assert unreadable.value.text.en == "Did you mean layer norm?"


def test_normal_words():
    """Blanks count within English only."""
    assert normal("Self-Attention ") == "self attention"
    assert normal("셀프 어텐션") == normal(" 셀프어텐션")
    assert normal("self 어텐션") == normal("self-어텐션") == normal("self어텐션")


def test_a_near_miss_is_told_as_people_write_it(ask):
    with pytest.raises(Unreadable) as unreadable:
        ask(TERM).read("층정귀화")
    assert unreadable.value.text.ko == "혹시 층 정규화인가요?"


def test_truth_is_what_the_verdict_says(ask):
    for verdict, answer in ((Verdict.VERIFIED, "t"), (Verdict.REFUTED, "거짓")):
        variant = ask("kind: truth\nclaim: toy/it", outcomes={"toy/it": outcome(verdict)})
        assert variant.grade(variant.read(answer)).right
        assert not variant.grade(variant.read("2" if answer == "t" else "1")).right
        assert "3 seeds" in variant.evidence.en


def test_truth_cannot_be_asked_of_a_claim_that_is_not_decided(ask):
    variant = ask("kind: truth\nclaim: toy/it", outcomes={"toy/it": outcome(Verdict.INCONCLUSIVE)})
    with pytest.raises(Exception, match=r"expected toy/it to be verified or refuted, got inconclusive"):
        variant.grade(True)


PREDICTION = """kind: prediction
claim: toy/it
measure: accuracy
choices:
  low: {en: below half, ko: 절반 미만, below: 0.5}
  high: {en: half or more, ko: 절반 이상, at_least: 0.5}
evidence: {en: "It was {measured}.", ko: "{measured}였다."}
"""


def test_a_prediction_is_right_where_the_median_lies(ask):
    variant = ask(PREDICTION, outcomes={"toy/it": outcome("verified", accuracy=[0.1, 0.5, 0.9])})
    assert list(variant.options) == ["low", "high"]
    assert variant.grade(variant.read("2")).right
    assert not variant.grade(variant.read("1")).right
    assert variant.evidence.en == "It was 0.5."


def test_a_prediction_of_what_is_not_measured_says_what_is(ask):
    variant = ask(PREDICTION, outcomes={"toy/it": outcome("verified", accuracies=[0.1])})
    with pytest.raises(Exception, match=r"does not measure 'accuracy'. Did you mean accuracies\?"):
        variant.grade("low")


def test_a_prediction_on_a_broken_claim_says_that_it_is_broken(ask):
    """Not that it measures nothing, which would send an author to look for a typing error."""
    broken = outcome(Verdict.ERROR)
    broken.reason = "RuntimeError: no memory"
    variant = ask(PREDICTION, outcomes={"toy/it": broken})
    with pytest.raises(Exception, match=r"toy/it is broken: RuntimeError: no memory"):
        variant.grade("low")


def test_options_that_are_stated_need_nothing_to_run(ask):
    """A claim may take a minute, and the student can read meanwhile."""
    assert list(ask(PREDICTION).options) == ["low", "high"]
    assert list(ask("kind: truth\nclaim: toy/it").options) == ["true", "false"]


MULTIPLE = """kind: multiple
choices:
  a: {en: first, ko: 첫째}
  b: {en: second, ko: 둘째}
  c: {en: third, ko: 셋째}
answer: [a, b]
wrong: {c: {en: It does not., ko: 아니다.}}
"""


@pytest.mark.parametrize("seed", range(4))
def test_several_right_options_are_named_in_the_order_shown(ask, seed):
    """The numbers and the words of the answer are the same options."""
    variant = ask(MULTIPLE, seed)
    keys = [key for key in variant.options if key != "c"]
    assert variant.right.en == "; ".join(variant.options[key].en for key in keys)
    assert variant.question.typed({"a", "b"}, list(variant.options)) == " ".join(
        str([*variant.options].index(key) + 1) for key in keys
    )


def test_of_several_options_the_feedback_names_the_one_it_is_about(ask):
    variant = ask(MULTIPLE)
    assert variant.remark(variant.grade(frozenset("abc"))).en == "third: It does not."
    assert variant.remark(variant.grade(frozenset("ab"))) is None
