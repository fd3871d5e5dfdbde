"""GIFT, read back by the rules of Moodle's importer."""

import html

import pytest

import moodle
from dlcheck.quiz.exports import gift
from dlcheck.quiz.exports.exam import right_keys
from dlcheck.quiz.exports.gift import spellings


@pytest.fixture
def read(exam):
    """`read(lang="ko")`: the variants, and the questions that Moodle makes of them, by topic/id."""

    def made(**options):
        whole = exam(gift, **options)
        questions = moodle.read(gift.write(whole).decode())
        assert [question.name for question in questions] == [variant.label for variant in whole.variants]
        return {v.name: (v, q) for v, q in zip(whole.variants, questions, strict=True)}

    return made


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_every_text_arrives_as_it_was_written(lang, read):
    """Question, options, feedback and explanation, whatever signs are in them."""
    variant, question = read(lang=lang)["toy/nasty"]
    shown = html.unescape(question.ask)
    assert shown.startswith(variant.ask(lang).partition("\n")[0])
    block = "\n".join(line.removeprefix("    ") for line in variant.ask(lang).partition("```python\n")[2].splitlines())
    assert block.partition("# ")[0].split() == shown.partition("<pre><code>")[2].partition("# ")[0].split()
    assert {html.unescape(answer.text) for answer in question.answers} == {
        text(lang) for text in variant.options.values()
    }
    assert html.unescape(question.explanation) == variant.explanation(lang).replace("`", "").replace(
        "a <b> c", "<code>a <b> c</code>"
    )


def test_one_option_is_right(read):
    """With the feedback of misconceptions beside the others."""
    variant, question = read()["toy/parameters"]
    assert question.kind == "multichoice"
    [right] = [answer for answer in question.answers if answer.weight > 0]
    assert (right.text, right.weight, right.feedback) == (variant.right.en, 100, "")
    assert {answer.feedback for answer in question.answers if answer.weight == 0} == {
        "You left out the bias: b ~ 0 {sic} = #1 \\alpha \\n",
        "Twice over.",
    }


def test_several_options_share_the_point_and_a_wrong_one_takes_it(read):
    """So that ticking everything is worth nothing."""
    variant, question = read()["toy/which"]
    assert {answer.text: answer.weight for answer in question.answers} == {
        "attention": 50,
        "convolution": 50,
        "layer norm": -100,
    }
    assert len(right_keys(variant)) == 2


def test_true_or_false(read):
    """By the claim's verdict."""
    _, question = read()["toy/is-it-so"]
    assert (question.kind, question.answers[0].text) == ("truefalse", "TRUE")


@pytest.mark.parametrize("name", ["toy/deviation", "toy/digits", "toy/count"])
def test_numbers_are_accepted_as_the_comparison_says(name, read):
    """Around the right one, at steps of a thousandth of it; what is shown as the answer is the right one."""
    variant, question = read()[name]
    right = variant.solution.right
    assert float(question.answers[0].text.partition(":")[0]) == right
    for step in range(-200, 201):
        number = right * (1 + step / 1000)
        found = question.accepts(number)
        assert (found is not None and found.weight == 100) == variant.grade(number).right


def test_a_number_that_is_a_misconception_is_told_so(read):
    """And is worth nothing."""
    variant, question = read()["toy/deviation"]
    found = question.accepts(variant.solution.wrong["variance"])
    assert (found.weight, found.feedback) == (0, "That is the variance.")


def test_shapes_in_all_spellings(read):
    """Each of which the quiz reads as the same shape."""
    variant, question = read()["toy/weights"]
    accepted = [answer.text for answer in question.answers if answer.weight == 100]
    assert accepted[0] == str(variant.solution.right)
    assert {variant.read(each) for each in accepted} == {variant.solution.right}
    assert spellings((3,))[0] == "(3,)"
    assert "3" in spellings((3,))
    assert spellings(()) == ["()", "[]"]


def test_terms_with_their_aliases(read):
    """Of both languages, a star being a star; other terms with feedback."""
    _, question = read(lang="ko")["toy/mask"]
    assert {answer.text for answer in question.answers if answer.weight == 100} == {
        "인과 마스크",
        "causal mask",
        "look-ahead mask",
        "look ahead mask",
        r"mask \*",
    }
    assert {answer.feedback for answer in question.answers if answer.weight == 0} == {"그것은 패딩을 가린다."}


def test_an_ordering_is_matched_with_places(read):
    """An arrow in an option is not the arrow of the pair."""
    _, question = read()["toy/cost"]
    assert {html.unescape(left): right for left, right in question.pairs.items()} == {
        "the scores -> T²·d": "1",
        "the projections": "2",
        "the feed-forward part": "3",
    }


def test_variants_of_a_question_are_a_category(read, exam):
    """From which Moodle draws at random; a single variant is in the category of its topic."""
    assert {question.category for _, question in read().values()} == {"dlcheck/toy"}
    questions = moodle.read(gift.write(exam(gift, variants=3)).decode())
    assert [q.category for q in questions if "weights" in q.name] == ["dlcheck/toy/weights"] * 3
    assert len({q.name for q in questions}) == len(questions) == 30
