"""The claims that train do use the reference model: a bug in it turns them red. Two seeds show it."""

from collections.abc import Callable
from typing import Any

import pytest
from torch import Tensor

from dlcheck import Claim, Run
from dlcheck_transformer import model
from dlcheck_transformer.claims import copying, order, translation


def wins(claim: Claim) -> int | None:
    """How many of two seeds show what the claim says."""
    return claim.rule.judge(claim.experiment(Run([1, 2]))).wins


def _no_positions(self: Any, x: Tensor) -> Tensor:
    return x


def _never_causal(real: Callable[..., Tensor]) -> Callable[..., Tensor]:
    return lambda *args, causal=False, **kw: real(*args, **kw)


def _blind_to_the_source(real: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def forward(self: Any, x: Tensor, memory: Tensor, *args: Any, **kw: Any) -> Tensor:
        return real(self, x, 0 * memory, *args, **kw)

    return forward


BUGS: dict[str, tuple[object, str, Any, list[Claim]]] = {
    "positions are not added": (
        model.SinusoidalPositions,
        "forward",
        _no_positions,
        [order.word_order_needs_positions, translation.learns_to_translate],
    ),
    "causal flag ignored": (
        model,
        "attention",
        _never_causal(model.attention),
        [order.causal_mask_tells_order, copying.masked_loss_is_honest],
    ),
    "decoder sees no source": (
        model.DecoderLayer,
        "forward",
        _blind_to_the_source(model.DecoderLayer.forward),
        [translation.learns_to_translate],
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_bugs_turn_claims_red(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bug in the model no seed shows what the claim says."""
    where, name, broken, claims = BUGS[bug]
    monkeypatch.setattr(where, name, broken)
    assert [wins(claim) for claim in claims] == [0] * len(claims)


def test_without_bugs_they_are_green() -> None:
    """The same seeds and the sound model: every one of them shows it."""
    claims = {claim.name: claim for *_, claims in BUGS.values() for claim in claims}
    assert {name: wins(claim) for name, claim in claims.items()} == dict.fromkeys(claims, 2)
