"""The artificial languages keep their rules."""

import torch

from dlcheck.lab.grammar import FIRST, Agreement, two_sentences


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


LANGUAGE = Agreement()


def test_articles_and_verbs_agree_with_the_noun() -> None:
    """In every phrase; an adjective goes with every class; every word occurs."""
    article, adjective, noun, verb = LANGUAGE.phrases(drawn(), 4000).unbind(1)
    classes = LANGUAGE.class_of(noun)
    assert torch.equal(article - LANGUAGE.ARTICLES.start, classes)
    assert torch.equal(verb - LANGUAGE.VERBS.start, classes)
    assert set(adjective.tolist()) == set(LANGUAGE.adjective_words)
    assert set(noun.tolist()) == set(LANGUAGE.noun_words)
    assert len(set(zip(adjective.tolist(), classes.tolist(), strict=True))) == 16 * 4


def test_sizes_by_hand() -> None:
    """Five special tokens, 4 articles, 4 verbs, 3 adjectives and 4 times 2 nouns; classes are runs of nouns."""
    language = Agreement(adjectives=3, nouns_per_class=2)
    assert language.vocabulary == 5 + 4 + 4 + 3 + 8
    assert language.class_of(torch.tensor(language.noun_words)).tolist() == [0, 0, 1, 1, 2, 2, 3, 3]


def test_without_agreement_words_tell_nothing_of_the_noun() -> None:
    """Article and verb agree with the noun in a quarter of phrases, and with each other too."""
    words = LANGUAGE.phrases(drawn(), 8000, agreeing=False)
    article = words[:, LANGUAGE.ARTICLE] - LANGUAGE.ARTICLES.start
    verb = words[:, LANGUAGE.VERB] - LANGUAGE.VERBS.start
    classes = LANGUAGE.class_of(words[:, LANGUAGE.NOUN])
    for one, other in ((article, classes), (verb, classes), (article, verb)):
        assert abs((one == other).float().mean() - 0.25) < 0.02


def test_bare_phrases_are_labelled_with_the_class() -> None:
    """Adjective and noun alone, in that order."""
    words, label = LANGUAGE.bare(drawn(), 500)
    assert set(words[:, 0].tolist()) <= set(LANGUAGE.adjective_words)
    assert torch.equal(label, LANGUAGE.class_of(words[:, 1]))
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
