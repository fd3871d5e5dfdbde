"""What the claims rest on."""

import pytest
import torch

from dlcheck import Run
from dlcheck.lab.grammar import two_sentences
from dlcheck_bert.claims import language, next_sentence, special_tokens
from dlcheck_bert.model import CLS, FIRST_WORD, MASK, PAD, SEP, Bert, PreTraining, pack, segment_ids
from dlcheck_bert.text import Prose, content, prose


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_first_sep_alone_is_left_out() -> None:
    """By hand: the second one stays, and so does every sentence number but that of the one left out."""
    tokens = torch.tensor([[CLS, 7, SEP, 8, 9, SEP], [CLS, 7, 8, SEP, 9, SEP]])
    left = special_tokens.without_first_sep(tokens, tokens)
    assert left.tolist() == [[CLS, 7, 8, 9, SEP], [CLS, 7, 8, 9, SEP]]
    numbers = special_tokens.without_first_sep(tokens, segment_ids(tokens))
    assert numbers.tolist() == [[0, 0, 1, 1, 1], [0, 0, 0, 1, 1]]


def test_without_sep_nothing_tells_where_the_sentence_ends() -> None:
    """Pairs of one text cut at different places are the same tokens then."""
    words = torch.arange(FIRST_WORD, FIRST_WORD + 8)
    rows = [pack(words[None, :end], words[None, end:]) for end in range(2, 7)]
    assert len({tuple(special_tokens.without_first_sep(row, row)[0].tolist()) for row in rows}) == 1


def test_pairs_for_sep_are_of_one_length() -> None:
    """8 words and three special tokens without padding, so no number of tokens tells the border."""
    first, second = two_sentences(drawn(), 500, words=20, length=special_tokens.LENGTH)
    tokens = pack(first, second)
    assert (tokens[:, : special_tokens.LENGTH + 3] != PAD).all()
    assert (tokens[:, special_tokens.LENGTH + 3 :] == PAD).all()


def test_half_of_the_pairs_of_an_exam_are_neighbours() -> None:
    """So who cannot tell is right in half of the cases."""
    _, follows = next_sentence.packed(content(500, 100).held_out, drawn(), 4000)
    assert abs(follows.double().mean() - 0.5) < 0.03


def test_neighbours_share_words_and_shuffled_ones_do_not() -> None:
    """What NSP can go by: a shared content word is 20 points more frequent among neighbours, if sentences are ordered.

    The parts are up to 10 words on either side of the border of two sentences.
    """
    assert shared(content(500, 100)) > 0.2
    assert abs(shared(content(500, 100, drawn(2)))) < 0.05


def shared(part: Prose) -> float:
    """How much more often neighbours share a word than others do."""
    first, second, follows = part.held_out.pairs(drawn(), 4000, next_sentence.LENGTH)
    same = ((first[:, :, None] == second[:, None]) & (first != PAD)[:, :, None]).any(dim=(1, 2)).double()
    return float(same[follows == 1].mean() - same[follows == 0].mean())


@pytest.mark.parametrize("ordered", [True, False])
def test_passages_are_packed_words_of_the_text(ordered: bool) -> None:
    """[CLS], six words, [SEP]; in the text's own order or in no order at all."""
    text = prose(200).train
    drawn_passages = language.passages_of(text, ordered)(drawn(), 300)
    assert (drawn_passages[:, 0] == CLS).all()
    assert (drawn_passages[:, -1] == SEP).all()
    real = set(map(tuple, text.words.unfold(0, 6, 1).tolist()))
    found = sum(tuple(row) in real for row in drawn_passages[:, 1:-1].tolist())
    assert found == 300 if ordered else found < 30


def test_a_gap_is_hidden_from_the_network() -> None:
    """Whatever word stands at the gap, the network is shown [MASK] there, and so names one word, right once."""
    torch.manual_seed(0)
    network = PreTraining(Bert(40, hidden=8, layers=1, heads=2, max_len=6, dropout=0.0, std=0.5)).eval()
    phrases = torch.tensor([[CLS, 7, 8, 9, 10, SEP]]).repeat(35, 1)
    phrases[:, 2] = torch.arange(FIRST_WORD, 40)
    before = phrases.clone()
    assert language.named_behind_mask(network, phrases, 2) in (0.0, pytest.approx(1 / 35))  # it may name no word
    assert torch.equal(phrases, before)
    assert not (phrases == MASK).any()


def test_exams_are_not_exercises(monkeypatch: pytest.MonkeyPatch) -> None:
    """The generator that drew a seed's exercises goes on to draw its exam: not another seed's, not a fresh one."""
    drawn_by: list[tuple[int, int]] = []

    def passages_of(part: object, ordered: bool) -> object:
        def draw(generator: torch.Generator, size: int) -> torch.Tensor:
            drawn_by.append((generator.initial_seed(), size))
            return pack(torch.full((size, language.LENGTH), 9))

        return draw

    monkeypatch.setattr(language, "passages_of", passages_of)
    monkeypatch.setattr(language.practice, "pretrained", lambda run, generators, make, draw, *_, **__: _pretrained(run))
    language.masked_words_of_prose_beat_a_unigram.experiment(Run([3, 4]))
    assert [seed for seed, _ in drawn_by] == [3, 4]


def _pretrained(run: Run) -> list[PreTraining]:
    return [PreTraining(Bert(205, hidden=8, layers=1, heads=2, max_len=8)).eval() for _ in run.seeds]
