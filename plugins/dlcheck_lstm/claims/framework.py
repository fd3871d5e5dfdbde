"""Cells in the precision of an equality claim, and the framework's own layers with their weights as an oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, lazy

if TYPE_CHECKING:
    from dlcheck_lstm.model import Recurrent

torch: Any = lazy("torch")
readers: Any = lazy("dlcheck_lstm.readers")


def cell(run: Run, kind: str, d_in: int, d: int) -> Any:
    """A cell with the framework's start, in the precision of an equality claim; call it where a seed is set."""
    return readers.CELLS[kind](d_in, d).to(run.exact_dtype).to(run.device)


def framework(ours: Recurrent) -> Any:
    """nn.RNN, nn.LSTM or nn.GRU with the weights of one of our cells."""
    d_in = ours.input.w.shape[0]
    theirs = getattr(torch.nn, type(ours).__name__)(d_in, ours.d, batch_first=True)
    theirs.load_state_dict(
        {
            "weight_ih_l0": ours.input.w.T,
            "weight_hh_l0": ours.hidden.w.T,
            "bias_ih_l0": ours.input.b,
            "bias_hh_l0": ours.hidden.b,
        }
    )
    return theirs.to(ours.input.w)
