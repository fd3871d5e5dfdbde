"""What the questions about residual networks ask, computed by running the reference model.

Each function takes the values that its question varies, by name. `Solution.wrong` has, for each misconception that the
bank names, what a student who holds it would answer. What is asked of the published networks is only shapes, sizes and
costs: they run on the meta device, which holds no numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from torch import Tensor, nn
from torch.func import functional_call
from torch.overrides import TorchFunctionMode

from dlcheck.lab.probes import flops, on_meta, parameter_count, size
from dlcheck.quiz.base import Solution
from dlcheck.quiz.code import Exercise
from dlcheck_resnet import model
from dlcheck_resnet.model import BasicBlock, Block, Bottleneck, PaddingShortcut, ResNet, resnet34, resnet50, small

BLOCKS: dict[str, type[BasicBlock] | type[Bottleneck]] = {"BasicBlock": BasicBlock, "Bottleneck": Bottleneck}
OTHER = {"BasicBlock": "Bottleneck", "Bottleneck": "BasicBlock"}
VGG_16 = 138_357_544
"""Parameters of the network that residual ones took the place of (Simonyan and Zisserman 2015, Table 2)."""


def published(layers: int) -> ResNet:
    """ResNet-18 to ResNet-152, without numbers."""
    build: Callable[[], ResNet] = getattr(model, f"resnet{layers}")
    return on_meta(build).eval()


def images(B: int, side: int, channels: int = 3) -> Tensor:
    """As many square images, without numbers."""
    return torch.empty(B, channels, side, side, device="meta")


def multiply_adds(layers: nn.Module, x: Tensor) -> int:
    return flops(lambda: layers(x)) // 2


# Shapes


def shape_in_stages(layers: int, stage: int, B: int) -> Solution:
    """What the stage, counted from 1, puts out for images of 224x224."""
    net = published(layers)
    B, C, H, W = net.stages[:stage](net.stem(images(B, 224))).shape
    return Solution(
        (B, C, H, W),
        {
            "width-of-the-other-block": (B, C * 4 if layers < 50 else C // 4, H, W),
            "first-stage-halves-too": (B, C, H // 2, W // 2),
            "stem-halves-once": (B, C, 2 * H, 2 * W),
        },
    )


def shape_of_stem(B: int, side: int) -> Solution:
    net = published(18)
    B, C, H, W = net.stem(images(B, side)).shape
    without_padding = ((side - 7) // 2 + 1 - 3) // 2 + 1
    return Solution(
        (B, C, H, W),
        {
            "halved-once": (B, C, 2 * H, 2 * W),
            "no-padding": (B, C, without_padding, without_padding),
            "colours-stay": (B, 3, H, W),
        },
    )


def what_halves_the_map(layers: int) -> list[str]:
    net = published(layers)
    parts: dict[str, nn.Module] = {
        "first-convolution": net.stem[0],
        "max-pooling": net.stem[3],
        "stage-1": net.stages[0],
        "stage-2": net.stages[1],
        "stage-4": net.stages[3],
    }
    halving: list[str] = []

    def watch(name: str, part: nn.Module) -> None:
        def note(_: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
            if output.shape[-1] == inputs[0].shape[-1] // 2:
                halving.append(name)

        part.register_forward_hook(note)

    for name, part in parts.items():
        watch(name, part)
    net(images(1, 224))
    return halving


def another_image_size(layers: int, side: int) -> str:
    """What a network for images of 224x224 does with others."""
    try:
        logits = published(layers)(images(1, side))
    except RuntimeError:
        return "refuses"
    return "runs" if logits.shape == (1, 1000) else "several-rows"


def where_shapes_change() -> list[str]:
    """The blocks in which F(x) has another shape than x."""
    shallow, deep = published(34), published(50)
    blocks = {
        "basic-first-stage": shallow.blocks[0],
        "basic-second-stage": shallow.blocks[3],
        "basic-last": shallow.blocks[-1],
        "bottleneck-first-stage": deep.blocks[0],
        "bottleneck-second": deep.blocks[1],
    }
    changing: list[str] = []

    def watch(name: str, block: Block) -> None:
        def note(_: nn.Module, inputs: tuple[Tensor], output: Tensor) -> None:
            if output.shape != inputs[0].shape:
                changing.append(name)

        block.residual.register_forward_hook(note)

    for name, block in blocks.items():
        watch(name, block)
    for net in (shallow, deep):
        net(images(1, 64))
    return changing


def receptive_field(block: str, n: int) -> Solution:
    """The side of the square of pixels that one output pixel of n blocks depends on."""

    def side_of(kind: type[BasicBlock] | type[Bottleneck]) -> int:
        d = kind.expansion
        stack = nn.Sequential(*(kind(d, 1, shortcut="padding", norm=False) for _ in range(n)))
        for parameter in stack.parameters():
            nn.init.ones_(parameter)  # positive everywhere, so that no ReLU and no sum hides a pixel
        x = torch.ones(1, d, 4 * n + 3, 4 * n + 3, requires_grad=True)
        middle = stack(x)[0, 0, 2 * n + 1, 2 * n + 1]
        seen = torch.autograd.grad(middle, x)[0][0].sum(0) > 0
        return int(seen.any(0).sum())

    kernel = 5 if block == "BasicBlock" else 3
    return Solution(
        float(side_of(BLOCKS[block])),
        {"the-other-block": float(side_of(BLOCKS[OTHER[block]])), "side-by-side": float(kernel * n)},
    )


# Sizes and costs


def parameters_of_basic_block(d: int) -> Solution:
    right = size(BasicBlock(d, d))
    return Solution(
        right, {"biases-too": right + 2 * d, "no-normalisation": right - 4 * d, "one-convolution": 9 * d * d + 2 * d}
    )


def parameters_of_bottleneck(width: int) -> Solution:
    d = 4 * width
    block = Bottleneck(d, width)
    right = size(block)
    return Solution(
        right,
        {
            "wide-inside": right + 9 * d * d - 9 * width * width,
            "two-convolutions-of-the-basic-block": size(BasicBlock(d, d)),
            "no-way-back": right - width * d - 2 * d,
        },
    )


def parameters_of_classifier(layers: int, classes: int) -> Solution:
    block, other = (BasicBlock, 2048) if layers < 50 else (Bottleneck, 512)
    net = on_meta(lambda: ResNet(block, (2, 2, 2, 2), classes=classes))
    width = net.classifier.in_features
    return Solution(
        size(net.classifier),
        {
            "flattened-map": (49 * width + 1) * classes,
            "no-biases": width * classes,
            "width-of-the-other-block": (other + 1) * classes,
        },
    )


def weight_layers(block: str, blocks: Sequence[int]) -> Solution:
    net = on_meta(lambda: ResNet(BLOCKS[block], blocks))
    shortcuts = [name for name, layer in net.named_modules() if isinstance(layer, nn.Conv2d) and ".shortcut." in name]
    right = net.weight_layers
    return Solution(
        float(right),
        {
            "shortcuts-too": float(right + len(shortcuts)),
            "blocks-alone": float(right - 2),
            "one-for-each-block": float(len(net.blocks) + 2),
        },
    )


def bottleneck_against_basic(d: int) -> Solution:
    """The multiply-adds of a basic block on d channels over those of a bottleneck on d channels."""
    x = images(1, 14, d)
    basic, bottleneck = (on_meta(lambda: BasicBlock(d, d)), on_meta(lambda: Bottleneck(d, d // 4)))
    narrow = on_meta(lambda: BasicBlock(d // 4, d // 4))
    cost = multiply_adds(bottleneck, x)
    right = multiply_adds(basic, x) / cost
    return Solution(
        right,
        {
            "one-convolution": right / 2,
            "a-narrow-basic-block": multiply_adds(narrow, images(1, 14, d // 4)) / cost,
            "by-layers": 2 / 3,
        },
    )


def from_stage_to_stage(layers: int, stage: int) -> Solution:
    """The multiply-adds of the second block of a stage over those of the second block of the stage before."""
    net = published(layers)
    x = net.stem(images(1, 224))
    costs, sizes = [], []
    for each in list(net.stages)[: stage + 1]:
        assert isinstance(each, nn.Sequential)
        x = each[0](x)
        costs.append(multiply_adds(each[1], x))
        sizes.append(size(each[1]))
    return Solution(
        costs[-1] / costs[-2],
        {"like-the-parameters": round(sizes[-1] / sizes[-2], 1), "channels-alone": 2.0, "map-alone": 0.25},
    )


def fifty_against_thirty_four(side: int) -> Solution:
    """The multiply-adds of ResNet-50 over those of ResNet-34."""
    one, other = (multiply_adds(published(layers), images(1, side)) for layers in (50, 34))
    sizes = parameter_count(resnet50) / parameter_count(resnet34)
    bottleneck = multiply_adds(on_meta(lambda: Bottleneck(256, 64)), images(1, 56, 256))
    basic = multiply_adds(on_meta(lambda: BasicBlock(64, 64)), images(1, 56, 64))
    return Solution(
        one / other,
        {"by-layers": 50 / 34, "by-parameters": sizes, "later-blocks-alone": bottleneck / basic},
    )


def shortcuts_in_order() -> dict[str, int]:
    return {
        "padding": parameter_count(lambda: resnet34("padding")),
        "projection": parameter_count(lambda: resnet34("projection")),
        "projections": parameter_count(lambda: resnet34("projections")),
        "resnet-50": parameter_count(resnet50),
    }


def parameters_of_network(layers: int) -> Solution:
    depths = [18, 34, 50, 101, 152]
    place = depths.index(layers)
    sizes = [parameter_count(getattr(model, f"resnet{each}")) for each in depths[place - 1 : place + 2]]
    return Solution(
        sizes[1],
        {"shallower": sizes[0], "deeper": sizes[2], "of-vgg": VGG_16},
        {"less": depths[place - 1], "more": depths[place + 1]},
    )


# Skip connections, batch normalisation and gradients


class _Calls(TorchFunctionMode):
    """Notes the functions that are called, as "relu 2" for the second time."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: Counter[str] = Counter()
        self.names: list[str] = []

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        name = func.__name__.strip("_")
        self.counts[name] += 1
        self.names.append(f"{name} {self.counts[name]}")
        return func(*args, **(kwargs or {}))


