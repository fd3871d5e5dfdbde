"""Small sequence tasks whose truth is known, drawn from a generator: the same seed gives the same sentences anywhere.

Tokens are int64 on the CPU; move them to the device of the run. B is the number of sequences, T their length.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch
from jaxtyping import Float, Int
from torch import Generator, Tensor

from dlcheck.api import Run


def batches(run: Run, drawn: Sequence[tuple[Tensor, ...]], steps: int) -> list[Tensor]:
    """What was drawn for each seed, (steps * B, ...), as training data on the run's device: (seeds, steps, B, ...)."""
    stacked = [torch.stack(parts) for parts in zip(*drawn, strict=True)]
    return [x.view(len(x), steps, -1, *x.shape[2:]).to(run.device) for x in stacked]


def first_token_recall(
    generator: Generator, batch: int, lag: int, vocabulary: int
) -> tuple[Int[Tensor, "B T"], Int[Tensor, "B"]]:
    """Random tokens, T = lag + 1, and the first of them, which is to be named after the last one was read."""
    tokens = torch.randint(vocabulary, (batch, lag + 1), generator=generator)
    return tokens, tokens[:, 0]


def word_order(generator: Generator, batch: int, length: int) -> tuple[Int[Tensor, "B T"], Int[Tensor, "B"]]:
    """Sentences of one word 1, one word 2 and fillers 0; the label is 1 where the 1 stands before the 2, else 0.

    Both labels have sentences of the very same words, so a model that is blind to order is right half of the time.
    """
    places = torch.rand(batch, length, generator=generator).argsort(dim=1)[:, :2]  # two places, never the same
    tokens = torch.zeros(batch, length, dtype=torch.long)
    tokens.scatter_(1, places, torch.tensor([[1, 2]]).expand(batch, 2))
    return tokens, (places[:, 0] < places[:, 1]).long()


def neighbours(
    generator: Generator, batch: int, length: int, vocabulary: int, offsets: tuple[int, ...]
) -> tuple[Int[Tensor, "B T"], Int[Tensor, "B T offsets"]]:
    """Random tokens, and for each position i the tokens at i + offset, counted round the end: one relation each."""
    tokens = torch.randint(vocabulary, (batch, length), generator=generator)
    return tokens, torch.stack([tokens.roll(-offset, dims=1) for offset in offsets], dim=-1)


@dataclass(frozen=True)
class MarkovChain:
    """Text in which each token depends on the one before it alone, so that its entropy is known exactly.

    transition: P(next token = j | token = i) in row i.
    """

    transition: Float[Tensor, "states states"]

    @classmethod
    def draw(cls, generator: Generator, states: int, successors: int) -> Self:
        """Each state may be followed by `successors` states. Raises ValueError unless there are as many.

        One of them is the next state round a circle, so that every state can be reached from every other.
        """
        if not 1 <= successors <= states:
            raise ValueError(f"expected 1 to {states} successors of {states} states, got {successors}")
        order = torch.rand(states, states, dtype=torch.float64, generator=generator)
        order[torch.arange(states), torch.arange(1, states + 1) % states] = 2.0
        followers = order.topk(successors, dim=1).indices
        weight = 0.5 + torch.rand(states, successors, dtype=torch.float64, generator=generator)
        transition = torch.zeros(states, states, dtype=torch.float64).scatter_(1, followers, weight)
        return cls(transition / transition.sum(dim=1, keepdim=True))

    @property
    def stationary(self) -> Float[Tensor, "states"]:
        """The distribution that a step leaves as it is: pi P = pi, with a sum of 1."""
        states = len(self.transition)
        equations = torch.cat([self.transition.T - torch.eye(states, dtype=torch.float64), torch.ones(1, states)])
        right = torch.cat([torch.zeros(states, dtype=torch.float64), torch.ones(1, dtype=torch.float64)])
        solved: Tensor = torch.linalg.lstsq(equations, right[:, None]).solution[:, 0]
        return solved

    @property
    def entropy(self) -> float:
        """Nats per token, the least mean loss of an honest forecast: -sum_i pi_i sum_j P_ij log P_ij.

        Cover and Thomas 2006, "Elements of Information Theory", section 4.2.
        """
        surprise = -torch.special.xlogy(self.transition, self.transition).sum(dim=1)
        return float(self.stationary @ surprise)

    def sample(self, generator: Generator, batch: int, length: int) -> Int[Tensor, "B T"]:
        """Sequences whose first token is drawn from the stationary distribution."""
        token = torch.multinomial(self.stationary.clamp(min=0), batch, replacement=True, generator=generator)
        tokens = [token]
        for _ in range(length - 1):
            token = torch.multinomial(self.transition[token], 1, generator=generator)[:, 0]
            tokens.append(token)
        return torch.stack(tokens, dim=1)

    def allows(self, tokens: Int[Tensor, "B T"]) -> Float[Tensor, "B"]:
        """The share of each sequence's transitions that the chain can make."""
        return (self.transition[tokens[:, :-1], tokens[:, 1:]] > 0).double().mean(dim=1)


@dataclass(frozen=True)
class Translation:
    """Sentences "[adjective] noun verb [adjective] noun", translated as "noun [adjective] noun [adjective] verb".

    dictionary: the other language's word for each word.
    A quarter of all sentences is never used for training:
    each of their words, and each pair of words, still occurs in training.
    """

    dictionary: Int[Tensor, "words"]

    PAD, START, END = 0, 1, 2
    ADJECTIVES, NOUNS, VERBS = range(3, 7), range(7, 15), range(15, 23)
    VOCABULARY = 23
    LONGEST = 6  # five words and END

    @classmethod
    def draw(cls, generator: Generator) -> Self:
        """A language with other words, each of which translates one word."""
        words = 3 + torch.randperm(cls.VOCABULARY - 3, generator=generator)
        return cls(torch.cat([torch.arange(3), words]))

    def sample(
        self, generator: Generator, batch: int, unseen: bool = False
    ) -> tuple[Int[Tensor, "B 5"], Int[Tensor, "B 6"]]:
        """Source and target, padded at the right; the target ends with END. Either all unseen in training or none."""
        (adjective_1, adjective_2), (noun_1, noun_2) = (
            torch.randint(words.start, words.stop, (2, batch), generator=generator)
            for words in (self.ADJECTIVES, self.NOUNS)
        )
        bare = torch.rand(2, batch, generator=generator) < 0.5
        adjective_1, adjective_2 = torch.stack([adjective_1, adjective_2]).masked_fill(bare, self.PAD)
        kind = torch.zeros(batch, dtype=torch.long) if unseen else torch.randint(1, 4, (batch,), generator=generator)
        rest = adjective_1 + noun_1 + adjective_2 + noun_2
        half = torch.randint(2, (batch,), generator=generator)
        verb = self.VERBS.start + 4 * half + (kind - rest) % 4  # so that the words' sum tells seen from unseen
        source = _packed(adjective_1, noun_1, verb, adjective_2, noun_2)
        target = _packed(noun_1, adjective_1, noun_2, adjective_2, verb, torch.full((batch,), self.END))
        return source, self.dictionary[target]


def _packed(*words: Int[Tensor, "B"]) -> Int[Tensor, "B T"]:
    """The words of each sentence without gaps: all padding (0) is moved to the right."""
    sentence = torch.stack(words, dim=1)
    return sentence.gather(1, (sentence == 0).long().argsort(dim=1, stable=True))
