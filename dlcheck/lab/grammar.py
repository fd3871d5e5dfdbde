"""Artificial languages with words, classes and agreement, and pairs of sentences whose border matters.

Words are int64 on the CPU, numbered from `FIRST` so that special tokens have room below. B is the number of sequences.
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Int
from torch import Generator, Tensor

FIRST = 5
"""The number of the first word; those below are the user's, for special tokens."""


@dataclass(frozen=True)
class Agreement:
    """Phrases "article adjective noun verb", in which article and verb tell the class of the noun.

    There are 4 classes, each with one article, one verb and so many nouns; adjectives go with every noun. So an article
    follows from the words after it alone, a verb from the words before it alone, and which nouns are of one class can
    be found out from text only.
    """

    adjectives: int = 16
    nouns_per_class: int = 8

    CLASSES: ClassVar[int] = 4
    ARTICLE, ADJECTIVE, NOUN, VERB = range(4)  # places within a phrase
    ARTICLES: ClassVar[range] = range(FIRST, FIRST + 4)
    VERBS: ClassVar[range] = range(FIRST + 4, FIRST + 8)

    @property
    def adjective_words(self) -> range:
        return range(self.VERBS.stop, self.VERBS.stop + self.adjectives)

    @property
    def noun_words(self) -> range:
        """The nouns of class 0, then those of class 1, and so on."""
        first = self.adjective_words.stop
        return range(first, first + self.CLASSES * self.nouns_per_class)

    @property
    def vocabulary(self) -> int:
        """How many numbers there are, the special ones included."""
        return self.noun_words.stop

    def phrases(self, generator: Generator, batch: int, agreeing: bool = True) -> Int[Tensor, "B 4"]:
        """One phrase each. Unless `agreeing`, article and verb tell random classes."""
        words, classes = self.bare(generator, batch)
        told = torch.randint(self.CLASSES, (2, batch), generator=generator)
        if agreeing:
            told = classes.expand(2, batch)
        return torch.stack([self.ARTICLES.start + told[0], *words.unbind(1), self.VERBS.start + told[1]], dim=1)

    def bare(self, generator: Generator, batch: int) -> tuple[Int[Tensor, "B 2"], Int[Tensor, "B"]]:
        """The adjective and the noun of a phrase, without the words that tell the class, and the class of the noun."""
        adjective, noun = (
            torch.randint(words.start, words.stop, (batch,), generator=generator)
            for words in (self.adjective_words, self.noun_words)
        )
        return torch.stack([adjective, noun], dim=1), self.class_of(noun)

    def class_of(self, nouns: Int[Tensor, "*shape"]) -> Int[Tensor, "*shape"]:
        """The class, 0 to 3, of each noun."""
        return (nouns - self.noun_words.start) // self.nouns_per_class


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
