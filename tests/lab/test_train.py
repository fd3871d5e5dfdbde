"""Seeds trained together learn what each would have learnt alone."""

import math
import threading
import weakref
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
import torch
from torch import Tensor, nn

from dlcheck import Run
from dlcheck.lab import train
from dlcheck_transformer.model import Transformer

Trainer = Callable[..., Tensor]
SEEDS, STEPS = [3, 5, 8], 5


def transformer() -> Transformer:
    """One that shares its embeddings three ways, in float64, so that only the order of sums can differ."""
    return Transformer(7, d_model=8, heads=2, layers=1, d_ff=16, dropout=0.0, positions="learned", max_len=6).double()


def forecast(model: nn.Module, text: Tensor) -> Tensor:
    return train.cross_entropy(model(text[:, :3], text[:, :-1]), text[:, 1:])


@pytest.fixture
def text() -> list[Tensor]:
    return [torch.randint(7, (len(SEEDS), STEPS, 4, 6), generator=torch.Generator().manual_seed(0))]


def test_together_as_alone(text: list[Tensor]) -> None:
    """Losses and weights of three seeds trained together are those of each alone, tied weights included."""
    together, alone = (train.initialised(Run(SEEDS), transformer) for _ in range(2))
    losses = train.train(Run(SEEDS), together, forecast, text, lr=1e-2)
    expected = train.train_in_turn(Run(SEEDS), alone, forecast, text, lr=1e-2)
    torch.testing.assert_close(losses.double(), expected.double(), rtol=1e-5, atol=1e-6)
    for ours, theirs in zip(together, alone, strict=True):
        torch.testing.assert_close(dict(ours.named_parameters()), dict(theirs.named_parameters()), rtol=0, atol=1e-8)
        assert ours.output.weight is ours.source_embedding.weight


class Shared(nn.Module):
    """One embedding under two names, whose weights also give the logits."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.second = nn.Embedding(7, 4)
        self.output = nn.Linear(4, 7, bias=False)
        self.output.weight = self.first.weight

    def forward(self, context: Tensor, text: Tensor) -> Tensor:
        logits: Tensor = self.output(self.first(context[:, :1]) + self.second(text))
        return logits


def test_a_module_with_two_names_is_trained_as_one(text: list[Tensor]) -> None:
    """Together as alone, and still one weight: functional_call by itself would lose the tie after the first step."""
    together, alone = (train.initialised(Run(SEEDS), Shared) for _ in range(2))
    train.train(Run(SEEDS), together, forecast, text, lr=0.1)
    train.train_in_turn(Run(SEEDS), alone, forecast, text, lr=0.1)
    for ours, theirs in zip(together, alone, strict=True):
        assert ours.first.weight is ours.second.weight is ours.output.weight
        torch.testing.assert_close(ours.first.weight, theirs.first.weight)


def test_running_statistics_as_alone() -> None:
    """Batch normalisation ends with the weights and the running statistics of each seed trained alone."""
    x = torch.randn(len(SEEDS), STEPS, 6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)

    def normed() -> nn.Module:
        return nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)).double()

    together, alone = (train.initialised(Run(SEEDS), normed) for _ in range(2))
    train.train(Run(SEEDS), together, lambda m, x: m(x).square().mean(), [x], lr=0.1)
    train.train_in_turn(Run(SEEDS), alone, lambda m, x: m(x).square().mean(), [x], lr=0.1)
    for ours, theirs in zip(together, alone, strict=True):
        torch.testing.assert_close(ours.state_dict(), theirs.state_dict(), rtol=1e-5, atol=1e-7)


def test_frozen_weights_stay(text: list[Tensor]) -> None:
    """What requires no gradient is not trained; the rest is, as in the same model alone."""
    together, alone = (train.initialised(Run(SEEDS), Shared) for _ in range(2))
    for model in (*together, *alone):
        model.first.weight.requires_grad_(False)
        model.bias = nn.Parameter(torch.zeros(7))
    before = together[0].first.weight.clone()

    def biased(model: nn.Module, text: Tensor) -> Tensor:
        return train.cross_entropy(model(text[:, :3], text[:, :-1]) + model.bias, text[:, 1:])

    train.train(Run(SEEDS), together, biased, text, lr=0.1)
    train.train_in_turn(Run(SEEDS), alone, biased, text, lr=0.1)
    assert torch.equal(together[0].first.weight, before)
    torch.testing.assert_close(together[0].bias, alone[0].bias)


class Scale(nn.Module):
    """x w with a matrix that may have an axis of seeds in front, as x."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.randn(4, 2))

    def forward(self, x: Tensor) -> Tensor:
        return x @ self.w


