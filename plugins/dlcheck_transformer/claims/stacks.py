"""What layers and stacks are made of: projections, heads, the feed-forward network, and the whole model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, equals, lazy, per_seed
from dlcheck_transformer.claims.framework import copy_stack

if TYPE_CHECKING:
    from torch import Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
drawn: Any = lazy("dlcheck.lab.drawn")
probes: Any = lazy("dlcheck.lab.probes")


# Projections and heads


@claim(
    en="Queries, keys and values are the input multiplied by weight matrices.",
    ko="질의(Q), 키(K), 값(V)은 입력에 가중치 행렬을 곱해서 얻는다.",
    source="Vaswani et al. 2017, section 3.2.2",
    notes=["004-15", "000-26"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={
        "input used as it is": {"projected": ()},
        "queries not projected": {"projected": ("k", "v")},
        "values not projected": {"projected": ("q", "k")},
    },
    seconds=0.1,
)
@per_seed
def queries_keys_values_are_products(
    run: Run, seed: int, *, projected: tuple[str, ...] = ("q", "k", "v")
) -> dict[str, float]:
    """The largest difference between a one-head layer and softmax(XWq (XWk)ᵀ/√d) XWv Wo, multiplied out by hand."""
    draw = run.generator(seed)
    layer = drawn.filled(run, draw, model.MultiHeadAttention(16, heads=1, bias=False))
    x = drawn.normal(run, draw, 10, 16)
    one = torch.eye(16, dtype=x.dtype, device=x.device)
    w_q, w_k, w_v = (getattr(layer, f"w_{name}").weight.T if name in projected else one for name in "qkv")
    scores = torch.einsum("ia,ab,cb,jc->ij", x, w_q, w_k, x) / 16**0.5
    shares = scores.exp() / scores.exp().sum(-1, keepdim=True)
    by_hand = torch.einsum("ij,ja,ab,bc->ic", shares, x, w_v, layer.w_o.weight.T)
    return {"largest difference": float((layer(x[None])[0] - by_hand).abs().max())}


@claim(
    en="Without weight matrices, attention is a symmetric similarity: before normalising, i sees j as j sees i.",
    ko="가중치 행렬이 없다면 어텐션은 대칭적인 유사도일 뿐이다. 정규화하기 전에는 i가 j를 보는 만큼 j도 i를 본다.",
    source="Vaswani et al. 2017, section 3.2.2",
    notes=["004-15"],
    rule=equals("largest asymmetry", 0, atol=1e-10, working_atol=1e-4),
    controls={"query and key matrices of their own": {"identity": False}},
    seconds=0.1,
)
@per_seed
def identity_projections_give_a_symmetric_similarity(run: Run, seed: int, *, identity: bool = True) -> dict[str, float]:
    """The largest asymmetry of the scores behind the weights of a one-head layer whose projections are the identity.

    A softmax row tells its scores up to one constant: log w_ij = s_ij - c_i. So the part of the asymmetry of log w
    that has the form c_j - c_i is taken off.
    """
    draw = run.generator(seed)
    layer = drawn.filled(run, draw, model.MultiHeadAttention(16, heads=1, bias=False))
    if identity:
        for projection in (layer.w_q, layer.w_k):
            torch.nn.init.eye_(projection.weight)
    logs = layer.weights(drawn.normal(run, draw, 1, 10, 16))[0, 0].log()
    asymmetry = logs - logs.mT
    constants = asymmetry.mean(dim=1, keepdim=True)
    return {"largest asymmetry": float((asymmetry - (constants - constants.mT)).abs().max())}


@claim(
    en="Multi-head attention is several separate attentions side by side, concatenated and projected.",
    ko="멀티헤드 어텐션은 여러 어텐션을 나란히 따로 계산한 뒤 이어 붙여 사영한 것과 같다.",
    source="Vaswani et al. 2017, section 3.2.2",
    notes=["004-17"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"one wide head": {"heads": 1}, "channels dealt out in turn": {"dealt": True}},
    seconds=0.1,
)
@per_seed
def heads_are_separate_attentions(run: Run, seed: int, *, heads: int = 4, dealt: bool = False) -> dict[str, float]:
    """The largest difference between a layer of 4 heads and single heads computed one after the other.

    Head h owns rows h·d_k to (h+1)·d_k - 1 of each projection; `dealt` gives it every fourth row instead.
    """
    draw = run.generator(seed)
    layer = drawn.filled(run, draw, model.MultiHeadAttention(16, heads=4))
    x, memory = drawn.normal(run, draw, 9, 16), drawn.normal(run, draw, 7, 16)
    channels = torch.arange(16, device=run.device)
    owned = [channels[h::heads] for h in range(heads)] if dealt else channels.chunk(heads)
    each = [_single_head(layer, rows, x, memory) for rows in owned]
    by_hand = torch.cat(each, dim=-1) @ layer.w_o.weight.T + layer.w_o.bias
    return {"largest difference": float((layer(x[None], memory[None])[0] - by_hand).abs().max())}


def _single_head(layer: Any, rows: Tensor, x: Tensor, memory: Tensor) -> Tensor:
    inputs = (layer.w_q, x), (layer.w_k, memory), (layer.w_v, memory)
    q, k, v = (source @ projection.weight[rows].T + projection.bias[rows] for projection, source in inputs)
    output: Tensor = (q @ k.mT / len(rows) ** 0.5).softmax(-1) @ v
    return output


# The feed-forward network


@claim(
    en="The feed-forward network works on each position by itself: no output depends on another position.",
    ko="피드포워드 네트워크는 위치마다 따로 작용한다. 어떤 출력도 다른 위치에 의존하지 않는다.",
    source="Vaswani et al. 2017, section 3.3",
    notes=["003-06"],
    rule=count("pairs as the diagonal says", "pairs", draws=8),
    controls={"whole encoder layer": {"mechanism": "layer"}},
    seconds=0.1,
)
@per_seed
def feed_forward_sees_one_position(run: Run, seed: int, *, mechanism: str = "feed-forward") -> dict[str, int]:
    """In how many pairs (output, input) the network's Jacobian is zero just when the two positions differ."""
    draw = run.generator(seed)
    network = model.FeedForward(16, 32) if mechanism == "feed-forward" else model.EncoderLayer(16, 4, 32)
    x = drawn.normal(run, draw, 12, 16).requires_grad_()
    seen = probes.sees(drawn.filled(run, draw, network)(x[None])[0], x)
    alone = torch.eye(12, dtype=torch.bool, device=run.device)
    return {"pairs as the diagonal says": int((seen == alone).sum()), "pairs": seen.numel()}


