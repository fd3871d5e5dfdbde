"""Facts about the reference Transformer. PyTorch's own layers, with the same weights, are the oracle."""

import importlib
import importlib.util
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import TypeCheckError
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from oracle import Where, at, checked, close

NAME = "dlcheck_transformer.model"
m: Any = checked(NAME)


@pytest.fixture
def plain() -> Any:
    """The model as users import it, without checks: its own errors are reached, not beartype's."""
    return importlib.import_module(NAME)


# On the CPU they are apart by at most 5e-15 in float64 and 1e-6 in float32. bfloat16 has 8 bits, and a ReLU or a small
# gradient through a softmax makes 0.1 of that; two different models are apart by about 1.
everywhere = at(
    Where("cpu", torch.float64, 1e-12),
    Where("cpu", torch.float32, 1e-5),
    Where("cpu", torch.bfloat16, 0.2),
    Where("cuda", torch.float32, 1e-5),
    Where("cuda", torch.bfloat16, 0.2),
)
norms = pytest.mark.parametrize("norm_first", [False, True], ids=["post-norm", "pre-norm"])

B, T, S, D, HEADS, D_FF, LAYERS, WORDS, PAD = 3, 5, 7, 24, 4, 40, 2, 11, 0


# ---------------------------------------------------------------------------------------------------------------------
# The oracle: which of our parameters is which part of which of PyTorch's
# ---------------------------------------------------------------------------------------------------------------------


class Pair(NamedTuple):
    ours: nn.Parameter
    theirs: nn.Parameter
    rows: slice = slice(None)


def same(ours: nn.Module, theirs: nn.Module) -> list[Pair]:
    """Pairs of modules that name their parameters alike: nn.Linear, nn.LayerNorm."""
    return [Pair(p, q) for p, q in zip(ours.parameters(), theirs.parameters(), strict=True)]


def attention_pairs(ours: Any, theirs: nn.MultiheadAttention) -> list[Pair]:
    pairs = same(ours.w_o, theirs.out_proj)
    for i, linear in enumerate([ours.w_q, ours.w_k, ours.w_v]):
        rows = slice(i * D, (i + 1) * D)
        pairs.append(Pair(linear.weight, theirs.in_proj_weight, rows))
        if linear.bias is not None:
            pairs.append(Pair(linear.bias, theirs.in_proj_bias, rows))
    return pairs


def layer_pairs(ours: Any, theirs: Any) -> list[Pair]:
    pairs = attention_pairs(ours.self_attention, theirs.self_attn)
    pairs += same(ours.feed_forward.w_1, theirs.linear1) + same(ours.feed_forward.w_2, theirs.linear2)
    pairs += same(ours.add_norm_1.norm, theirs.norm1) + same(ours.add_norm_2.norm, theirs.norm2)
    if hasattr(theirs, "multihead_attn"):
        pairs += attention_pairs(ours.cross_attention, theirs.multihead_attn)
        pairs += same(ours.add_norm_3.norm, theirs.norm3)
    return pairs


def stack_pairs(ours: Any, theirs: Any) -> list[Pair]:
    pairs = same(ours.norm, theirs.norm) if theirs.norm is not None else []
    for mine, other in zip(ours.layers, theirs.layers, strict=True):
        pairs += layer_pairs(mine, other)
    return pairs


def compare(
    where: Where,
    ours: Callable[..., Tensor],
    theirs: Callable[..., Tensor],
    pairs: list[Pair],
    inputs: list[Tensor],
) -> None:
    """Give both sides the same random weights; then output and all gradients, of inputs and parameters, agree."""
    for pair in pairs:
        with torch.no_grad():
            part = pair.theirs[pair.rows]
            if part.dim() > 1:
                part.normal_(0.0, part.shape[-1] ** -0.5)
            else:  # biases and LayerNorms: none stays at 0 or 1, where a forgotten one would not be noticed
                part += 0.3 * torch.randn_like(part)
            pair.ours.copy_(pair.theirs[pair.rows])
    ins = [[x.detach().clone().requires_grad_(x.is_floating_point()) for x in inputs] for _ in range(2)]
    out, expected = ours(*ins[0]), theirs(*ins[1])
    upstream = torch.randn_like(expected)
    torch.autograd.backward([out, expected], [upstream, upstream])
    close(out, expected, where)
    for a, b in zip(*ins, strict=True):
        if a.requires_grad:
            close(a.grad, b.grad, where)
    for pair in pairs:
        assert pair.theirs.grad is not None
        close(pair.ours.grad, pair.theirs.grad[pair.rows], where, scale=pair.theirs.grad)


