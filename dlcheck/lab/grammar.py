"""Artificial languages with words, classes and agreement, and pairs of sentences whose border matters.

Words are int64 on the CPU, numbered from `FIRST` so that special tokens have room below. B is the number of sequences.
"""

import torch
from jaxtyping import Int
from torch import Generator, Tensor

FIRST = 5
"""The number of the first word; those below are the user's, for special tokens."""


class Agreement:
    """Phrases "article adjective noun verb", in which article and verb tell the class of the noun.

    There are 4 classes, each with one article, one verb and 8 nouns, and 16 adjectives that go with every noun. So an
    article follows from the words after it alone, a verb from the words before it alone, and which nouns are of one
    class can be found out from text only. The phrases of a sentence know nothing of one another.
    """

    CLASSES, NOUNS_PER_CLASS = 4, 8
    ARTICLES = range(FIRST, FIRST + 4)
    VERBS = range(FIRST + 4, FIRST + 8)
    ADJECTIVES = range(FIRST + 8, FIRST + 24)
    NOUNS = range(FIRST + 24, FIRST + 56)  # eight of class 0, then eight of class 1, and so on
    VOCABULARY = FIRST + 56
    PHRASE = 4
    ARTICLE, ADJECTIVE, NOUN, VERB = range(4)  # places within a phrase

    @classmethod
    def sentences(cls, generator: Generator, batch: int, phrases: int = 2, agreeing: bool = True) -> Int[Tensor, "B T"]:
        """Sentences of 4 words for each phrase. Unless `agreeing`, article and verb tell random classes."""
        adjective, noun = cls._noun_phrases(generator, batch * phrases)
        classes = cls.class_of(noun)
        told = [classes, classes]
        if not agreeing:
            told = list(torch.randint(cls.CLASSES, (2, len(noun)), generator=generator))
        words = torch.stack([cls.ARTICLES.start + told[0], adjective, noun, cls.VERBS.start + told[1]], dim=1)
        return words.view(batch, phrases * cls.PHRASE)

    @classmethod
    def bare(cls, generator: Generator, batch: int) -> tuple[Int[Tensor, "B 2"], Int[Tensor, "B"]]:
        """ "adjective noun", without the words that tell the class, and the class of the noun."""
        words = torch.stack(cls._noun_phrases(generator, batch), dim=1)
        return words, cls.class_of(words[:, 1])

    @classmethod
    def class_of(cls, nouns: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
        """The class, 0 to 3, of each noun."""
        return (nouns - cls.NOUNS.start) // cls.NOUNS_PER_CLASS

    @classmethod
    def _noun_phrases(cls, generator: Generator, count: int) -> tuple[Tensor, Tensor]:
        adjective, noun = (
            torch.randint(words.start, words.stop, (count,), generator=generator)
            for words in (cls.ADJECTIVES, cls.NOUNS)
        )
        return adjective, noun


def two_sentences(
    generator: Generator, batch: int, words: int, length: int, shortest: int = 2, pad: int = 0
) -> tuple[Int[Tensor, "B A"], Int[Tensor, "B C"]]:
    """Pairs of sentences of random words, together `length` long, that meet anywhere; padded at the right.

    Nothing but a sign at the border tells where the first one ends, because all pairs are of one length.
    """
    text = torch.randint(FIRST, FIRST + words, (batch, length), generator=generator)
    ends = torch.randint(shortest, length - shortest + 1, (batch, 1), generator=generator)
    places = torch.arange(length - shortest)
    first = text[:, : length - shortest].masked_fill(places >= ends, pad)
    second = text.gather(1, (places + ends).clamp(max=length - 1)).masked_fill(places + ends >= length, pad)
    return first, second
