"""What BERT's questions ask, computed by running the reference model.

Each function takes the values that its question varies, by name. `Solution.wrong` has, for each misconception that the
bank names, what a student who holds it would answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call

from dlcheck.lab import train as training
from dlcheck.lab.probes import parameter_count, sees, size
from dlcheck.quiz.base import Solution
from dlcheck.quiz.code import Exercise
from dlcheck_bert.model import (
    CLS,
    FIRST_WORD,
    MASK,
    PAD,
    SEP,
    UNCHOSEN,
    Bert,
    Classifier,
    Embeddings,
    Layer,
    Masker,
    PreTraining,
    is_special,
    pack,
    segment_ids,
)

VOCABULARY = 40


def small(vocabulary: int = VOCABULARY, **options: Any) -> PreTraining:
    """A BERT with its heads that runs within milliseconds, without dropout; its weights are large enough to be seen."""
    defaults = {"hidden": 16, "layers": 1, "heads": 2, "max_len": 32, "dropout": 0.0, "std": 0.3}
    return PreTraining(Bert(vocabulary, **{**defaults, **options}))


def words(*shape: int) -> Tensor:
    """Random words, none of them special."""
    return torch.randint(FIRST_WORD, VOCABULARY, shape)


def generator() -> Generator:
    """One that continues where torch's own random state stands."""
    return Generator().manual_seed(int(torch.randint(1 << 31, ())))


# Shapes and counts


def shape_of_pooled(B: int, T: int, H: int) -> Solution:
    bert = small(hidden=H).bert
    pooled = bert.pool(bert(words(B, T)))
    return Solution(tuple(pooled.shape), {"every-token": (B, T, H), "after-the-head": (B, 2), "one-in-all": (H,)})


def shape_of_mlm_logits(B: int, T: int) -> Solution:
    logits, _ = small()(words(B, T))
    V = VOCABULARY
    return Solution(
        tuple(logits.shape), {"one-word-a-sequence": (B, V), "before-the-output": (B, T, 16), "yes-or-no": (B, T, 2)}
    )


def packed_length(a: int, c: int) -> Solution:
    length = pack(words(1, a), words(1, c)).shape[1]
    return Solution(float(length), {"words-alone": float(a + c), "one-sep": float(a + c + 2)})


def segments_of_a_pair(a: int, c: int) -> Solution:
    def spelt(segments: list[int]) -> str:
        return " ".join(map(str, segments))

    [segments] = segment_ids(pack(words(1, a), words(1, c))).tolist()
    return Solution(
        spelt(segments),
        {
            "sep-opens-the-second": spelt([0] * (a + 1) + [1] * (c + 2)),
            "special-tokens-are-zero": spelt([0] * (a + 2) + [1] * c + [0]),
            "cls-by-itself": spelt([0] + [1] * (a + 1) + [2] * (c + 1)),
        },
    )


def without_sep(a: int, c: int) -> str:
    """What becomes of the segments when both [SEP] are replaced by words."""
    tokens = pack(words(1, a), words(1, c))
    before, after = segment_ids(tokens), segment_ids(tokens.masked_fill(tokens == SEP, FIRST_WORD))
    if torch.equal(before, after):
        return "as-before"
    return "all-first" if not after.any() else "all-second"


def parameters_of_embeddings(V: int, H: int, max_len: int) -> Solution:
    right = size(Embeddings(V, H, max_len, dropout=0.0))
    return Solution(
        right,
        {
            "words-alone": V * H + 2 * H,
            "positions-are-sines": right - max_len * H,
            "two-rows-short": right - 2 * H,
        },
    )


def parameters_of_layer(H: int) -> Solution:
    layer = Layer(H, 4, 4 * H, dropout=0.0)
    right = size(layer)
    return Solution(
        right,
        {
            "no-output-projection": right - size(layer.attention.output),
            "inner-width-of-the-model": right - size(layer.w_1) - size(layer.w_2) + 2 * (H * H + H),
            "one-norm": right - 2 * H,
        },
    )