def complete(pairs: list[Pair], ours: nn.Module, theirs: nn.Module) -> list[Pair]:
    """No parameter of either side is left out of the comparison."""
    assert {id(p.ours) for p in pairs} == {id(p) for p in ours.parameters()}
    assert {id(p.theirs) for p in pairs} == {id(p) for p in theirs.parameters()}
    return pairs


def real(where: Where, *shape: int) -> Tensor:
    return torch.randn(*shape).to(where.device, where.dtype)


def padded(length: int, device: str = "cpu") -> Tensor:
    """Tokens of B rows that end in 0, 1 and 2 pads."""
    tokens = torch.randint(1, WORDS, (B, length))
    for row in range(B):
        tokens[row, length - row :] = PAD
    return tokens.to(device)


def later(length: int, device: str) -> Tensor:
    """What PyTorch wants for causality: True is forbidden."""
    return torch.ones(length, length, dtype=torch.bool, device=device).triu(1)


# ---------------------------------------------------------------------------------------------------------------------
# Masks and attention
# ---------------------------------------------------------------------------------------------------------------------


def test_signatures_are_checked_while_these_tests_run() -> None:
    """Arguments that contradict a signature are refused, so every test here is a test of the shapes, too."""
    with pytest.raises(TypeCheckError):
        m.attention(torch.randn(1, 4, 8), torch.randn(1, 5, 8), torch.randn(2, 5, 8))


def test_causal_mask_allows_the_present_and_the_past() -> None:
    """Row i is True up to and with column i."""
    assert m.causal_mask(3).tolist() == [[True, False, False], [True, True, False], [True, True, True]]


def test_padding_mask_allows_what_is_no_pad() -> None:
    """The pads are False, for every head and query."""
    mask = m.padding_mask(torch.tensor([[5, 9, 9], [5, 6, 9]]), 9)
    assert mask.shape == (2, 1, 1, 3)
    assert mask.flatten(1).tolist() == [[True, False, False], [True, True, False]]


def test_attention_weights_by_hand() -> None:
    """d_k = 4, products 2 ln 3 and 0: divided by sqrt(4) they are ln 3 and 0, whose softmax is 3/4 and 1/4."""
    q, k = torch.zeros(1, 4), torch.zeros(2, 4)
    q[0, 0], k[0, 0] = 2.0, math.log(3.0)
    torch.testing.assert_close(m.attention_weights(q, k), torch.tensor([[0.75, 0.25]]))
    v = torch.tensor([[4.0, 0.0], [0.0, 8.0]])
    torch.testing.assert_close(m.attention(q, k, v), torch.tensor([[3.0, 2.0]]))


@everywhere
@pytest.mark.parametrize("scale", [None, 1.0, 0.0, -0.5])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("masked", [False, True])
def test_fused_attention_is_its_weights_times_the_values(
    where: Where, scale: float | None, causal: bool, masked: bool
) -> None:
    """`attention` and `attention_weights` @ v agree, with every mask and scale, and so do their gradients."""
    q, k, v = (real(where, B, HEADS, T, 8).requires_grad_() for _ in range(3))
    mask = m.padding_mask(padded(T, where.device), PAD) if masked else None
    options = {"mask": mask, "scale": scale, "causal": causal}
    fused = m.attention(q, k, v, **options)
    written = m.attention_weights(q, k, **options) @ v
    close(fused, written, where)
    upstream = torch.randn_like(fused)
    pairs = zip(*(torch.autograd.grad(out, (q, k, v), upstream) for out in (fused, written)), strict=True)
    for fused_grad, written_grad in pairs:
        close(fused_grad, written_grad, where, scale=upstream)


