"""The prose of the standard library: what is kept of it, how it is numbered, and which pairs are drawn from it."""

import torch

from dlcheck.lab import prose


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_there_is_enough_of_it_and_it_is_prose() -> None:
    """Some 2,000 sentences; nearly all end in a full stop, and the commonest words are those of English."""
    sentences = [sentence for document in prose.documents() for sentence in document]
    assert len(sentences) > 1500
    assert sum(map(len, sentences)) > 30_000
    assert sum(sentence[-1] in ".:!?)" for sentence in sentences) > 0.95 * len(sentences)
    assert {"the", "of", "is", "a", "to"} <= set(prose.Vocabulary.of(prose.documents(), 12, first=0, unknown=0).words)


def test_programs_and_tables_are_left_out() -> None:
    """No grammar rules, prompts or rulers; each word is lower case."""
    words = {word for document in prose.documents() for sentence in document for word in sentence}
    assert not words & {">>>", "::=", "==", "**", "--"}
    assert all(word == word.lower() for word in words)


def test_sentences_by_hand() -> None:
    """Bullets and lines are joined, marks of punctuation are words, a table is dropped."""
    article = 'Title\n*****\n\n* The value is "3".  It isn\'t\n  None.\n\n   x = [1, 2]\n\nA | B\n=====\n'
    assert list(prose._sentences(article)) == [("the", "value", "is", "3", "."), ("it", "isn't", "none", ".")]


def test_split_holds_out_the_end_of_each_document() -> None:
    """Nothing is lost, nothing is in both, and the order stays."""
    texts = (tuple((str(i),) for i in range(10)), (("x",),))
    train, test = prose.split(texts, test=0.3)
    assert train == (texts[0][:7], texts[1])
    assert test == (texts[0][7:],)


TEXTS = ((("a", "b"), ("c",), ("d", "a")), (("e",), ("f", "a")))


def test_vocabulary_by_hand() -> None:
    """The commonest first, equals by the alphabet, numbered from `first`; the rest is unknown."""
    vocabulary = prose.Vocabulary.of(TEXTS, 3, first=5, unknown=1)
    assert vocabulary.words == ("a", "b", "c")
    assert len(vocabulary) == 8
    assert vocabulary.encode(["c", "a", "f"]) == [7, 5, 1]
    assert vocabulary.decode([7, 5, 1]) == ["c", "a", "?"]


def numbered() -> prose.Text:
    """a to f are 5 to 10."""
    return prose.Text.of(TEXTS, prose.Vocabulary(tuple("abcdef"), 5, 1))


def test_text_by_hand() -> None:
    """Words in order, their documents, and the starts of sentences that have one before them."""
    text = numbered()
    assert text.words.tolist() == [5, 6, 7, 8, 5, 9, 10, 5]
    assert text.document.tolist() == [0, 0, 0, 0, 0, 1, 1, 1]
    assert text.borders.tolist() == [2, 3, 6]


def test_pairs_meet_at_borders() -> None:
    """Where the label is 1 both parts touch at one border; no part leaves its document; half of the labels are 1."""
    first, second, follows = numbered().pairs(drawn(), 3000, length=3)
    before = {(5, 6, 0), (5, 6, 7), (9, 0, 0)}
    after = {(7, 8, 5), (8, 5, 0), (10, 5, 0)}
    true = {((5, 6, 0), (7, 8, 5)), ((5, 6, 7), (8, 5, 0)), ((9, 0, 0), (10, 5, 0))}
    drawn_pairs = list(zip(map(tuple, first.tolist()), map(tuple, second.tolist()), follows.tolist(), strict=True))
    assert {a for a, _, _ in drawn_pairs} == before
    assert {b for _, b, _ in drawn_pairs} == after
    assert all(((a, b) in true) == (label == 1) for a, b, label in drawn_pairs)
    assert abs(follows.float().mean() - (0.5 + 0.5 / 3)) < 0.03  # a random border is the right one in a third here


def test_passages_are_runs_of_the_text() -> None:
    """Each is consecutive words, and every place is drawn."""
    text = numbered()
    runs = {tuple(text.words[i : i + 4].tolist()) for i in range(5)}
    assert set(map(tuple, text.passages(drawn(), 200, 4).tolist())) == runs


def test_shuffling_keeps_sentences_and_lengths() -> None:
    """The same sentences, the same numbers of them, another order."""
    texts = tuple(prose.documents())
    mixed = prose.shuffled(texts, drawn())
    assert [len(text) for text in mixed] == [len(text) for text in texts]
    assert sorted(s for text in mixed for s in text) == sorted(s for text in texts for s in text)
    assert mixed != texts


def test_reduced_by_hand() -> None:
    """Other words go, then empty sentences, then empty documents."""
    assert prose.reduced(TEXTS, {"a", "c"}) == ((("a",), ("c",), ("a",)), (("a",),))
    assert prose.reduced(TEXTS, {"e"}) == ((("e",),),)
