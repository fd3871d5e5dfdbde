"""Masks: what hides the future from the decoder, and padding from everybody."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, claim, count, equals, lazy, per_seed

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_transformer.model")
drawn: Any = lazy("dlcheck.lab.drawn")
probes: Any = lazy("dlcheck.lab.probes")


@claim(
    en="With a causal mask, each position sees exactly itself and the positions before it.",
    ko="인과 마스크(causal mask)를 쓰면 각 위치는 자기 자신과 그 앞의 위치만 빠짐없이 본다.",
    source="Vaswani et al. 2017, section 3.2.3",
    notes=["000-27", "004-19"],
    rule=count("pairs as the triangle says", "pairs", draws=8),
    controls={"no mask": {"mask": "none"}, "mask one position too far": {"mask": "too far"}},
    seconds=0.3,
)
@per_seed
def causal_mask_shows_exactly_the_past(run: Run, seed: int, *, mask: str = "causal") -> dict[str, int]:
    """In how many pairs (output, input) of two encoder layers the Jacobian is zero just when the input comes later.

    The mask is asked for in each of the three ways there are, and the worst counts.
    """
    draw = run.generator(seed)
    layers = drawn.filled(run, draw, model.Encoder(2, d_model=16, heads=4, d_ff=32))
    x = drawn.normal(run, draw, 12, 16).requires_grad_()
    everything = torch.ones(12, 12, dtype=torch.bool, device=run.device)
    asked: dict[str, list[dict[str, Any]]] = {
        "causal": [{"causal": True}, {"mask": model.causal_mask(12, run.device)}, {"mask": everything, "causal": True}],
        "too far": [{"mask": everything.tril(1)}],
        "none": [{}],
    }
    agreeing = [int((probes.sees(layers(x[None], **how)[0], x) == everything.tril()).sum()) for how in asked[mask]]
    return {"pairs as the triangle says": min(agreeing), "pairs": 12 * 12}


@claim(
    en="The decoder's masked self-attention does not leak: no prediction depends on a later target token.",
    ko="디코더의 마스크드 셀프 어텐션은 정답을 흘리지 않는다. 어떤 예측도 뒤에 오는 목표 토큰에 의존하지 않는다.",
    source="Vaswani et al. 2017, section 3.1 (decoder) and section 3.2.3",
    notes=["004-19"],
    rule=count("pairs as the triangle says", "pairs", draws=8),
    controls={"decoder without its mask": {"causal": False}},
    seconds=0.4,
)
@per_seed
def masked_decoder_does_not_leak(run: Run, seed: int, *, causal: bool = True) -> dict[str, int]:
    """In how many pairs (prediction, target token) the whole model's Jacobian is zero just when the token comes later.

    The target's tokens are all different, so each has a row of the embedding to itself.
    """
    draw = run.generator(seed)
    sizes = {"d_model": 16, "heads": 4, "layers": 2, "d_ff": 32, "share_embeddings": False}
    transformer = drawn.filled(run, draw, model.Transformer(20, causal=causal, **sizes))
    embeddings = transformer.target_embedding.weight.requires_grad_()
    source = torch.randint(1, 20, (1, 7), generator=draw).to(run.device)
    target = 1 + torch.randperm(19, generator=draw)[:12].to(run.device)
    seen = probes.sees(transformer(source, target[None])[0], embeddings)[:, target]
    past = torch.ones_like(seen).tril()
    return {"pairs as the triangle says": int((seen == past).sum()), "pairs": seen.numel()}


@claim(
    en="Padding that is masked changes nothing: a sentence gets the same predictions with and without it.",
    ko="마스크로 가린 패딩(padding)은 아무 영향도 주지 않는다. 패딩이 있든 없든 같은 문장의 예측은 같다.",
    source="Rush 2018, The Annotated Transformer, section Batches and Masking",
    rule=equals("largest difference", 0, atol=1e-10, working_atol=1e-4),
    controls={"padding not masked": {"masked": False}},
    seconds=0.2,
)
@per_seed
def masked_padding_changes_nothing(run: Run, seed: int, *, masked: bool = True) -> dict[str, float]:
    """The largest difference of the whole model's logits when source and target are followed by five padding tokens."""
    draw = run.generator(seed)
    sizes = {"d_model": 16, "heads": 4, "layers": 2, "d_ff": 32}
    transformer = drawn.filled(run, draw, model.Transformer(20, pad=0 if masked else None, **sizes))
    source, target = (torch.randint(1, 20, (3, length), generator=draw).to(run.device) for length in (9, 7))
    padded = (torch.nn.functional.pad(tokens, (0, 5)) for tokens in (source, target))
    difference = transformer(*padded)[:, :7] - transformer(source, target)
    return {"largest difference": float(difference.abs().max())}
