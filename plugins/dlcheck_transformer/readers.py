"""Networks that read tokens and answer: the reference model's encoder, and the recurrent ones it is compared with."""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn

from dlcheck_transformer.model import Encoder, LearnedPositions, SinusoidalPositions


class Reader(nn.Module):
    """Embedding, positions, the reference model's encoder, and a linear layer that answers at each position.

    The sizes are those of `dlcheck_transformer.model.Encoder`; there is no dropout. `max_len` ends a learned table.
    """

    def __init__(
        self,
        vocabulary: int,
        answers: int,
        *,
        d_model: int = 32,
        heads: int = 2,
        layers: int = 1,
        positions: Literal["sinusoidal", "learned"] | None = "sinusoidal",
        max_len: int = 64,
        causal: bool = False,
    ) -> None:
        super().__init__()
        self.causal = causal
        self.embedding = nn.Embedding(vocabulary, d_model)
        self.positions: nn.Module = nn.Identity()
        if positions is not None:
            self.positions = SinusoidalPositions() if positions == "sinusoidal" else LearnedPositions(d_model, max_len)
        self.encoder = Encoder(layers, d_model, heads, 2 * d_model, dropout=0.0)
        self.answer = nn.Linear(d_model, answers)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T answers"]:
        return self.read(self.embedding(tokens))

    def read(self, x: Float[Tensor, "B T d_model"]) -> Float[Tensor, "B T answers"]:
        """The answers to embedded tokens."""
        logits: Tensor = self.answer(self.encoder(self.positions(x), causal=self.causal))
        return logits


class RecurrentReader(nn.Module):
    """The same with nn.RNN or nn.LSTM in place of positions and encoder.

    forget: added to an LSTM's forget bias; it then starts by keeping what it has read (Jozefowicz et al. 2015).
    """

    def __init__(
        self, kind: Literal["rnn", "lstm"], vocabulary: int, answers: int, width: int = 32, forget: float = 0.0
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.layer = (nn.RNN if kind == "rnn" else nn.LSTM)(width, width, batch_first=True)
        if forget:
            with torch.no_grad():
                # The LSTM's gates are stored in the order input, forget, cell, output.
                self.layer.get_parameter("bias_hh_l0")[width : 2 * width] += forget
        self.answer = nn.Linear(width, answers)

    def forward(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B T answers"]:
        return self.read(self.embedding(tokens))

    def read(self, x: Float[Tensor, "B T width"]) -> Float[Tensor, "B T answers"]:
        """The answers to embedded tokens."""
        logits: Tensor = self.answer(self.layer(x)[0])
        return logits
