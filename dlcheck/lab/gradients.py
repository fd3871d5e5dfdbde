"""Gradient norms: how much of a loss reaches each layer, as weights or as deltas, and each time step.

For ReLU and tanh, measure *deltas* (gradients of the layers' outputs) when asking what happens to a gradient on its
way down. The gradient of a weight is delta times activation, and where initial weights are too small, activations
shrink on the way up as fast as deltas do on the way down: the weight gradients of all layers look alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn


def norms(loss: Float[Tensor, ""], tensors: Sequence[Tensor]) -> list[float]:
    """The Euclidean norm of the gradient of `loss` by each of `tensors`: 0 for one that it does not depend on."""
    gradients = torch.autograd.grad(loss, tensors, materialize_grads=True)
    return [float(norm) for norm in torch.stack([gradient.norm() for gradient in gradients])]


def weight_norms(loss: Float[Tensor, ""], layers: Iterable[nn.Module]) -> list[float]:
    """The norm of the gradient by each layer's `weight`."""
    return norms(loss, [layer.get_parameter("weight") for layer in layers])


def delta_norms(compute: Callable[[], Float[Tensor, ""]], layers: Iterable[nn.Module]) -> list[float]:
    """The norm of delta, the gradient of the loss by a layer's output, for each layer, in the order of their calls.

    compute: runs the model and returns the loss. A cell that is called once for each time step counts as often. An
    output that is a tuple, such as the state of a recurrent cell, is taken for its first tensor.
    """
    with outputs(layers) as kept:
        loss = compute()
    return norms(loss, kept)


def step_norms(loss: Float[Tensor, ""], inputs: Float[Tensor, "B T *d"]) -> list[float]:
    """The norm of the gradient by each time step of `inputs`, from which `loss` must have been computed."""
    (gradient,) = torch.autograd.grad(loss, inputs)
    return [float(norm) for norm in gradient.transpose(0, 1).flatten(1).norm(dim=1)]


@contextmanager
def outputs(layers: Iterable[nn.Module]) -> Iterator[list[Tensor]]:
    """Everything that the layers put out inside this block, in the order of their calls: pre-activations, say."""
    kept: list[Tensor] = []

    def keep(layer: nn.Module, inputs: Any, output: Any) -> None:
        kept.append(output if isinstance(output, Tensor) else output[0])

    hooks = [layer.register_forward_hook(keep) for layer in layers]
    try:
        yield kept
    finally:
        for hook in hooks:
            hook.remove()
