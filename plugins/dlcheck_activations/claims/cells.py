"""What tanh is for in an LSTM, by exchanging it for something else."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, at_most, claim, exceeds, lazy, per_seed

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
data: Any = lazy("dlcheck.lab.data")
sequences: Any = lazy("dlcheck.lab.sequences")
training: Any = lazy("dlcheck.lab.train")

LSTM = "Hochreiter and Schmidhuber 1997, section 4"
LENGTH, STEPS, BATCH, LAST = 10, 400, 32, 20


@claim(
    en="Tanh keeps an LSTM's state within -1 and 1 where ReLU or no activation in its place lets it explode: over 200 "
    "steps with recurrent weights 8 times the usual, beyond a thousand.",
    ko="tanh는 LSTM의 상태를 -1 ~ 1 사이로 묶어 둔다. 순환 가중치를 보통의 8배로 하고 200스텝을 진행하면, tanh 대신 "
    "ReLU를 쓰거나 활성화 함수를 없앤 경우에는 상태가 1000을 넘어 폭발한다.",
    source=LSTM,
    notes=["001-27"],
    rule=exceeds("state without tanh", "state with tanh", times=1000),
    controls={"the usual weights": {"gain": 1.0}},
    seconds=0.8,
)
@per_seed
def tanh_bounds_the_state_of_an_lstm(run: Run, seed: int, *, gain: float = 8.0) -> dict[str, float]:
    """Largest absolute hidden state over 200 steps of normal input, 32 units; the smaller of those with ReLU and none.

    The usual weights are PyTorch's, uniform within ±1/√32. With them nothing explodes, whatever stands for tanh.
    """
    x = torch.randn(4, 200, 8, generator=run.generator(seed)).to(run.device)
    largest = {}
    for name in ("tanh", "relu", "identity"):
        with run.seeded(seed):
            cell = model.SquashedLSTM(8, 32, model.ACTIVATIONS[name]).to(run.device)
        with torch.no_grad():
            cell.hidden.w.mul_(gain)
            largest[name] = float(cell(x)[0].abs().max().nan_to_num(nan=torch.inf))
    return {"state without tanh": min(largest["relu"], largest["identity"]), "state with tanh": largest["tanh"]}


@claim(
    en="An LSTM can learn without tanh: with no activation in its place, and the usual initial weights, it still "
    "learns to add two marked numbers among 10.",
    ko="LSTM은 tanh 없이도 학습할 수 있다. tanh 자리에 활성화 함수를 두지 않아도, 보통의 초기 가중치라면 10개 중 "
    "표시된 두 수를 더하는 법을 배운다.",
    source=f"{LSTM} and section 5.4",
    notes=["001-27"],
    rule=at_most("error", 1 / 12),
    controls={"gates held open": {"gates": "open"}},
    seconds=3.0,
)
def lstm_learns_without_tanh(run: Run, *, gates: str = "free") -> dict[str, list[float]]:
    """Mean squared error at the end of 400 steps on 32 new sequences each.

    A blind answer has 1/6, one that knows one of the two numbers 1/12. 16 units, Adam at 0.02. The gates alone are
    nonlinear enough to select what is added; with all of them held open the net is linear, and cannot.
    """
    drawn = [sequences.adding_problem(run.generator(seed), STEPS * BATCH, LENGTH) for seed in run.seeds]
    models = training.initialised(run, lambda: model.Adder(16, model.identity))
    forced = dict.fromkeys(("input", "forget", "output"), 1.0) if gates == "open" else {}

    def loss(adder: Any, x: Any, answers: Any) -> Any:
        return (adder(x, forced) - answers).square().mean(dim=-1)

    losses = training.train(run, models, loss, data.batches(run, drawn, STEPS), lr=2e-2, stacked=True)
    run.curve("training loss", range(0, STEPS, 10), losses[:, ::10].tolist())
    errors: list[float] = losses[:, -LAST:].mean(dim=1).tolist()
    return {"error": errors}
