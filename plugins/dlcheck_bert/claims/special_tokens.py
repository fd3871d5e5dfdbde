"""What [CLS] and [SEP] are: where the judgement is read, and where a sentence ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, at_most, claim, count, lazy, per_seed

if TYPE_CHECKING:
    from torch import Generator, Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_bert.model")
drawn: Any = lazy("dlcheck.lab.drawn")
grammar: Any = lazy("dlcheck.lab.grammar")
practice: Any = lazy("dlcheck_bert.practice")
probes: Any = lazy("dlcheck.lab.probes")
training: Any = lazy("dlcheck.lab.train")

VOCABULARY, WIDTH = 40, 24
LENGTH, SHORTEST = 8, 2  # words of two sentences together, and of one at least
STEPS, BATCH, RATE = 200, 32, 3e-3


@claim(
    en="Whether two sentences follow each other is read from what the encoder makes of [CLS], at position 0, and from "
    "no other position.",
    ko="두 문장이 이어지는지에 대한 판단은 위치 0에 있는 [CLS]의 출력에서만 읽고, 다른 위치의 출력은 쓰지 않는다.",
    notes=["004-26"],
    source="Devlin et al. 2019, section 3 (Input/Output Representations) and section 3.1 (Task #2), the vector C",
    rule=count("positions as it should be", "positions", draws=8),
    controls={"read from the mean of all positions": {"read": "mean"}, "read from [SEP]": {"read": "last"}},
    seconds=0.2,
)
@per_seed
def judgement_is_read_from_cls(run: Run, seed: int, read: str = "first") -> dict[str, int]:
    """For how many of 12 positions the gradient of the judgement by the encoder's output is as it should be.

    Position 0 has one and no other has.
    """
    draw = run.generator(seed)
    pretraining, tokens = pair(run, draw)
    hidden = pretraining.bert(tokens)[0].requires_grad_()
    shown = {"first": hidden, "mean": hidden.mean(0, keepdim=True), "last": hidden[-1:]}[read]
    seen = probes.sees(pretraining.nsp(shown[None]), hidden)[0]
    wanted = torch.arange(len(hidden), device=hidden.device) == 0
    return {"positions as it should be": int((seen == wanted).sum()), "positions": len(hidden)}


@claim(
    en="Though it is read from [CLS], the judgement depends on every token of both sentences: attention brings "
    "them there.",
    ko="판단은 [CLS]에서 읽지만 두 문장의 모든 토큰에 의존한다. 어텐션이 모든 토큰의 정보를 [CLS]로 모으기 때문이다.",
    notes=["004-26"],
    source="Devlin et al. 2019, section 3 (Input/Output Representations)",
    rule=count("tokens that count", "tokens", draws=8),
    controls={"a left-to-right model": {"causal": True}, "without any layer": {"layers": 0}},
    seconds=0.2,
)
@per_seed
def judgement_depends_on_every_token(run: Run, seed: int, causal: bool = False, layers: int = 1) -> dict[str, int]:
    """On how many of 12 embedded tokens the judgement's gradient is not zero."""
    draw = run.generator(seed)
    pretraining, tokens = pair(run, draw, causal=causal, layers=layers)
    x = pretraining.bert.embeddings(tokens, model.segment_ids(tokens))[0].requires_grad_()
    seen = probes.sees(pretraining.nsp(pretraining.bert.encode(x[None], tokens)), x)[0]
    return {"tokens that count": int(seen.sum()), "tokens": len(x)}


def pair(run: Run, draw: Generator, **options: Any) -> tuple[Any, Tensor]:
    """BERT with its heads, randomly filled, and one pair of sentences of 4 and 5 words: 12 tokens."""
    bert = model.Bert(VOCABULARY, **{"hidden": WIDTH, "layers": 1, "heads": 4, "max_len": 12, **options})
    words = torch.randint(model.FIRST_WORD, VOCABULARY, (1, 9), generator=draw)
    return drawn.filled(run, draw, model.PreTraining(bert)), model.pack(words[:, :4], words[:, 4:]).to(run.device)