@everywhere
def test_a_query_that_may_attend_to_nothing_gets_zero(where: Where) -> None:
    """Its weights, output and gradient are 0, and nothing anywhere is NaN; other queries do not notice."""
    q, k, v = (real(where, B, HEADS, T, 8).requires_grad_() for _ in range(3))
    mask = torch.ones(T, T, dtype=torch.bool, device=where.device)
    mask[2] = False
    out, weights = m.attention(q, k, v, mask), m.attention_weights(q, k, mask)
    others = [0, 1, 3, 4]
    for result in (out, weights @ v):
        assert not result[:, :, 2].any()
        grads = torch.autograd.grad(result.sum(), (q, k, v), retain_graph=True)
        assert all(grad.isfinite().all() for grad in grads)
        assert not grads[0][:, :, 2].any()
    assert not weights[:, :, 2].any()
    torch.testing.assert_close(out[:, :, others], m.attention(q[:, :, others], k, v))


@everywhere
@pytest.mark.parametrize("masks", ["none", "causal", "padding", "both"])
@pytest.mark.parametrize("bias", [True, False])
def test_self_attention_is_pytorchs(where: Where, masks: str, bias: bool) -> None:
    """MultiHeadAttention is nn.MultiheadAttention, whose masks are True where attending is forbidden."""
    ours = m.MultiHeadAttention(D, HEADS, bias).to(where.device, where.dtype)
    theirs = nn.MultiheadAttention(D, HEADS, bias=bias, batch_first=True).to(where.device, where.dtype)
    tokens, causal = padded(T, where.device), masks in ("causal", "both")
    pads = masks in ("padding", "both")
    compare(
        where,
        lambda x: ours(x, mask=m.padding_mask(tokens, PAD) if pads else None, causal=causal),
        lambda x: theirs(
            x,
            x,
            x,
            attn_mask=later(T, where.device) if causal else None,
            key_padding_mask=tokens == PAD if pads else None,
            need_weights=False,
        )[0],
        complete(attention_pairs(ours, theirs), ours, theirs),
        [real(where, B, T, D)],
    )


@everywhere
def test_attention_to_other_keys_and_values_is_pytorchs(where: Where) -> None:
    """Queries, keys and values from three tensors, with pads among the keys."""
    ours = m.MultiHeadAttention(D, HEADS).to(where.device, where.dtype)
    theirs = nn.MultiheadAttention(D, HEADS, batch_first=True).to(where.device, where.dtype)
    tokens = padded(S, where.device)
    compare(
        where,
        lambda q, k, v: ours(q, k, v, mask=m.padding_mask(tokens, PAD)),
        lambda q, k, v: theirs(q, k, v, key_padding_mask=tokens == PAD, need_weights=False)[0],
        complete(attention_pairs(ours, theirs), ours, theirs),
        [real(where, B, T, D), real(where, B, S, D), real(where, B, S, D)],
    )


@everywhere
def test_weights_per_head_are_pytorchs(where: Where) -> None:
    """`weights` shows the heads that nn.MultiheadAttention shows with average_attn_weights=False."""
    ours = m.MultiHeadAttention(D, HEADS).to(where.device, where.dtype)
    theirs = nn.MultiheadAttention(D, HEADS, batch_first=True).to(where.device, where.dtype)
    for pair in attention_pairs(ours, theirs):
        pair.ours.data.copy_(pair.theirs.data[pair.rows])
    x, memory, tokens = real(where, B, T, D), real(where, B, S, D), padded(S, where.device)
    _, expected = theirs(x, memory, memory, key_padding_mask=tokens == PAD, average_attn_weights=False)
    close(ours.weights(x, memory, m.padding_mask(tokens, PAD)), expected, where)


def test_values_come_from_the_keys_unless_given() -> None:
    """attend(x, memory) is attend(x, memory, memory), attend(x) is attend(x, x, x)."""
    attend, x, memory = m.MultiHeadAttention(D, HEADS), torch.randn(B, T, D), torch.randn(B, S, D)
    assert torch.equal(attend(x, memory), attend(x, memory, memory))
    assert torch.equal(attend(x), attend(x, x, x))