@claim(
    en="The feed-forward network has the same weights at every position: shuffled positions give shuffled outputs.",
    ko="피드포워드 네트워크는 모든 위치에서 같은 가중치를 쓴다. 위치를 섞으면 출력도 똑같이 섞인다.",
    source="Vaswani et al. 2017, section 3.3",
    notes=["003-06"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"weights of its own at each position": {"own_weights": True}},
    seconds=0.1,
)
@per_seed
def feed_forward_is_the_same_everywhere(run: Run, seed: int, *, own_weights: bool = False) -> dict[str, float]:
    """The largest difference between the outputs for shuffled positions and the shuffled outputs."""
    draw = run.generator(seed)
    networks = [drawn.filled(run, draw, model.FeedForward(16, 32)) for _ in range(10 if own_weights else 1)]
    x, order = drawn.normal(run, draw, 2, 10, 16), torch.randperm(10, generator=draw).to(run.device)

    def everywhere(x: Tensor) -> Any:
        if not own_weights:
            return networks[0](x)
        return torch.stack([network(x[:, i]) for i, network in enumerate(networks)], dim=1)

    return {"largest difference": float((everywhere(x[:, order]) - everywhere(x)[:, order]).abs().max())}


@claim(
    en="The feed-forward network is two convolutions of width 1 with a ReLU between them.",
    ko="피드포워드 네트워크는 ReLU를 사이에 둔 폭 1짜리 합성곱 두 개와 같다.",
    source="Vaswani et al. 2017, section 3.3",
    notes=["003-06"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"convolutions of width 3": {"width": 3}},
    seconds=0.1,
)
@per_seed
def feed_forward_is_a_convolution_of_width_1(run: Run, seed: int, *, width: int = 1) -> dict[str, float]:
    """The largest difference to convolutions with the same matrices (and random ones for neighbours, if width is 3)."""
    draw = run.generator(seed)
    network, x = drawn.filled(run, draw, model.FeedForward(16, 32)), drawn.normal(run, draw, 2, 10, 16)
    channels = x.mT
    for linear, activation in (network.w_1, torch.relu), (network.w_2, torch.nn.Identity()):
        kernel = drawn.normal(run, draw, *linear.weight.shape, width) / 4
        kernel[:, :, width // 2] = linear.weight
        channels = activation(torch.nn.functional.conv1d(channels, kernel, linear.bias, padding=width // 2))
    return {"largest difference": float((network(x) - channels.mT).abs().max())}


# The whole model


@claim(
    en="The stack of N encoders and N decoders is what the framework's own transformer computes.",
    ko="인코더 N개와 디코더 N개를 쌓은 이 구조는 프레임워크가 제공하는 트랜스포머와 같은 것을 계산한다.",
    source="Vaswani et al. 2017, section 3.1 and Figure 1",
    notes=["004-14"],
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-3),
    controls={"normalised before each sub-layer": {"norm_first": True}, "one decoder fewer": {"decoders": 2}},
    seconds=0.3,
)
@per_seed
def stack_agrees_with_the_framework(
    run: Run, seed: int, *, norm_first: bool = False, decoders: int = 3
) -> dict[str, float]:
    """The largest difference to nn.TransformerEncoder and -Decoder with the same weights: 3 layers each, post-norm."""
    draw = run.generator(seed)
    encoder, decoder = (drawn.filled(run, draw, stack(3, 16, 4, 32)) for stack in (model.Encoder, model.Decoder))
    layer = {"d_model": 16, "nhead": 4, "dim_feedforward": 32, "batch_first": True, "norm_first": norm_first}
    nn = torch.nn
    their_encoder = drawn.filled(run, draw, nn.TransformerEncoder(nn.TransformerEncoderLayer(**layer), 3, None, False))
    their_decoder = drawn.filled(run, draw, nn.TransformerDecoder(nn.TransformerDecoderLayer(**layer), decoders))
    copy_stack(encoder, their_encoder)
    copy_stack(decoder, their_decoder)
    source, target = drawn.normal(run, draw, 2, 9, 16), drawn.normal(run, draw, 2, 7, 16)
    future = ~model.causal_mask(7, run.device)
    expected = their_decoder(target, their_encoder(source), tgt_mask=future)
    return {"largest difference": float((decoder(target, encoder(source)) - expected).abs().max())}


@claim(
    en="The transformer contains no recurrent and no convolutional layer.",
    ko="트랜스포머에는 순환 층도 합성곱 층도 없다.",
    source="Vaswani et al. 2017, sections 1 and 3",
    notes=["004-14", "003-03"],
    rule=count("recurrent or convolutional", "none"),
    controls={"with a convolution": {"added": "convolution"}, "with a recurrent layer": {"added": "recurrence"}},
    seconds=0.1,
)
@per_seed
def no_recurrence_no_convolution(run: Run, seed: int, *, added: str = "") -> dict[str, int]:
    """How many modules of the whole model are recurrent or convolutional, plus the convolutions in its graph.

    A recurrence written out by hand would be found by the claim that the chain of operations does not grow.
    """
    transformer = model.Transformer(20, d_model=16, heads=4, layers=2, d_ff=32).to(run.device)
    if added == "convolution":
        transformer.positions = torch.nn.Conv1d(5, 5, 1, device=run.device)
    if added == "recurrence":
        transformer.register_module("recurrence", torch.nn.LSTM(16, 16))
    kinds = (torch.nn.RNNBase, torch.nn.RNNCellBase, torch.nn.modules.conv._ConvNd)
    tokens = torch.ones(1, 5, dtype=torch.long, device=run.device)
    called = probes.operations(transformer(tokens, tokens))["ConvolutionBackward0"]
    return {"recurrent or convolutional": sum(isinstance(m, kinds) for m in transformer.modules()) + called, "none": 0}


# The size of the base model


def _base_model(vocabulary: int, share_embeddings: bool = True) -> int:
    """The number of its parameters, tied ones once."""
    counted: int = probes.parameter_count(lambda: model.Transformer(vocabulary, share_embeddings=share_embeddings))
    return counted


def _by_formula(vocabulary: int, d: int = 512, d_ff: int = 2048, layers: int = 6) -> int:
    """One embedding; for each encoder layer with its decoder layer 3 attentions, 2 feed-forward networks, 5 norms."""
    attention = 4 * (d * d + d)
    feed_forward = d * d_ff + d_ff + d_ff * d + d
    return vocabulary * d + layers * (3 * attention + 2 * feed_forward + 5 * 2 * d)


@claim(
    en="The base model with 37,000 tokens has V·d + 6·(3·4(d² + d) + 2·(2·d·d_ff + d_ff + d) + 5·2d) parameters.",
    ko="토큰이 37,000개인 기본 모델의 파라미터 수는 V·d + 6·(3·4(d² + d) + 2·(2·d·d_ff + d_ff + d) + 5·2d)이다.",
    source="Vaswani et al. 2017, sections 3 and 5.1 and Table 3, row base",
    notes=["004-14"],
    rule=count("parameters", "by formula"),
    controls={"separate embeddings": {"share_embeddings": False}},
    seconds=0.1,
)
@per_seed
def base_model_size_by_formula(run: Run, seed: int, *, share_embeddings: bool = True) -> dict[str, int]:
    """The number of parameters of the reference model as it is by default: biases and norms too, tied matrices once."""
    return {"parameters": _base_model(37_000, share_embeddings), "by formula": _by_formula(37_000)}


@claim(
    en="As the paper describes it, with 37,000 tokens, the base model rounds to 65 million parameters.",
    ko="논문이 설명한 대로 토큰이 37,000개인 기본 모델의 파라미터는 백만 단위로 반올림하면 6,500만 개이다.",
    source="Vaswani et al. 2017, section 5.1 and Table 3, row base",
    notes=["004-14"],
    rule=count("millions", "millions by formula", published=65),
    controls={"40,700 tokens": {"vocabulary": 40_700}},
    expect="refuted",
    seconds=0.1,
)
@per_seed
def base_model_rounds_to_65_million(run: Run, seed: int, *, vocabulary: int = 37_000) -> dict[str, int]:
    """The reference model's parameters in millions, rounded, beside the formula's and the published figure.

    It comes to 63.1 million, 3 % less; the published figure fits a vocabulary of about 40,700 tokens.
    """
    counted, derived = _base_model(vocabulary), _by_formula(vocabulary)
    return {"millions": round(counted / 1e6), "millions by formula": round(derived / 1e6)}