def share_of_embeddings(hidden: int, layers: int) -> Solution:
    whole = parameter_count(lambda: Bert(hidden=hidden, layers=layers, heads=hidden // 64))
    one = parameter_count(lambda: Layer(hidden, hidden // 64, 4 * hidden, dropout=0.1))
    tables = parameter_count(lambda: Embeddings(30_522, hidden, 512, dropout=0.1))
    return Solution(
        tables / whole,
        {"beside-the-layers": tables / (layers * one), "once-more-for-the-output": 2 * tables / (whole + tables)},
    )


def added_by_classifier(H: int, classes: int) -> Solution:
    bert = small(hidden=H).bert
    return Solution(
        float(size(Classifier(bert, classes)) - size(bert)),
        {
            "the-pooler-too": float(size(bert.pooler) + classes * (H + 1)),
            "no-biases": float(classes * H),
            "for-every-layer": float(12 * classes * (H + 1)),
        },
    )


def added_by_mlm_head(H: int, V: int) -> Solution:
    pretraining = small(V, hidden=H)
    right = size(pretraining) - size(pretraining.bert) - size(pretraining.follows)
    return Solution(
        right,
        {"a-matrix-of-its-own": right + V * H, "bias-alone": V, "matrix-alone": V * H + V},
    )


# The masker


def many(percent: int) -> tuple[Tensor, Tensor, Tensor]:
    """400,000 words, as shown and their labels, from a masker that chooses so many percent."""
    truth = torch.randint(FIRST_WORD, 10_000, (400_000,))
    shown, labels = Masker(10_000, rate=percent / 100)(truth, generator())
    return truth, shown, labels


def share_of_mask(percent: int) -> Solution:
    _, shown, _ = many(percent)
    share = float((shown == MASK).double().mean())
    return Solution(share, {"all-that-are-chosen": percent / 100, "of-the-chosen": 0.8})


def words_to_predict(a: int, c: int) -> Solution:
    """The mean number of labels in a pair of sentences, over 20,000 pairs."""
    pairs = pack(words(20_000, a), words(20_000, c))
    _, labels = Masker(VOCABULARY)(pairs, generator())
    mean = float((labels != UNCHOSEN).sum() / len(pairs))
    return Solution(
        mean, {"special-tokens-too": 0.15 * (a + c + 3), "mask-alone": 0.12 * (a + c), "all-words": float(a + c)}
    )


def fates_in_order(percent: int) -> dict[str, int]:
    truth, shown, labels = many(percent)
    chosen = labels != UNCHOSEN
    return {
        "chosen-but-shown": int((chosen & (shown == truth)).sum()),
        "mask": int((shown == MASK).sum()),
        "chosen": int(chosen.sum()),
        "as-they-are": int((shown == truth).sum()),
    }


def what_is_predicted(a: int) -> list[str]:
    """The kinds of token that have a label in at least one of 2,000 sequences."""
    truth = pack(words(2_000, a))
    shown, labels = Masker(VOCABULARY)(truth, generator())
    kinds = {
        "mask": shown == MASK,
        "replaced": ~is_special(shown) & (shown != truth),
        "shown-right": ~is_special(shown) & (shown == truth),
        "special": is_special(truth),
    }
    return [name for name, which in kinds.items() if (labels[which] != UNCHOSEN).any()]


def loss_at_the_start(V: int) -> Solution:
    """The loss of a fresh BERT, initialised as published, on 512 words of a vocabulary of V."""
    pretraining = PreTraining(Bert(V, hidden=64, layers=2, heads=2, max_len=32, dropout=0.0))
    truth = torch.randint(FIRST_WORD, V, (16, 32))
    with torch.inference_mode():
        logits, _ = pretraining(truth.masked_fill(torch.rand(truth.shape) < 0.15, MASK))
    loss = float(training.cross_entropy(logits, truth))
    return Solution(loss, {"in-bits": math.log2(V), "two-answers": math.log(2), "a-probability": 1 - 1 / V})


# Who depends on what


def where_judged() -> str:
    """The special token whose output alone the judgement of next-sentence prediction depends on."""
    pretraining, tokens = small(), pack(words(1, 4), words(1, 5))
    hidden = pretraining.bert(tokens)[0].detach().requires_grad_()
    [place] = sees(pretraining.nsp(hidden[None]), hidden)[0].nonzero().flatten().tolist()
    return {CLS: "cls", SEP: "sep", MASK: "mask"}[int(tokens[0, place])]


def judged_by_causal(a: int) -> str:
    """What the judgement depends on when no token may attend to a later one."""
    pretraining = small(causal=True)
    first, second = words(1, a), words(1, 5)
    one, other = (changed(pretraining, pack(first, second), place) for place in (1, a + 2))
    if one and other:
        return "both"
    return "first" if one else "second" if other else "neither"


def changed(pretraining: PreTraining, tokens: Tensor, place: int) -> bool:
    """Whether the judgement changes with the word at this place."""
    altered = tokens.clone()
    altered[0, place] = FIRST_WORD + (tokens[0, place] - FIRST_WORD + 1) % (VOCABULARY - FIRST_WORD)
    return not torch.allclose(judged(pretraining, tokens), judged(pretraining, altered), atol=1e-5)


def judged(pretraining: PreTraining, tokens: Tensor, segments: Tensor | None = None) -> Tensor:
    """The logits of next-sentence prediction."""
    with torch.inference_mode():
        logits: Tensor = pretraining(tokens, segments)[1]
    return logits


def what_changes_the_judgement(a: int) -> list[str]:
    """What, done to one pair or to the model, changes the logits of next-sentence prediction."""
    pretraining, tokens = small(), pack(words(1, a), words(1, 5))
    before = judged(pretraining, tokens)
    after = {
        "padding": judged(pretraining, torch.cat([tokens, torch.full((1, 4), PAD)], dim=1)),
        "segments": judged(pretraining, tokens, torch.zeros_like(tokens)),
    }
    nn.init.normal_(pretraining.bias)
    after["bias-of-words"] = judged(pretraining, tokens)
    found = [name for name, place in {"first": 1, "second": a + 2}.items() if changed(pretraining, tokens, place)]
    return found + [name for name, logits in after.items() if not torch.allclose(before, logits, atol=1e-5)]


def order_without_positions(a: int) -> str:
    """What BERT can still tell of a word's place when the table of positions is all zeros."""
    pretraining = small()
    nn.init.zeros_(pretraining.bert.embeddings.positions.weight)
    drawn = FIRST_WORD + torch.randperm(VOCABULARY - FIRST_WORD)
    first, second = drawn[:a], drawn[a : a + 5]
    before = judged(pretraining, pack(first[None], second[None]))
    shuffled = judged(pretraining, pack(first.roll(1)[None], second[None]))
    across = torch.cat([second[:1], first[1:]]), torch.cat([first[:1], second[1:]])
    swapped = judged(pretraining, pack(across[0][None], across[1][None]))
    if not torch.allclose(before, shuffled, atol=1e-5):
        return "order"
    return "nothing" if torch.allclose(before, swapped, atol=1e-5) else "sentence"


def order_in_bert() -> Solution:
    """The order in which BERT with one layer calls its parts."""
    bert = small().bert
    layer = bert.layers[0]
    assert isinstance(layer, Layer)
    parts: dict[str, nn.Module] = {
        "tables": bert.embeddings.words,
        "norm-of-input": bert.embeddings.norm,
        "attention": layer.attention,
        "first-norm": layer.norm_1,
        "feed-forward": layer.w_1,
        "second-norm": layer.norm_2,
    }
    called: list[str] = []
    for name, part in parts.items():
        part.register_forward_hook(lambda *_, name=name: called.append(name))
    bert(words(1, 4))
    pre_norm = ["tables", "norm-of-input", "first-norm", "attention", "second-norm", "feed-forward"]
    return Solution(called, {"normalised-before": pre_norm})


def what_fine_tuning_moves(classes: int) -> list[str]:
    """The parts of a pre-trained BERT that get a gradient from a classifier's loss."""
    pretraining = small()
    bert = pretraining.bert
    logits = Classifier(bert, classes)(pack(words(8, 6)))
    parameters = list(pretraining.parameters())
    gradients = torch.autograd.grad(logits.square().sum(), parameters, allow_unused=True)
    moved = {id(p) for p, gradient in zip(parameters, gradients, strict=True) if gradient is not None}
    parts: dict[str, nn.Module] = {
        "word-table": bert.embeddings.words,
        "layers": bert.layers,
        "pooler": bert.pooler,
        "mlm-head": pretraining.transform,
        "nsp-head": pretraining.follows,
    }
    return [name for name, part in parts.items() if any(id(p) in moved for p in part.parameters())]


# Exercises


def pooling(H: int) -> Exercise:
    bert = small(hidden=H).bert

    def reference(hidden: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        bert.pooler.load_state_dict({"weight": weight, "bias": bias})
        with torch.inference_mode():
            return bert.pool(hidden).clone()

    return Exercise(reference, [[torch.randn(3, T, H), torch.randn(H, H), torch.randn(H)] for T in (1, 5)])


def segmenting(a: int) -> Exercise:
    first, second = words(3, a), words(3, 5)
    first[0, -1] = second[1, -2:] = PAD
    single = pack(first)
    return Exercise(lambda tokens: segment_ids(tokens), [[pack(first, second)], [single]])


def loss_of_mlm(T: int) -> Exercise:
    def arguments(rate: float) -> list[Tensor]:
        labels = words(4, T).masked_fill(torch.rand(4, T) > rate, UNCHOSEN)
        labels[0, 0] = FIRST_WORD
        return [torch.randn(4, T, VOCABULARY), labels]

    reference: Callable[[Tensor, Tensor], Tensor] = training.cross_entropy
    return Exercise(reference, [arguments(0.15), arguments(0.5)], gradients=True)


def embedding(H: int) -> Exercise:
    embeddings = Embeddings(VOCABULARY, H, 12, dropout=0.0)

    def reference(tokens: Tensor, segments: Tensor, W: Tensor, P: Tensor, S: Tensor) -> Tensor:
        tables = {"words.weight": W, "positions.weight": P, "segments.weight": S}
        out: Tensor = functional_call(embeddings, tables, (tokens, segments))
        return out

    def arguments(a: int) -> list[Tensor]:
        tokens = pack(words(2, a), words(2, 3))
        return [tokens, segment_ids(tokens), *(torch.randn(rows, H) for rows in (VOCABULARY, 12, 2))]

    return Exercise(reference, [arguments(3), arguments(6)], gradients=True)


def masking(a: int) -> Exercise:
    """The random numbers are arguments: those that the masker draws from a generator of the same seed."""
    tokens = pack(words(16, a), words(16, 5))
    seed = int(torch.randint(1 << 31, ()))
    draw = Generator().manual_seed(seed)
    choice, fate = (torch.rand(tokens.shape, generator=draw) for _ in range(2))
    random_words = torch.randint(FIRST_WORD, VOCABULARY, tokens.shape, generator=draw)

    def reference(tokens: Tensor, choice: Tensor, fate: Tensor, words: Tensor, rate: float) -> Tensor:
        return Masker(VOCABULARY, rate=rate)(tokens, Generator().manual_seed(seed))[0]

    return Exercise(reference, [[tokens, choice, fate, random_words, rate] for rate in (0.15, 0.6)])
