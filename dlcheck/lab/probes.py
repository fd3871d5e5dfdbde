"""Probes: what a computation depends on, keeps and costs. Read off the computation itself, never off its description.

Each takes any function of tensors, so the same probe measures a claim and its control.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.overrides import TorchFunctionMode
from torch.utils.flop_counter import FlopCounterMode

Model = TypeVar("Model", bound=nn.Module)


def influence(outputs: Float[Tensor, "T d_out"], inputs: Float[Tensor, "S d_in"]) -> Float[Tensor, "T S"]:
    """How strongly each output position depends on each input position.

    Entry (i, j) is the norm of the gradient, with respect to input j, of output i along one random direction: zero
    when the Jacobian of i with respect to j is zero, and otherwise zero with probability zero only. (The sum of a
    position's channels would not do: after a LayerNorm it is constant.) `outputs` must be computed from `inputs`.
    """
    direction = torch.randn(outputs.shape[-1], generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    along = outputs @ direction.to(outputs.device, outputs.dtype)  # (T,)
    gradients = [torch.autograd.grad(one, inputs, retain_graph=True, materialize_grads=True)[0] for one in along]
    norms: Tensor = torch.stack(gradients).norm(dim=-1)
    return norms


def sees(outputs: Float[Tensor, "T d_out"], inputs: Float[Tensor, "S d_in"]) -> Bool[Tensor, "T S"]:
    """Which output positions depend at all on which input positions: the support of the Jacobian."""
    seen: Tensor = influence(outputs, inputs) > 0
    return seen


def steps_until_ends_meet(states: Iterable[Float[Tensor, " d"]], inputs: Float[Tensor, "S d_in"]) -> int:
    """The number of the first state (from 1) that depends on both the first and the last input position.

    Raises ValueError when none of `states` does.
    """
    for step, state in enumerate(states, start=1):
        if sees(state[None], inputs)[0, [0, -1]].all():
            return step
    raise ValueError("expected a state that depends on the first and the last position, got none: give more states")


def saved_bytes(compute: Callable[[], Tensor]) -> int:
    """Bytes that `compute` keeps for its backward pass, each storage counted once, parameters left out."""
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        origin = tensor if tensor._base is None else tensor._base
        if not (origin.is_leaf and origin.requires_grad):
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        output = compute()
    total = sum(kept.values())
    del output  # only now: a storage that is freed earlier could lend its address to another
    return total


def flops(compute: Callable[[], Any]) -> int:
    """Floating-point operations of the matrix products in `compute`, a multiplication and an addition counted as two.

    Attention runs written out, because the counter knows no fused kernel of the CPU. Raises ValueError when nothing
    was counted: the counter answers 0 for kernels that it does not know.
    """
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        compute()
    total = counter.get_total_flops()
    if total == 0:
        raise ValueError("expected matrix products to count, got none, or only kernels that the counter does not know")
    return int(total)


def size(module: nn.Module) -> int:
    """The number of its parameters, shared ones once."""
    return sum(parameter.numel() for parameter in module.parameters())


def parameter_count(build: Callable[[], nn.Module]) -> int:
    """The size of the model that `build` makes. No parameter is allocated or drawn."""
    return size(on_meta(build))


def on_meta(build: Callable[[], Model]) -> Model:
    """The model that `build` makes, on the meta device: shapes without numbers, so none is allocated or drawn.

    Run on `torch.empty(..., device="meta")` it tells the shapes of whatever is inside it, and what it costs.
    """
    with torch.device("meta"), _Undrawn():
        return build()


class _Undrawn(TorchFunctionMode):
    """Leaves out `nn.init.normal_`, which imports a compiler when it meets the meta device: 2 s in each process."""

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        return kwargs["tensor"] if func is nn.init.normal_ else func(*args, **kwargs)


def longest_chain(output: Tensor) -> int:
    """The number of operations on the longest chain of `output`'s graph in which each one waits for the one before.

    Operations that only rearrange (views, transposes) count too: compare how the chain grows, not its length.
    """
    length: dict[Any, int] = {}
    for node in _graph(output):
        length[node] = 1 + max((length[earlier] for earlier in _earlier(node)), default=0)
    return max(length.values(), default=0)


def operations(output: Tensor) -> Counter[str]:
    """How often each operation occurs in `output`'s graph, by the name of its backward, such as "AddmmBackward0".

    Only what gradients pass through is in the graph.
    """
    return Counter(node.name() for node in _graph(output))


def _graph(output: Tensor) -> Iterator[Any]:
    """The nodes that lead to `output`, each after all that it waits for; leaves are nodes too."""
    done: set[Any] = set()
    pending = [output.grad_fn] if output.grad_fn else []
    while pending:  # not a recursion: the chain of a recurrent net is longer than Python's stack
        node = pending[-1]
        waiting = [] if node in done else [earlier for earlier in _earlier(node) if earlier not in done]
        pending.extend(waiting)
        if not waiting:
            pending.pop()
            if node not in done:
                done.add(node)
                yield node


def _earlier(node: Any) -> list[Any]:
    return [earlier for earlier, _ in node.next_functions if earlier is not None]


def entropy(weights: Float[Tensor, "*batch n"]) -> Float[Tensor, "*batch"]:
    """Entropy of each row of weights as a share of its largest value, log n: 1 when all are equal, 0 for one alone."""
    nats: Tensor = torch.special.entr(weights).sum(-1)
    return nats / math.log(weights.shape[-1])
