"""Facts about the reference BERT. The public implementation in `transformers`, with the same weights, is the oracle."""

from typing import Any, NamedTuple

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name that all of PyTorch uses
from jaxtyping import TypeCheckError
from torch import Tensor, nn
from transformers import BertConfig, BertForPreTraining

from dlcheck.lab import probes
from oracle import Where, at, checked, close

m: Any = checked("dlcheck_bert.model")

everywhere = at(
    Where("cpu", torch.float64, 1e-12),
    Where("cpu", torch.float32, 1e-5),
    Where("cuda", torch.float32, 1e-5),
    Where("cuda", torch.float64, 1e-12),
)

V, H, A, LAYERS, MAX_LEN = 50, 24, 4, 2, 32


def small(**options: Any) -> Any:
    sizes = {"hidden": H, "layers": LAYERS, "heads": A, "max_len": MAX_LEN, "dropout": 0.0}
    return m.PreTraining(m.Bert(V, **{**sizes, **options}))


def public() -> Any:
    """Random weights: nothing is downloaded. Its [PAD] is 0, as ours."""
    config = BertConfig(
        vocab_size=V,
        hidden_size=H,
        num_hidden_layers=LAYERS,
        num_attention_heads=A,
        intermediate_size=4 * H,
        max_position_embeddings=MAX_LEN,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForPreTraining(config)


class Pair(NamedTuple):
    ours: nn.Parameter
    theirs: nn.Parameter
    rows: slice = slice(None)  # of ours: we keep three projections in one matrix


def pairs(ours: Any, theirs: Any) -> list[Pair]:
    """Which of our parameters is which of the public model's."""
    bert, embeddings = ours.bert, theirs.bert.embeddings
    found = [
        Pair(bert.embeddings.words.weight, embeddings.word_embeddings.weight),
        Pair(bert.embeddings.positions.weight, embeddings.position_embeddings.weight),
        Pair(bert.embeddings.segments.weight, embeddings.token_type_embeddings.weight),
        Pair(ours.bias, theirs.cls.predictions.bias),
    ]
    head = theirs.cls.predictions.transform
    modules = [
        (bert.embeddings.norm, embeddings.LayerNorm),
        (bert.pooler, theirs.bert.pooler.dense),
        (ours.transform, head.dense),
        (ours.norm, head.LayerNorm),
        (ours.follows, theirs.cls.seq_relationship),
    ]
    for mine, other in zip(bert.layers, theirs.bert.encoder.layer, strict=True):
        for i, projection in enumerate(
            (other.attention.self.query, other.attention.self.key, other.attention.self.value)
        ):
            rows = slice(i * H, (i + 1) * H)
            found.append(Pair(mine.attention.qkv.weight, projection.weight, rows))
            found.append(Pair(mine.attention.qkv.bias, projection.bias, rows))
        modules += [
            (mine.attention.output, other.attention.output.dense),
            (mine.norm_1, other.attention.output.LayerNorm),
            (mine.w_1, other.intermediate.dense),
            (mine.w_2, other.output.dense),
            (mine.norm_2, other.output.LayerNorm),
        ]
    for mine, other in modules:
        found += [Pair(p, q) for p, q in zip(mine.parameters(), other.parameters(), strict=True)]
    assert {id(pair.ours) for pair in found} == {id(p) for p in ours.parameters()}, "no parameter is left out"
    assert {id(pair.theirs) for pair in found} == {id(p) for p in theirs.parameters()}, "no parameter is left out"
    return found


def same_weights(ours: Any, theirs: Any) -> list[Pair]:
    """The same random weights on both sides: no bias stays 0 and no gain 1, where a forgotten one would be unseen."""
    found = pairs(ours, theirs)
    with torch.no_grad():
        for pair in found:
            drawn = torch.randn_like(pair.theirs)
            pair.theirs.copy_(drawn * pair.theirs.shape[-1] ** -0.5 if drawn.dim() > 1 else pair.theirs + 0.3 * drawn)
            pair.ours[pair.rows] = pair.theirs
    return found


def two_padded_pairs(device: str) -> Tensor:
    """Two sentence pairs of different lengths, so that one ends in padding."""
    first = torch.tensor([[7, 8, 9, 0], [10, 11, 12, 13]])
    second = torch.tensor([[14, 15, 0], [16, 17, 18]])
    tokens: Tensor = m.pack(first, second)
    return tokens.to(device)


@everywhere
def test_equals_the_public_implementation(where: Where) -> None:
    """Same weights, same logits of both heads, same gradients of every parameter, padding and segments included."""
    ours, theirs = (model.to(where.device, where.dtype) for model in (small(), public()))
    found = same_weights(ours, theirs)
    tokens = two_padded_pairs(where.device)
    words, follows = ours(tokens)
    expected = theirs(input_ids=tokens, token_type_ids=m.segment_ids(tokens), attention_mask=(tokens != m.PAD).long())
    real = tokens != m.PAD
    close(words[real], expected.prediction_logits[real], where)
    close(follows, expected.seq_relationship_logits, where)
    upstream = torch.randn_like(words) * real[..., None], torch.randn_like(follows)
    torch.autograd.backward([words, follows], upstream)
    torch.autograd.backward([expected.prediction_logits, expected.seq_relationship_logits], upstream)
    for pair in found:
        assert pair.ours.grad is not None
        # Against the gradient of all three projections: that of the key's bias, which moves no weight, is rounding.
        close(pair.ours.grad[pair.rows], pair.theirs.grad, where, scale=pair.ours.grad)


def test_signatures_are_checked_while_these_tests_run() -> None:
    """Arguments that contradict a signature are refused, so every test here is a test of the shapes, too."""
    with pytest.raises(TypeCheckError):
        small()(torch.zeros(5, dtype=torch.long))


def test_parameters_of_the_public_implementation() -> None:
    """Base and large, and their pre-training heads, have as many parameters as the public implementation makes."""
    for sizes in ((768, 12, 12), (1024, 24, 16)):
        hidden, layers, heads = sizes
        config = BertConfig(
            hidden_size=hidden, num_hidden_layers=layers, num_attention_heads=heads, intermediate_size=4 * hidden
        )
        with torch.device("meta"):
            theirs = BertForPreTraining(config)
        ours = m.Bert
        count = probes.parameter_count(lambda: m.PreTraining(ours(hidden=hidden, layers=layers, heads=heads)))  # noqa: B023 - called in the same turn
        assert count == sum(p.numel() for p in theirs.parameters())


# ---------------------------------------------------------------------------------------------------------------------
# The input
# ---------------------------------------------------------------------------------------------------------------------


def test_pack_by_hand() -> None:
    """[CLS] A [SEP] B [SEP], all padding at the end; a single sentence has one [SEP]."""
    assert two_padded_pairs("cpu").tolist() == [
        [m.CLS, 7, 8, 9, m.SEP, 14, 15, m.SEP, m.PAD, m.PAD],
        [m.CLS, 10, 11, 12, 13, m.SEP, 16, 17, 18, m.SEP],
    ]
    assert m.pack(torch.tensor([[7, 8]])).tolist() == [[m.CLS, 7, 8, m.SEP]]


def test_segments_by_hand() -> None:
    """The first [SEP] belongs to the first sentence, the second to the second, padding to none."""
    assert m.segment_ids(two_padded_pairs("cpu")).tolist() == [
        [0, 0, 0, 0, 0, 1, 1, 1, 0, 0],
        [0, 0, 0, 0, 0, 0, 1, 1, 1, 1],
    ]


def test_padding_changes_nothing() -> None:
    """A pair gets the same logits alone and beside a longer one."""
    model = small().double().eval()
    tokens = two_padded_pairs("cpu")
    padded, alone = model(tokens[:1]), model(tokens[:1, :8])
    torch.testing.assert_close(padded[0][:, :8], alone[0])
    torch.testing.assert_close(padded[1], alone[1])


# ---------------------------------------------------------------------------------------------------------------------
# The masker
# ---------------------------------------------------------------------------------------------------------------------


def drawn(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_masker_keeps_its_promises() -> None:
    """Labels are the true words where chosen; what is not chosen is shown as it is; random words are words."""
    tokens = torch.randint(0, V, (200, 50), generator=drawn())
    shown, labels = m.Masker(V)(tokens, drawn(2))
    chosen = labels != m.UNCHOSEN
    assert torch.equal(labels[chosen], tokens[chosen])
    assert torch.equal(shown[~chosen], tokens[~chosen])
    assert not m.is_special(tokens[chosen]).any()
    replaced = shown[chosen & (shown != m.MASK)]
    assert (replaced >= m.FIRST_WORD).all()
    assert (replaced < V).all()
    assert len(replaced.unique()) == V - m.FIRST_WORD


def test_masker_is_a_function_of_its_generator() -> None:
    """The same state gives the same masks, another one others; the tokens given stay as they are."""
    tokens = torch.randint(m.FIRST_WORD, V, (20, 30), generator=drawn())
    before = tokens.clone()
    first, again, other = (m.Masker(V)(tokens, drawn(seed))[0] for seed in (3, 3, 4))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(tokens, before)


def test_extreme_maskers() -> None:
    """Rate 0 chooses nothing, rate 1 every word; all masked, all random, all kept are just that."""
    tokens = torch.randint(m.FIRST_WORD, V, (50, 20), generator=drawn())
    assert (m.Masker(V, rate=0.0)(tokens, drawn())[1] == m.UNCHOSEN).all()
    assert torch.equal(m.Masker(V, rate=1.0)(tokens, drawn())[1], tokens)
    assert (m.Masker(V, 1.0, masked=1.0, random=0.0)(tokens, drawn())[0] == m.MASK).all()
    assert torch.equal(m.Masker(V, 1.0, masked=0.0, random=0.0)(tokens, drawn())[0], tokens)
    same = (m.Masker(V, 1.0, masked=0.0, random=1.0)(tokens, drawn())[0] == tokens).float().mean()
    assert same == pytest.approx(1 / (V - m.FIRST_WORD), abs=0.02)


# ---------------------------------------------------------------------------------------------------------------------
# Parts
# ---------------------------------------------------------------------------------------------------------------------


def test_word_head_shares_the_embedding() -> None:
    """One matrix embeds and decides: a gradient that comes from the head alone arrives at the embedding."""
    model = small()
    model.mlm(torch.randn(2, 3, H))[..., 7].sum().backward()
    gradient = model.bert.embeddings.words.weight.grad
    assert gradient[7].abs().sum() > 0
    assert gradient[8].abs().sum() == 0


def test_causal_sees_the_past_alone() -> None:
    """The left-to-right variant, for experiments, lets no position see a later one; BERT lets all see all."""
    tokens = torch.randint(m.FIRST_WORD, V, (1, 9))
    for causal in (True, False):
        bert = small(causal=causal).bert.double()
        x = torch.randn(9, H, dtype=torch.float64, requires_grad=True)
        every = torch.ones(9, 9, dtype=torch.bool)
        assert torch.equal(probes.sees(bert.encode(x[None], tokens)[0], x), every.tril() if causal else every)


def test_dropout_acts_in_training_alone() -> None:
    """Two passes differ in training mode, by the attention's dropout too, and agree in evaluation mode."""
    model, tokens = small(dropout=0.5), two_padded_pairs("cpu")
    assert not torch.equal(model(tokens)[0], model(tokens)[0])
    attention, x = model.bert.layers[0].attention, torch.randn(1, 4, H)
    everything = torch.ones(1, 1, 1, 4, dtype=torch.bool)
    assert not torch.equal(attention(x, everything), attention(x, everything))
    model.eval()
    assert torch.equal(model(tokens)[0], model(tokens)[0])


def test_classifier_is_one_layer_on_the_pooled_vector() -> None:
    """Written out with nothing but its weights."""
    model = m.Classifier(small().bert, 3, dropout=0.0).eval()
    tokens = two_padded_pairs("cpu")
    first = model.bert(tokens)[:, 0]
    pooled = torch.tanh(F.linear(first, model.bert.pooler.weight, model.bert.pooler.bias))
    torch.testing.assert_close(model(tokens), F.linear(pooled, model.output.weight, model.output.bias))


def test_a_refusal_says_what_was_expected_and_what_came() -> None:
    """Too many tokens for the positions, and heads that do not divide the width."""
    with pytest.raises(ValueError, match=r"expected at most 32 tokens \(max_len of the learned positions\), got 33"):
        small().bert(torch.zeros(1, 33, dtype=torch.long))
    with pytest.raises(ValueError, match="multiple of heads, got hidden = 24, heads = 5"):
        small(heads=5)