def order_in_block() -> Solution:
    """The order in which a basic block calls its parts."""
    parts = {
        "conv2d 1": "first-convolution",
        "relu 1": "inner-relu",
        "conv2d 2": "second-convolution",
        "batch_norm 2": "second-norm",
        "add 1": "addition",
        "relu 2": "last-relu",
    }
    block = BasicBlock(4, 4).eval()
    x = torch.randn(1, 4, 5, 5)
    with _Calls() as calls:
        block(x)
    before = ["first-convolution", "inner-relu", "second-convolution", "second-norm"]
    return Solution(
        [parts[name] for name in calls.names if name in parts],
        {
            "relu-before-the-addition": [*before, "last-relu", "addition"],
            "norm-of-the-sum": [*before[:3], "addition", "second-norm", "last-relu"],
        },
    )


def gradient_of_a_chain(n: int, slope: float) -> Solution:
    """The derivative of n blocks on one number by their input, where every F has this slope."""
    layers = [nn.Conv2d(1, 1, 1, bias=False) for _ in range(n)]
    for layer in layers:
        nn.init.constant_(layer.weight, slope)
    chain = nn.Sequential(*(Block(layer, PaddingShortcut(0)) for layer in layers))
    x = torch.ones(1, 1, 1, 1, requires_grad=True)
    derivative = torch.autograd.grad(chain(x).sum(), x)[0]
    return Solution(float(derivative), {"a-plain-net": slope**n, "added-up": 1 + n * slope})


