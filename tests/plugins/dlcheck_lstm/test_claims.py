"""What the claims rest on."""

import pytest
import torch

from dlcheck import Run
from dlcheck_lstm import readers
from dlcheck_lstm.claims import gradients, memory
from dlcheck_lstm.model import LSTM


def test_decay_of_a_forget_gate_by_hand() -> None:
    """Without recurrent weights the gradient goes through the cell state alone: bias b leaves about sigmoid(b)^90."""
    (shrunk,) = gradients.decay(Run([3]), "lstm", since=10, keep=1.0, times=0.0)
    assert -90 * 0.20 < shrunk < -90 * 0.08  # log10 sigmoid(1) is -0.136, and inputs open and shut the gates


@pytest.fixture
def reader() -> readers.Reader:
    torch.manual_seed(0)
    return readers.Reader(LSTM(5, 8), 4).requires_grad_(False)


def test_nothing_held_nothing_erased(reader: readers.Reader) -> None:
    """Reading in pieces, with nothing done in between, is reading."""
    x = torch.randn(3, 12, 5)
    torch.testing.assert_close(memory.erased(reader, x, [], [4, 5]), reader(x))
    torch.testing.assert_close(memory.erased(reader, x, ["cell"], []), reader(x))
    torch.testing.assert_close(memory.held(reader, x, "forget", 0.0, 5, 5), reader(x))


def test_erased_is_forgotten(reader: readers.Reader) -> None:
    """With both vectors erased after step 7 the answer is that to the rest alone; erasing one is not enough."""
    x = torch.randn(3, 12, 5)
    torch.testing.assert_close(memory.erased(reader, x, ["cell", "hidden"], [7]), reader(x[:, 7:]))
    assert not torch.allclose(memory.erased(reader, x, ["cell"], [7]), reader(x[:, 7:]))


def test_an_output_gate_held_shut_leaves_the_bias(reader: readers.Reader) -> None:
    """Nothing is shown in the last step, so every answer is the readout's bias."""
    answers = memory.held(reader, torch.randn(3, 12, 5), "output", 0.0, 11, 12)
    torch.testing.assert_close(answers, reader.answer.b.expand(3, 4))
