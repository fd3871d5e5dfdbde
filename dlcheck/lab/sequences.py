"""Sequence tasks of numbers and marks, drawn from a generator, with what is known about their truth.

Float32 on the CPU; B is the number of sequences, T their length.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import Float, Int
from torch import Generator, Tensor

BLIND = 1 / 6
"""Mean squared error in the adding problem of who always answers 1, the best that can be said without reading."""

SHARE_STORED, SHARE_ASKED = 0.2, 0.3
"""How often a `register` is given a new token, and how often it is asked for it."""


def adding_problem(generator: Generator, batch: int, length: int) -> tuple[Float[Tensor, "B T 2"], Float[Tensor, "B"]]:
    """Random numbers, two of them marked, and the sum of those two, which is to be told after the last step.

    Channel 0: numbers uniform between 0 and 1. Channel 1: 1 at a place in the first half and at one in the second.
    Who knows neither marked number has a mean squared error of `BLIND`, who knows one of them half of it.
    (Hochreiter and Schmidhuber 1997, section 5.4; places as in Arjovsky et al. 2016, section 5.2.)
    """
    if length < 2:
        raise ValueError(f"expected at least 2 steps, one in each half, got {length}")
    numbers = torch.rand(batch, length, generator=generator)
    half = length // 2
    first = torch.randint(half, (batch, 1), generator=generator)
    second = torch.randint(half, length, (batch, 1), generator=generator)
    marks = torch.zeros(batch, length).scatter_(1, torch.cat([first, second], dim=1), 1.0)
    return torch.stack([numbers, marks], dim=-1), (numbers * marks).sum(dim=1)


def marked_token(
    generator: Generator, batch: int, length: int, vocabulary: int, *, marks: int = 1, distractors: bool = True
) -> tuple[Float[Tensor, "B T vocabulary+1"], Int[Tensor, "B"]]:
    """Random tokens, some of them marked, and the last of those, which is to be named after the last step.

    Tokens are one-hot; the last channel is 1 at the marked ones: at so many places of the first half, at random.
    Unmarked tokens are `distractors`; without them, those steps are all zeros.
    """
    half = length // 2
    if not 1 <= marks <= half:
        raise ValueError(f"expected 1 to {half} marks in the first half of {length} steps, got {marks}")
    tokens = torch.randint(vocabulary, (batch, length), generator=generator)
    places = torch.rand(batch, half, generator=generator).argsort(dim=1)[:, :marks]
    mark = torch.zeros(batch, length).scatter_(1, places, 1.0).unsqueeze(-1)
    shown = F.one_hot(tokens, vocabulary) * (1.0 if distractors else mark)
    answer = tokens.gather(1, places.amax(dim=1, keepdim=True))[:, 0]
    return torch.cat([shown, mark], dim=-1), answer


def register(
    generator: Generator, batch: int, length: int, vocabulary: int
) -> tuple[Float[Tensor, "B T vocabulary+2"], Int[Tensor, "B T"]]:
    """Random tokens, some to be stored in place of the one before; a step that asks is to be told what is stored.

    Tokens are one-hot; the last two channels are 1 where the token is to be stored (the first always, others with
    probability `SHARE_STORED`) and where the step asks (`SHARE_ASKED`). The answer to other steps is `vocabulary`.
    """
    tokens = torch.randint(vocabulary, (batch, length), generator=generator)
    store, ask = (torch.rand(batch, length, generator=generator) < share for share in (SHARE_STORED, SHARE_ASKED))
    store[:, 0] = True
    stored_at = torch.where(store, torch.arange(length), 0).cummax(dim=1).values
    answer = tokens.gather(1, stored_at).where(ask, vocabulary)
    return torch.cat([F.one_hot(tokens, vocabulary), store.unsqueeze(-1), ask.unsqueeze(-1)], dim=-1).float(), answer