def silence(block: Block) -> None:
    """Set gain and shift of the last normalisation to zero."""
    assert isinstance(block.residual, nn.Sequential)
    for parameter in block.residual[-1].parameters():
        nn.init.zeros_(parameter)


def zero_gamma(x: float) -> str:
    """What a block whose last normalisation has gain and shift 0 makes of this number."""
    block = BasicBlock(4, 4)
    silence(block)
    out = block(torch.full((2, 4, 5, 5), float(x)))
    if torch.equal(out, torch.zeros_like(out)):
        return "zero"
    return "unchanged" if torch.equal(out, torch.full_like(out, x)) else "depends"


def what_zero_gamma_stops(layers: int) -> list[str]:
    """What gets a gradient in the first step, when the last normalisation of each block starts at zero."""
    net = small(layers, width=4, classes=5)
    for block in net.blocks:
        silence(block)
    loss = F.cross_entropy(net(torch.randn(8, 3, 8, 8)), torch.randint(5, (8,)))
    parts: dict[str, list[Tensor]] = {
        "stem": [net.stem.get_parameter("0.weight")],
        "convolutions": [w for block in net.blocks for w in block.residual.parameters() if w.dim() == 4],
        "last-gains": [block.residual.get_parameter("4.weight") for block in net.blocks],
        "classifier": [net.classifier.weight],
    }
    return [
        name
        for name, weights in parts.items()
        if any(bool(gradient.any()) for gradient in torch.autograd.grad(loss, weights, retain_graph=True))
    ]


