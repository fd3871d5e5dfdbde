"""The tasks, against what is known about them by hand."""

import math
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcheck import Run
from dlcheck.lab import data


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_batches_keep_seeds_and_examples_apart() -> None:
    """Step t of seed s holds that seed's examples t * B and the following, each beside its own answer."""
    examples = [(torch.arange(6) + 10 * seed, torch.arange(12).view(6, 2) + 100 * seed) for seed in (0, 1)]
    x, answer = data.batches(Run([0, 1]), examples, steps=3)
    assert x.tolist() == [[[0, 1], [2, 3], [4, 5]], [[10, 11], [12, 13], [14, 15]]]
    assert answer.shape == (2, 3, 2, 2)
    assert torch.equal(answer[..., 0] - 100 * torch.tensor([0, 1])[:, None, None], 2 * (x % 10))


def test_recall_names_the_first_of_many() -> None:
    """The answer is the token that stands `lag` before the last, and no other position gives it away."""
    tokens, answer = data.first_token_recall(drawn(), 4000, lag=5, vocabulary=4)
    assert tokens.shape == (4000, 6)
    agreement = (tokens == answer[:, None]).float().mean(dim=0)
    assert agreement[0] == 1
    assert (agreement[1:] - 0.25).abs().max() < 0.03


def test_word_order_is_in_the_order_alone() -> None:
    """Every sentence has one 1, one 2 and fillers, so that its words tell nothing; half of the labels are 1."""
    tokens, label = data.word_order(drawn(), 4000, 6)
    assert torch.equal(tokens.sort(dim=1).values, torch.tensor([0, 0, 0, 0, 1, 2]).expand(4000, 6))
    first, second = (tokens == 1).int().argmax(dim=1), (tokens == 2).int().argmax(dim=1)
    assert torch.equal(label, (first < second).long())
    assert abs(label.float().mean() - 0.5) < 0.03


def test_neighbours_by_hand() -> None:
    """Each position is asked for the tokens at the offsets, counted round the end."""
    tokens, related = data.neighbours(drawn(), 1, 5, 9, (1, -2))
    a, b, c, d, e = tokens[0].tolist()
    assert related[0].tolist() == [[b, d], [c, e], [d, a], [e, b], [a, c]]


def test_entropy_of_two_states_by_hand() -> None:
    """Leaving state 0 with probability 1/4 and state 1 with 1/2, the chain is in state 0 two thirds of the time."""
    chain = data.MarkovChain(torch.tensor([[0.75, 0.25], [0.5, 0.5]], dtype=torch.float64))
    torch.testing.assert_close(chain.stationary, torch.tensor([2 / 3, 1 / 3], dtype=torch.float64))
    by_hand = -2 / 3 * (0.75 * math.log(0.75) + 0.25 * math.log(0.25)) + 1 / 3 * math.log(2)
    assert chain.entropy == pytest.approx(by_hand, abs=1e-12)


@given(st.integers(0, 1000), st.integers(2, 20), st.data())
def test_chains_are_chains(seed: int, states: int, also: st.DataObject) -> None:
    """Rows sum to one over exactly the successors asked for; pi P = pi; the entropy lies between 0 and their log."""
    successors = also.draw(st.integers(1, states))
    chain = data.MarkovChain.draw(drawn(seed), states, successors)
    assert ((chain.transition > 0).sum(dim=1) == successors).all()
    torch.testing.assert_close(chain.transition.sum(dim=1), torch.ones(states, dtype=torch.float64))
    torch.testing.assert_close(chain.stationary @ chain.transition, chain.stationary)
    assert (chain.stationary > 0).all()
    assert -1e-12 <= chain.entropy <= math.log(successors) + 1e-12


def test_text_has_the_entropy_of_its_chain() -> None:
    """The mean surprise of 90,000 tokens is the entropy within 1 %, from the first token on, and all are possible."""
    chain = data.MarkovChain.draw(drawn(), 16, 4)
    text = chain.sample(drawn(2), 10_000, 10)
    surprise = -chain.transition[text[:, :-1], text[:, 1:]].log().mean(dim=0)
    assert surprise.mean().item() == pytest.approx(chain.entropy, rel=0.01)
    assert surprise[0].item() == pytest.approx(chain.entropy, rel=0.02)
    assert (chain.allows(text) == 1).all()


def test_a_blind_guess_is_possible_as_often_as_there_are_successors() -> None:
    """Random tokens follow a chain with 4 successors of 16 in a quarter of all steps."""
    chain = data.MarkovChain.draw(drawn(), 16, 4)
    assert chain.allows(torch.randint(16, (2000, 20), generator=drawn(2))).mean().item() == pytest.approx(
        0.25, abs=0.02
    )


@pytest.mark.parametrize("successors", [0, 5])
def test_impossible_chains_are_refused(successors: int) -> None:
    """A state has at least one successor and at most as many as there are states."""
    with pytest.raises(ValueError, match=f"expected 1 to 4 successors of 4 states, got {successors}"):
        data.MarkovChain.draw(drawn(), 4, successors)


def translated(language: data.Translation, source: list[int]) -> list[int]:
    """The rule of the language, by hand: adjectives follow their noun, and the verb goes to the end."""
    moved: list[int] = []
    waiting: list[int] = []
    verb: list[int] = []
    for word in source:
        if word in language.ADJECTIVES:
            waiting = [word]
        elif word in language.NOUNS:
            moved, waiting = [*moved, word, *waiting], []
        elif word in language.VERBS:
            verb = [word]
    return [int(language.dictionary[word]) for word in [*moved, *verb]] + [language.END]


def test_translations_follow_the_rule() -> None:
    """Each target is the source in the other word order and the other words, ended, and padded with zeros."""
    language = data.Translation.draw(drawn())
    for source, target in zip(*language.sample(drawn(2), 300), strict=True):
        expected = translated(language, source.tolist())
        assert target.tolist() == expected + [0] * (language.LONGEST - len(expected))
        assert 3 <= (source != 0).sum() <= 5


def test_dictionary_is_one_to_one() -> None:
    """No two words have one translation, and the signs for padding, start and end stay what they are."""
    dictionary = data.Translation.draw(drawn()).dictionary
    assert dictionary[:3].tolist() == [0, 1, 2]
    assert sorted(dictionary.tolist()) == list(range(data.Translation.VOCABULARY))


def test_unseen_sentences_are_never_seen() -> None:
    """No sentence to test with is among 20,000 to train with, but each of its pairs of words is."""
    language = data.Translation.draw(drawn())
    seen = {tuple(s) for s in language.sample(drawn(2), 20_000)[0].tolist()}
    unseen = {tuple(s) for s in language.sample(drawn(3), 500, unseen=True)[0].tolist()}
    assert len(unseen) > 300
    assert not seen & unseen
    pairs = {pair for sentence in seen for pair in pairwise(sentence)}
    assert {pair for sentence in unseen for pair in pairwise(sentence)} <= pairs
