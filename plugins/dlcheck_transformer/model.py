"""The Transformer, as published.

Sources
    Vaswani et al. 2017, "Attention Is All You Need", https://arxiv.org/abs/1706.03762. A section, table or figure
    that is cited without a name is of this paper.
    Xiong et al. 2020, "On Layer Normalization in the Transformer Architecture", https://arxiv.org/abs/2002.04745,
    for pre-norm (`norm_first=True`). The published model is post-norm.

Axes
    B       sequences in the batch
    T       positions that ask: queries, or the target's tokens
    S       positions that are looked at: keys and values, or the source's tokens
    heads   attention heads, h in the paper
    d_k     width of one head, d_model / heads (d_v is the same)
    d_model, d_ff, vocabulary   as in the paper

Masks
    Every mask is boolean, True where a query MAY attend to a key, and broadcasts to (B, heads, T, S).
    (`nn.MultiheadAttention` has it the other way round.) A query that may attend to nothing gets weights and an
    output of exactly zero, and passes back no gradient: it never becomes NaN.

Everything runs on any device, in float64 to bfloat16, and follows the ordinary `.to(...)`.
"""

import math
from collections.abc import Callable
from typing import Literal

import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

__all__ = [
    "AddNorm",
    "Decoder",
    "DecoderLayer",
    "Encoder",
    "EncoderLayer",
    "FeedForward",
    "LearnedPositions",
    "MultiHeadAttention",
    "SinusoidalPositions",
    "Transformer",
    "attention",
    "attention_weights",
    "causal_mask",
    "greedy_decode",
    "padding_mask",
    "sinusoidal_encoding",
]

# ---------------------------------------------------------------------------------------------------------------------
# Masks
# ---------------------------------------------------------------------------------------------------------------------


def causal_mask(T: int, device: torch.device | str | None = None) -> Bool[Tensor, "T T"]:
    """Position i may attend to positions 0 to i, never to a later one (section 3.2.3)."""
    return torch.ones(T, T, dtype=torch.bool, device=device).tril()


def padding_mask(tokens: Int[Tensor, "B S"], pad: int) -> Bool[Tensor, "B 1 1 S"]:
    """Every query may attend to the real tokens and to no `pad`."""
    return (tokens != pad)[:, None, None, :]


def _combined(mask: Tensor | None, causal: bool, T: int, device: torch.device) -> Tensor | None:
    """What both `mask` and causality allow; None where nothing is forbidden."""
    if not causal:
        return mask
    return causal_mask(T, device) if mask is None else mask & causal_mask(T, device)


# ---------------------------------------------------------------------------------------------------------------------
# Attention, section 3.2
# ---------------------------------------------------------------------------------------------------------------------


def attention(
    q: Float[Tensor, "*batch T d_k"],
    k: Float[Tensor, "*batch S d_k"],
    v: Float[Tensor, "*batch S d_v"],
    mask: Bool[Tensor, "... #T #S"] | None = None,
    *,
    scale: float | None = None,
    causal: bool = False,
) -> Float[Tensor, "*batch T d_v"]:
    """softmax(q kᵀ · scale) v, scaled dot-product attention (equation 1).

    `scale` is 1/sqrt(d_k) unless given. `causal` forbids later positions, on top of `mask`.

    Raises ValueError for shapes that do not fit, for a mask that is not boolean, and for `causal` with T ≠ S.
    """
    _check(q, k, mask, causal)
    if k.shape[-2] != v.shape[-2]:
        raise ValueError(f"expected as many values as keys, got {v.shape[-2]} values and {k.shape[-2]} keys")
    if scale is not None and scale <= 0:
        # Fused kernels forbid with -inf and scale afterwards, which makes NaN of -inf * 0 and +inf of -inf * -1.
        q, scale = q * scale, 1.0
    if mask is None:  # naming the triangle, not passing it, lets the fused kernel skip half of the work
        return F.scaled_dot_product_attention(q, k, v, is_causal=causal, scale=scale)
    allowed = _combined(mask, causal, q.shape[-2], q.device)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=allowed, scale=scale)