def what_norm_forgets(factor: int) -> list[str]:
    """Changes that leave F(x) of a block in training mode as it is, but for the ε in its normalisations."""
    before, x = BasicBlock(8, 8).residual, 10 * torch.randn(8, 8, 6, 6)

    def altered(change: Callable[[nn.Module], object], x: Tensor = x) -> Tensor:
        layers = deepcopy(before)
        with torch.no_grad():
            change(layers)
            out: Tensor = layers(x)
        return out

    def scaled(name: str, part: slice = slice(None)) -> Callable[[nn.Module], object]:
        return lambda layers: layers.get_parameter(name)[:, part].mul_(factor)

    def biased(layers: nn.Module) -> None:
        layers.get_submodule("0").bias = nn.Parameter(torch.randn(8) * factor)

    def nothing(layers: nn.Module) -> None: ...

    changes = {
        "all-weights": altered(scaled("0.weight")),
        "one-input-channel": altered(scaled("0.weight", slice(1))),
        "biases": altered(biased),
        "input": altered(nothing, factor * x),
        "gains": altered(lambda layers: layers.get_parameter("4.weight").mul_(factor)),
    }
    as_before = altered(nothing)
    return [name for name, out in changes.items() if torch.allclose(out, as_before, atol=0.01)]


# Exercises


def with_weights(block: Block, x: Tensor, weights: Mapping[str, Tensor]) -> Tensor:
    out: Tensor = functional_call(block, dict(weights), (x,))
    return out


def basic_block(C: int) -> Exercise:
    block = BasicBlock(C, C, norm=False)
    zeros = torch.zeros(C)

    def reference(x: Tensor, w_1: Tensor, w_2: Tensor) -> Tensor:
        biases = {"residual.0.bias": zeros, "residual.2.bias": zeros}
        return with_weights(block, x, {"residual.0.weight": w_1, "residual.2.weight": w_2, **biases})

    def arguments(side: int) -> list[Tensor]:
        return [torch.randn(2, C, side, side), *(torch.randn(2, C, C, 3, 3) / 3).unbind()]

    return Exercise(reference, [arguments(4), arguments(7)], gradients=True)


def bottleneck(width: int) -> Exercise:
    """In training mode, with gains of 1 and shifts of 0."""
    d = 4 * width
    block = Bottleneck(d, width)

    def reference(x: Tensor, w_1: Tensor, w_2: Tensor, w_3: Tensor) -> Tensor:
        names = ("residual.0.weight", "residual.3.weight", "residual.6.weight")
        return with_weights(block, x, dict(zip(names, (w_1, w_2, w_3), strict=True)))

    def arguments(side: int) -> list[Tensor]:
        shapes = [(4, d, side, side), (width, d, 1, 1), (width, width, 3, 3), (d, width, 1, 1)]
        return [torch.randn(shape) for shape in shapes]

    return Exercise(reference, [arguments(4), arguments(5)], gradients=True, atol=1e-4, rtol=1e-3)


def padding_shortcut(stride: int) -> Exercise:
    def reference(x: Tensor, d_out: int, stride: int) -> Tensor:
        out: Tensor = PaddingShortcut(d_out - x.shape[1], stride)(x)
        return out

    cases = [[torch.randn(2, 3, 6, 6), 6, stride], [torch.randn(2, 2, 7, 7), 5, 2], [torch.randn(1, 4, 5, 5), 4, 1]]
    return Exercise(reference, cases, gradients=True)


def side_of_output() -> Exercise:
    def reference(side: int, kernel: int, stride: int, padding: int) -> int:
        weight = torch.empty(1, 1, kernel, kernel, device="meta")
        return F.conv2d(images(1, side, 1), weight, stride=stride, padding=padding).shape[-1]

    cases = [(224, 7, 2, 3), (112, 3, 2, 1), (56, 3, 1, 1), (56, 1, 2, 0), (15, 4, 3, 1)]
    return Exercise(reference, cases)


def identity_kernel(d: int) -> Exercise:
    return Exercise(lambda d, k: nn.init.dirac_(torch.empty(d, d, k, k)), [[d, 3], [d + 1, 1], [2, 5]])


def parameters_by_formula(width: int) -> Exercise:
    def reference(blocks: Sequence[int], width: int, classes: int) -> int:
        return parameter_count(lambda: ResNet(BasicBlock, blocks, width=width, classes=classes))

    return Exercise(reference, [[(2, 2, 2, 2), 64, 1000], [(3, 1), width, 10], [(1,), 8, 5]])
