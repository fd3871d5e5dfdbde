"""Small BERTs are pre-trained on exactly what the masker chose, and the text is numbered as they expect it."""

import math

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses

from dlcheck import Run
from dlcheck.lab.prose import Text
from dlcheck_bert import practice, text
from dlcheck_bert.model import FIRST_WORD, UNCHOSEN, UNK, Masker, PreTraining, is_special, pack

VOCABULARY = 30


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def sequences(generator: torch.Generator, batch: int) -> torch.Tensor:
    return pack(torch.randint(FIRST_WORD, VOCABULARY, (batch, 5), generator=generator))


def network(seed: int = 0) -> PreTraining:
    torch.manual_seed(seed)
    return PreTraining(practice.small(VOCABULARY, 7)).eval()


def test_chosen_words_are_all_kept() -> None:
    """Each step's places hold every word that was chosen in it, with its answer, and nothing else."""
    shown, labels = Masker(VOCABULARY)(sequences(drawn(), 40), drawn(2))
    ((kept, places, answers),) = practice.at_chosen([(shown, labels)], steps=10)
    assert kept is shown
    for where, answer, wanted in zip(places.view(10, -1), answers.view(10, -1), labels.view(10, -1), strict=True):
        again = torch.full_like(wanted, UNCHOSEN).scatter(0, where, answer)
        assert torch.equal(again, wanted)


def test_every_seed_has_room_for_as_many() -> None:
    """Batches of all seeds are of one shape, whichever seed has the fullest step."""
    masked = [Masker(VOCABULARY)(sequences(drawn(seed), 40), drawn(seed)) for seed in range(4)]
    shapes = {places.shape for _, places, _ in practice.at_chosen(masked, steps=10)}
    assert len(shapes) == 1
    fullest = max(int((labels.view(10, -1) != UNCHOSEN).sum(dim=1).max()) for _, labels in masked)
    assert shapes == {(10 * fullest,)}


def test_the_loss_is_the_mean_over_chosen_words() -> None:
    """The same as cross-entropy with all logits, which is what `surprise` computes."""
    model, (shown, labels) = network(), Masker(VOCABULARY)(sequences(drawn(), 40), drawn(2))
    ((shown, places, answers),) = practice.at_chosen([(shown, labels)], steps=1)
    wanted = F.cross_entropy(model(shown)[0].flatten(0, 1), labels.flatten())
    torch.testing.assert_close(practice.mlm_loss(model, shown, places, answers), wanted)
    assert practice.surprise(model, shown, labels) == pytest.approx(wanted.item(), rel=1e-5)


def test_pre_training_learns_and_leaves_the_generator_behind_its_exercises() -> None:
    """A language of one word is learned within 40 steps; what is drawn afterwards was not drawn for training."""
    run = Run([1, 2])
    generators = [run.generator(seed) for seed in run.seeds]
    constant = pack(torch.full((1, 5), 9))
    models = practice.pretrained(
        run,
        generators,
        lambda: practice.small(VOCABULARY, 7),
        lambda _, size: constant.repeat(size, 1),
        Masker(VOCABULARY),
        steps=40,
        batch=8,
    )
    shown, labels = Masker(VOCABULARY, masked=1.0, random=0.0)(constant.repeat(50, 1), drawn())
    assert all(practice.surprise(model, shown, labels) < 0.5 < math.log(VOCABULARY) for model in models)
    for generator, seed in zip(generators, run.seeds, strict=True):
        assert not torch.equal(generator.get_state(), run.generator(seed).get_state())


def test_named_by_hand() -> None:
    """The share of sequences whose true token has the largest logit, at each place."""
    model, tokens = network(), sequences(drawn(), 20)
    best = model(tokens)[0].argmax(-1)
    assert torch.equal(practice.named(model, tokens, best), torch.ones(7, dtype=torch.float64))
    half = torch.cat([best[:10], best[10:] + 1])
    assert torch.equal(practice.named(model, tokens, half), torch.full((7,), 0.5, dtype=torch.float64))


def test_an_even_reader_attends_to_all_words_alike() -> None:
    """Its outputs do not change when words trade places, and [CLS] sees all of them."""
    torch.manual_seed(0)
    bert = practice.evenly_reading(VOCABULARY, 7).eval()
    tokens = sequences(drawn(), 3)
    order = torch.tensor([0, 3, 1, 5, 2, 4, 6])
    torch.testing.assert_close(bert(tokens)[:, order], bert(tokens[:, order]))
    assert not torch.allclose(bert(tokens)[:, 0], bert(tokens.roll(1, 0))[:, 0])


def test_unigrams_by_hand() -> None:
    """Words 5, 5 and 6 of three: counted once more each, out of six; special tokens have no probability."""
    part = Text(torch.tensor([5, 5, 6, UNK]), torch.zeros(4, dtype=torch.long), torch.tensor([2]))
    assert text.unigrams(part, 8).exp().tolist() == pytest.approx([0, 0, 0, 0, 0, 3 / 6, 2 / 6, 1 / 6])


def test_the_numbers_of_prose() -> None:
    """500 words and 5 special tokens; rare words are [UNK]; both parts use the numbers of the training part."""
    prose = text.prose(500)
    assert prose.size == 505
    for part in (prose.train, prose.held_out):
        assert int(part.words.max()) < 505
        assert 0 < is_special(part.words).double().mean() < 0.3
        assert set(part.words[is_special(part.words)].tolist()) == {UNK}
    counts = torch.bincount(prose.train.words, minlength=505)[FIRST_WORD:]
    assert (counts.diff() <= 0).all(), "the most frequent first"


def test_content_words_are_the_next_frequent() -> None:
    """Words number 101 to 600 of the prose, in the same order, and no [UNK] among them."""
    full, reduced = text.prose(600).train, text.content(500, 100).train
    wanted = full.words[full.words >= FIRST_WORD + 100] - 100
    counts = [torch.bincount(words, minlength=505) for words in (wanted, reduced.words)]
    assert torch.equal(counts[0].sort().values, counts[1].sort().values)
    assert not is_special(reduced.words).any()


def test_incoherent_prose_has_the_same_words() -> None:
    """As often as before, in another order of sentences."""
    before, after = text.prose(300).train.words, text.incoherent(300, drawn()).train.words
    assert torch.equal(before.bincount(), after.bincount())
    assert not torch.equal(before, after)
