"""Plain gradient descent on one batch, all seeds together: no momentum, no schedule, no clipping, nothing adaptive.

For claims about what a step does, such as those that a large learning rate breaks. To train well, see `lab.train`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap


def descend(
    models: Sequence[nn.Module],
    loss: Callable[[Tensor, Tensor], Tensor],
    x: Float[Tensor, "seeds B *d_in"],
    answers: Tensor,
    *,
    lr: float,
    steps: int,
) -> Float[Tensor, "seeds steps"]:
    """Take `steps` steps w := w - lr dL/dw with L = loss(model(x), answers), and return the loss before each.

    One model per seed, all of one shape and without buffers; they end up trained, in place. A seed that diverges
    harms no other.
    """
    weights, _ = stack_module_state(list(models))
    each_seed = vmap(lambda weights, x, answers: loss(functional_call(models[0], weights, (x,)), answers))
    losses = []
    for _ in range(steps):
        each = each_seed(weights, x, answers)
        gradients = torch.autograd.grad(each.sum(), list(weights.values()))
        losses.append(each.detach())  # else every step would stay in memory
        with torch.no_grad():
            for weight, gradient in zip(weights.values(), gradients, strict=True):
                weight.sub_(gradient, alpha=lr)
    with torch.no_grad():
        for seed, model in enumerate(models):
            for name, parameter in model.named_parameters():
                parameter.copy_(weights[name][seed])
    return torch.stack(losses, dim=1)
