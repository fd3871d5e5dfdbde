"""What skip connections do to vanishing and exploding gradients, before any training, at 50 layers.

Two conditions decide it: batch normalisation and the scale of the initial weights. Widths are 8, 16 and 32 channels;
a batch is 8 digits, enlarged to 32x32 pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dlcheck import Run, at_least, at_most, claim, lazy, per_seed

if TYPE_CHECKING:
    from dlcheck_resnet.model import Shortcut

torch: Any = lazy("torch")
nets: Any = lazy("dlcheck_resnet.nets")

UNIT = "powers of ten"
PLAIN: Final = None
PADDED: Final = "padding"


def _arrives(run: Run, seed: int, shortcut: Shortcut, norm: bool, start: str) -> dict[str, float]:
    """The gradient by the first block's output over that by the last one's, as a power of ten."""
    net = nets.made(50, width=8, shortcut=shortcut, norm=norm, start=start).to(run.device, run.exact_dtype)
    return {"first block over last": nets.gradient_ratio(run, net, run.generator(seed), size=8)}


@claim(
    en="Without batch normalisation, and with the framework's default initial weights, the gradient vanishes in a "
    "plain net of 50 layers.",
    ko="배치 정규화를 쓰지 않고 가중치를 프레임워크의 기본값으로 초기화하면, 스킵이 없는 50층 네트워크에서는 기울기가 "
    "소실된다.",
    notes=["002-28"],
    source="He et al. 2015, Delving Deep into Rectifiers, section 2.2; He et al. 2016, section 1",
    rule=at_most("first block over last", -3, unit=UNIT),
    controls={
        "with skip connections": {"shortcut": PADDED},
        "with batch normalisation": {"norm": True},
        "weights of He et al.": {"start": "he"},
    },
    seconds=0.7,
)
@per_seed
def gradient_vanishes_without_norm(
    run: Run, seed: int, *, shortcut: Shortcut = PLAIN, norm: bool = False, start: str = "framework"
) -> dict[str, float]:
    """The norm of the loss's gradient by the first block's output over that by the last one's, as a power of ten.

    The framework draws weights of variance 1/3 of 1 / (k² d_in), a sixth of what ReLU nets need to keep their signals.
    """
    return _arrives(run, seed, shortcut, norm, start)


@claim(
    en="Skip connections solve the vanishing gradient: where it vanishes in a plain net of 50 layers (no batch "
    "normalisation, default initial weights), the first block of a residual net receives more than a tenth of the "
    "last.",
    ko="스킵 연결은 기울기 소실을 해결한다. 스킵이 없으면 기울기가 소실되는 조건(50층, 배치 정규화 없음, 기본 "
    "초기화)에서도 잔차 네트워크의 첫 블록에는 마지막 블록의 10분의 1이 넘는 기울기가 전달된다.",
    notes=["002-28"],
    source="He et al. 2016, Identity Mappings in Deep Residual Networks, section 2",
    rule=at_least("first block over last", -1, unit=UNIT),
    controls={"without skip connections": {"shortcut": PLAIN}},
    seconds=0.7,
)
@per_seed
def skips_keep_the_gradient(run: Run, seed: int, *, shortcut: Shortcut = PADDED) -> dict[str, float]:
    """As for the plain net."""
    return _arrives(run, seed, shortcut, False, "framework")


@claim(
    en="Skip connections solve the exploding gradient: in a residual net of 50 layers with the weights of He et al., "
    "batch normalisation or not, the gradient grows less than a hundredfold on its way to the first block.",
    ko="스킵 연결은 기울기 폭주를 해결한다. He 초기화를 쓴 50층 잔차 네트워크에서는 배치 정규화가 없어도 기울기가 첫 "
    "블록까지 가는 동안 100배 넘게 커지지 않는다.",
    notes=["002-28"],
    source="Zhang, Dauphin and Ma 2019, Fixup Initialization, section 2",
    rule=at_most("first block over last", 2, unit=UNIT),
    controls={
        "with batch normalisation": {"norm": True},
        "without skip connections": {"shortcut": PLAIN},
        "last layer of each block at zero": {"start": "zero last"},
    },
    expect="refuted",
    seconds=0.7,
)
@per_seed
def skips_prevent_explosion(
    run: Run, seed: int, *, shortcut: Shortcut = PADDED, norm: bool = False, start: str = "he"
) -> dict[str, float]:
    """As for the vanishing gradient, without batch normalisation.

    A block adds its layers' output, as large as its input, to the input, so that signals and gradients double in
    variance with each of 24 blocks: 2^12 in norm, or 3.6 powers of ten. The plain net keeps them.
    """
    return _arrives(run, seed, shortcut, norm, start)


@claim(
    en="In a plain net of 50 layers with batch normalisation the gradient does not vanish: the first block receives "
    "more than a tenth of what the last one does.",
    ko="배치 정규화를 쓴 50층짜리 스킵 없는 네트워크에서는 기울기가 소실되지 않는다. 첫 블록에는 마지막 블록의 10분의 "
    "1이 넘는 기울기가 전달된다.",
    notes=["002-28", "000-23"],
    source="He et al. 2016, section 4.1, Plain Networks",
    rule=at_least("first block over last", -1, unit=UNIT),
    controls={"without batch normalisation, default weights": {"norm": False, "start": "framework"}},
    seconds=0.7,
)
@per_seed
def norm_keeps_the_plain_gradient(run: Run, seed: int, *, norm: bool = True, start: str = "he") -> dict[str, float]:
    """As for the vanishing gradient, with batch normalisation and the weights of He et al."""
    return _arrives(run, seed, PLAIN, norm, start)


@claim(
    en="Batch normalisation gives a plain net of 50 layers healthy gradients: from the last block to the first they "
    "grow less than a hundredfold before training.",
    ko="배치 정규화를 쓰면 스킵이 없는 50층 네트워크에서도 학습 전 기울기의 크기가 건강하다. 마지막 블록에서 첫 "
    "블록까지 100배 넘게 커지지 않는다.",
    notes=["002-28"],
    source="He et al. 2016, section 4.1, Plain Networks; Yang et al. 2019, A Mean Field Theory of Batch Normalization",
    rule=at_most("first block over last", 2, unit=UNIT),
    controls={"with skip connections": {"shortcut": PADDED}},
    expect="refuted",
    seconds=0.7,
)
@per_seed
def norm_makes_plain_gradients_healthy(run: Run, seed: int, *, shortcut: Shortcut = PLAIN) -> dict[str, float]:
    """As for the vanishing gradient, with batch normalisation and the weights of He et al.

    In theory the variance of the gradient grows by π / (π - 1) = 1.47 with each layer of a wide plain net: 4 powers of
    ten in norm over 48 layers. With skip connections the signal's variance grows by 1 with each block instead, and 24
    blocks make about one power of ten.
    """
    return _arrives(run, seed, shortcut, True, "he")
