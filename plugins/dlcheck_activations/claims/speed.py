"""Whether ReLU is fast: in the cache and beyond it, forward and backward, alone and in a net.

All are the framework's own kernels, on one core. A ratio holds for the size that its statement names.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dlcheck import Run, claim, faster, lazy, per_seed

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_activations.model")
timing: Any = lazy("dlcheck.lab.timing")

SOURCE = "Glorot, Bordes and Bengio 2011, section 3.1; Krizhevsky et al. 2012, section 3.1"
CACHED, BEYOND = 1 << 16, 1 << 23  # numbers of 4 bytes: 256 KiB, and 32 MiB, which are read from and written to memory
CORE = ["cpu"]


def _pass(direction: str, activation: str, x: Any) -> Callable[[], object]:
    """One forward or one backward pass of the framework's kernel."""
    kernels, f = torch.ops.aten, torch.nn.functional
    if direction == "forward":
        forward = f.leaky_relu if activation == "leaky_relu" else getattr(torch, activation)
        return lambda: forward(x)
    gradient, y = torch.randn_like(x), getattr(torch, activation)(x)
    if activation == "relu":
        return lambda: kernels.threshold_backward(gradient, y, 0)
    backward = kernels.sigmoid_backward if activation == "sigmoid" else kernels.tanh_backward
    return lambda: backward(gradient, y)


def _seconds(run: Run, seed: int, direction: str, others: Sequence[str], size: int) -> dict[str, float]:
    """Seconds of ReLU and of the fastest of `others`, each timed in turn with ReLU."""
    x = torch.randn(size, generator=run.generator(seed))
    pairs = [timing.paired(_pass(direction, "relu", x), _pass(direction, name, x), rounds=1) for name in others]
    relu, other = min(pairs, key=lambda pair: pair[1] / pair[0])
    return {"ReLU": relu, "the other": other}


@claim(
    en="ReLU is fast to compute: on 65,536 numbers, which fit in the cache, it takes at most half of the time of "
    "sigmoid and of tanh.",
    ko="ReLU는 연산이 빠르다. 캐시에 들어가는 65,536개의 수에 대해 시그모이드와 tanh가 걸리는 시간의 절반도 안 걸린다.",
    source=SOURCE,
    notes=["000-08"],
    rule=faster("ReLU", "the other", times=2),
    controls={"Leaky ReLU in their place": {"others": ["leaky_relu"]}},
    seconds=2.2,
    devices=CORE,
)
@per_seed
def relu_is_fast_to_compute(run: Run, seed: int, *, others: Sequence[str] = ("sigmoid", "tanh")) -> dict[str, float]:
    """Seconds of a forward pass over 256 KiB of normal numbers, of ReLU and of the faster of sigmoid and tanh."""
    return _seconds(run, seed, "forward", others, CACHED)


@claim(
    en="ReLU is at least twice as fast as sigmoid on large tensors too: 8 million numbers, which no longer fit in the "
    "cache, into a new tensor.",
    ko="캐시에 들어가지 않는 큰 텐서에서도 ReLU는 시그모이드보다 두 배 이상 빠르다(수 800만 개, 결과는 새 텐서에 "
    "저장).",
    source=f"Study notes, read literally; for the other view, Williams et al. 2009, Roofline, section 3; {SOURCE}",
    notes=["000-08"],
    rule=faster("ReLU", "the other", times=2),
    controls={"65,536 numbers": {"size": CACHED}},
    expect="refuted",
    seconds=2.3,
    devices=CORE,
)
@per_seed
def relu_is_fast_on_large_tensors(run: Run, seed: int, *, size: int = BEYOND) -> dict[str, float]:
    """Seconds of a forward pass over 32 MiB of normal numbers, into a new tensor, of ReLU and of sigmoid.

    Both spend most of the time on getting new memory and on reading and writing it, which takes as long for either.
    """
    return _seconds(run, seed, "forward", ["sigmoid"], size)


@claim(
    en="ReLU's backward pass is at least twice as fast as that of sigmoid.",
    ko="ReLU의 역전파는 시그모이드의 역전파보다 두 배 이상 빠르다.",
    source=f"Study notes, read literally; {SOURCE}",
    notes=["000-08"],
    rule=faster("ReLU", "the other", times=2),
    controls={"forward": {"direction": "forward"}},
    expect="refuted",
    seconds=1.2,
    devices=CORE,
)
@per_seed
def relu_is_fast_backward(run: Run, seed: int, *, direction: str = "backward") -> dict[str, float]:
    """Seconds of a backward pass over 256 KiB of normal numbers, in the cache, of ReLU and of sigmoid.

    Sigmoid's derivative y (1 - y) comes from the output that is already there: two products, and no exponential.
    """
    return _seconds(run, seed, direction, ["sigmoid"], CACHED)


@claim(
    en="Because ReLU is fast, a dense net trains at least 1.5 times as fast per step with ReLU as with tanh (6 "
    "layers, 256 wide).",
    ko="ReLU의 연산이 빠르므로 완전 연결 신경망의 학습은 한 스텝 기준으로 tanh를 쓸 때보다 1.5배 이상 빠르다(6층, 폭 "
    "256).",
    source=f"Study notes, read literally; {SOURCE}",
    notes=["000-08"],
    rule=faster("with ReLU", "with tanh", times=1.5),
    controls={"activations without layers": {"layers": False}},
    expect="refuted",
    seconds=1.2,
    devices=CORE,
)
@per_seed
def relu_makes_a_training_step_fast(run: Run, seed: int, *, layers: bool = True) -> dict[str, float]:
    """Seconds of a forward and a backward pass of a net of 6 dense layers with ReLU and with tanh, batches of 256.

    A layer of width n does about 6 n operations in its matrix products for each activation: the products decide.
    """
    x = torch.randn(256, 256, generator=run.generator(seed))
    steps = [_step(activation, x, layers) for activation in (torch.relu, torch.tanh)]
    with_relu, with_tanh = timing.paired(*steps, rounds=1)
    return {"with ReLU": with_relu, "with tanh": with_tanh}


def _step(activation: Any, x: Any, layers: bool) -> Callable[[], object]:
    """A forward and a backward pass, from the loss to all weights or, without layers, to the input."""
    net = model.dense([x.shape[1]] * 7, activation)
    if not layers:
        net.layers = torch.nn.ModuleList(torch.nn.Identity() for _ in net.layers)
    inputs = list(net.parameters()) or [x.clone().requires_grad_()]
    return lambda: torch.autograd.grad(net(x if layers else inputs[0]).square().mean(), inputs)
