"""What 1x1 convolutions before and after a 3x3 one change: computation, receptive field and non-linearity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_most, below, claim, count, lazy, per_seed

if TYPE_CHECKING:
    from torch import nn

torch: Any = lazy("torch")
drawn: Any = lazy("dlcheck.lab.drawn")
model: Any = lazy("dlcheck_resnet.model")
probes: Any = lazy("dlcheck.lab.probes")

WIDE, NARROW, SIZE = 256, 64, 14  # channels outside and inside a bottleneck of the first stage; height and width
SEEN = 128  # channels where pixels are counted: so many that no pixel is dark because every ReLU on its way is off
PAPER = "He et al. 2016, section 4.1, Deeper Bottleneck Architectures, and Figure 5"


def _convolution(d: int) -> nn.Module:
    """One 3x3 convolution with normalisation and ReLU."""
    layer: nn.Module = torch.nn.Sequential(
        torch.nn.Conv2d(d, d, 3, padding=1, bias=False), torch.nn.BatchNorm2d(d), torch.nn.ReLU()
    )
    return layer


def _operations(layers: nn.Module, d: int) -> float:
    with torch.device("meta"):
        return float(probes.flops(lambda: layers(torch.empty(1, d, SIZE, SIZE))) / 2)


@claim(
    en="1x1 convolutions to a quarter of the channels and back cut the computation of a 3x3 convolution of 256 "
    "channels to less than an eighth.",
    ko="앞뒤에 1x1 합성곱을 두어 채널을 4분의 1로 줄였다가 되돌리면 256채널 3x3 합성곱의 계산량이 8분의 1 아래로 "
    "줄어든다.",
    notes=["001-17", "000-24"],
    source=PAPER,
    rule=below("bottleneck", "3x3 convolution", times=8),
    controls={"1x1 convolutions that keep all channels": {"narrow": WIDE}, "to half of the channels": {"narrow": 128}},
    seconds=0.3,
)
def bottleneck_cuts_computation(run: Run, narrow: int = NARROW) -> dict[str, list[float]]:
    """Multiply-adds of a bottleneck block and of one 3x3 convolution, both from 256 channels to 256.

    By arithmetic 256·64 + 9·64² + 64·256 = 69,632 for each pixel against 9·256² = 589,824: a factor of 8.47.
    """
    with torch.device("meta"):
        bottleneck = model.Bottleneck(WIDE, NARROW)
        if narrow != NARROW:  # the published block would put out 4 times as many
            conv = torch.nn.Conv2d
            inside = conv(WIDE, narrow, 1), conv(narrow, narrow, 3, padding=1), conv(narrow, WIDE, 1)
            bottleneck = torch.nn.Sequential(*inside)
        operations = _operations(bottleneck.eval(), WIDE), _operations(_convolution(WIDE).eval(), WIDE)
    return {
        name: [value] * len(run.seeds)
        for name, value in zip(("bottleneck", "3x3 convolution"), operations, strict=True)
    }


@claim(
    en="A bottleneck block on 256 channels costs as much computation as a basic block on 64.",
    ko="256채널을 다루는 병목 블록의 계산량은 64채널을 다루는 기본 블록과 비슷하다.",
    notes=["001-17"],
    source=PAPER,
    rule=at_most("relative gap", 0.1),
    controls={"a basic block on 256 channels": {"basic": WIDE}},
    seconds=0.3,
)
def bottleneck_costs_a_narrow_basic_block(run: Run, basic: int = NARROW) -> dict[str, list[float]]:
    """The difference between the multiply-adds of the two blocks as a share of those of the basic block."""
    with torch.device("meta"):
        bottleneck = _operations(model.Bottleneck(WIDE, NARROW).eval(), WIDE)
        other = _operations(model.BasicBlock(basic, basic).eval(), basic)
    return {"relative gap": [abs(bottleneck / other - 1)] * len(run.seeds)}


def _field(run: Run, seed: int, make: Any) -> int:
    """Pixels of an image of 11x11 that the middle pixel of the output depends on."""
    draw = run.generator(seed)
    layers = drawn.filled(run, draw, make())
    image = drawn.normal(run, draw, 1, SEEN, 11, 11).requires_grad_()
    middle = (layers.add if hasattr(layers, "add") else layers)(image)[0, :, 5, 5]
    pixels = torch.autograd.grad(middle @ drawn.normal(run, draw, len(middle)), image)[0]
    return int((pixels.abs().sum(1) > 0).sum())


@claim(
    en="The 1x1 convolutions leave the receptive field as it is: a bottleneck sees 3x3 pixels, as its one 3x3 "
    "convolution does.",
    ko="1x1 합성곱은 수용 영역(receptive field)을 바꾸지 않는다. 병목 블록이 보는 영역은 3x3 합성곱 하나와 같은 "
    "3x3 픽셀이다.",
    notes=["001-17"],
    source=PAPER,
    rule=count("pixels that a bottleneck sees", "pixels of a 3x3 filter", published=9, draws=8),
    controls={"basic block": {"block": "BasicBlock"}},
    seconds=0.3,
)
@per_seed
def bottleneck_keeps_the_receptive_field(run: Run, seed: int, *, block: str = "Bottleneck") -> dict[str, int]:
    """Pixels with a gradient that is not zero, by one output pixel of the block and of a 3x3 convolution."""
    made = (
        (lambda: model.Bottleneck(SEEN, SEEN // 4)) if block == "Bottleneck" else lambda: model.BasicBlock(SEEN, SEEN)
    )
    one = lambda: torch.nn.Conv2d(SEEN, SEEN, 3, padding=1)
    return {
        "pixels that a bottleneck sees": _field(run, seed, made),
        "pixels of a 3x3 filter": _field(run, seed, one),
    }


@claim(
    en="A bottleneck block has the same receptive field as the basic block that it replaces.",
    ko="병목 블록의 수용 영역은 그것이 대체하는 기본 블록의 수용 영역과 같다.",
    notes=["001-17"],
    source=PAPER,
    rule=count("pixels that a bottleneck sees", "pixels that a basic block sees", draws=8),
    controls={"a second 3x3 convolution in the bottleneck": {"second": True}},
    expect="refuted",
    seconds=0.3,
)
@per_seed
def bottleneck_sees_what_a_basic_block_sees(run: Run, seed: int, *, second: bool = False) -> dict[str, int]:
    """Pixels with a gradient that is not zero, by one output pixel: 3x3 for the bottleneck, 5x5 for two 3x3 filters."""

    def bottleneck() -> Any:
        block = model.Bottleneck(SEEN, SEEN // 4)
        if second:
            block.residual.insert(5, torch.nn.Conv2d(SEEN // 4, SEEN // 4, 3, padding=1))
        return block

    return {
        "pixels that a bottleneck sees": _field(run, seed, bottleneck),
        "pixels that a basic block sees": _field(run, seed, lambda: model.BasicBlock(SEEN, SEEN)),
    }


@claim(
    en="A bottleneck adds non-linearity: a signal passes three ReLUs where a 3x3 convolution has one, at an eighth of "
    "its computation.",
    ko="병목 블록은 비선형성을 늘린다. 3x3 합성곱 하나라면 ReLU를 한 번 지날 것을, 계산량은 8분의 1이면서 세 번 "
    "지난다.",
    notes=["001-17"],
    source=PAPER,
    rule=count("ReLUs of a bottleneck", "ReLUs of a 3x3 convolution and two more"),
    controls={"basic block": {"block": "BasicBlock"}},
    seconds=0.2,
)
@per_seed
def bottleneck_adds_nonlinearity(run: Run, seed: int, *, block: str = "Bottleneck") -> dict[str, int]:
    """Rectifications in the graph of the block's output and of one convolution with normalisation and ReLU."""
    draw = run.generator(seed)
    made = model.Bottleneck(16, 4) if block == "Bottleneck" else model.BasicBlock(16, 16)
    x = drawn.normal(run, draw, 1, 16, 5, 5).requires_grad_()
    ours, one = (
        probes.operations(drawn.filled(run, draw, layers)(x))["ReluBackward0"] for layers in (made, _convolution(16))
    )
    return {"ReLUs of a bottleneck": ours, "ReLUs of a 3x3 convolution and two more": one + 2}