def test_scale_of_a_module_replaces_one_over_sqrt_d_k() -> None:
    """A scale of 1/sqrt(d_k) changes nothing; a scale of 0 weighs all keys alike."""
    x = torch.randn(B, T, D)
    attend = m.MultiHeadAttention(D, HEADS)
    explicit = m.MultiHeadAttention(D, HEADS, scale=(D // HEADS) ** -0.5)
    explicit.load_state_dict(attend.state_dict())
    torch.testing.assert_close(explicit(x), attend(x))
    blind = m.MultiHeadAttention(D, HEADS, scale=0.0)
    blind.load_state_dict(attend.state_dict())
    torch.testing.assert_close(blind.weights(x), torch.full((B, HEADS, T, T), 1 / T))
    torch.testing.assert_close(blind(x), blind.w_o(blind.w_v(x).mean(1, keepdim=True)).expand(B, T, D))


# ---------------------------------------------------------------------------------------------------------------------
# Positions
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("position", "i"), [(0, 0), (1, 0), (1, 3), (49, 7), (1000, 5), (4999, 31)])
def test_sinusoids_are_section_3_5(position: int, i: int) -> None:
    """PE(pos, 2i) = sin(pos / 10000^(2i/d_model)), PE(pos, 2i + 1) = cos of the same."""
    d_model = 64
    encoding = m.sinusoidal_encoding(5000, d_model, dtype=torch.float64)
    angle = position / 10000 ** (2 * i / d_model)
    assert encoding[position, 2 * i].item() == pytest.approx(math.sin(angle), abs=1e-11)
    assert encoding[position, 2 * i + 1].item() == pytest.approx(math.cos(angle), abs=1e-11)


def test_sinusoids_are_exact_to_the_last_digit_of_float32() -> None:
    """Even far out, where angles in float32 would be wrong by 1e-4."""
    single, double = (m.sinusoidal_encoding(5000, 64, dtype=dtype) for dtype in (torch.float32, torch.float64))
    assert torch.equal(single, double.float())


def test_sinusoidal_positions_come_in_the_precision_of_their_input() -> None:
    """A module that has been bfloat16 is as good as new in float64."""
    positions = m.SinusoidalPositions().to(torch.bfloat16)
    assert positions(torch.zeros(1, T, D, dtype=torch.bfloat16)).dtype == torch.bfloat16
    positions.to(torch.float64)
    added = positions(torch.zeros(1, T, D, dtype=torch.float64))
    assert torch.equal(added[0], m.sinusoidal_encoding(T, D, dtype=torch.float64))


def test_learned_positions_add_one_row_per_position() -> None:
    """The same row for every sequence of the batch, and a gradient for the rows that were used."""
    positions, x = m.LearnedPositions(D, max_len=T + 1), torch.randn(B, T, D)
    torch.testing.assert_close(positions(x) - x, positions.table[:T].expand(B, T, D))
    positions(x).sum().backward()
    assert positions.table.grad.sum(1).tolist() == [B * D] * T + [0.0]


# ---------------------------------------------------------------------------------------------------------------------
# Layers and stacks
# ---------------------------------------------------------------------------------------------------------------------


def test_feed_forward_is_equation_2() -> None:
    """max(0, x W1 + b1) W2 + b2, position by position."""
    feed, x = m.FeedForward(D, D_FF), torch.randn(B, T, D)
    hidden = torch.clamp(x[1, 2] @ feed.w_1.weight.T + feed.w_1.bias, min=0)
    torch.testing.assert_close(feed(x)[1, 2], hidden @ feed.w_2.weight.T + feed.w_2.bias)


def encoder_layer(norm_first: bool, where: Where) -> nn.TransformerEncoderLayer:
    layer = nn.TransformerEncoderLayer(D, HEADS, D_FF, dropout=0.0, batch_first=True, norm_first=norm_first)
    return layer.to(where.device, where.dtype)


def decoder_layer(norm_first: bool, where: Where) -> nn.TransformerDecoderLayer:
    layer = nn.TransformerDecoderLayer(D, HEADS, D_FF, dropout=0.0, batch_first=True, norm_first=norm_first)
    return layer.to(where.device, where.dtype)


@everywhere
@norms
@pytest.mark.parametrize("causal", [False, True])
def test_encoder_layer_is_pytorchs(where: Where, norm_first: bool, causal: bool) -> None:
    """EncoderLayer is nn.TransformerEncoderLayer, with pads, causal or not."""
    ours = m.EncoderLayer(D, HEADS, D_FF, dropout=0.0, norm_first=norm_first).to(where.device, where.dtype)
    theirs = encoder_layer(norm_first, where)
    tokens = padded(T, where.device)
    forbidden = later(T, where.device) if causal else None
    compare(
        where,
        lambda x: ours(x, m.padding_mask(tokens, PAD), causal),
        lambda x: theirs(x, src_mask=forbidden, src_key_padding_mask=tokens == PAD),
        complete(layer_pairs(ours, theirs), ours, theirs),
        [real(where, B, T, D)],
    )


@everywhere
@norms
@pytest.mark.parametrize("causal", [False, True])
def test_decoder_layer_is_pytorchs(where: Where, norm_first: bool, causal: bool) -> None:
    """DecoderLayer is nn.TransformerDecoderLayer, with pads in the targets and in the memory."""
    ours = m.DecoderLayer(D, HEADS, D_FF, dropout=0.0, norm_first=norm_first).to(where.device, where.dtype)
    theirs = decoder_layer(norm_first, where)
    target, source = padded(T, where.device), padded(S, where.device)
    forbidden = later(T, where.device) if causal else None
    compare(
        where,
        lambda x, memory: ours(x, memory, m.padding_mask(target, PAD), m.padding_mask(source, PAD), causal),
        lambda x, memory: theirs(
            x,
            memory,
            tgt_mask=forbidden,
            tgt_key_padding_mask=target == PAD,
            memory_key_padding_mask=source == PAD,
        ),
        complete(layer_pairs(ours, theirs), ours, theirs),
        [real(where, B, T, D), real(where, B, S, D)],
    )


def test_decoder_is_causal_unless_told_otherwise() -> None:
    """The last target moves the first output only with causal=False."""
    decoder, x, memory = m.Decoder(LAYERS, D, HEADS, D_FF, dropout=0.0), torch.randn(B, T, D), torch.randn(B, S, D)
    changed = x.clone()
    changed[:, -1] += 1
    torch.testing.assert_close(decoder(x, memory)[:, 0], decoder(changed, memory)[:, 0], rtol=0, atol=1e-6)
    gap = (decoder(x, memory, causal=False)[:, 0] - decoder(changed, memory, causal=False)[:, 0]).abs().max()
    assert gap > 1e-3


def test_dropout_is_on_the_sub_layers_and_spares_the_residual() -> None:
    """With everything dropped, pre-norm layers pass x on and post-norm layers only normalise it (section 5.4)."""
    x, memory = torch.randn(B, T, D), torch.randn(B, S, D)
    for norm_first in (False, True):
        encoder = m.EncoderLayer(D, HEADS, D_FF, dropout=1.0, norm_first=norm_first)
        decoder = m.DecoderLayer(D, HEADS, D_FF, dropout=1.0, norm_first=norm_first)
        expected = x if norm_first else F.layer_norm(x, (D,))
        torch.testing.assert_close(encoder(x), expected, rtol=0, atol=1e-4)
        torch.testing.assert_close(decoder(x, memory), expected, rtol=0, atol=1e-4)
        assert (encoder.eval()(x) - expected).abs().max() > 0.1  # in eval mode nothing is dropped


def test_dropout_of_the_model_is_on_the_sum_with_the_positions() -> None:
    """With everything dropped the embedded tokens are 0, not the bare positions (section 5.4)."""
    model = small(dropout=1.0)
    assert not model.embed(padded(T), model.source_embedding).any()
    assert model.eval().embed(padded(T), model.source_embedding).any()


# ---------------------------------------------------------------------------------------------------------------------
# The whole model
# ---------------------------------------------------------------------------------------------------------------------


def small(*args: Any, **options: Any) -> Any:
    sizes = {"d_model": D, "heads": HEADS, "layers": LAYERS, "d_ff": D_FF, "dropout": 0.0, "pad": PAD}
    return m.Transformer(*(args or (WORDS,)), **(sizes | options))


def pytorchs(norm_first: bool, where: Where) -> nn.Transformer:
    """nn.Transformer with the published ends: a last LayerNorm only behind pre-norm layers."""

    def last() -> nn.LayerNorm | None:
        return nn.LayerNorm(D) if norm_first else None

    encoder = nn.TransformerEncoder(encoder_layer(norm_first, where), LAYERS, last(), enable_nested_tensor=False)
    decoder = nn.TransformerDecoder(decoder_layer(norm_first, where), LAYERS, last())
    core = nn.Transformer(D, HEADS, batch_first=True, custom_encoder=encoder, custom_decoder=decoder)
    return core.to(where.device, where.dtype)


@everywhere
@norms
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "separate"])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned", None])
def test_transformer_is_pytorchs_between_embeddings(
    where: Where, norm_first: bool, shared: bool, positions: str | None
) -> None:
    """Embeddings · sqrt(d_model) + positions -> nn.Transformer -> a product with the output matrix (Figure 1, 3.4)."""
    where = where._replace(tolerance=2 * where.tolerance)  # rounding piles up over four layers
    words = (WORDS,) if shared else (WORDS, WORDS + 2)
    ours = small(*words, norm_first=norm_first, positions=positions, max_len=S, share_embeddings=shared)
    ours.to(where.device, where.dtype)
    core = pytorchs(norm_first, where)
    pairs = stack_pairs(ours.encoder, core.encoder) + stack_pairs(ours.decoder, core.decoder)
    tables = [ours.source_embedding.weight, ours.target_embedding.weight, ours.output.weight]
    copies = [nn.Parameter(t.detach().clone()) for t in dict.fromkeys(tables)]
    pairs += [Pair(t, c) for t, c in zip(dict.fromkeys(tables), copies, strict=True)]
    assert len(copies) == (1 if shared else 3)
    source_table, target_table, output_table = copies * 3 if shared else copies
    place = sinusoids(where) if positions == "sinusoidal" else torch.zeros(S, D).to(where.device, where.dtype)
    if positions == "learned":
        place = nn.Parameter(place)
        pairs.append(Pair(ours.positions.table, place))
    assert {id(p.ours) for p in pairs} == {id(p) for p in ours.parameters()}

    def theirs(source: Tensor, target: Tensor) -> Tensor:
        hidden = core(
            F.embedding(source, source_table) * math.sqrt(D) + place[:S],
            F.embedding(target, target_table) * math.sqrt(D) + place[:T],
            tgt_mask=later(T, where.device),
            src_key_padding_mask=source == PAD,
            tgt_key_padding_mask=target == PAD,
            memory_key_padding_mask=source == PAD,
        )
        assert isinstance(hidden, Tensor)
        return hidden @ output_table.T

    compare(where, ours, theirs, pairs, [padded(S, where.device), padded(T, where.device)])


