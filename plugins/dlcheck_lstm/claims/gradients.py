"""Vanishing and exploding gradients: what LSTM and GRU overcome, and under which condition."""

from __future__ import annotations

import math
from typing import Any

from dlcheck import Run, at_least, at_most, claim, lazy

torch: Any = lazy("torch")
drawn: Any = lazy("dlcheck.lab.drawn")
gradients: Any = lazy("dlcheck.lab.gradients")
model: Any = lazy("dlcheck_lstm.model")
readers: Any = lazy("dlcheck_lstm.readers")

D_IN, WIDTH, BATCH, LAG = 8, 64, 8, 100
FLOAT32 = -7.0
"""A gradient that is 10^-7 of another one is lost when a float32 adds the two."""
TENFOLD = 1.0


def decay(run: Run, kind: str, *, since: int, keep: float | None = None, times: float = 1.0) -> list[float]:
    """log10 of the gradient's norm at the input 100 steps ago over that at the input `since` steps ago, for each seed.

    Of a random projection of the last hidden state, for standard normal inputs. The cell starts as the framework's,
    except for the bias `keep` of the gate that keeps memory and the factor `times` of its recurrent weights.
    """
    curves = []
    for seed in run.seeds:
        with run.seeded(seed):
            cell = readers.CELLS[kind](D_IN, WIDTH).to(run.exact_dtype).to(run.device)
        if keep is not None:
            model.set_bias_(cell, readers.KEEPS[kind], keep)
        with torch.no_grad():
            cell.hidden.w.mul_(times)
        draw = run.generator(seed)
        x = drawn.normal(run, draw, BATCH, LAG + 1, D_IN).requires_grad_()
        loss = (cell(x)[0][:, -1] * drawn.normal(run, draw, BATCH, WIDTH)).sum()
        norms = gradients.step_norms(loss, x)[::-1]
        curves.append([math.log10(max(norm, 1e-300)) for norm in norms])
    run.curve(f"{kind}: log10 of the gradient by the input so many steps ago", range(LAG + 1), curves)
    return [curve[LAG] - curve[since] for curve in curves]


@claim(
    en="An LSTM overcomes the vanishing gradient of the RNN if its forget gate starts open (bias 3): over 100 steps "
    "the gradient stays above the rounding of a float32.",
    ko="LSTM은 망각 게이트를 열어 둔 채 시작하면(편향 3) RNN의 기울기 소실을 극복한다. 100스텝을 거슬러 올라가도 "
    "기울기가 float32의 반올림에 묻히지 않는다.",
    source="Hochreiter and Schmidhuber 1997, section 3.2; Gers et al. 2000, section 4.1; Jozefowicz et al. 2015, 4.2",
    notes=["001-02", "004-08", "000-32"],
    rule=at_least("left after 100 steps", FLOAT32, unit="powers of ten"),
    controls={"a plain RNN": {"kind": "rnn", "keep": None}, "forget bias 0": {"keep": 0.0}},
    seconds=0.4,
)
def open_forget_gate_keeps_the_gradient(run: Run, kind: str = "lstm", keep: float | None = 3.0) -> dict[str, Any]:
    """Gradient by the input 100 steps ago over that by the last input, in powers of ten, before any training.

    Width 64, standard normal inputs, the framework's start but for the forget bias. Along the cell state alone,
    sigmoid(3)^100 = 10^-2.1 would be left, and sigmoid(0)^100 = 10^-30.
    """
    return {"left after 100 steps": decay(run, kind, since=0, keep=keep)}


@claim(
    en="A GRU overcomes the vanishing gradient of the RNN if its update gate starts by keeping (bias 3): over 100 "
    "steps the gradient stays above the rounding of a float32.",
    ko="GRU는 업데이트 게이트가 유지하는 쪽으로 시작하면(편향 3) RNN의 기울기 소실을 극복한다. 100스텝을 거슬러 "
    "올라가도 기울기가 float32의 반올림에 묻히지 않는다.",
    source="Cho et al. 2014, section 2.3; Tallec and Ollivier 2018, section 2",
    notes=["004-08", "000-32"],
    rule=at_least("left after 100 steps", FLOAT32, unit="powers of ten"),
    controls={"a plain RNN": {"kind": "rnn", "keep": None}, "update bias 0": {"keep": 0.0}},
    seconds=0.4,
)
def open_update_gate_keeps_the_gradient(run: Run, kind: str = "gru", keep: float | None = 3.0) -> dict[str, Any]:
    """Gradient by the input 100 steps ago over that by the last input, in powers of ten, before any training.

    Width 64, standard normal inputs, the framework's start but for the bias of the update gate.
    """
    return {"left after 100 steps": decay(run, kind, since=0, keep=keep)}


