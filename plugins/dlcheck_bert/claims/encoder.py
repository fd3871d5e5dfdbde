"""What BERT is made of: the Transformer's encoder, its input, its size, and who sees whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, equals, lazy, per_seed

if TYPE_CHECKING:
    from torch import Generator, Tensor, nn

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_bert.model")
drawn: Any = lazy("dlcheck.lab.drawn")
probes: Any = lazy("dlcheck.lab.probes")

WIDTH, HEADS = 24, 4


@claim(
    en="BERT is the encoder of the Transformer: with the same weights it computes what the framework's encoder does, "
    "normalising after each sub-layer and with GELU in place of ReLU.",
    ko="BERT는 트랜스포머의 인코더다. 가중치가 같으면 프레임워크의 인코더와 같은 값을 계산한다. 정규화는 서브레이어 "
    "뒤에(post-norm) 하고, ReLU 대신 GELU를 쓴다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 3 (Model Architecture) and appendix A.2 (gelu)",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"with ReLU": {"activation": "relu"}, "normalising before each sub-layer": {"norm_first": True}},
    seconds=0.3,
)
@per_seed
def encoder_is_that_of_the_transformer(
    run: Run, seed: int, activation: str = "gelu", norm_first: bool = False
) -> dict[str, float]:
    """The largest difference between BERT's layers and nn.TransformerEncoder, two layers, on padded pairs of sentences.

    Compared where there is a token; what either makes of padding nobody reads.
    """
    draw = run.generator(seed)
    bert = drawn.filled(run, draw, model.Bert(40, hidden=WIDTH, layers=2, heads=HEADS, max_len=32))
    tokens = sentence_pairs(run, draw)
    theirs = framework(run, bert, activation, norm_first)
    embedded = bert.embeddings(tokens, model.segment_ids(tokens))
    real = tokens != model.PAD
    difference = bert(tokens)[real] - theirs(embedded, src_key_padding_mask=~real)[real]
    return {"largest difference": float(difference.abs().max())}


def sentence_pairs(run: Run, draw: Generator) -> Tensor:
    """Six packed pairs of random sentences of 2 to 7 words each, padded to one length."""
    sentences = torch.randint(model.FIRST_WORD, 40, (2, 6, 7), generator=draw)
    lengths = torch.randint(2, 8, (2, 6, 1), generator=draw)
    first, second = sentences.masked_fill(torch.arange(7) >= lengths, model.PAD)
    tokens: Tensor = model.pack(first, second).to(run.device)
    return tokens


def framework(run: Run, bert: Any, activation: str, norm_first: bool) -> nn.TransformerEncoder:
    """PyTorch's encoder with the weights of `bert`, which keeps its three projections in one matrix as PyTorch does."""
    layer = torch.nn.TransformerEncoderLayer(
        WIDTH, HEADS, 4 * WIDTH, activation=activation, norm_first=norm_first, layer_norm_eps=1e-12, batch_first=True
    )
    encoder: nn.TransformerEncoder = torch.nn.TransformerEncoder(layer, len(bert.layers), enable_nested_tensor=False)
    encoder.to(run.device, run.exact_dtype).requires_grad_(False).eval()
    for ours, their in zip(bert.layers, encoder.layers, strict=True):
        their.self_attn.in_proj_weight.copy_(ours.attention.qkv.weight)
        their.self_attn.in_proj_bias.copy_(ours.attention.qkv.bias)
        pairs = (ours.attention.output, their.self_attn.out_proj), (ours.w_1, their.linear1), (ours.w_2, their.linear2)
        for source, target in (*pairs, (ours.norm_1, their.norm1), (ours.norm_2, their.norm2)):
            target.load_state_dict(source.state_dict())
    return encoder


@claim(
    en="What enters BERT is the normalised sum of three vectors: the word's, its position's and its sentence's.",
    ko="BERT의 입력은 단어, 위치, 문장(세그먼트) 임베딩 세 벡터를 더해 정규화한 것이다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 3 (Input/Output Representations) and Figure 2",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={
        "without positions": {"parts": ["words", "segments"]},
        "without sentences": {"parts": ["words", "positions"]},
    },
    seconds=0.1,
)
@per_seed
def input_is_the_sum_of_three_embeddings(
    run: Run, seed: int, parts: tuple[str, ...] = ("words", "positions", "segments")
) -> dict[str, float]:
    """The largest difference between the embedded input and the sum s by hand, (s - mean) / deviation · gain + bias."""
    draw = run.generator(seed)
    embeddings = drawn.filled(run, draw, model.Embeddings(40, WIDTH, max_len=32, dropout=0.1))
    tokens = sentence_pairs(run, draw)
    numbers = {
        "words": tokens,
        "positions": torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens),
        "segments": model.segment_ids(tokens),
    }
    s = sum(getattr(embeddings, part).weight[numbers[part]] for part in parts)
    centred = s - s.mean(-1, keepdim=True)
    norm = embeddings.norm
    by_hand = centred / centred.square().mean(-1, keepdim=True).sqrt() * norm.weight + norm.bias
    return {"largest difference": float((embeddings(tokens, numbers["segments"]) - by_hand).abs().max())}