def sinusoids(where: Where) -> Tensor:
    """Section 3.5, one number at a time."""
    rows = [
        [(math.sin, math.cos)[c % 2](position / 10000 ** ((c - c % 2) / D)) for c in range(D)] for position in range(S)
    ]
    return torch.tensor(rows, dtype=torch.float64).to(where.device, where.dtype)


def test_shared_embeddings_are_one_matrix() -> None:
    """Source, target and output have one parameter (section 3.4), and still one after `.to`."""
    model = small().to(torch.float64)
    assert model.source_embedding.weight is model.target_embedding.weight is model.output.weight
    assert small().load_state_dict(model.state_dict()).missing_keys == []


@pytest.mark.parametrize("shared", [True, False], ids=["shared", "separate"])
def test_models_can_be_trained_together(shared: bool) -> None:
    """vmap over the stacked parameters of three models gives each its own gradient, call after call."""
    models = [small(share_embeddings=shared).double() for _ in range(3)]
    source, target = padded(S), padded(T)
    stacked, _ = torch.func.stack_module_state(models)

    def loss(parameters: dict[str, Tensor]) -> Tensor:
        logits: Tensor = torch.func.functional_call(models[0], parameters, (source, target))
        return logits.square().mean()

    for _ in range(2):  # the first call is to leave models[0] as it was
        with sdpa_kernel(SDPBackend.MATH):  # vmap has no rule for the fused kernel of the CPU, and warns
            gradients = torch.func.vmap(torch.func.grad(loss))(stacked)
        for i, model in enumerate(models):
            model.zero_grad()
            torch.autograd.backward([model(source, target).square().mean()])
            for name, parameter in model.named_parameters():
                torch.testing.assert_close(gradients[name][i], parameter.grad, rtol=1e-9, atol=1e-12)


