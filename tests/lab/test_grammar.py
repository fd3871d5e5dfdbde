"""The artificial languages keep their rules."""

import torch

from dlcheck.lab.grammar import FIRST, Agreement, two_sentences


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_articles_and_verbs_agree_with_the_noun() -> None:
    """In every phrase; an adjective goes with every noun; every word occurs."""
    article, adjective, noun, verb = Agreement.sentences(drawn(), 4000).view(-1, Agreement.PHRASE).unbind(1)
    classes = Agreement.class_of(noun)
    assert torch.equal(article - Agreement.ARTICLES.start, classes)
    assert torch.equal(verb - Agreement.VERBS.start, classes)
    assert set(adjective.tolist()) == set(Agreement.ADJECTIVES)
    assert set(noun.tolist()) == set(Agreement.NOUNS)
    pairs = set(zip(adjective.tolist(), classes.tolist(), strict=True))
    assert len(pairs) == 16 * 4


def test_without_agreement_words_tell_nothing_of_the_noun() -> None:
    """Article and verb agree with the noun in a quarter of phrases, and with each other too."""
    words = Agreement.sentences(drawn(), 8000, agreeing=False).view(-1, Agreement.PHRASE)
    article = words[:, Agreement.ARTICLE] - Agreement.ARTICLES.start
    verb = words[:, Agreement.VERB] - Agreement.VERBS.start
    classes = Agreement.class_of(words[:, Agreement.NOUN])
    for one, other in ((article, classes), (verb, classes), (article, verb)):
        assert abs((one == other).float().mean() - 0.25) < 0.02


def test_bare_phrases_are_labelled_with_the_class() -> None:
    """Adjective and noun alone, in that order."""
    words, label = Agreement.bare(drawn(), 500)
    assert set(words[:, 0].tolist()) <= set(Agreement.ADJECTIVES)
    assert torch.equal(label, Agreement.class_of(words[:, 1]))
    assert set(label.tolist()) == {0, 1, 2, 3}


def test_two_sentences_are_one_text_cut_anywhere() -> None:
    """Together they always have the same length, each at least two words, and every border occurs alike."""
    first, second = two_sentences(drawn(), 4000, words=6, length=9)
    lengths = [(part != 0).sum(dim=1) for part in (first, second)]
    assert (lengths[0] + lengths[1] == 9).all()
    assert ((first == 0).long().diff(dim=1) >= 0).all(), "padding is at the end"
    assert ((second == 0).long().diff(dim=1) >= 0).all(), "padding is at the end"
    shares = lengths[0].bincount(minlength=9)[2:8] / 4000
    assert (shares - 1 / 6).abs().max() < 0.03
    used = torch.cat([first, second], dim=1)
    assert set(used.unique().tolist()) == {0, *range(FIRST, FIRST + 6)}
