"""Real English prose without a download: the reference manual of Python, which ships inside the standard library.

`pydoc_data.topics` has some 80 articles, which become about 2,200 sentences of 60,000 words. Programs, tables,
grammars and headings are left out, and so are quotation marks and other layout. The text differs a little between
versions of Python.

A word is a run of letters (an apostrophe may stand inside), a number, or a mark of punctuation; all in lower case.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import chain
from pydoc_data.topics import topics
from typing import Self

import torch
from jaxtyping import Int
from torch import Generator, Tensor

Sentence = tuple[str, ...]
Document = tuple[Sentence, ...]

_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[.,;:!?()]")
_END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_BULLET = re.compile(r"^\s*(?:[*-]|\d+\.)\s+")


@cache
def documents() -> tuple[Document, ...]:
    """The articles that have prose, in alphabetical order; each is its sentences in order, each of them its words."""
    articles = (tuple(_sentences(topics[name])) for name in sorted(topics))
    return tuple(article for article in articles if article)


def split(texts: Iterable[Document], test: float = 0.2) -> tuple[tuple[Document, ...], tuple[Document, ...]]:
    """Training and test text: the last `test` of each document is held out, so that both speak of the same things."""
    parts = [(text[: (cut := len(text) - round(test * len(text)))], text[cut:]) for text in texts]
    return tuple(train for train, _ in parts if train), tuple(held_out for _, held_out in parts if held_out)


@dataclass(frozen=True)
class Vocabulary:
    """Numbers for words. Those below `first` are the user's, for special tokens; `unknown` is one of them.

    words: word i has the number first + i.
    """

    words: tuple[str, ...]
    first: int
    unknown: int

    @classmethod
    def of(cls, texts: Iterable[Document], size: int, *, first: int, unknown: int) -> Self:
        """The `size` most frequent words of the texts, the most frequent first, equals in alphabetical order."""
        counts = Counter(chain.from_iterable(chain.from_iterable(texts)))
        ranked = sorted(counts, key=lambda word: (-counts[word], word))
        return cls(tuple(ranked[:size]), first, unknown)

    def __len__(self) -> int:
        """How many numbers there are, the special ones included."""
        return self.first + len(self.words)

    def encode(self, words: Sequence[str]) -> list[int]:
        """The number of each word, `unknown` for one that is not in the vocabulary."""
        return [self._numbers.get(word, self.unknown) for word in words]

    def decode(self, numbers: Iterable[int]) -> list[str]:
        """The word of each number, "?" for special ones."""
        return [self.words[number - self.first] if number >= self.first else "?" for number in numbers]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {word: self.first + i for i, word in enumerate(self.words)}


@dataclass(frozen=True)
class Text:
    """Documents as numbers of words, one after the other, N in all.

    document: which document each word is of.  borders: where a sentence starts that follows another in its document.
    """

    words: Int[Tensor, "N"]
    document: Int[Tensor, "N"]
    borders: Int[Tensor, "borders"]

    @classmethod
    def of(cls, texts: Iterable[Document], vocabulary: Vocabulary) -> Self:
        words: list[int] = []
        document: list[int] = []
        borders: list[int] = []
        for number, text in enumerate(texts):
            for i, sentence in enumerate(text):
                if i > 0:
                    borders.append(len(words))
                words += vocabulary.encode(sentence)
                document += [number] * len(sentence)
        return cls(torch.tensor(words), torch.tensor(document), torch.tensor(borders))

    def passages(self, generator: Generator, batch: int, length: int) -> Int[Tensor, "B T"]:
        """Consecutive words from random places; a passage may run on into the next document."""
        places = torch.randint(len(self.words) - length + 1, (batch, 1), generator=generator)
        return self.words[places + torch.arange(length)]

    def scrambled(self, generator: Generator) -> "Text":
        """The same words in random order, all documents together: frequencies stay, context is gone."""
        return Text(self.words[torch.randperm(len(self.words), generator=generator)], self.document, self.borders)

    def pairs(
        self, generator: Generator, batch: int, length: int, pad: int = 0
    ) -> tuple[Int[Tensor, "B A"], Int[Tensor, "B A"], Int[Tensor, "B"]]:
        """Up to `length` words before a border, as many after one, and 1 where it is the same border, else 0.

        Half of the second parts follow the first; the others start at random borders of any document. Padded at the
        right, and cut off where the document ends.
        """
        here, elsewhere = (torch.randint(len(self.borders), (batch,), generator=generator) for _ in range(2))
        follows = torch.randint(2, (batch,), generator=generator)
        there = torch.where(follows == 1, here, elsewhere)
        follows = (here == there).long()
        return self.around(here, length, pad)[0], self.around(there, length, pad)[1], follows

    def around(
        self, which: Int[Tensor, "B"], length: int, pad: int = 0
    ) -> tuple[Int[Tensor, "B A"], Int[Tensor, "B A"]]:
        """Up to `length` words before border number `which`, and as many after it, padded at the right."""
        borders, steps = self.borders[which], torch.arange(length)
        before = self._within(borders, -1 - steps, pad).flip(1)
        before = before.gather(1, (before == pad).long().argsort(dim=1, stable=True))
        return before, self._within(borders, steps, pad)

    def _within(self, borders: Tensor, steps: Tensor, pad: int) -> Tensor:
        """The words so many steps from the borders, `pad` where those are of another document than the border."""
        places = borders[:, None] + steps
        inside = places.clamp(0, len(self.words) - 1)
        same = (self.document[inside] == self.document[borders][:, None]) & (places == inside)
        return self.words[inside].masked_fill(~same, pad)


def shuffled(texts: Sequence[Document], generator: Generator) -> tuple[Document, ...]:
    """The same sentences in random order, dealt out to documents of the same lengths: none follows its predecessor."""
    sentences = [sentence for text in texts for sentence in text]
    order = iter(torch.randperm(len(sentences), generator=generator).tolist())
    return tuple(tuple(sentences[next(order)] for _ in text) for text in texts)


def reduced(texts: Sequence[Document], kept: Set[str]) -> tuple[Document, ...]:
    """The texts with no words but those that are kept; sentences and documents of which nothing is left are gone."""
    sentences = ((tuple(word for word in sentence if word in kept) for sentence in text) for text in texts)
    documents = (tuple(sentence for sentence in text if sentence) for text in sentences)
    return tuple(text for text in documents if text)


def _sentences(article: str) -> Iterable[Sentence]:
    for paragraph in re.split(r"\n\s*\n", article):
        lines = [_BULLET.sub("", line) for line in paragraph.splitlines()]
        if not _is_prose(lines):
            continue
        for sentence in _END_OF_SENTENCE.split(" ".join(lines)):
            words = tuple(_WORD.findall(sentence.lower()))
            if len(words) >= 4:  # the rest are remains of layout, such as "e.g."
                yield words


def _is_prose(lines: Sequence[str]) -> bool:
    """Whether a paragraph is sentences: starts with a letter, ends like a sentence, few signs of code."""
    text = " ".join(line.strip() for line in lines)
    if not re.match(r"[A-Z\"]", text) or not re.search(r"[.:!?)]\W*$", text):
        return False
    if any(re.match(r"\s*(>>>|\.\.\.|\*\*|==|--|\+-|\|)", line) for line in lines) or "::=" in text:
        return False
    signs = sum(sign in "=<>{}[]_|+\\@#%^&*~" for sign in text)
    return signs <= 0.03 * len(text)
