"""Long-range dependency: how far back a network reaches, trained and before any training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, exceeds, growth, lazy

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import Tensor, nn

torch: Any = lazy("torch")
data: Any = lazy("dlcheck.lab.data")
training: Any = lazy("dlcheck.lab.train")
readers: Any = lazy("dlcheck_transformer.readers")

STEPS, BATCH, WORDS, WIDTH = 150, 16, 4, 32
NETWORKS = 16
RATES = {"transformer": 3e-3, "rnn": 3e-3, "lstm": 1e-2}


@claim(
    en="One block of self-attention learns to recall a word from 24 words ago, on which an RNN and an LSTM with the "
    "framework's initialisation fail when trained on as many sequences.",
    ko="셀프 어텐션 블록 하나는 24단어 앞의 단어를 기억해 내는 법을 배우지만, 프레임워크 기본 초기화를 쓴 RNN과 LSTM은 "
    "같은 수의 시퀀스로 훈련하면 실패한다.",
    notes=["000-28"],
    source="Vaswani et al. 2017, section 4 and Table 1; Bengio et al. 1994",
    rule=exceeds("transformer", "recurrent", by=0.4, unit="accuracy"),
    controls={
        "two words ago": {"lag": 2},
        "an LSTM that starts by remembering": {"forget": 5.0},
    },
    seconds=12,
)
def recalls_a_distant_word(run: Run, lag: int = 24, forget: float = 0.0) -> dict[str, list[float]]:
    """Accuracy of naming the first word after reading `lag` more, for a Transformer and the better of RNN and LSTM.

    Four random words, so chance is a quarter; width 32; 150 steps of 16 sequences, each model at its own learning
    rate; the recurrent ones fail at each of 0.001, 0.003, 0.01 and 0.03. `forget` is added to the LSTM's forget bias:
    with 5 it, too, recalls.
    """
    transformer = recall_accuracy(
        run, "transformer", lag, lambda: readers.Reader(WORDS, WORDS, positions="learned", max_len=lag + 1)
    )
    rnn = recall_accuracy(run, "rnn", lag, lambda: readers.RecurrentReader("rnn", WORDS, WORDS, WIDTH))
    lstm = recall_accuracy(run, "lstm", lag, lambda: readers.RecurrentReader("lstm", WORDS, WORDS, WIDTH, forget))
    return {
        "transformer": transformer,
        "recurrent": [max(pair) for pair in zip(rnn, lstm, strict=True)],
        "rnn": rnn,
        "lstm": lstm,
    }


def recall_accuracy(run: Run, name: str, lag: int, make: Callable[[], nn.Module]) -> list[float]:
    """Accuracy on new sequences, for each seed. Every kind of network is trained on the same sequences."""
    scores: list[float] = training.learnt(
        run,
        training.initialised(run, make),
        lambda generator, size: data.first_token_recall(generator, size, lag, WORDS),
        lambda network, words: network(words)[:, -1],
        steps=STEPS,
        batch=BATCH,
        lr=RATES[name],
        train=training.train if name == "transformer" else training.train_in_turn,
    )
    return scores


@claim(
    en="Before training, the gradient of a self-attention block's output reaches a word 4 or 64 words ago alike: it "
    "does not decay with the distance.",
    ko="훈련 전에 셀프 어텐션 블록의 출력에서 과거 단어로 가는 그래디언트는 4단어 앞이든 64단어 앞이든 비슷하다. "
    "거리에 따라 줄어들지 않는다.",
    notes=["000-28"],
    source="Vaswani et al. 2017, section 4 and Table 1 (maximum path length)",
    rule=growth("gradient", against="distance", power=0.0, within=0.01, exponential=True),
    controls={"an RNN": {"recurrent": "rnn"}, "an LSTM": {"recurrent": "lstm"}},
    seconds=2,
)
def gradient_reaches_every_distance(run: Run, recurrent: str | None = None) -> dict[str, list[list[float]]]:
    """Norm of the gradient of the last position's output to the word at each distance, and its slope on a log scale.

    Random words, mean of 16 fresh networks; a slope of -0.01 halves the gradient every 69 words.
    """
    distances = [4, 8, 16, 24, 32, 40, 48, 56, 64]
    gradients = []
    for seed in run.seeds:
        by_place = mean_gradients(run, seed, 80, "sinusoidal", recurrent)
        gradients.append([by_place[-1 - distance].item() for distance in distances])
    run.curve("gradient against distance", distances, gradients)
    return {"gradient": gradients, "distance": [[float(d) for d in distances] for _ in run.seeds]}


@claim(
    en="Attention is shared out among all words: before training, the gradient that reaches the first word shrinks "
    "as one over the length of the sequence.",
    ko="어텐션은 모든 단어가 나누어 갖는다. 훈련 전에 첫 단어까지 도달하는 그래디언트는 시퀀스 길이에 반비례하여 "
    "줄어든다.",
    notes=["000-28"],
    source="Vaswani et al. 2017, section 3.2.1, equation 1",
    rule=growth("gradient", against="length", power=-1.0, within=0.2),
    controls={"an RNN": {"recurrent": "rnn"}},
    seconds=4,
)
def gradient_is_shared_by_the_length(run: Run, recurrent: str | None = None) -> dict[str, list[list[float]]]:
    """Norm of the gradient of the last position's output to the first word, 4 to 64 words long.

    Mean of 16 fresh networks without positions, which would make some places dearer than others.
    """
    lengths = [4, 8, 16, 32, 64]
    gradients = [[mean_gradients(run, seed, n, None, recurrent)[0].item() for n in lengths] for seed in run.seeds]
    run.curve("gradient against length", lengths, gradients)
    return {"gradient": gradients, "length": [[float(n) for n in lengths] for _ in run.seeds]}


def mean_gradients(run: Run, seed: int, length: int, positions: str | None, recurrent: str | None) -> Tensor:
    """Norm of d(sum of the last position's answers) / d(embedded word), for each word: (length,).

    The mean of `NETWORKS` fresh networks with 8 random sequences each: a single one prefers some places by chance.
    """
    with run.seeded(seed):
        networks = [
            readers.RecurrentReader(recurrent, 8, 8, WIDTH)
            if recurrent
            else readers.Reader(8, 8, heads=8, positions=positions)
            for _ in range(NETWORKS)
        ]
    words = torch.randint(8, (NETWORKS, 8, length), generator=run.generator(seed)).to(run.device)
    norms = []
    for network, tokens in zip(networks, words, strict=True):
        network.to(run.device, run.exact_dtype)
        x = network.embedding(tokens).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(network.read(x)[:, -1].sum(), x)
        norms.append(gradient.norm(dim=-1).mean(dim=0))
    mean: Tensor = torch.stack(norms).mean(dim=0)
    return mean
