"""Models of all seeds: made, and trained together in one batched program instead of one program per seed."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from dlcheck.api import Run
from dlcheck.lab.data import batches

Loss = Callable[..., Tensor]
Draw = Callable[[torch.Generator, int], tuple[Tensor, Tensor]]
M = TypeVar("M", bound=nn.Module)


def initialised(run: Run, make: Callable[[], M]) -> list[M]:
    """One model per seed on the run's device, its weights drawn from that seed."""
    models = []
    for seed in run.seeds:
        with run.seeded(seed):
            models.append(make().to(run.device))
    return models


def together(models: Sequence[M]) -> M:
    """A model with the weights of all, in an axis of seeds in front: for models that compute all seeds themselves."""
    whole = copy.deepcopy(models[0])
    for name, _ in models[0].named_parameters():
        owner, _, leaf = name.rpartition(".")
        stacked = torch.stack([model.get_parameter(name).detach() for model in models])
        setattr(whole.get_submodule(owner), leaf, nn.Parameter(stacked))
    return whole


def train(
    run: Run,
    models: Sequence[nn.Module],
    loss: Loss,
    data: Sequence[Tensor],
    *,
    lr: float,
    clip: float = 1.0,
    stacked: bool = False,
) -> Float[Tensor, "seeds steps"]:
    """Minimise `loss(model, *batch)` with Adam, one model per seed, and return every step's losses.

    data: tensors (seeds, steps, ...); step t of seed s sees `[x[s, t] for x in data]`, and no step sees it again.
    lr: reached after a tenth of the steps, then falling to zero, both in a straight line.
    clip: the largest norm of one seed's gradient.
    stacked: the model computes all seeds itself when its weights and inputs have an axis of seeds in front, and the
        loss, given the batches of all seeds, returns one number for each. Twice as fast as vmap for recurrent cells.

    The models must be of one shape; they end up trained, in place. A seed that diverges harms no other.
    """
    objectives = [_Objective(model, loss) for model in models]
    weights, buffers = stack_module_state(objectives)
    call = _call(objectives[0])
    each_seed = call if stacked else vmap(call, randomness="different")
    optimiser = torch.optim.Adam(weights.values(), lr=lr, fused=True)
    schedule = one_cycle(optimiser, steps := data[0].shape[1])
    losses = []
    with sdpa_kernel(SDPBackend.MATH):  # the fused attention has no rule for vmap
        for step in range(steps):
            run.progress(step, steps)
            optimiser.zero_grad()
            each = each_seed(weights, buffers, tuple(x[:, step] for x in data))
            torch.autograd.backward(each.sum())
            _clip([w.grad for w in weights.values() if w.grad is not None], clip)
            optimiser.step()
            schedule.step()
            losses.append(each.detach())  # else every step would stay in memory
    _unstack(weights | buffers, objectives)
    return torch.stack(losses, dim=1)


def train_in_turn(
    run: Run, models: Sequence[nn.Module], loss: Loss, data: Sequence[Tensor], *, lr: float, clip: float = 1.0
) -> Float[Tensor, "seeds steps"]:
    """The same as `train`, one seed after the other: for layers that vmap cannot batch, such as nn.LSTM."""
    steps = data[0].shape[1]
    losses = torch.empty(len(models), steps)
    for seed, model in enumerate(models):
        optimiser = torch.optim.Adam(model.parameters(), lr=lr, fused=True)
        schedule = one_cycle(optimiser, steps)
        for step in range(steps):
            run.progress(seed * steps + step, len(models) * steps)
            optimiser.zero_grad()
            value = loss(model, *(x[seed, step] for x in data))
            torch.autograd.backward(value)
            nn.utils.clip_grad_norm_(model.parameters(), clip)
            optimiser.step()
            schedule.step()
            losses[seed, step] = value.detach()
    return losses


