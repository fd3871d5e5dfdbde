"""Degradation on digits that were held out, with the nets and the training of `degradation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_most, claim, exceeds, lazy
from dlcheck_resnet.claims.degradation import MARGIN, PADDED, PASSES, PLAIN

if TYPE_CHECKING:
    from dlcheck_resnet.model import Shortcut

nets: Any = lazy("dlcheck_resnet.nets")


def _test_errors(run: Run, layers: int, shortcut: Shortcut) -> list[float]:
    wrong: list[float] = nets.trained(run, layers, PASSES, shortcut=shortcut).test_errors()
    return wrong


@claim(
    en="A plain net that is too deep has a worse test error: after 120 steps on digits, one of 32 layers is worse on "
    "held-out digits than one of 8.",
    ko="스킵 없는 네트워크를 너무 깊게 쌓으면 테스트 오차가 나빠진다. 숫자 이미지로 120스텝을 학습한 뒤, 학습에 쓰지 "
    "않은 숫자에 대한 오차는 32층이 8층보다 크다.",
    notes=["002-27"],
    source="He et al. 2016, section 1, Figure 1 (right) and section 4.2",
    rule=exceeds("32 layers", "8 layers", by=MARGIN),
    controls={"with skip connections": {"shortcut": PADDED}},
    seconds=7.0,
)
def plain_nets_test_worse(run: Run, shortcut: Shortcut = PLAIN) -> dict[str, list[float]]:
    """The share of 497 held-out digits that plain nets of 32 and of 8 layers with batch normalisation get wrong."""
    return {f"{layers} layers": _test_errors(run, layers, shortcut) for layers in (32, 8)}


@claim(
    en="A residual net stays good at depth: after 120 steps on digits the test error of 50 layers is at most 10 points "
    "above that of 8.",
    ko="잔차 네트워크는 깊어도 괜찮은 성능을 유지한다. 숫자 이미지로 120스텝을 학습하면 50층의 테스트 오차는 8층보다 "
    "많아야 10%p 크다.",
    notes=["002-27"],
    source="He et al. 2016, section 4.2, Figure 6 and Table 6",
    rule=at_most("rise of the test error", MARGIN),
    controls={"without skip connections": {"shortcut": PLAIN}},
    seconds=9.0,
)
def residual_nets_test_well_at_depth(run: Run, shortcut: Shortcut = PADDED) -> dict[str, list[float]]:
    """The test error of nets of 50 layers less that of nets of 8, each on 497 held-out digits."""
    deep, shallow = (_test_errors(run, layers, shortcut) for layers in (50, 8))
    return {
        "rise of the test error": [d - s for d, s in zip(deep, shallow, strict=True)],
        "50 layers": deep,
        "8 layers": shallow,
    }
