"""What the cells are made of: their parts, their two vectors, their parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, combinations
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, equals, lazy, per_seed
from dlcheck_lstm.claims.framework import cell, framework

if TYPE_CHECKING:
    from torch import Tensor

    from dlcheck_lstm.model import Recurrent, State

torch: Any = lazy("torch")
drawn: Any = lazy("dlcheck.lab.drawn")
probes: Any = lazy("dlcheck.lab.probes")
readers: Any = lazy("dlcheck_lstm.readers")

NONE: Mapping[str, float] = MappingProxyType({})


@claim(
    en="An LSTM is made of a cell state, an input gate, a forget gate and an output gate: so put together, it "
    "computes what the framework's LSTM computes, and without any of the four it does not.",
    ko="LSTM은 셀 상태와 입력 게이트, 망각 게이트, 출력 게이트로 이루어진다. 이 넷을 조립하면 프레임워크의 LSTM과 "
    "같은 값을 계산하고, 하나라도 빠지면 달라진다.",
    source="Hochreiter and Schmidhuber 1997, section 4; Gers, Schmidhuber and Cummins 2000, section 2",
    notes=["003-12", "001-03"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={
        "without an input gate": {"forced": {"input": 1.0}},
        "without a forget gate": {"forced": {"forget": 1.0}},
        "without an output gate": {"forced": {"output": 1.0}},
        "without a cell state that lasts": {"forced": {"forget": 0.0}},
        "input and forget gate swapped": {"swapped": True},
    },
    seconds=0.2,
)
@per_seed
def lstm_is_a_cell_and_three_gates(
    run: Run, seed: int, *, forced: Mapping[str, float] = NONE, swapped: bool = False
) -> dict[str, float]:
    """The largest difference to nn.LSTM with the same weights, in all outputs and the last state: 12 steps, width 16.

    A gate that is missing is one that always is open; a cell state that does not last is one that is always forgotten.
    """
    ours = cell(run, "lstm", 5, 16)
    theirs = framework(ours)
    if swapped:
        for weights in ours.parameters():
            i, f, g, o = weights.detach().chunk(4, dim=-1)
            weights.data = torch.cat([f, i, g, o], dim=-1)
    return {"largest difference": _difference(run, seed, ours, theirs, forced)}


@claim(
    en="A GRU does with two gates and one vector: an update gate that both keeps and lets in, and a reset gate in "
    "front of the candidate. So put together, it computes what the framework's GRU computes.",
    ko="GRU는 게이트 둘과 벡터 하나로 충분하다. 업데이트 게이트가 유지와 입력을 함께 맡고, 리셋 게이트가 후보 앞에 "
    "놓인다. 이렇게 조립하면 프레임워크의 GRU와 같은 값을 계산한다.",
    source="Cho et al. 2014, section 2.3, equations 5 to 8 (reset gate behind the product, as in cuDNN)",
    notes=["000-32", "004-08"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={
        "without a reset gate": {"forced": {"reset": 1.0}},
        "update gate stuck half open": {"forced": {"update": 0.5}},
    },
    seconds=0.2,
)
@per_seed
def gru_is_two_gates(run: Run, seed: int, *, forced: Mapping[str, float] = NONE) -> dict[str, float]:
    """The largest difference to nn.GRU with the same weights, in all outputs and the last state: 12 steps, width 16."""
    ours = cell(run, "gru", 5, 16)
    return {"largest difference": _difference(run, seed, ours, framework(ours), forced)}


def _difference(run: Run, seed: int, ours: Recurrent, theirs: Any, forced: Mapping[str, float]) -> float:
    draw = run.generator(seed)
    x, state = drawn.normal(run, draw, 3, 12, 5), [drawn.normal(run, draw, 3, 16) for _ in range(ours.VECTORS)]
    outputs, last = ours(x, tuple(state), forced)
    given = [vector[None] for vector in state]
    expected, their_last = theirs(x, tuple(given) if ours.VECTORS == 2 else given[0])
    their_state = their_last if ours.VECTORS == 2 else (their_last,)
    pairs = [(outputs, expected), *((a, b[0]) for a, b in zip(last, their_state, strict=True))]
    return max(float((a - b).detach().abs().max()) for a, b in pairs)


# Two vectors


@claim(
    en="Unlike a plain RNN, an LSTM carries two vectors from step to step, the cell state and the hidden state: it "
    "can be resumed from both, and from neither alone.",
    ko="단순 RNN과 달리 LSTM은 셀 상태와 은닉 상태라는 두 벡터를 다음 스텝으로 넘긴다. 둘 다 있어야 중간에서 이어서 "
    "계산할 수 있고, 하나만으로는 안 된다.",
    source="Hochreiter and Schmidhuber 1997, section 4",
    notes=["001-03"],
    rule=count("vectors needed", "two", draws=8),
    controls={"a plain RNN": {"kind": "rnn"}, "a GRU": {"kind": "gru"}},
    seconds=0.2,
)
@per_seed
def two_vectors_are_carried(run: Run, seed: int, *, kind: str = "lstm") -> dict[str, int]:
    """The size of the smallest set of state vectors from which the remaining outputs come out the same.

    Ten steps, interrupted after the fifth; vectors that are not carried are zero. Tolerance 1e-10 (1e-4 in float32).
    """
    net, x = cell(run, kind, 5, 16), drawn.normal(run, run.generator(seed), 3, 10, 5)
    expected = net(x)[0][:, 5:]
    _, state = net(x[:, :5])
    vectors = range(len(state))
    subsets = chain.from_iterable(combinations(vectors, size) for size in range(len(state) + 1))
    enough = [len(kept) for kept in subsets if _same(net(x[:, 5:], _only(state, kept))[0], expected)]
    return {"vectors needed": min(enough), "two": 2}


def _only(state: State, kept: Sequence[int]) -> State:
    return tuple(vector if i in kept else torch.zeros_like(vector) for i, vector in enumerate(state))


def _same(a: Tensor, b: Tensor) -> bool:
    return float((a - b).detach().abs().max()) < (1e-10 if a.dtype == torch.float64 else 1e-4)


# Parameters


@claim(
    en="An LSTM has exactly four times the parameters of a plain RNN of the same width.",
    ko="LSTM의 파라미터 수는 폭이 같은 단순 RNN의 정확히 네 배이다.",
    source="Hochreiter and Schmidhuber 1997, section 4, with the forget gate of Gers et al. 2000; Elman 1990",
    notes=["001-03", "003-12"],
    rule=count("parameters", "four times the RNN's", draws=8),
    controls={"a GRU": {"kind": "gru"}},
    seconds=0.1,
)
@per_seed
def lstm_has_four_times_the_parameters(run: Run, seed: int, *, kind: str = "lstm") -> dict[str, int]:
    """Parameters of the cell, and four times those of nn.RNN, at a random width and input width up to 64."""
    parameters, of_rnn = _parameters(run, seed, kind)
    return {"parameters": parameters, "four times the RNN's": 4 * of_rnn}


@claim(
    en="A GRU has exactly three times the parameters of a plain RNN of the same width, three quarters of an LSTM's.",
    ko="GRU의 파라미터 수는 폭이 같은 단순 RNN의 정확히 세 배, 곧 LSTM의 4분의 3이다.",
    source="Cho et al. 2014, section 2.3; Elman 1990",
    notes=["001-03", "004-08"],
    rule=count("parameters", "three times the RNN's", draws=8),
    controls={"an LSTM": {"kind": "lstm"}},
    seconds=0.1,
)
@per_seed
def gru_has_three_times_the_parameters(run: Run, seed: int, *, kind: str = "gru") -> dict[str, int]:
    """Parameters of the cell, and three times those of nn.RNN, at a random width and input width up to 64."""
    parameters, of_rnn = _parameters(run, seed, kind)
    return {"parameters": parameters, "three times the RNN's": 3 * of_rnn}


def _parameters(run: Run, seed: int, kind: str) -> tuple[int, int]:
    """Of the cell, and of the framework's RNN of the same size."""
    d_in, d = (int(n) for n in torch.randint(1, 65, (2,), generator=run.generator(seed)))
    counted = probes.parameter_count(lambda: readers.CELLS[kind](d_in, d))
    return counted, probes.parameter_count(lambda: torch.nn.RNN(d_in, d))