def learnt(
    run: Run,
    models: Sequence[nn.Module],
    draw: Draw,
    predict: Callable[[nn.Module, Tensor], Tensor],
    *,
    steps: int,
    batch: int,
    lr: float,
    examples: int = 512,
    exam: Draw | None = None,
    train: Callable[..., Tensor] = train,
) -> list[float]:
    """Train a model per seed to classify what `draw` draws, and return each one's accuracy on new examples.

    draw(generator, n) gives n inputs and their answers; an answer of -100 does not count.  predict: logits.
    examples, exam: how many new ones there are, and what draws them if not `draw`.  train: or `train_in_turn`.
    """
    generators = [run.generator(seed) for seed in run.seeds]
    data = batches(run, [draw(generator, steps * batch) for generator in generators], steps)
    losses = train(run, models, lambda model, x, answer: cross_entropy(predict(model, x), answer), data, lr=lr)
    run.curve("training loss", range(0, steps, 10), losses[:, ::10].tolist())
    scores = []
    for model, generator in zip(models, generators, strict=True):
        x, answer = (exam or draw)(generator, examples)
        with torch.inference_mode():
            scores.append(accuracy(predict(model, x.to(run.device)), answer.to(run.device)))
    return scores


def cross_entropy(logits: Float[Tensor, "*batch classes"], answers: Int[Tensor, "*batch"]) -> Float[Tensor, ""]:
    """The mean over all answers; an answer of -100 does not count."""
    return F.cross_entropy(logits.flatten(0, -2), answers.flatten())


def accuracy(logits: Float[Tensor, "*batch classes"], answers: Int[Tensor, "*batch"]) -> float:
    """The share of answers that have the largest logit; not-a-number has none, and an answer of -100 does not count."""
    hits = (logits.argmax(-1) == answers) & logits.isfinite().all(-1)
    return hits[answers != -100].float().mean().item()


class _Objective(nn.Module):
    """A loss as a module, so that it may call any method of the model, not `forward` alone."""

    def __init__(self, model: nn.Module, loss: Loss) -> None:
        super().__init__()
        self.model = model
        self.loss = loss

    def forward(self, *batch: Tensor) -> Tensor:
        return self.loss(self.model, *batch)


def _call(objective: nn.Module) -> Callable[[dict[str, Any], dict[str, Any], tuple[Tensor, ...]], Tensor]:
    """`objective` as a function of its weights. Ties are spelt out: functional_call loses those of shared modules."""
    owner: dict[int, str] = {}
    slots = {
        f"{prefix}.{name}": owner.setdefault(id(parameter), f"{prefix}.{name}")
        for prefix, module in objective.named_modules()
        for name, parameter in module.named_parameters(recurse=False)
    }

    def call(weights: dict[str, Any], buffers: dict[str, Any], batch: tuple[Tensor, ...]) -> Tensor:
        state = {slot: weights[name] for slot, name in slots.items()} | buffers
        result: Tensor = functional_call(objective, state, batch, tie_weights=False)
        return result

    return call


def one_cycle(optimiser: torch.optim.Optimizer, steps: int) -> torch.optim.lr_scheduler.LambdaLR:
    """The rate rises to the optimiser's in a tenth of the steps, then falls to zero, both in a straight line."""
    rise = max(1, steps // 10)
    return torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: min((step + 1) / rise, (steps - step) / (steps - rise + 1))
    )


def _clip(gradients: Sequence[Tensor], largest: float) -> None:
    """Scale each seed's gradient, the leading axis of all of them, to a norm of at most `largest`."""
    norm = torch.stack([g.flatten(1).norm(dim=1) for g in gradients]).norm(dim=0)  # (seeds,)
    scale = (largest / norm).clamp(max=1.0)
    for g in gradients:
        g.mul_(scale.view(-1, *[1] * (g.dim() - 1)))


@torch.no_grad()
def _unstack(stacked: dict[str, Any], objectives: Sequence[nn.Module]) -> None:
    """Copy each seed's weights and buffers, running statistics among them, into its own model."""
    for seed, objective in enumerate(objectives):
        for name, held in (*objective.named_parameters(), *objective.named_buffers()):
            held.copy_(stacked[name][seed])
