"""Long-term dependency: how far back recurrent networks learn to reach."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, below, claim, exceeds, lazy
from dlcheck_lstm.claims.taught import accuracy, cross_entropy, taught

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from dlcheck_lstm.readers import Reader

torch: Any = lazy("torch")
F: Any = lazy("torch.nn.functional")
data: Any = lazy("dlcheck.lab.data")
sequences: Any = lazy("dlcheck.lab.sequences")
readers: Any = lazy("dlcheck_lstm.readers")
model: Any = lazy("dlcheck_lstm.model")

WIDTH = 24
LAG, NEAR = 40, 6
ONE_NUMBER = 1 / 12
"""What it is worth to remember one of the two numbers of the adding problem: half of the error without any."""

ADDING = "Hochreiter and Schmidhuber 1997, section 5.4"


def adding_error(run: Run, kind: str, length: int, *, steps: int, lr: float, longest: int | None = None) -> list[float]:
    """Mean squared error on new sequences, for each seed. `longest`: a chrono start for memories up to this long."""

    def loss(reader: Reader, x: Tensor, sums: Tensor) -> Tensor:
        error: Tensor = (reader(x)[..., 0] - sums).square().mean(-1)
        return error

    def make() -> Reader:
        made: Reader = readers.Reader(readers.remembering(kind, 2, WIDTH, longest=longest), 1)
        return made

    draw = partial(sequences.adding_problem, length=length)
    reader, x, sums = taught(run, make, draw, loss, steps=steps, batch=32, lr=lr)
    errors: list[float] = loss(reader, x, sums).tolist()
    return errors


@claim(
    en="An LSTM learns what depends on far earlier steps, where a plain RNN fails: it adds two numbers from a "
    "sequence of 40, if its gates start by remembering that long.",
    ko="LSTM은 단순 RNN이 실패하는 장기 의존성을 배운다. 게이트가 그만큼 오래 기억하도록 시작하면, 길이 40인 "
    "시퀀스에서 표시된 두 수를 더해 낸다.",
    source=ADDING + "; Tallec and Ollivier 2018, section 2",
    notes=["001-01", "000-32", "004-08"],
    rule=below("lstm", "rnn", by=ONE_NUMBER, unit="squared error"),
    controls={"six steps": {"length": NEAR}},
    seconds=15,
)
def lstm_learns_a_long_dependency(run: Run, length: int = LAG) -> dict[str, list[float]]:
    """Mean squared error in the adding problem, 40 steps long; 1/6 without reading, 1/12 with one of the two numbers.

    Width 24, 400 steps of 32 sequences; learning rate 0.02 for the LSTM, 0.01 for the RNN, which fails at 0.003 and
    0.03 as well. Input weights start within ± 1, the LSTM's forget biases at log U(1, 39), its input biases at minus
    that.
    """
    return {
        "lstm": adding_error(run, "lstm", length, longest=length, steps=400, lr=2e-2),
        "rnn": adding_error(run, "rnn", length, steps=400, lr=1e-2),
    }


@claim(
    en="A GRU learns what depends on far earlier steps, where a plain RNN fails: it adds two numbers from a "
    "sequence of 40, without any bias that makes it remember.",
    ko="GRU는 단순 RNN이 실패하는 장기 의존성을 배운다. 기억을 돕는 편향을 주지 않아도 길이 40인 시퀀스에서 표시된 "
    "두 수를 더해 낸다.",
    source=ADDING + "; Cho et al. 2014, section 2.3",
    notes=["000-32", "004-08"],
    rule=below("gru", "rnn", by=ONE_NUMBER, unit="squared error"),
    controls={"six steps": {"length": NEAR}},
    seconds=9,
)
def gru_learns_a_long_dependency(run: Run, length: int = LAG) -> dict[str, list[float]]:
    """Mean squared error in the adding problem, 40 steps long; 1/6 without reading, 1/12 with one of the two numbers.

    Width 24, 300 steps of 32 sequences; learning rate 0.02 for the GRU, 0.01 for the RNN, which fails at 0.003 and
    0.03 as well. Input weights start within ± 1, all others as the framework's.
    """
    return {
        "gru": adding_error(run, "gru", length, steps=300, lr=2e-2),
        "rnn": adding_error(run, "rnn", length, steps=300, lr=1e-2),
    }


# Recall against lag

TOKENS = 4
LAGS = (2, 4, 8, 16)
HALFWAY = 0.625
"""Accuracy halfway from chance among four tokens to perfect."""


def recall(run: Run, kind: str, lag: int, keep: float | None) -> list[float]:
    """Accuracy of naming the first token after `lag` more, for each seed, with the framework's start but for `keep`."""

    def draw(generator: Generator, size: int) -> tuple[Tensor, Tensor]:
        tokens, first = data.first_token_recall(generator, size, lag, TOKENS)
        return F.one_hot(tokens, TOKENS).float(), first

    def make() -> Reader:
        cell = readers.CELLS[kind](TOKENS, 32)
        if keep is not None:
            model.set_bias_(cell, readers.KEEPS[kind], keep)
        made: Reader = readers.Reader(cell, TOKENS)
        return made

    def loss(reader: Reader, x: Tensor, answers: Tensor) -> Tensor:
        return cross_entropy(reader(x), answers)

    reader, x, answers = taught(run, make, draw, loss, steps=150, lr=1e-2)
    return accuracy(reader(x), answers)