@claim(
    en="The sentence number of a token switches behind the first [SEP], wherever that stands.",
    ko="토큰의 문장 번호(세그먼트)는 첫 번째 [SEP]가 어디에 있든 바로 그 뒤에서 바뀐다.",
    notes=["004-26"],
    source="Devlin et al. 2019, section 3 (Input/Output Representations) and Figure 2",
    rule=count("tokens of the right sentence", "tokens", draws=8),
    controls={"without [SEP]": {"separated": False}},
    seconds=0.1,
)
@per_seed
def segments_switch_at_sep(run: Run, seed: int, separated: bool = True) -> dict[str, int]:
    """Tokens of 100 pairs of random lengths whose segment is that of the sentence they were drawn for.

    [CLS] and the first [SEP] belong to the first sentence, the second [SEP] to the second.
    """
    first, second = grammar.two_sentences(run.generator(seed), 100, words=20, length=14)
    tokens = model.pack(first, second)
    if not separated:
        tokens = tokens.masked_fill(tokens == model.SEP, model.FIRST_WORD)
    lengths = (first != model.PAD).sum(dim=1, keepdim=True)
    wanted = torch.arange(tokens.shape[1]) > lengths + 1
    right = (model.segment_ids(tokens) == wanted)[tokens != model.PAD]
    return {"tokens of the right sentence": int(right.sum()), "tokens": len(right)}


@claim(
    en="[SEP] marks where a sentence ends: from it alone, without sentence numbers, BERT learns to tell how long the "
    "first sentence is.",
    ko="[SEP]는 문장이 끝나는 자리를 표시한다. BERT는 문장 번호 없이 [SEP]만으로 첫 문장의 길이를 알아내는 법을 "
    "배운다.",
    notes=["004-26"],
    source="Devlin et al. 2019, section 3 (Input/Output Representations)",
    rule=at_least("accuracy", 0.9),
    controls={"without [SEP]": {"separated": False}},
    seconds=5,
)
def sep_marks_the_end_of_a_sentence(run: Run, separated: bool = True) -> dict[str, list[float]]:
    """Accuracy of telling, from [CLS], how many words the first sentence has; all tokens have sentence number 0.

    Two sentences of random words, 8 words in all, with 2 to 6 in the first, so chance is a fifth. Two layers of
    width 32, 200 steps of 32 pairs; one layer is stuck at .6 on every third seed. `separated` off: the [SEP] between
    them is left out.
    """
    return {"accuracy": ends_found(run, separated, numbered=False)}


@claim(
    en="Without [SEP] between the sentences BERT cannot tell where the first one ends.",
    ko="문장 사이에 [SEP]가 없으면 BERT는 첫 문장이 어디에서 끝나는지 알 수 없다.",
    notes=["004-26"],
    source="Devlin et al. 2019, section 3: sentences are told apart in two ways, by [SEP] and by a learned embedding",
    rule=at_most("accuracy", 0.5),
    controls={"without sentence numbers either": {"numbered": False}},
    expect="refuted",
    seconds=5,
)
def without_sep_the_end_is_lost(run: Run, numbered: bool = True) -> dict[str, list[float]]:
    """As `sep_marks_the_end_of_a_sentence`, without [SEP], but with the sentence numbers that it would have given."""
    return {"accuracy": ends_found(run, False, numbered)}


def ends_found(run: Run, separated: bool, numbered: bool) -> list[float]:
    """Accuracy, for each seed, of a classifier on [CLS] for the length of the first sentence."""
    classes = LENGTH - 2 * SHORTEST + 1
    models = training.initialised(
        run, lambda: model.Classifier(practice.small(VOCABULARY, LENGTH + 3, layers=2), classes, dropout=0.0)
    )

    def draw(generator: Generator, size: int) -> tuple[Tensor, Tensor]:
        first, second = grammar.two_sentences(generator, size, words=20, length=LENGTH, shortest=SHORTEST)
        tokens = model.pack(first, second)[:, : LENGTH + 3]
        numbers = model.segment_ids(tokens) * numbered
        if not separated:
            tokens, numbers = without_first_sep(tokens, tokens), without_first_sep(tokens, numbers)
        return torch.stack([tokens, numbers], dim=-1), (first != model.PAD).sum(dim=1) - SHORTEST

    scores: list[float] = training.learnt(
        run,
        models,
        draw,
        lambda network, x: network(x[..., 0], x[..., 1]),
        steps=STEPS,
        batch=BATCH,
        lr=RATE,
    )
    return scores


def without_first_sep(tokens: Tensor, beside: Tensor) -> Tensor:
    """What stands `beside` the tokens, without the place of each row's first [SEP]."""
    ends = (tokens == model.SEP).long()
    kept = (ends == 0) | (ends.cumsum(dim=1) > 1)
    left: Tensor = beside[kept].view(len(tokens), -1)
    return left