@claim(
    en="LSTM and GRU overcome the vanishing gradient as frameworks initialise them: over 100 steps it stays above "
    "the rounding of a float32 in at least one of the two.",
    ko="프레임워크 기본 초기화만으로도 LSTM과 GRU는 기울기 소실을 극복한다. 둘 중 적어도 하나는 100스텝을 거슬러 "
    "올라가도 기울기가 float32의 반올림에 묻히지 않는다.",
    source="A common shortening of Hochreiter and Schmidhuber 1997; against it Jozefowicz et al. 2015, section 4.2",
    notes=["001-02", "004-08"],
    rule=at_least("left after 100 steps", FLOAT32, unit="powers of ten"),
    expect="refuted",
    controls={"gates that start open (bias 3)": {"keep": 3.0}},
    seconds=0.8,
)
def gates_as_they_come_keep_the_gradient(run: Run, keep: float | None = None) -> dict[str, Any]:
    """Gradient by the input 100 steps ago over that by the last input, in powers of ten: the better of LSTM and GRU.

    Width 64, standard normal inputs. A gate that starts half open halves what passes through it at each step.
    """
    lstm, gru = (decay(run, kind, since=0, keep=keep) for kind in ("lstm", "gru"))
    better = [max(pair) for pair in zip(lstm, gru, strict=True)]
    return {"left after 100 steps": better, "lstm": lstm, "gru": gru}


@claim(
    en="LSTM and GRU overcome the exploding gradient: even with recurrent weights 16 times their usual size it "
    "grows less than tenfold over 90 steps in at least one of the two.",
    ko="LSTM과 GRU는 기울기 폭주를 극복한다. 순환 가중치가 보통의 16배여도 둘 중 적어도 하나는 기울기가 90스텝 동안 "
    "열 배도 커지지 않는다.",
    source="A common shortening of Hochreiter and Schmidhuber 1997; against it Sutskever et al. 2014, section 3.4",
    notes=["001-02", "004-08"],
    rule=at_most("growth", TENFOLD, unit="powers of ten"),
    expect="refuted",
    controls={"weights of the usual size": {"times": 1.0}},
    seconds=0.8,
)
def gates_prevent_explosion_at_large_weights(run: Run, times: float = 16.0) -> dict[str, Any]:
    """Gradient by the input 100 steps ago over that by the one 10 steps ago, in powers of ten: the lesser of the two.

    LSTM and GRU of width 64 with the framework's start but for the size of their recurrent weights; that is why
    Sutskever et al. clip the gradients of LSTMs.
    """
    return _growth(run, ("lstm", "gru"), times, least=True)


@claim(
    en="LSTM and GRU put the explosion off: with recurrent weights three and a half times their usual size, at "
    "which a plain RNN's gradient explodes, theirs grows less than tenfold over 90 steps.",
    ko="LSTM과 GRU는 폭주를 늦춘다. 순환 가중치가 보통의 3.5배이면 단순 RNN의 기울기는 폭주하지만, 이 둘의 기울기는 "
    "90스텝 동안 열 배도 커지지 않는다.",
    source="Pascanu et al. 2013, section 2.1 (the bound for plain RNNs); Hochreiter and Schmidhuber 1997, section 3.2",
    notes=["001-02", "004-08"],
    rule=at_most("growth", TENFOLD, unit="powers of ten"),
    controls={"a plain RNN": {"kinds": ["rnn"]}, "weights 16 times their usual size": {"times": 16.0}},
    seconds=0.8,
)
def gates_put_explosion_off(run: Run, kinds: tuple[str, ...] = ("lstm", "gru"), times: float = 3.5) -> dict[str, Any]:
    """Gradient by the input 100 steps ago over that by the one 10 steps ago, in powers of ten: the larger of the two.

    LSTM and GRU of width 64 with the framework's start but for the size of their recurrent weights.
    """
    return _growth(run, kinds, times, least=False)


def _growth(run: Run, kinds: tuple[str, ...], times: float, *, least: bool) -> dict[str, list[float]]:
    each = {kind: decay(run, kind, since=10, times=times) for kind in kinds}
    choose = min if least else max
    return {"growth": [choose(seed) for seed in zip(*each.values(), strict=True)], **each}
