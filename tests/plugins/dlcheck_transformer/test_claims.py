"""What the claims rest on. That each control has the opposite verdict is the engine's business, in every run."""

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from dlcheck import Claim, Run
from dlcheck.measured import plain
from dlcheck.rules import Verdict
from dlcheck_transformer import model
from dlcheck_transformer.claims import attention, cost, drawn, masks, positions, scaling, stacks

MODULES = attention, positions, scaling, masks, stacks, cost


def verdict(claim: Claim, **knobs: Any) -> Verdict:
    """Of the first batch of seeds, outside the engine."""
    seeds = claim.seeds(0, 0, claim.rule.batches[0])
    numbers = plain(claim.experiment(Run(seeds), **knobs), claim.rule, len(seeds))
    return claim.rule.judge(numbers).verdict


def test_listing_claims_needs_no_torch() -> None:
    """Modules of claims import torch when an experiment runs, not when they are listed."""
    names = ", ".join(module.__name__ for module in MODULES)
    code = f"import sys, {names}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_drawn_weights_hide_nothing() -> None:
    """No parameter keeps its start: a bias of zero or a gain of one would hide that it is not used."""
    layer, fresh = model.EncoderLayer(8, 2, 16), model.EncoderLayer(8, 2, 16).double()
    drawn.filled(Run([1]), Run([1]).generator(1), layer)
    for (name, drawn_anew), start in zip(layer.named_parameters(), fresh.parameters(), strict=True):
        assert not (drawn_anew == start).any(), name
        assert drawn_anew.dtype == torch.float64
        assert not drawn_anew.requires_grad


def test_arms_of_the_timing_have_equal_size() -> None:
    """Block and LSTM differ by at most 3 % in parameters, at both widths that are timed."""
    for width in (16, 256):
        block, lstm = model.EncoderLayer(width, width // 16, 2 * width), nn.LSTM(width, width)
        ours, theirs = (sum(p.numel() for p in m.parameters()) for m in (block, lstm))
        assert abs(ours / theirs - 1) <= 0.03


def _unscaled(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kw: real(*args, **{**kw, "scale": 1.0})


def _late(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda length, *args, **kw: real(length + 1, *args, **kw)[1:]


def _one_too_far(T: int, device: Any = None) -> torch.Tensor:
    return torch.ones(T, T, dtype=torch.bool, device=device).tril(1)


def _never_causal(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, causal=False, **kw: real(*args, **kw)


def _wrong_heads(self: Any, x: torch.Tensor) -> torch.Tensor:
    B, T, d_model = x.shape
    return x.view(B, T, d_model // self.heads, self.heads).permute(0, 3, 1, 2)


def _mixing(real: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, x: real(self, x) + 0.1 * x.roll(1, dims=-2)


def _no_residual(self: Any, x: torch.Tensor, sublayer: Callable[..., Any]) -> torch.Tensor:
    normed: torch.Tensor = self.norm(self.dropout(sublayer(x)))
    return normed


BUGS: dict[str, tuple[object, str, Callable[..., Any], list[Claim]]] = {
    "attention not scaled": (
        model,
        "attention",
        _unscaled(model.attention),
        [attention.agrees_with_the_framework, stacks.heads_are_separate_attentions],
    ),
    "weights not scaled": (
        model,
        "attention_weights",
        _unscaled(model.attention_weights),
        [scaling.scaled_scores_have_variance_one, scaling.scaled_softmax_stays_spread],
    ),
    "mask off by one": (model, "causal_mask", _one_too_far, [masks.causal_mask_shows_exactly_the_past]),
    "causal flag ignored": (
        model,
        "attention",
        _never_causal(model.attention),
        [masks.causal_mask_shows_exactly_the_past, masks.masked_decoder_does_not_leak],
    ),
    "wrong split into heads": (
        model.MultiHeadAttention,
        "_split",
        _wrong_heads,
        [attention.agrees_with_the_framework, stacks.heads_are_separate_attentions],
    ),
    "positions off by one": (
        model,
        "sinusoidal_encoding",
        _late(model.sinusoidal_encoding),
        [positions.encoding_is_added_to_the_embedding],
    ),
    "feed-forward network mixes positions": (
        model.FeedForward,
        "forward",
        _mixing(model.FeedForward.forward),
        [
            stacks.feed_forward_sees_one_position,
            stacks.feed_forward_is_the_same_everywhere,
            stacks.feed_forward_is_a_convolution_of_width_1,
        ],
    ),
    "no residual connection": (model.AddNorm, "forward", _no_residual, [stacks.stack_agrees_with_the_framework]),
    "padding not masked": (
        model,
        "padding_mask",
        lambda tokens, pad: (tokens == tokens)[:, None, None, :],
        [masks.masked_padding_changes_nothing],
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_a_bug_in_the_model_turns_claims_red(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The claims watch the reference model itself: verified as it is, refuted with the bug."""
    owner, name, broken, watching = BUGS[bug]
    assert {verdict(claim) for claim in watching} == {Verdict.VERIFIED}
    monkeypatch.setattr(owner, name, broken)
    assert {claim.name: verdict(claim) for claim in watching} == {c.name: Verdict.REFUTED for c in watching}
