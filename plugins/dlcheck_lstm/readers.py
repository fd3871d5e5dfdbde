"""A recurrent cell that reads a sequence and answers."""

from typing import Literal

from jaxtyping import Float
from torch import Tensor, nn

from dlcheck_lstm.model import FREE, GRU, LSTM, RNN, Affine, Forced, Recurrent, chrono_, set_bias_

Kind = Literal["rnn", "lstm", "gru"]
CELLS: dict[str, type[Recurrent]] = {"rnn": RNN, "lstm": LSTM, "gru": GRU}
KEEPS = {"lstm": "forget", "gru": "update"}
"""The gate of each cell that keeps what it has, and so makes it remember when it is open."""


class Reader(nn.Module):
    """A cell and an affine map of its hidden state. Weights may carry an axis of seeds, as those of cells.

    forced: gates that are held at a value in training and afterwards.
    """

    def __init__(self, cell: Recurrent, answers: int, forced: Forced = FREE) -> None:
        super().__init__()
        self.cell = cell
        self.answer = Affine(cell.d, answers)
        self.forced = dict(forced)

    def forward(self, x: Float[Tensor, "*seeds B T d_in"]) -> Float[Tensor, "*seeds B answers"]:
        """The answer after the last step."""
        _, (h, *_) = self.cell(x, None, self.forced)
        answer: Tensor = self.answer(h)
        return answer

    def at_each_step(self, x: Float[Tensor, "*seeds B T d_in"]) -> Float[Tensor, "*seeds B*T answers"]:
        """An answer after each step, those of one sequence after the other."""
        states, _ = self.cell(x, None, self.forced)
        answers: Tensor = self.answer(states.flatten(-3, -2))
        return answers


def remembering(kind: Kind, d_in: int, d: int, keep: float | None = None, longest: int | None = None) -> Recurrent:
    """A cell for learning: its input weights start uniform within ± 1, because there are few inputs.

    keep: the bias with which the gate that keeps memory starts; longest: a chrono start instead (`chrono_`).
    The framework's start is left as it is without either.
    """
    cell = CELLS[kind](d_in, d)
    nn.init.uniform_(cell.input.w, -1, 1)
    if keep is not None:
        set_bias_(cell, KEEPS[kind], keep)
    if longest is not None:
        assert isinstance(cell, LSTM | GRU)
        chrono_(cell, longest)
    return cell
