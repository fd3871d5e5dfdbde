"""The claims whose wording is closest to a sentence, over both languages. A suggestion, never a verdict."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]  # it has no types

from dlcheck.api import Claim

MOST = 3
"""How many claims are suggested for a sentence."""
FLOOR = 0.1
"""Cosine below which nothing is suggested: a sentence about something else shares only endings and particles."""
AT_ONCE = 1000
"""Sentences compared at a time, so that a huge note needs no more memory than a small one."""


class Suggester:
    """Compares letters, not words: pairs and triples of them, weighted by rarity (TF-IDF).

    Korean glues particles to its words and notes mix both languages in one, so that words seldom match and parts of
    them do. A claim is compared by both of its languages at once. docs/notes.md says how well that works.
    """

    def __init__(self, claims: Sequence[Claim]) -> None:
        self._claims = claims
        self._vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 3))
        texts = [unicodedata.normalize("NFC", " ".join(claim.statement)) for claim in claims]
        self._known = self._vectors.fit_transform(texts)

    def closest(self, sentences: Sequence[str]) -> Iterator[tuple[Claim, ...]]:
        """For each sentence (composed, NFC) up to `MOST` claims, the closest first."""
        for start in range(0, len(sentences), AT_ONCE):
            likeness = (self._vectors.transform(sentences[start : start + AT_ONCE]) @ self._known.T).toarray()
            for row in likeness:
                best = np.argsort(-row, kind="stable")[:MOST]
                yield tuple(self._claims[index] for index in best if row[index] >= FLOOR)
