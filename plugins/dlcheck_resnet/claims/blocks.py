"""What a skip connection does: it adds the input, is the identity where the layers say nothing, and costs nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, equals, lazy, per_seed

if TYPE_CHECKING:
    from torch import Tensor

    from dlcheck_resnet.model import Block, Shortcut

torch: Any = lazy("torch")
F: Any = lazy("torch.nn.functional")
drawn: Any = lazy("dlcheck.lab.drawn")
model: Any = lazy("dlcheck_resnet.model")
probes: Any = lazy("dlcheck.lab.probes")

WIDTH, SIZE = 16, 5  # channels; height and width
BLOCKS = 24  # as many as a net of 50 layers has


@claim(
    en="A skip connection adds the input of a block, unchanged, to the output of its layers some layers later: the "
    "block puts out relu(F(x) + x).",
    ko="스킵 연결은 블록의 입력을 그대로 몇 층 뒤의 출력에 더한다. 즉 블록의 출력은 relu(F(x) + x)이다.",
    notes=["002-29", "000-25"],
    source="He et al. 2016, section 3.2, equation 1 and Figure 2",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-3),
    controls={"without a skip": {"shortcut": None}, "a 1x1 convolution as shortcut": {"shortcut": "projections"}},
    seconds=0.2,
)
@per_seed
def skip_adds_the_input(run: Run, seed: int, *, shortcut: Shortcut = "padding") -> dict[str, float]:
    """The largest difference between a block's output and relu(F(x) + x), F written out as two convolutions.

    Each convolution is followed by batch normalisation in evaluation mode, written out from its statistics. The same
    for a bottleneck with its three convolutions.
    """
    draw = run.generator(seed)
    x = drawn.normal(run, draw, 2, WIDTH, SIZE, SIZE)
    differences = []
    for made in (
        model.BasicBlock(WIDTH, WIDTH, shortcut=shortcut),
        model.Bottleneck(WIDTH, WIDTH // 4, shortcut=shortcut),
    ):
        block = drawn.filled(run, draw, made)
        differences.append((block(x) - F.relu(_written_out(block, x) + x)).abs().max())
    return {"largest difference": float(max(differences))}


def _written_out(block: Block, x: Tensor) -> Tensor:
    """F(x) from the weights alone: convolutions as products with patches, normalisation from its formula."""
    held = dict(block.residual.named_parameters()) | dict(block.residual.named_buffers())
    convolutions = sorted({name.split(".")[0] for name in held if held[name].dim() == 4}, key=int)
    for index, name in enumerate(convolutions):
        weight, norm = held[f"{name}.weight"], str(int(name) + 1)
        kernel = weight.shape[-1]
        patches = F.unfold(F.relu(x) if index else x, kernel, padding=kernel // 2)
        x = (weight.flatten(1) @ patches).unflatten(2, (SIZE, SIZE))
        gain, shift, mean, variance = (
            held[f"{norm}.{part}"][:, None, None] for part in ("weight", "bias", "running_mean", "running_var")
        )
        x = (x - mean) / (variance + 1e-5).sqrt() * gain + shift
    return x


def _silent_stack(run: Run, seed: int, shortcut: Shortcut) -> Any:
    """24 blocks whose layers put out zero: the gain and shift of each last normalisation are zero."""
    draw = run.generator(seed)
    stack = drawn.filled(
        run, draw, torch.nn.Sequential(*(model.BasicBlock(WIDTH, WIDTH, shortcut=shortcut) for _ in range(BLOCKS)))
    )
    for block in stack:
        for parameter in block.residual[-1].parameters():
            parameter.zero_()
    return stack, draw


@claim(
    en="When the layers of a residual block put out zero, the block is the identity for inputs that are not negative: "
    "24 such blocks pass an image on unchanged.",
    ko="잔차 블록의 층들이 0을 출력하면 그 블록은 음수가 아닌 입력에 대해 항등 함수이다. 이런 블록을 24개 쌓아도 "
    "입력이 그대로 나온다.",
    notes=["000-25", "002-29"],
    source="He et al. 2016, sections 1 and 3.1",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={
        "without skips": {"shortcut": None},
        "1x1 convolutions as shortcuts": {"shortcut": "projections"},
        "an input with negative numbers": {"negative": True},
    },
    seconds=0.3,
)
@per_seed
def silent_blocks_are_the_identity(
    run: Run, seed: int, *, shortcut: Shortcut = "padding", negative: bool = False
) -> dict[str, float]:
    """The largest difference between what goes into 24 blocks of layers that put out zero, and what comes out.

    What a ReLU has put out, as the input of a block has been in a net, is not negative; the last ReLU of a block would
    cut off what is.
    """
    stack, draw = _silent_stack(run, seed, shortcut)
    x = drawn.normal(run, draw, 2, WIDTH, SIZE, SIZE)
    x = x if negative else x.abs()
    return {"largest difference": float((stack(x) - x).abs().max())}


@claim(
    en="The gradient has a path past every block: through 24 residual blocks whose layers put out zero it arrives "
    "exactly as it set out.",
    ko="기울기에는 모든 블록을 비켜 가는 길이 있다. 층들이 0을 출력하는 잔차 블록 24개를 거슬러 가도 기울기는 출발할 "
    "때와 똑같이 도착한다.",
    notes=["000-25", "002-28"],
    source="He et al. 2016, section 3.2; He et al. 2016, Identity Mappings in Deep Residual Networks, equation 5",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"without skips": {"shortcut": None}, "1x1 convolutions as shortcuts": {"shortcut": "projections"}},
    seconds=0.3,
)
@per_seed
def gradient_passes_every_block(run: Run, seed: int, *, shortcut: Shortcut = "padding") -> dict[str, float]:
    """The largest difference between the gradient at the output and the gradient at the input of 24 silent blocks."""
    stack, draw = _silent_stack(run, seed, shortcut)
    x = (drawn.normal(run, draw, 2, WIDTH, SIZE, SIZE).abs() + 0.1).requires_grad_()
    sent = drawn.normal(run, draw, 2, WIDTH, SIZE, SIZE)
    arrived = torch.autograd.grad(stack(x), x, sent, materialize_grads=True)[0]
    return {"largest difference": float((arrived - sent).abs().max())}


@claim(
    en="A skip connection adds the identity to the Jacobian of the layers that it spans, whatever their weights are.",
    ko="스킵 연결은 가중치가 무엇이든 자신이 건너뛰는 층들의 야코비 행렬에 단위행렬을 더한다.",
    notes=["000-25", "002-28", "002-29"],
    source="He et al. 2016, Identity Mappings in Deep Residual Networks, section 2, equation 5",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-3),
    controls={"without a skip": {"shortcut": None}, "a 1x1 convolution as shortcut": {"shortcut": "projections"}},
    seconds=0.5,
)
@per_seed
def skip_adds_one_to_the_jacobian(run: Run, seed: int, *, shortcut: Shortcut = "padding") -> dict[str, float]:
    """The largest entry of J(sum) - J(layers) - I, for 4 channels of 3x3, before the block's last ReLU."""
    draw = run.generator(seed)
    block = drawn.filled(run, draw, model.BasicBlock(4, 4, shortcut=shortcut))
    x = drawn.normal(run, draw, 1, 4, 3, 3)
    whole, layers = (_jacobian(part, x) for part in (block.add, block.residual))
    return {"largest difference": float((whole - layers - torch.eye(x.numel()).to(x)).abs().max())}


def _jacobian(function: Any, x: Tensor) -> Tensor:
    rows: Tensor = torch.autograd.functional.jacobian(function, x)
    return rows.reshape(x.numel(), x.numel())


@claim(
    en="Skip connections that pass the input on unchanged, with zeros for new channels, cost no parameter: the "
    "residual net of 34 layers has as many as the plain one.",
    ko="입력을 그대로 넘기고 늘어난 채널은 0으로 채우는 스킵 연결에는 파라미터가 들지 않는다. 34층 잔차 네트워크의 "
    "파라미터 수는 스킵이 없는 34층 네트워크와 같다.",
    notes=["002-29"],
    source="He et al. 2016, sections 3.2 and 4.1 (option A)",
    rule=count("residual", "plain"),
    controls={"1x1 convolutions where shapes change": {"shortcut": "projection"}},
    seconds=0.5,
)
@per_seed
def identity_shortcuts_cost_no_parameter(run: Run, seed: int, *, shortcut: Shortcut = "padding") -> dict[str, int]:
    """Parameters of the 34-layer net for 1000 classes, with skip connections and without."""
    return {
        "residual": probes.parameter_count(lambda: model.resnet34(shortcut)),
        "plain": probes.parameter_count(lambda: model.resnet34(None)),
    }