def test_the_causal_mask_can_be_turned_off() -> None:
    """With causal=False the model sees the answer: the last target moves the first logits."""
    source, target = padded(S), torch.randint(1, WORDS, (B, T))
    changed = target.clone()
    changed[:, -1] = changed[:, -1] % (WORDS - 1) + 1  # another word, never PAD
    for causal in (True, False):
        model = small(causal=causal)
        moved = not torch.allclose(model(source, target)[:, 0], model(source, changed)[:, 0], atol=1e-6)
        assert moved is not causal


def test_without_a_pad_every_token_counts() -> None:
    """pad=None masks nothing: token 0 is a word like any other."""
    model, target = small(pad=None), padded(T)
    source = torch.ones(B, S, dtype=torch.long)
    zeros = source.clone()
    zeros[:, -1] = 0
    assert model.mask(source) is None
    everything = torch.ones(B, 1, 1, S, dtype=torch.bool)
    torch.testing.assert_close(
        model(zeros, target), model.decode(target, model.encode(zeros), everything), rtol=1e-4, atol=1e-5
    )
    assert not torch.allclose(model(zeros, target), small_like(model, pad=0)(zeros, target), atol=1e-3)


def small_like(model: Any, **options: Any) -> Any:
    other = small(**options)
    other.load_state_dict(model.state_dict())
    return other


