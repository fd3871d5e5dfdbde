"""The framework's own layers, given the weights of the reference model: an independent oracle."""

from __future__ import annotations

from typing import Any

from dlcheck import lazy

torch: Any = lazy("torch")


def copy_attention(ours: Any, theirs: Any) -> None:
    """From `MultiHeadAttention` to `nn.MultiheadAttention`, which keeps the three projections in one matrix."""
    projections = ours.w_q, ours.w_k, ours.w_v
    with torch.no_grad():
        theirs.in_proj_weight.copy_(torch.cat([p.weight for p in projections]))
        theirs.in_proj_bias.copy_(torch.cat([p.bias for p in projections]))
    theirs.out_proj.load_state_dict(ours.w_o.state_dict())


def copy_stack(ours: Any, theirs: Any) -> None:
    """From `Encoder` or `Decoder` to the framework's; layers that only one of them has are left as they are."""
    for our, their in zip(ours.layers, theirs.layers, strict=False):
        copy_attention(our.self_attention, their.self_attn)
        pairs = [(our.feed_forward.w_1, their.linear1), (our.feed_forward.w_2, their.linear2)]
        pairs += [(our.add_norm_1.norm, their.norm1), (our.add_norm_2.norm, their.norm2)]
        if hasattr(their, "multihead_attn"):  # a decoder
            copy_attention(our.cross_attention, their.multihead_attn)
            pairs.append((our.add_norm_3.norm, their.norm3))
        for source, target in pairs:
            target.load_state_dict(source.state_dict())
