"""Whether a gradient that vanishes before training keeps a deep net from training."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, below, claim, lazy

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
descent: Any = lazy("dlcheck.lab.descent")
training: Any = lazy("dlcheck.lab.train")

STEPS, EXAMPLES, INPUTS, WIDTH, CLASSES = 60, 64, 64, 64, 10
RATES = {"relu": 0.1, "sigmoid": 1.0}  # sigmoid: from 0.03 to 10, all of them do nothing


@claim(
    en="With plain gradient descent, 10 dense layers of ReLUs learn where 10 of sigmoids do not: their training loss "
    "ends at least 1 nat lower (He's and Xavier's initial weights, 60 steps).",
    ko="단순 경사 하강법에서 10층 시그모이드 신경망은 학습하지 못하지만 10층 ReLU 신경망은 학습한다. 훈련 손실이 1 "
    "nat 이상 낮게 끝난다(각각 Xavier 초기화와 He 초기화, 60스텝).",
    source="Glorot, Bordes and Bengio 2011, section 3; He et al. 2015, Delving Deep into Rectifiers, section 2.2",
    notes=["000-07", "001-25", "001-29"],
    rule=below("loss with ReLU", "loss with sigmoid", by=1.0, unit="nats"),
    controls={"ReLU with PyTorch's weights": {"init": "framework"}},
    seconds=2.0,
)
def deep_relu_net_learns_where_sigmoids_do_not(run: Run, *, init: str = "he") -> dict[str, list[float]]:
    """Training loss after 60 steps on 64 examples of 10 classes, nets 64 wide, each at its own learning rate.

    The sigmoid net learns no more than how frequent each class is, at any rate from 0.03 to 10: about 2.2 nats. A class
    is the largest of ten random linear functions.
    """
    drawn = [_examples(run, seed) for seed in run.seeds]
    x, answers = (torch.stack(parts) for parts in zip(*drawn, strict=True))
    return {
        "loss with ReLU": _trained(run, "relu", init, x, answers),
        "loss with sigmoid": _trained(run, "sigmoid", "xavier", x, answers),
    }


def _examples(run: Run, seed: int) -> tuple[Any, Any]:
    draw = run.generator(seed)
    x = torch.randn(EXAMPLES, INPUTS, generator=draw)
    answers = (x @ torch.randn(INPUTS, CLASSES, generator=draw)).argmax(dim=1)
    return x.to(run.device), answers.to(run.device)


def _trained(run: Run, activation: str, init: str, x: Any, answers: Any) -> list[float]:
    widths = [INPUTS, *[WIDTH] * 9, CLASSES]
    nets = training.initialised(run, lambda: model.dense(widths, model.ACTIVATIONS[activation], init))
    loss = torch.nn.functional.cross_entropy
    losses = descent.descend(nets, loss, x, answers, lr=RATES[activation], steps=STEPS)
    run.curve(f"training loss, {activation}", range(0, STEPS, 5), losses[:, ::5].tolist())
    ends: list[float] = losses[:, -1].tolist()
    return ends
