"""How often is a right claim among the first three that `dlcheck notes check` suggests?

python benchmarks/suggestions.py                  # for the statements of dlcheck/notes/bundled/, in both languages
python benchmarks/suggestions.py FOLDER           # for the sentences of the five notes too, from their files
python benchmarks/suggestions.py FOLDER --methods # other ways of comparing beside it (needs rapidfuzz)

A claim is right when it supports or contradicts the statement, or shows a condition of it; claims that are only
related are not. A suggestion below the floor is none.
"""

import argparse
import hashlib
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from dlcheck.api import Claim
from dlcheck.notes.document import parse, read
from dlcheck.notes.statements import Relation, bundled
from dlcheck.notes.suggest import MOST, Suggester
from dlcheck.plugins import load

Query = tuple[str, set[str]]  # a sentence, and the ids of the claims that are right for it
Closest = Callable[[Sequence[str]], Iterator[tuple[Claim, ...]]]
SENTENCES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))


def right() -> dict[str, set[str]]:
    """The right claims of every statement that has any."""
    ties = {each.id: each.ties for note in bundled() for each in note.statements}
    decided = {name: {id_ for id_, tie in tied.items() if tie is not Relation.RELATED} for name, tied in ties.items()}
    return {name: claims for name, claims in decided.items() if claims}


def in_our_words() -> dict[str, list[Query]]:
    """The bundled statements, by language."""
    claims = right()
    statements = [each for note in bundled() for each in note.statements if each.id in claims]
    return {
        "statements, English": [(each.text.en, claims[each.id]) for each in statements],
        "statements, Korean": [(each.text.ko, claims[each.id]) for each in statements],
    }


def as_written(folder: Path) -> list[Query]:
    """The sentences of the notes themselves."""
    claims, queries = right(), []
    for note, told in SENTENCES.items():
        (file,) = folder.glob(f"{note}*.txt")
        if hashlib.sha256(file.read_bytes()).hexdigest() != told["sha256"]:
            raise SystemExit(f"{file} is another text than the one whose sentences were marked")
        lines = parse(read(file))
        for place, statements in told["sentences"].items():
            line, sentence = map(int, place.split("."))
            queries.append((lines[line - 1].sentences[sentence], set().union(*map(claims.__getitem__, statements))))
    return queries


def hits(queries: Sequence[Query], closest: Closest) -> tuple[int, int]:
    """For how many sentences a right claim comes first, and for how many it is among the first three."""
    found = list(zip(closest([sentence for sentence, _ in queries]), queries, strict=True))
    first = sum(bool(near) and near[0].id in claims for near, (_, claims) in found)
    return first, sum(any(claim.id in claims for claim in near) for near, (_, claims) in found)


def by_chance(queries: Sequence[Query], claims: int) -> float:
    """How often a right claim would be among three drawn blindly."""
    missed = [np.prod([1 - len(right) / (claims - draw) for draw in range(MOST)]) for _, right in queries]
    return 1 - float(np.mean(missed))


def methods(claims: Sequence[Claim]) -> dict[str, Closest]:
    """Ways of comparing; none has a floor."""
    from rapidfuzz import fuzz, process, utils
    from sklearn.feature_extraction.text import TfidfVectorizer

    texts = [unicodedata.normalize("NFC", " ".join(claim.statement)) for claim in claims]
    english, korean = zip(*(claim.statement for claim in claims), strict=True)

    def ranked(likeness: np.ndarray) -> Iterator[tuple[Claim, ...]]:
        return (tuple(claims[i] for i in np.argsort(-row, kind="stable")[:MOST]) for row in likeness)

    def tfidf(**settings: object) -> Closest:
        vectors = TfidfVectorizer(**settings)
        known = vectors.fit_transform(texts)
        return lambda sentences: ranked((vectors.transform(sentences) @ known.T).toarray())

    def fuzzy(scorer: object) -> Closest:
        def likeness(sentences: Sequence[str], others: Sequence[str]) -> np.ndarray:
            return process.cdist(sentences, others, scorer=scorer, processor=utils.default_process)

        return lambda sentences: ranked(np.maximum(likeness(sentences, english), likeness(sentences, korean)))

    scorers = (fuzz.WRatio, fuzz.token_set_ratio, fuzz.token_sort_ratio, fuzz.partial_ratio)
    return {
        "TF-IDF of words": tfidf(token_pattern=r"(?u)\w+"),
        **{f"TF-IDF of 2 to {n} letters": tfidf(analyzer="char_wb", ngram_range=(2, n)) for n in (3, 4, 5)},
        "TF-IDF of 2 to 4 letters, across words": tfidf(analyzer="char", ngram_range=(2, 4)),
        **{f"rapidfuzz {scorer.__name__}": fuzzy(scorer) for scorer in scorers},
    }


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("folder", nargs="?", type=Path)
    options.add_argument("--methods", action="store_true")
    asked = options.parse_args()
    claims = load().claims
    sets = in_our_words() | ({"sentences of the notes": as_written(asked.folder)} if asked.folder else {})
    ways = {"as suggested": Suggester(claims).closest} | (methods(claims) if asked.methods else {})
    for name, queries in sets.items():
        print(f"{name}: {len(queries)}; by chance {by_chance(queries, len(claims)):.0%} among the first {MOST}")
        for way, closest in ways.items():
            first, among = hits(queries, closest)
            print(f"  {way:40}  first {first}, among the first {MOST} {among} = {among / len(queries):.0%}")


if __name__ == "__main__":
    main()
