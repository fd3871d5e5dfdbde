"""The tasks of numbers and marks, against what is known about them by hand."""

import pytest
import torch
from torch import Generator, Tensor

from dlcheck.lab import sequences


def drawn(seed: int = 1) -> Generator:
    return torch.Generator().manual_seed(seed)


def test_the_sum_is_that_of_the_marked_numbers() -> None:
    """One mark in either half, at every place of it, and the answer is the sum of the two numbers there."""
    x, answer = sequences.adding_problem(drawn(), 4000, 9)
    numbers, marks = x.unbind(-1)
    assert torch.equal(marks[:, :4].sum(dim=1), torch.ones(4000))
    assert torch.equal(marks[:, 4:].sum(dim=1), torch.ones(4000))
    assert (marks.mean(dim=0) > 0).all()
    torch.testing.assert_close((numbers * marks).sum(dim=1), answer)


def test_what_the_adding_problem_is_worth() -> None:
    """Always 1 has an error of 1/6; knowing one number, and 1/2 for the other, has 1/12."""
    x, answer = sequences.adding_problem(drawn(), 100_000, 8)
    first = (x[:, :4, 0] * x[:, :4, 1]).sum(dim=1)
    assert (answer - 1).square().mean().item() == pytest.approx(sequences.BLIND, rel=0.02)
    assert (answer - first - 0.5).square().mean().item() == pytest.approx(sequences.BLIND / 2, rel=0.02)


def last_marked(x: Tensor, vocabulary: int) -> list[int]:
    """The rule, by hand."""
    answers = []
    for sequence in x:
        marked = [step for step in sequence if step[vocabulary] == 1]
        answers.append(int(marked[-1][:vocabulary].argmax()))
    return answers


@pytest.mark.parametrize("marks", [1, 4])
@pytest.mark.parametrize("distractors", [True, False])
def test_marked_tokens(marks: int, distractors: bool) -> None:
    """So many marks, all in the first half; the answer is the last marked token; unmarked ones can be left out."""
    x, answer = sequences.marked_token(drawn(), 500, 9, 5, marks=marks, distractors=distractors)
    mark = x[..., 5]
    assert torch.equal(mark.sum(dim=1), torch.full((500,), float(marks)))
    assert not mark[:, 4:].any()
    assert answer.tolist() == last_marked(x, 5)
    shown = x[..., :5].sum(dim=-1)
    assert torch.equal(shown, torch.ones(500, 9) if distractors else mark)


def test_a_register_by_hand() -> None:
    """Asked, it tells the last token stored, that of the same step included; else the answer is that for silence."""
    x, answer = sequences.register(drawn(), 300, 12, 4)
    asked = stored_at = 0
    for sequence, answers in zip(x, answer.tolist(), strict=True):
        stored = -1
        for step, wanted in zip(sequence, answers, strict=True):
            stored = int(step[:4].argmax()) if step[4] else stored
            assert wanted == (stored if step[5] else 4)
            asked, stored_at = asked + int(step[5]), stored_at + int(step[4])
    assert asked / 3600 == pytest.approx(sequences.SHARE_ASKED, abs=0.03)
    assert stored_at / 3600 == pytest.approx((1 + 11 * sequences.SHARE_STORED) / 12, abs=0.03)


def test_impossible_tasks_are_refused() -> None:
    """Two halves need two steps, and there cannot be more marks than places."""
    with pytest.raises(ValueError, match="at least 2 steps"):
        sequences.adding_problem(drawn(), 1, 1)
    with pytest.raises(ValueError, match="1 to 4 marks in the first half of 8 steps, got 5"):
        sequences.marked_token(drawn(), 1, 8, 4, marks=5)