def attention_weights(
    q: Float[Tensor, "*batch T d_k"],
    k: Float[Tensor, "*batch S d_k"],
    mask: Bool[Tensor, "... #T #S"] | None = None,
    *,
    scale: float | None = None,
    causal: bool = False,
) -> Float[Tensor, "*batch T S"]:
    """softmax(q kᵀ · scale), the weights that `attention` never shows because its kernel is fused (equation 1).

    The arguments and errors are those of `attention`. Each row sums to 1, or to 0 if it may attend to nothing.
    """
    _check(q, k, mask, causal)
    scale = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    scores = q @ k.transpose(-2, -1) * scale  # (..., T, S)
    allowed = _combined(mask, causal, q.shape[-2], q.device)
    if allowed is None:
        return scores.softmax(-1)
    # The most negative number, not -inf: softmax of a row of -inf is NaN, and so are its gradients.
    weights = scores.masked_fill(~allowed, torch.finfo(scores.dtype).min).softmax(-1)
    return weights.masked_fill(~allowed, 0.0)


def _check(q: Tensor, k: Tensor, mask: Tensor | None, causal: bool) -> None:
    if q.shape[-1] != k.shape[-1]:
        raise ValueError(f"expected queries and keys of one width d_k, got {q.shape[-1]} and {k.shape[-1]}")
    if causal and q.shape[-2] != k.shape[-2]:
        raise ValueError(f"expected T = S for causal attention, got T = {q.shape[-2]}, S = {k.shape[-2]}")
    if mask is not None and mask.dtype != torch.bool:
        raise ValueError(f"expected a boolean mask (True: may be attended), got {mask.dtype}")