# Size


def derived_size(hidden: int, layers: int, vocabulary: int = 30_522, positions: int = 512) -> int:
    """Parameters by the paper: 4 H² + 8 H² per layer, the tables of Figure 2, the pooler; with biases and norms."""
    attention = 4 * (hidden**2 + hidden)
    feed_forward = 2 * hidden * 4 * hidden + 4 * hidden + hidden
    norm = 2 * hidden
    tables = (vocabulary + positions + 2) * hidden + norm
    return tables + layers * (attention + feed_forward + 2 * norm) + hidden**2 + hidden


@claim(
    en="BERT base (12 layers, width 768, 12 heads) has 109,482,240 parameters, which the paper rounds to 110 million.",
    ko="BERT base(12층, 폭 768, 헤드 12개)의 파라미터는 109,482,240개이며, 논문은 이를 반올림해 1억 1천만 개라고 한다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 3 (L=12, H=768, A=12, Total Parameters=110M)",
    rule=count("parameters", "derived by hand", published=109_482_240),
    controls={"11 layers": {"layers": 11}, "the cased vocabulary": {"vocabulary": 28_996}},
    seconds=0.2,
)
@per_seed
def base_has_110_million_parameters(
    run: Run, seed: int, *, layers: int = 12, vocabulary: int = 30_522
) -> dict[str, int]:
    """Parameters counted in the model, and derived from L, H and a vocabulary of 30,522.

    The heads of pre-training are not in it; they add 624,188 and leave 110.1 million.
    """
    counted = probes.parameter_count(lambda: model.Bert(vocabulary, hidden=768, layers=layers, heads=12))
    return {"parameters": counted, "derived by hand": derived_size(768, layers, vocabulary)}


@claim(
    en="BERT large (24 layers, width 1024, 16 heads) has 335,141,888 parameters; the paper's 340 million is that, "
    "rounded to tens of millions.",
    ko="BERT large(24층, 폭 1024, 헤드 16개)의 파라미터는 335,141,888개다. 논문의 3억 4천만 개는 이를 천만 단위로 "
    "반올림한 값이다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 3 (L=24, H=1024, A=16, Total Parameters=340M)",
    rule=count("parameters", "derived by hand", published=335_141_888),
    controls={"the width of base": {"hidden": 768}},
    seconds=0.3,
)
@per_seed
def large_has_340_million_parameters(run: Run, seed: int, *, hidden: int = 1024) -> dict[str, int]:
    """Parameters counted in the model, and derived from L, H and a vocabulary of 30,522."""
    counted = probes.parameter_count(lambda: model.Bert(hidden=hidden, layers=24, heads=16))
    return {"parameters": counted, "derived by hand": derived_size(hidden, 24)}


# Who sees whom


@claim(
    en="BERT reads in both directions: what it makes of each token depends on every other token, before and after.",
    ko="BERT는 양방향으로 읽는다. 각 토큰의 출력은 앞뒤의 모든 토큰에 의존한다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 1 and section 3 (bidirectional self-attention)",
    rule=count("pairs that see each other", "pairs", draws=8),
    controls={"a left-to-right model": {"causal": True}},
    seconds=0.3,
)
@per_seed
def every_token_sees_both_sides(run: Run, seed: int, causal: bool = False) -> dict[str, int]:
    """In how many pairs (output, input) of one layer over 12 tokens the Jacobian is not zero."""
    draw = run.generator(seed)
    bert = drawn.filled(run, draw, model.Bert(40, hidden=WIDTH, layers=1, heads=HEADS, max_len=12, causal=causal))
    tokens = torch.randint(model.FIRST_WORD, 40, (1, 12), generator=draw).to(run.device)
    x = bert.embeddings(tokens, model.segment_ids(tokens))[0].requires_grad_()
    seen = probes.sees(bert.encode(x[None], tokens)[0], x)
    return {"pairs that see each other": int(seen.sum()), "pairs": 12 * 12}