def test_stacked_as_alone() -> None:
    """A model that computes all seeds itself learns, without vmap, what each seed learns alone; clipping included."""
    x = 10 * torch.randn(len(SEEDS), STEPS, 6, 4, generator=torch.Generator().manual_seed(0))
    stacked, alone = (train.initialised(Run(SEEDS), Scale) for _ in range(2))
    losses = train.train(Run(SEEDS), stacked, lambda m, x: m(x).square().mean((-2, -1)), [x], lr=0.1, stacked=True)
    expected = train.train_in_turn(Run(SEEDS), alone, lambda m, x: m(x).square().mean(), [x], lr=0.1)
    torch.testing.assert_close(losses, expected)
    for ours, theirs in zip(stacked, alone, strict=True):
        torch.testing.assert_close(ours.w, theirs.w)


class Marked(torch.autograd.Function):
    """Passes on what it gets. marks: one for each part of a graph that is still there."""

    marks: ClassVar[weakref.WeakSet[Any]] = weakref.WeakSet()

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        ctx.mark = threading.Event()  # anything that can be referred to weakly
        Marked.marks.add(ctx.mark)
        return x.clone()

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        return gradient


def test_steps_do_not_pile_up(text: list[Tensor]) -> None:
    """When a step begins, only the one before may still be there: memory does not grow with the steps."""
    left = []

    def loss(model: Any, batch: Tensor) -> Tensor:
        left.append(len(Marked.marks))
        marked: Tensor = Marked.apply(model.w)  # type: ignore[no-untyped-call]
        return marked.square().sum((1, 2))

    train.train(Run(SEEDS), train.initialised(Run(SEEDS), Scale), loss, text, lr=0.1, stacked=True)
    assert len(left) == STEPS
    assert max(left) <= 1


def test_together_is_each_model_at_its_place() -> None:
    """The model of all seeds has each one's weights, and changing it changes none of them."""
    models = train.initialised(Run(SEEDS), lambda: nn.Sequential(Scale(), nn.LayerNorm(2)))
    whole = train.together(models)
    for name, weights in whole.named_parameters():
        assert torch.equal(weights, torch.stack([model.get_parameter(name) for model in models]))
    with torch.no_grad():
        whole.get_parameter("0.w").zero_()
    assert models[0].get_parameter("0.w").any()


def test_training_reaches_every_weight_and_leaves_an_ordinary_model(text: list[Tensor]) -> None:
    """All weights have moved, and each seed's in its own way; afterwards the model runs without vmap."""
    models, starts = (train.initialised(Run(SEEDS), transformer) for _ in range(2))
    train.train(Run(SEEDS), models, forecast, text, lr=1e-2)
    for name, moved in models[0].named_parameters():
        assert not torch.equal(moved, starts[0].get_parameter(name)), name
        assert not torch.equal(moved, models[1].get_parameter(name)), name
    assert models[0](text[0][0, 0], text[0][0, 0]).isfinite().all()


def test_models_belong_to_their_seeds() -> None:
    """A seed's weights do not depend on the other seeds, nor on what was drawn before."""
    (third,) = train.initialised(Run([8]), lambda: nn.Linear(4, 4))
    torch.rand(1)
    *_, last = train.initialised(Run(SEEDS), lambda: nn.Linear(4, 4))
    assert torch.equal(third.weight, last.weight)