def test_logits_start_with_unit_variance() -> None:
    """Embeddings of std 1/sqrt(d_model) make both the embedded tokens and the tied logits about 1."""
    model = m.Transformer(1000, d_model=256, heads=4, layers=2, d_ff=512, dropout=0.0, positions=None)
    tokens = torch.randint(1, 1000, (8, 16))
    assert model.embed(tokens, model.source_embedding).std().item() == pytest.approx(1.0, rel=0.05)
    assert model(tokens, tokens).std().item() == pytest.approx(1.0, rel=0.2)


# ---------------------------------------------------------------------------------------------------------------------
# Greedy decoding
# ---------------------------------------------------------------------------------------------------------------------

START, MAX_LEN = 1, 9


def lively() -> Any:
    """A model whose rows do not all say the same: random weights, and an output that is not its input's table."""
    model = small(share_embeddings=False, dropout=0.5)
    nn.init.normal_(model.output.weight)
    return model


def naive(model: Any, row: Tensor, end: int) -> list[int]:
    """One sequence at a time, the whole model anew for each token."""
    tokens = [START]
    while len(tokens) <= MAX_LEN and end not in tokens[1:]:
        logits = model(row[None], torch.tensor([tokens]))
        tokens.append(int(logits[0, -1].argmax()))
    return tokens[1:]


def test_greedy_decoding_is_the_naive_loop() -> None:
    """For every row; those that ended early are filled with pads. The model keeps its mode and loses no dropout."""
    model, source = lively().train(), torch.randint(1, WORDS, (16, S))
    model.eval()
    first = [naive(model, row, end=-1) for row in source]
    end = next(tokens[2] for tokens in first if tokens[2] not in tokens[:2])  # so that one row at least ends here
    expected = [naive(model, row, end) for row in source]
    lengths = {len(tokens) for tokens in expected}
    assert len(lengths) > 1, "the rows are to end at different lengths"
    model.train()
    got = m.greedy_decode(model, source, START, end, MAX_LEN)
    assert model.training
    assert got.is_inference()
    assert got.shape == (16, max(lengths))
    assert got.tolist() == [tokens + [PAD] * (max(lengths) - len(tokens)) for tokens in expected]


def test_greedy_decoding_stops_when_every_row_has_ended() -> None:
    """One token each, if that is the end; none for max_len = 0; `end` fills up where there is no pad."""
    model = small(pad=None, share_embeddings=False)
    nn.init.zeros_(model.output.weight)  # all logits are equal: argmax takes token 0
    source = padded(S)
    assert m.greedy_decode(model, source, START, 0, MAX_LEN).tolist() == [[0]] * B
    assert m.greedy_decode(model, source, START, 5, MAX_LEN).tolist() == [[0] * MAX_LEN] * B
    assert m.greedy_decode(model, source, START, 5, 0).shape == (B, 0)


# ---------------------------------------------------------------------------------------------------------------------
# Sizes
# ---------------------------------------------------------------------------------------------------------------------


def millions(**options: Any) -> float:
    return count(**options) / 1e6


def count(vocabulary: int = 37_000, **options: Any) -> int:
    with torch.device("meta"):  # only shapes: the big model would fill 0.8 GB
        return sum(p.numel() for p in m.Transformer(vocabulary, **options).parameters())


