"""The networks as published: layers, parameters and operations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, lazy, per_seed

if TYPE_CHECKING:
    from dlcheck_resnet.model import ResNet

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_resnet.model")
probes: Any = lazy("dlcheck.lab.probes")

BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
TABLE = "He et al. 2016, Table 1; parameter counts as in the models that torchvision publishes"


def _published(layers: int) -> ResNet:
    net: ResNet = getattr(model, f"resnet{layers}")()
    return net


def _derived(blocks: Sequence[int], bottleneck: bool) -> int:
    """Parameters by arithmetic: each convolution k² d_in d_out, each normalisation 2 d, the linear layer 1001 each."""
    total, d_in = 3 * 49 * 64 + 2 * 64, 64
    for stage, number in enumerate(blocks):
        width = 64 * 2**stage
        d_out = 4 * width if bottleneck else width
        for index in range(number):
            if bottleneck:
                total += d_in * width + 9 * width**2 + width * d_out + 2 * (2 * width + d_out)
            else:
                total += 9 * d_in * width + 9 * width**2 + 4 * width
            if index == 0 and d_in != d_out:
                total += d_in * d_out + 2 * d_out
            d_in = d_out
    return total + (d_in + 1) * 1000


def _parameters(layers: int, other: int | None) -> dict[str, int]:
    return {
        "parameters": probes.parameter_count(lambda: _published(other or layers)),
        "by arithmetic": _derived(BLOCKS[layers], bottleneck=layers >= 50),
    }


@claim(
    en="ResNet-18 has 11,689,512 parameters.",
    ko="ResNet-18의 파라미터는 11,689,512개이다.",
    notes=["000-24"],
    source=TABLE,
    rule=count("parameters", "by arithmetic", published=11_689_512),
    controls={"ResNet-34": {"other": 34}},
    seconds=0.5,
)
@per_seed
def resnet_18_has_its_parameters(run: Run, seed: int, *, other: int | None = None) -> dict[str, int]:
    """Parameters of the net for 1000 classes on 3 colours, none of them allocated, and their sum by arithmetic."""
    return _parameters(18, other)


@claim(
    en="ResNet-34 has 21,797,672 parameters.",
    ko="ResNet-34의 파라미터는 21,797,672개이다.",
    notes=["000-24"],
    source=TABLE,
    rule=count("parameters", "by arithmetic", published=21_797_672),
    controls={"bottlenecks in the same stages": {"other": 50}},
    seconds=0.5,
)
@per_seed
def resnet_34_has_its_parameters(run: Run, seed: int, *, other: int | None = None) -> dict[str, int]:
    """As for ResNet-18."""
    return _parameters(34, other)


@claim(
    en="ResNet-50 has 25,557,032 parameters: hardly more than ResNet-34.",
    ko="ResNet-50의 파라미터는 25,557,032개로, ResNet-34보다 조금 많을 뿐이다.",
    notes=["000-24"],
    source=TABLE,
    rule=count("parameters", "by arithmetic", published=25_557_032),
    controls={"basic blocks in the same stages": {"other": 34}},
    seconds=0.5,
)
@per_seed
def resnet_50_has_its_parameters(run: Run, seed: int, *, other: int | None = None) -> dict[str, int]:
    """As for ResNet-18."""
    return _parameters(50, other)


@claim(
    en="ResNet-101 has 44,549,160 parameters.",
    ko="ResNet-101의 파라미터는 44,549,160개이다.",
    notes=["000-24"],
    source=TABLE,
    rule=count("parameters", "by arithmetic", published=44_549_160),
    controls={"ResNet-50": {"other": 50}},
    seconds=0.5,
)
@per_seed
def resnet_101_has_its_parameters(run: Run, seed: int, *, other: int | None = None) -> dict[str, int]:
    """As for ResNet-18."""
    return _parameters(101, other)


@claim(
    en="ResNet-152 has 60,192,808 parameters.",
    ko="ResNet-152의 파라미터는 60,192,808개이다.",
    notes=["000-24"],
    source=TABLE,
    rule=count("parameters", "by arithmetic", published=60_192_808),
    controls={"ResNet-101": {"other": 101}},
    seconds=0.5,
)
@per_seed
def resnet_152_has_its_parameters(run: Run, seed: int, *, other: int | None = None) -> dict[str, int]:
    """As for ResNet-18."""
    return _parameters(152, other)


@claim(
    en="The 50 layers of ResNet-50 are those with weights on the way from image to logits; the convolutions in its "
    "shortcuts do not count.",
    ko="ResNet-50의 50층은 이미지에서 로짓까지 가는 길에 있는, 가중치를 가진 층의 수이다. 지름길(shortcut)의 합성곱은 "
    "세지 않는다.",
    notes=["000-24"],
    source="He et al. 2016, Table 1 and section 3.3",
    rule=count("convolutions and linear layers", "3 · (3 + 4 + 6 + 3) + 2", published=50),
    controls={"those in shortcuts, too": {"shortcuts": True}},
    seconds=0.5,
)
@per_seed
def fifty_layers_have_weights(run: Run, seed: int, *, shortcuts: bool = False) -> dict[str, int]:
    """Convolutions and linear layers in ResNet-50, without those in shortcuts."""
    with torch.device("meta"):
        net = model.ResNet(model.Bottleneck, BLOCKS[50], width=4)
    layers = [
        name
        for name, module in net.named_modules()
        if isinstance(module, torch.nn.Conv2d | torch.nn.Linear) and (shortcuts or "shortcut" not in name)
    ]
    return {"convolutions and linear layers": len(layers), "3 · (3 + 4 + 6 + 3) + 2": 3 * sum(BLOCKS[50]) + 2}


@claim(
    en="One image of 224x224 costs ResNet-50 3,857,973,248 multiply-adds, which the paper gives as 3.8 billion.",
    ko="ResNet-50이 224x224 이미지 한 장에 쓰는 곱셈-덧셈은 3,857,973,248번이다. 논문에는 38억 번으로 적혀 있다.",
    notes=["000-24"],
    source="He et al. 2016, Table 1, last row",
    rule=count("multiply-adds", "by arithmetic", published=3_857_973_248),
    controls={"basic blocks in the same stages": {"layers": 34}},
    seconds=1.0,
    devices=["cpu"],
)
@per_seed
def resnet_50_costs_its_operations(run: Run, seed: int, *, layers: int = 50) -> dict[str, int]:
    """Multiply-adds of all matrix products for one image, counted without computing them, and the same by "
    "arithmetic."""
    with torch.device("meta"):
        net = _published(layers).eval()
        operations = probes.flops(lambda: net(torch.empty(1, 3, 224, 224)))
    return {"multiply-adds": operations // 2, "by arithmetic": _derived_operations()}


def _derived_operations() -> int:
    """Of ResNet-50: each convolution k² d_in d_out for each pixel that it puts out, and the linear layer."""
    total, d_in = 3 * 49 * 64 * 112**2, 64
    for stage, number in enumerate(BLOCKS[50]):
        width, d_out, side = 64 * 2**stage, 256 * 2**stage, 56 // 2**stage
        total += d_in * d_out * side**2  # the projection
        for _ in range(number):
            total += (d_in * width + 9 * width**2 + width * d_out) * side**2
            d_in = d_out
    return total + d_in * 1000
