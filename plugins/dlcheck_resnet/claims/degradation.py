"""Degradation: plain nets that become worse with depth, on digits, at one stated budget; and residual nets that do not.

The nets are those that the paper trains on CIFAR-10: 3x3 convolutions in three stages, each followed by batch
normalisation, with 4, 8 and 16 channels on maps of 8, 4 and 2 pixels. Each seed has 320 digits of its own, which all
arms of a claim see in the same order; 12 passes of 10 steps, momentum 0.9, one cycle of learning rates up to 0.05.
Chance is an error of 0.9; the margin is 0.1 throughout, 10 digits of 100.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from dlcheck import Run, at_most, below, claim, exceeds, lazy

if TYPE_CHECKING:
    from dlcheck_resnet.model import Shortcut

nets: Any = lazy("dlcheck_resnet.nets")

PASSES = 12
PLAIN: Final = None
PADDED: Final = "padding"
MARGIN, LOW = 0.1, 0.1


@claim(
    en="Deeper is not better of itself: trained for 120 steps on digits, a plain convolutional net of 50 layers with "
    "batch normalisation has a higher training error than one of 20 layers.",
    ko="깊다고 저절로 좋아지지는 않는다. 숫자 이미지로 120스텝을 학습하면, 배치 정규화를 쓴 50층짜리 스킵 없는 "
    "합성곱 네트워크의 훈련 오차가 20층짜리보다 크다.",
    notes=["000-23"],
    source="He et al. 2016, section 1, Figure 1 and section 4.2, Figure 6",
    rule=exceeds("50 layers", "20 layers", by=MARGIN),
    controls={"with skip connections": {"shortcut": PADDED}},
    seconds=11.0,
)
def plain_nets_degrade(run: Run, shortcut: Shortcut = PLAIN) -> dict[str, list[float]]:
    """Training error of nets of 50 and of 20 layers: the share of the 320 training digits that come out wrong."""
    return {
        f"{layers} layers": nets.trained(run, layers, PASSES, shortcut=shortcut).training_errors()
        for layers in (50, 20)
    }


@claim(
    en="With skip connections a net of 50 layers trains well: with batch normalisation and the weights of He et al. "
    "its training error on digits is below 10 % after 120 steps.",
    ko="스킵 연결이 있으면 50층 네트워크도 학습이 잘된다. 배치 정규화와 He 초기화를 쓰면 120스텝 뒤 숫자 이미지의 훈련 "
    "오차가 10% 아래로 내려간다.",
    notes=["000-24"],
    source="He et al. 2016, section 4.2, Figure 6",
    rule=at_most("training error", LOW),
    controls={"without skip connections": {"shortcut": PLAIN}, "without batch normalisation": {"norm": False}},
    seconds=8.0,
)
def residual_50_trains(run: Run, shortcut: Shortcut = PADDED, norm: bool = True) -> dict[str, list[float]]:
    """The share of the 320 training digits that nets of 50 layers get wrong.

    Without batch normalisation the signals of these blocks double in variance 24 times, and training diverges.
    """
    return {"training error": nets.trained(run, 50, PASSES, shortcut=shortcut, norm=norm).training_errors()}


@claim(
    en="Twenty layers are no fixed limit: at half of that budget, 60 steps, a plain net of 20 layers already has a "
    "higher training error than one of 8.",
    ko="20층이라는 한계는 정해진 것이 아니다. 예산을 절반인 60스텝으로 줄이면 스킵이 없는 20층 네트워크의 훈련 오차가 "
    "이미 8층짜리보다 크다.",
    notes=["000-23"],
    source="He et al. 2016, section 4.1, Plain Networks (footnote 3: more iterations), and section 4.2",
    rule=exceeds("20 layers", "8 layers", by=MARGIN),
    controls={"with skip connections": {"shortcut": PADDED}, "four times the steps": {"passes": 24}},
    seconds=2.5,
)
def degradation_depends_on_the_budget(run: Run, shortcut: Shortcut = PLAIN, passes: int = 6) -> dict[str, list[float]]:
    """Training error of nets of 20 and of 8 layers after 6 passes of 10 steps over 320 digits."""
    return {
        f"{layers} layers": nets.trained(run, layers, passes, shortcut=shortcut).training_errors() for layers in (20, 8)
    }


@claim(
    en="Degradation depends on the initial weights: a plain net of 32 layers whose convolutions start by copying their "
    "input reaches a lower training error in 120 steps than one with the weights of He et al.",
    ko="성능 저하는 초기 가중치에 따라 달라진다. 합성곱이 입력을 그대로 복사하도록 초기화한 32층짜리 스킵 없는 "
    "네트워크는 120스텝 뒤 훈련 오차가 He 초기화를 쓴 경우보다 작다.",
    notes=["000-23", "002-28"],
    source="He et al. 2016, section 3.1; Zagoruyko and Komodakis 2017, DiracNets, section 3",
    rule=below("copying", "weights of He et al.", by=MARGIN),
    controls={"with skip connections": {"shortcut": PADDED}},
    seconds=9.0,
)
def degradation_depends_on_the_start(run: Run, shortcut: Shortcut = PLAIN) -> dict[str, list[float]]:
    """Training error of nets of 32 layers with batch normalisation, started in two ways, without skip connections."""
    return {
        name: nets.trained(run, 32, PASSES, shortcut=shortcut, start=start).training_errors()
        for name, start in (("copying", "identity"), ("weights of He et al.", "he"))
    }


@claim(
    en="Degradation is a vanishing gradient: in the plain net of 50 layers with batch normalisation, before or after "
    "120 steps in which it fails to train, the first block receives less than a tenth of the gradient of the last.",
    ko="성능 저하는 기울기 소실 때문이다. 배치 정규화를 쓴 50층짜리 스킵 없는 네트워크가 학습에 실패하는 120스텝의 "
    "앞이나 뒤에, 첫 블록에 전달되는 기울기는 마지막 블록의 10분의 1도 되지 않는다.",
    notes=["002-28", "000-23"],
    source="He et al. 2016, section 4.1, Plain Networks: unlikely to be caused by vanishing gradients",
    rule=at_most("lowest of first block over last", -1, unit="powers of ten"),
    controls={"without batch normalisation, default weights": {"norm": False, "start": "framework"}},
    expect="refuted",
    seconds=8.0,
)
def degradation_is_a_vanishing_gradient(run: Run, norm: bool = True, start: str = "he") -> dict[str, list[float]]:
    """The norm of the gradient by the first block's output over that by the last one's, as a power of ten.

    The lower one of two moments: before training and after it. Beside it the training error, to show that the net has
    failed by then. Where batch normalisation and the scale of the weights let gradients vanish, they do so by 1e-19.
    """
    before = [
        nets.gradient_ratio(run, net, run.generator(seed), enlarged=1)
        for seed, net in zip(
            run.seeds, nets.initialised(run, lambda: nets.made(50, shortcut=PLAIN, norm=norm, start=start)), strict=True
        )
    ]
    done = nets.trained(run, 50, PASSES, shortcut=PLAIN, norm=norm, start=start)
    failed = done.training_errors()
    after = [
        nets.gradient_ratio(run, net, run.generator(seed), enlarged=1)
        for seed, net in zip(run.seeds, done.nets, strict=True)
    ]
    return {
        "lowest of first block over last": [min(pair) for pair in zip(before, after, strict=True)],
        "before training": before,
        "after training": after,
        "training error": failed,
    }
