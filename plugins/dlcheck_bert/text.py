"""Real prose for BERT: numbered after its special tokens, split into training and held-out text."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Generator

from dlcheck.lab.prose import Document, Text, Vocabulary, documents, reduced, shuffled, split
from dlcheck_bert.model import FIRST_WORD, UNK


@dataclass(frozen=True)
class Prose:
    """size: of the vocabulary, special tokens included."""

    train: Text
    held_out: Text
    size: int


@cache
def prose(words: int) -> Prose:
    """The lab's prose with a vocabulary of the most frequent `words` of its training part; others are [UNK]."""
    return _numbered(*split(documents()), words)


def incoherent(words: int, generator: Generator) -> Prose:
    """The same, its sentences shuffled within each part: what follows a sentence has nothing to do with it."""
    train, held_out = split(documents())
    return _numbered(shuffled(train, generator), shuffled(held_out, generator), words)


def content(words: int, common: int, order: Generator | None = None) -> Prose:
    """The prose with nothing left of it but the `words` words that come in frequency after the `common` first.

    order: shuffles the sentences within each part, as in `incoherent`.
    """
    train, held_out = split(documents())
    ranked = Vocabulary.of(train, common + words, first=FIRST_WORD, unknown=UNK).words
    parts = [reduced(part, frozenset(ranked[common:])) for part in (train, held_out)]
    train, held_out = parts if order is None else [shuffled(part, order) for part in parts]
    return _numbered(train, held_out, words)


def _numbered(train: tuple[Document, ...], held_out: tuple[Document, ...], words: int) -> Prose:
    vocabulary = Vocabulary.of(train, words, first=FIRST_WORD, unknown=UNK)
    return Prose(Text.of(train, vocabulary), Text.of(held_out, vocabulary), len(vocabulary))


def unigrams(text: Text, size: int) -> torch.Tensor:
    """log P(word) by its frequency in the text, each counted once more than it occurs; special tokens have none."""
    counts = torch.bincount(text.words, minlength=size).double() + 1
    counts[:FIRST_WORD] = 0
    return (counts / counts.sum()).log()