@claim(
    en="How far back an LSTM reaches is decided by its forget bias: starting at 5 instead of 0, it learns to recall "
    "from at least twice as many steps ago before it falls to chance.",
    ko="LSTM이 얼마나 먼 과거까지 기억하는지는 망각 게이트의 편향이 정한다. 0이 아니라 5에서 시작하면, 두 배 이상 "
    "먼 과거의 토큰까지 기억해 내는 법을 배운다.",
    source="Jozefowicz, Zaremba and Sutskever 2015, section 4.2; Gers et al. 2000, section 4.1",
    notes=["001-01", "000-32", "001-06"],
    rule=exceeds("reach", "reach with bias 0", times=2),
    controls={"forget bias -1": {"keep": -1.0}},
    seconds=9,
)
def forget_bias_decides_the_reach(run: Run, keep: float = 5.0) -> dict[str, list[float]]:
    """The longest lag of 2, 4, 8 and 16 up to which the accuracy of recalling the first token is at least 0.625.

    Four tokens, so chance is 0.25; width 32, 150 steps of 16 sequences, the framework's start but for the forget bias.
    """
    reaches = {}
    for name, kind, bias in ("reach", "lstm", keep), ("reach with bias 0", "lstm", 0.0), ("plain RNN", "rnn", None):
        scores = torch.tensor([recall(run, kind, lag, bias) for lag in LAGS]).T
        run.curve(f"accuracy against lag: {name}", LAGS, scores.tolist())
        unbroken = (scores >= HALFWAY).int().cumprod(dim=1).sum(dim=1).tolist()
        reaches[name] = [float((1, *LAGS)[count]) for count in unbroken]
    return reaches


@claim(
    en="An LSTM captures a dependency over 16 steps just as frameworks initialise it, from the 2,400 sequences that "
    "are enough for one whose forget gate starts open.",
    ko="LSTM은 프레임워크 기본 초기화 그대로도 16스텝에 걸친 의존성을 배운다. 망각 게이트를 열고 시작할 때 충분한 "
    "2,400개의 시퀀스면 된다.",
    source="A common shortening of Hochreiter and Schmidhuber 1997; against it Jozefowicz et al. 2015, section 4.2",
    notes=["001-01"],
    rule=at_least("accuracy", HALFWAY),
    expect="refuted",
    controls={"forget bias 5": {"keep": 5.0}},
    seconds=1.5,
)
def lstm_captures_it_as_it_comes(run: Run, keep: float | None = None) -> dict[str, list[float]]:
    """Accuracy of recalling the first token after 16 more, with the framework's start: four tokens, chance is 0.25.

    Width 32, 150 steps of 16 sequences. A forget gate that is half open keeps 2^-16 of the token over the distance.
    """
    return {"accuracy": recall(run, "lstm", 16, keep)}