class MultiHeadAttention(nn.Module):
    """`heads` attentions side by side, each on its own projection to d_k channels (section 3.2.2).

    `scale` is 1/sqrt(d_k) unless given. Raises ValueError if `heads` does not divide `d_model`.
    """

    def __init__(self, d_model: int, heads: int, bias: bool = True, scale: float | None = None) -> None:
        super().__init__()
        if heads < 1 or d_model % heads:
            raise ValueError(f"expected d_model to be a multiple of heads, got d_model = {d_model}, heads = {heads}")
        self.heads = heads
        self.scale = scale
        self.w_q = _linear(d_model, d_model, bias)
        self.w_k = _linear(d_model, d_model, bias)
        self.w_v = _linear(d_model, d_model, bias)
        self.w_o = _linear(d_model, d_model, bias)

    def forward(
        self,
        query: Float[Tensor, "B T d_model"],
        key: Float[Tensor, "B S d_model"] | None = None,
        value: Float[Tensor, "B S d_model"] | None = None,
        mask: Bool[Tensor, "... #T #S"] | None = None,
        causal: bool = False,
    ) -> Float[Tensor, "B T d_model"]:
        """Self-attention without `key`; without `value`, the values are taken from `key`."""
        key = query if key is None else key
        value = key if value is None else value
        q, k, v = self._split(self.w_q(query)), self._split(self.w_k(key)), self._split(self.w_v(value))
        z = attention(q, k, v, mask, scale=self.scale, causal=causal)  # (B, heads, T, d_k)
        out: Tensor = self.w_o(z.transpose(1, 2).flatten(2))  # concatenated heads, (B, T, d_model)
        return out

    def weights(
        self,
        query: Float[Tensor, "B T d_model"],
        key: Float[Tensor, "B S d_model"] | None = None,
        mask: Bool[Tensor, "... #T #S"] | None = None,
        causal: bool = False,
    ) -> Float[Tensor, "B heads T S"]:
        """The attention weights that `forward` uses for the same arguments."""
        key = query if key is None else key
        q, k = self._split(self.w_q(query)), self._split(self.w_k(key))
        return attention_weights(q, k, mask, scale=self.scale, causal=causal)

    def _split(self, x: Float[Tensor, "B T d_model"]) -> Float[Tensor, "B heads T d_k"]:
        B, T, d_model = x.shape
        return x.view(B, T, self.heads, d_model // self.heads).transpose(1, 2)


def _linear(d_in: int, d_out: int, bias: bool = True) -> nn.Linear:
    # The paper does not say how it starts. Glorot's uniform weights, as in nn.Transformer, keep the variance of a
    # signal about 1 through a square projection; nn.Linear's own default divides it by three.
    linear = nn.Linear(d_in, d_out, bias)
    nn.init.xavier_uniform_(linear.weight)
    if bias:
        nn.init.zeros_(linear.bias)
    return linear


# ---------------------------------------------------------------------------------------------------------------------
# Positions, section 3.5
# ---------------------------------------------------------------------------------------------------------------------


def sinusoidal_encoding(
    length: int,
    d_model: int,
    *,
    device: torch.device | str | None = None,
    dtype: torch.dtype | None = None,
) -> Float[Tensor, "length d_model"]:
    """PE(pos, 2i) = sin(pos / 10000^(2i/d_model)) and PE(pos, 2i+1) = cos(the same) (section 3.5).

    Raises ValueError for an odd `d_model`: each sine needs its cosine.
    """
    if d_model % 2:
        raise ValueError(f"expected an even d_model, got {d_model}")
    device = torch.device(device) if device is not None else torch.get_default_device()
    # float32 angles lose a digit with each power of ten of the position. Apple's GPUs have nothing wider.
    exact = torch.float32 if device.type == "mps" else torch.float64
    position = torch.arange(length, dtype=exact, device=device)
    frequency = 10000.0 ** (-torch.arange(0, d_model, 2, dtype=exact, device=device) / d_model)
    angle = torch.outer(position, frequency)  # (length, d_model / 2)
    return torch.stack([angle.sin(), angle.cos()], dim=-1).flatten(1).to(dtype or torch.get_default_dtype())


class SinusoidalPositions(nn.Module):
    """Adds `sinusoidal_encoding` (section 3.5). It has no parameters and no longest sequence."""

    def forward(self, x: Float[Tensor, "B T d_model"]) -> Float[Tensor, "B T d_model"]:
        # Computed anew, which is cheap beside one layer: a stored table would be rounded by `.to(torch.bfloat16)`
        # and stay rounded after `.to(torch.float64)`.
        return x + sinusoidal_encoding(x.shape[-2], x.shape[-1], device=x.device, dtype=x.dtype)


class LearnedPositions(nn.Module):
    """Adds a learned vector per position (section 3.5 and Table 3, row E); the table ends after `max_len`."""

    def __init__(self, d_model: int, max_len: int) -> None:
        super().__init__()
        # The same mean square, 1/2, as the sines and cosines that it stands for.
        self.table = nn.Parameter(torch.randn(max_len, d_model) * math.sqrt(0.5))

    def forward(self, x: Float[Tensor, "B T d_model"]) -> Float[Tensor, "B T d_model"]:
        """Raises ValueError for a sequence that is longer than the table."""
        T, max_len = x.shape[-2], len(self.table)
        if max_len < T:
            raise ValueError(f"expected at most {max_len} positions (max_len of the learned table), got {T}")
        return x + self.table[:T]


# ---------------------------------------------------------------------------------------------------------------------
# Layers and stacks, sections 3.1 and 3.3
# ---------------------------------------------------------------------------------------------------------------------


class FeedForward(nn.Module):
    """max(0, x W1 + b1) W2 + b2, the same at every position (section 3.3, equation 2)."""

    def __init__(self, d_model: int, d_ff: int) -> None:
        super().__init__()
        self.w_1 = _linear(d_model, d_ff)
        self.w_2 = _linear(d_ff, d_model)

    def forward(self, x: Float[Tensor, "B T d_model"]) -> Float[Tensor, "B T d_model"]:
        out: Tensor = self.w_2(F.relu(self.w_1(x)))
        return out


class AddNorm(nn.Module):
    """The residual connection, dropout and normalisation around a sub-layer (sections 3.1 and 5.4).

    Post-norm, as published: LayerNorm(x + Dropout(sublayer(x))).
    Pre-norm, `norm_first=True`: x + Dropout(sublayer(LayerNorm(x))), which leaves a path from the loss to the first
    layer that no normalisation touches (Xiong et al. 2020).
    """

    def __init__(self, d_model: int, dropout: float, norm_first: bool) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(d_model)
        self.dropout = nn.Dropout(dropout)
        self.norm_first = norm_first

    def forward(
        self, x: Float[Tensor, "B T d_model"], sublayer: Callable[[Tensor], Tensor]
    ) -> Float[Tensor, "B T d_model"]:
        if self.norm_first:
            pre: Tensor = x + self.dropout(sublayer(self.norm(x)))
            return pre
        post: Tensor = self.norm(x + self.dropout(sublayer(x)))
        return post


class EncoderLayer(nn.Module):
    """Self-attention, then the feed-forward network (section 3.1). `dropout` as in section 5.4."""

    def __init__(self, d_model: int, heads: int, d_ff: int, dropout: float = 0.1, norm_first: bool = False) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.add_norm_1 = AddNorm(d_model, dropout, norm_first)
        self.add_norm_2 = AddNorm(d_model, dropout, norm_first)

    def forward(
        self, x: Float[Tensor, "B T d_model"], mask: Bool[Tensor, "... #T #T"] | None = None, causal: bool = False
    ) -> Float[Tensor, "B T d_model"]:
        x = self.add_norm_1(x, lambda x: self.self_attention(x, mask=mask, causal=causal))
        out: Tensor = self.add_norm_2(x, self.feed_forward)
        return out


class DecoderLayer(nn.Module):
    """Self-attention, attention to the encoder's output, then the feed-forward network (section 3.1)."""

    def __init__(self, d_model: int, heads: int, d_ff: int, dropout: float = 0.1, norm_first: bool = False) -> None:
        super().__init__()
        self.self_attention = MultiHeadAttention(d_model, heads)
        self.cross_attention = MultiHeadAttention(d_model, heads)
        self.feed_forward = FeedForward(d_model, d_ff)
        self.add_norm_1 = AddNorm(d_model, dropout, norm_first)
        self.add_norm_2 = AddNorm(d_model, dropout, norm_first)
        self.add_norm_3 = AddNorm(d_model, dropout, norm_first)

    def forward(
        self,
        x: Float[Tensor, "B T d_model"],
        memory: Float[Tensor, "B S d_model"],
        mask: Bool[Tensor, "... #T #T"] | None = None,
        memory_mask: Bool[Tensor, "... #T #S"] | None = None,
        causal: bool = True,
    ) -> Float[Tensor, "B T d_model"]:
        """`memory` is the encoder's output; `mask` is for the targets, `memory_mask` for `memory`."""
        x = self.add_norm_1(x, lambda x: self.self_attention(x, mask=mask, causal=causal))
        x = self.add_norm_2(x, lambda x: self.cross_attention(x, memory, mask=memory_mask))
        out: Tensor = self.add_norm_3(x, self.feed_forward)
        return out


class Encoder(nn.Module):
    """A stack of `layers` encoder layers (section 3.1).

    Pre-norm layers leave the residual stream unnormalised, so with `norm_first` a last LayerNorm follows
    (Xiong et al. 2020). The published post-norm stack has none: its last layer ends in one.
    """

    def __init__(
        self, layers: int, d_model: int, heads: int, d_ff: int, dropout: float = 0.1, norm_first: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(EncoderLayer(d_model, heads, d_ff, dropout, norm_first) for _ in range(layers))
        self.norm = nn.LayerNorm(d_model) if norm_first else nn.Identity()

    def forward(
        self, x: Float[Tensor, "B T d_model"], mask: Bool[Tensor, "... #T #T"] | None = None, causal: bool = False
    ) -> Float[Tensor, "B T d_model"]:
        for layer in self.layers:
            x = layer(x, mask, causal)
        out: Tensor = self.norm(x)
        return out


class Decoder(nn.Module):
    """A stack of `layers` decoder layers (section 3.1), with a last LayerNorm as in `Encoder`."""

    def __init__(
        self, layers: int, d_model: int, heads: int, d_ff: int, dropout: float = 0.1, norm_first: bool = False
    ) -> None:
        super().__init__()
        self.layers = nn.ModuleList(DecoderLayer(d_model, heads, d_ff, dropout, norm_first) for _ in range(layers))
        self.norm = nn.LayerNorm(d_model) if norm_first else nn.Identity()

    def forward(
        self,
        x: Float[Tensor, "B T d_model"],
        memory: Float[Tensor, "B S d_model"],
        mask: Bool[Tensor, "... #T #T"] | None = None,
        memory_mask: Bool[Tensor, "... #T #S"] | None = None,
        causal: bool = True,
    ) -> Float[Tensor, "B T d_model"]:
        for layer in self.layers:
            x = layer(x, memory, mask, memory_mask, causal)
        out: Tensor = self.norm(x)
        return out


# ---------------------------------------------------------------------------------------------------------------------
# The whole model, Figure 1
# ---------------------------------------------------------------------------------------------------------------------


class Transformer(nn.Module):
    """From source and target tokens to the logits of each next target token (Figure 1; defaults: Table 3, base).

    vocabulary, target_vocabulary
        How many tokens the source has, and the target if that differs.
    positions, max_len
        "sinusoidal", "learned" (one table of `max_len` for source and target) or None (section 3.5).
    share_embeddings
        One matrix embeds the source, embeds the target and, transposed, gives the logits (section 3.4).
    pad
        A token that no position attends to, in source and target; None if every token is real.
    causal
        False lets the decoder see later targets, and so the answers: for experiments only.

    Raises ValueError for another name of `positions`, for embeddings shared between different vocabularies, and as
    `MultiHeadAttention`, `sinusoidal_encoding` and `LearnedPositions` do.
    """

    def __init__(
        self,
        vocabulary: int,
        target_vocabulary: int | None = None,
        *,
        d_model: int = 512,
        heads: int = 8,
        layers: int = 6,
        d_ff: int = 2048,
        dropout: float = 0.1,
        norm_first: bool = False,
        positions: Literal["sinusoidal", "learned"] | None = "sinusoidal",
        max_len: int = 512,
        share_embeddings: bool = True,
        pad: int | None = 0,
        causal: bool = True,
    ) -> None:
        super().__init__()
        targets = vocabulary if target_vocabulary is None else target_vocabulary
        if share_embeddings and targets != vocabulary:
            raise ValueError(f"expected one vocabulary for shared embeddings, got {vocabulary} and {targets}")
        self.d_model = d_model
        self.pad = pad
        self.causal = causal
        self.source_embedding = _embedding(vocabulary, d_model)
        self.target_embedding = _embedding(targets, d_model)
        self.positions = _positions(positions, d_model, max_len)
        self.dropout = nn.Dropout(dropout)
        self.encoder = Encoder(layers, d_model, heads, d_ff, dropout, norm_first)
        self.decoder = Decoder(layers, d_model, heads, d_ff, dropout, norm_first)
        self.output = _linear(d_model, targets, bias=False)
        if share_embeddings:
            # One parameter in three modules. One module under two names would make torch.func.functional_call leave
            # the weights of its first call behind.
            self.output.weight = self.target_embedding.weight = self.source_embedding.weight

    def forward(self, source: Int[Tensor, "B S"], target: Int[Tensor, "B T"]) -> Float[Tensor, "B T target_vocabulary"]:
        """Logits; those at position i answer "which token follows target[:, : i + 1]?"."""
        return self.decode(target, self.encode(source), self.mask(source))

    def encode(self, source: Int[Tensor, "B S"]) -> Float[Tensor, "B S d_model"]:
        """The encoder's output, the decoder's `memory`."""
        memory: Tensor = self.encoder(self.embed(source, self.source_embedding), self.mask(source))
        return memory

    def decode(
        self,
        target: Int[Tensor, "B T"],
        memory: Float[Tensor, "B S d_model"],
        memory_mask: Bool[Tensor, "... #T #S"] | None = None,
    ) -> Float[Tensor, "B T target_vocabulary"]:
        """Logits for `target`, given `encode(source)` as `memory` and `mask(source)` as `memory_mask`."""
        x = self.embed(target, self.target_embedding)
        x = self.decoder(x, memory, self.mask(target), memory_mask, self.causal)
        logits: Tensor = self.output(x)
        return logits

    def embed(self, tokens: Int[Tensor, "B T"], embedding: nn.Embedding) -> Float[Tensor, "B T d_model"]:
        """Embeddings times sqrt(d_model) (section 3.4), plus positions (3.5), with dropout on the sum (5.4)."""
        x: Tensor = self.dropout(self.positions(embedding(tokens) * math.sqrt(self.d_model)))
        return x

    def mask(self, tokens: Int[Tensor, "B S"]) -> Bool[Tensor, "B 1 1 S"] | None:
        """`padding_mask` for the model's own `pad`; None without one."""
        return None if self.pad is None else padding_mask(tokens, self.pad)


def _embedding(vocabulary: int, d_model: int) -> nn.Embedding:
    # 1/sqrt(d_model): the scaled embeddings then have unit variance, and so have the logits of the tied output.
    embedding = nn.Embedding(vocabulary, d_model)
    nn.init.normal_(embedding.weight, std=d_model**-0.5)
    return embedding


def _positions(name: str | None, d_model: int, max_len: int) -> nn.Module:
    if name is None:
        return nn.Identity()
    if name == "sinusoidal":
        return SinusoidalPositions()
    if name == "learned":
        return LearnedPositions(d_model, max_len)
    raise ValueError(f'expected positions to be "sinusoidal", "learned" or None, got {name!r}')


@torch.inference_mode()
def greedy_decode(
    model: Transformer, source: Int[Tensor, "B S"], start: int, end: int, max_len: int
) -> Int[Tensor, "B length"]:
    """The likeliest next token, again and again, from `start` until every row has an `end` or has `max_len` tokens.

    Returns what follows `start`, at most `max_len` tokens, each row up to and with its `end` and then filled with
    `model.pad` (with `end` for a model without padding). Runs without dropout and leaves the model in the mode it had.
    """
    training = model.training
    model.eval()
    try:
        return _greedy_decode(model, source, start, end, max_len)
    finally:
        model.train(training)


def _greedy_decode(model: Transformer, source: Tensor, start: int, end: int, max_len: int) -> Tensor:
    fill = end if model.pad is None else model.pad
    memory, memory_mask = model.encode(source), model.mask(source)
    tokens = torch.full((len(source), 1), start, device=source.device)
    ended = torch.zeros(len(source), dtype=torch.bool, device=source.device)
    while tokens.shape[1] <= max_len and not ended.all():
        # Every step decodes the whole prefix again: T times the work of a cache of keys and values, but no state.
        following = model.decode(tokens, memory, memory_mask)[:, -1].argmax(-1)
        tokens = torch.cat([tokens, following.masked_fill(ended, fill)[:, None]], dim=1)
        ended |= following == end
    return tokens[:, 1:]
