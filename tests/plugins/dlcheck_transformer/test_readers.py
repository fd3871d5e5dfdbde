"""The readers: the reference model's encoder between an embedding and an answer, and what it is compared with."""

import pytest
import torch

from dlcheck.lab import probes
from dlcheck_transformer.model import Encoder
from dlcheck_transformer.readers import Reader, RecurrentReader


def test_reader_uses_the_reference_model() -> None:
    """Its answers go through the reference model's encoder and positions, and nothing else that mixes words."""
    reader = Reader(5, 3)
    assert isinstance(reader.encoder, Encoder)
    words = torch.randint(5, (2, 7))
    x = reader.positions(reader.embedding(words))
    torch.testing.assert_close(reader(words), reader.answer(reader.encoder(x)))


@pytest.mark.parametrize("causal", [True, False])
def test_causal_readers_see_the_past_alone(causal: bool) -> None:
    """With the mask, answer i depends on words 0 to i; without, on all of them."""
    reader = Reader(5, 3, causal=causal).double()
    x = torch.randn(6, 32, dtype=torch.float64, requires_grad=True)
    every = torch.ones(6, 6, dtype=torch.bool)
    assert torch.equal(probes.sees(reader.read(x[None])[0], x), every.tril() if causal else every)


def test_without_positions_order_is_invisible() -> None:
    """The mean answer to the same words in another order is the same; with positions it is not."""
    words = torch.tensor([[0, 1, 2, 3]])
    for positions, same in ((None, True), ("sinusoidal", False)):
        reader = Reader(4, 2, positions=positions).double()
        there, back = reader(words).mean(1), reader(words.flip(1)).mean(1)
        assert torch.allclose(there, back, atol=1e-12) == same


def test_forget_bias_makes_an_lstm_remember() -> None:
    """With 5 added, the forget gates of a fresh LSTM stay open by 0.97 and more, and no other gate has moved."""
    torch.manual_seed(0)
    plain = RecurrentReader("lstm", 4, 4)
    torch.manual_seed(0)
    remembering = RecurrentReader("lstm", 4, 4, forget=5.0)
    moved = remembering.layer.get_parameter("bias_hh_l0") - plain.layer.get_parameter("bias_hh_l0")
    torch.testing.assert_close(moved, torch.tensor([0.0, 5.0, 0.0, 0.0]).repeat_interleave(32))
    x = plain.embedding(torch.tensor([[0, 1, 2]]))
    far = [
        torch.autograd.grad(r.read(x)[0, -1].sum(), x, retain_graph=True)[0][0, 0].norm() for r in (plain, remembering)
    ]
    assert far[1] > 2 * far[0]