def by_hand(vocabulary: int, d_model: int, d_ff: int, layers: int) -> int:
    """From the paper's equations: 4 projections per attention, 2 per feed-forward, a bias each, gain and bias per norm.

    An encoder layer has one attention and two norms, a decoder layer two and three; the embeddings are counted once.
    """
    attention = 4 * (d_model**2 + d_model)
    feed_forward = (d_model * d_ff + d_ff) + (d_ff * d_model + d_model)
    norm = 2 * d_model
    encoder = attention + feed_forward + 2 * norm
    decoder = 2 * attention + feed_forward + 3 * norm
    return layers * (encoder + decoder) + vocabulary * d_model


def test_number_of_parameters() -> None:
    """Base and big as counted by hand, for the 37,000 shared tokens of section 5.1."""
    assert count() == by_hand(37_000, 512, 2048, 6) == 63_082_496
    assert count(d_model=1024, heads=16, d_ff=4096) == by_hand(37_000, 1024, 4096, 6) == 214_245_376


def test_published_sizes() -> None:
    """Table 3 says 65 and 213 million: with "about 37000" tokens (section 5.1) base is 3 % off, big 0.6 %."""
    assert millions() == pytest.approx(65, rel=0.03)
    assert millions(d_model=1024, heads=16, d_ff=4096) == pytest.approx(213, rel=0.01)


@pytest.mark.parametrize(
    ("options", "published"),
    [
        ({"layers": 2}, 36),
        ({"layers": 4}, 50),
        ({"layers": 8}, 80),
        ({"d_ff": 1024}, 53),
        ({"d_ff": 4096}, 90),
    ],
)
def test_rows_c_of_table_3(options: dict[str, int], published: int) -> None:
    """What a row changes against base does not depend on the vocabulary: it agrees to the rounding of two numbers."""
    assert millions(**options) - millions() == pytest.approx(published - 65, abs=1.0)


def test_pre_norm_adds_two_norms_and_learned_positions_a_table() -> None:
    """One LayerNorm behind each stack (Xiong et al. 2020); max_len rows of d_model; sinusoids cost nothing."""
    base = count(positions=None)
    assert count() == base
    assert count(norm_first=True, positions=None) == base + 2 * 2 * 512
    assert count(positions="learned", max_len=100) == base + 100 * 512
    assert count(share_embeddings=False, positions=None) == base + 2 * 37_000 * 512


# ---------------------------------------------------------------------------------------------------------------------
# What is refused
# ---------------------------------------------------------------------------------------------------------------------

BAD: dict[str, tuple[Callable[[Any], object], str]] = {
    "heads": (lambda m: m.MultiHeadAttention(10, 3), "multiple of heads, got d_model = 10, heads = 3"),
    "no heads": (lambda m: m.MultiHeadAttention(10, 0), "got d_model = 10, heads = 0"),
    "d_k": (
        lambda m: m.attention_weights(torch.zeros(2, 4), torch.zeros(2, 5)),
        "one width d_k, got 4 and 5",
    ),
    "values": (
        lambda m: m.attention(torch.zeros(2, 4), torch.zeros(2, 4), torch.zeros(3, 4)),
        "as many values as keys, got 3 values and 2 keys",
    ),
    "float mask": (
        lambda m: m.attention(*[torch.zeros(2, 4)] * 3, mask=torch.zeros(2, 2)),
        "expected a boolean mask .*, got torch.float32",
    ),
    "causal T, S": (
        lambda m: m.attention(torch.zeros(2, 4), *[torch.zeros(3, 4)] * 2, causal=True),
        "expected T = S for causal attention, got T = 2, S = 3",
    ),
    "odd d_model": (lambda m: m.sinusoidal_encoding(4, 5), "expected an even d_model, got 5"),
    "past the table": (
        lambda m: m.LearnedPositions(4, 6)(torch.zeros(1, 7, 4)),
        r"expected at most 6 positions \(max_len of the learned table\), got 7",
    ),
    "positions": (
        lambda m: m.Transformer(9, d_model=8, heads=2, positions="rotary"),
        "expected positions to be .*, got 'rotary'",
    ),
    "vocabularies": (
        lambda m: m.Transformer(9, 10, d_model=8, heads=2),
        "expected one vocabulary for shared embeddings, got 9 and 10",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_a_refusal_says_what_was_expected_and_what_came(plain: Any, case: str) -> None:
    """Every ValueError names both."""
    call, message = BAD[case]
    with pytest.raises(ValueError, match=message):
        call(plain)