def test_a_diverged_seed_harms_no_other() -> None:
    """One seed's data is not a number: its losses are not either, and the other seed's are as if it were alone."""
    x = torch.randn(2, STEPS, 4, 3, generator=torch.Generator().manual_seed(0))
    x[0, 1] = math.nan

    def loss(model: nn.Module, x: Tensor) -> Tensor:
        return model(x).square().mean()

    both, one = (train.initialised(Run(seeds), lambda: nn.Linear(3, 2)) for seeds in ([1, 2], [2]))
    losses = train.train(Run([1, 2]), both, loss, [x], lr=0.1)
    assert losses[0].isnan().tolist() == [False, True, True, True, True]
    torch.testing.assert_close(losses[1:], train.train(Run([2]), one, loss, [x[1:]], lr=0.1))


@pytest.mark.parametrize("trainer", [train.train, train.train_in_turn])
def test_learning_rate_rises_and_falls(trainer: Trainer) -> None:
    """A weight with a constant gradient moves as Adam's rate: a tenth of the steps up, the rest down to almost zero."""
    model, start = (train.initialised(Run([1]), lambda: nn.Linear(1, 1, bias=False))[0] for _ in range(2))
    trainer(Run([1]), [model], lambda model, x: (0.01 * model(x)).sum(), [torch.ones(1, 20, 1, 1)], lr=0.5)
    rates = [0.25, 0.5] + [0.5 * (20 - step) / 19 for step in range(2, 20)]
    assert model.weight.item() == pytest.approx(start.weight.item() - sum(rates), rel=1e-4)


@pytest.mark.parametrize("trainer", [train.train, train.train_in_turn])
def test_large_gradients_are_clipped_for_each_seed(trainer: Trainer) -> None:
    """A gradient a million times larger in one of two seeds takes the same steps: the norm of each is cut to 1."""
    x = torch.ones(2, 2, 1, 1)
    x[1] *= 1e6
    models = [nn.Linear(1, 1, bias=False) for _ in range(2)]
    for model in models:
        nn.init.zeros_(model.weight)
    trainer(Run([1, 2]), models, lambda model, x: (5 * model(x)).sum(), [x], lr=0.1)
    torch.testing.assert_close(models[0].weight, models[1].weight)


def test_accuracy_counts_answers_by_hand() -> None:
    """Two of three answers are right; -100 does not count; a diverged model is never right."""
    logits = torch.tensor([[2.0, 1.0], [0.0, 3.0], [5.0, 1.0], [1.0, 0.0]])
    answers = torch.tensor([0, 1, 1, -100])
    assert train.accuracy(logits, answers) == pytest.approx(2 / 3)
    assert train.accuracy(logits * math.nan, answers) == 0


@pytest.mark.parametrize("trainer", [train.train, train.train_in_turn])
def test_what_can_be_learnt_is_learnt_and_noise_is_not(trainer: Trainer) -> None:
    """A linear rule is learnt to 95 % and more; answers without a rule stay at a half, on examples never seen."""

    def rule(generator: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        x = torch.randn(size, 4, generator=generator)
        return x, (x[:, 0] > x[:, 1]).long()

    def noise(generator: torch.Generator, size: int) -> tuple[Tensor, Tensor]:
        x, answer = rule(generator, size)
        return x, answer[torch.randperm(size, generator=generator)]

    run = Run(SEEDS)
    for draw, low, high in ((rule, 0.95, 1.0), (noise, 0.4, 0.6)):
        models = train.initialised(run, lambda: nn.Linear(4, 2))
        scores = train.learnt(run, models, draw, lambda m, x: m(x), steps=100, batch=16, lr=0.1, train=trainer)
        assert all(low <= score <= high for score in scores)
    assert len(run.curves) == 2
    assert len(run.curves[0].ys) == len(SEEDS)
