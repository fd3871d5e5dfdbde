"""How masked language modelling makes its exercises: which words are chosen, and what becomes of them.

Real prose is masked. Words that are not in the vocabulary of 500 are special tokens, so they are never chosen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, claim, count, lazy, per_seed, proportion

if TYPE_CHECKING:
    from torch import Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_bert.model")
text: Any = lazy("dlcheck_bert.text")

DRAWS = 8
WORDS = 100_000  # words that may be chosen, for each draw
CHOSEN = 15_000  # chosen ones that are looked at, for each draw: 80 % is then known to 0.3 points either way


@claim(
    en="Masked language modelling chooses 15 % of the words.",
    ko="마스크드 언어 모델링(MLM)은 단어의 15%를 고른다.",
    notes=["004-24"],
    source="Devlin et al. 2019, section 3.1 (Task #1: Masked LM)",
    rule=proportion("chosen", of="words", p=0.15, within=0.01, total=DRAWS * WORDS, draws=DRAWS),
    controls={"a masker of 12 %": {"rate": 0.12}, "a masker of 20 %": {"rate": 0.2}},
    seconds=0.5,
)
@per_seed
def fifteen_percent_are_chosen(run: Run, seed: int, rate: float = 0.15) -> dict[str, int]:
    """Words with a label among 800,000 words of real prose; special tokens are not counted."""
    _, _, labels = masked_prose(run, seed, rate=rate)
    return {"chosen": int((labels[:WORDS] != model.UNCHOSEN).sum()), "words": WORDS}


@claim(
    en="Of the words that MLM chooses, 80 % become [MASK].",
    ko="MLM이 고른 단어 가운데 80%는 [MASK]로 바뀐다.",
    notes=["004-24"],
    source="Devlin et al. 2019, section 3.1 (Task #1: Masked LM) and appendix A.1",
    rule=proportion("become [MASK]", of="chosen", p=0.8, within=0.01, total=DRAWS * CHOSEN, draws=DRAWS),
    controls={"always [MASK]": {"masked": 1.0, "random": 0.0}, "70 %": {"masked": 0.7}},
    seconds=0.5,
)
@per_seed
def four_fifths_of_the_chosen_become_mask(
    run: Run, seed: int, masked: float = 0.8, random: float = 0.1
) -> dict[str, int]:
    """[MASK] among the first 15,000 chosen words of each of 8 draws of real prose."""
    return fates(run, seed, masked, random)


@claim(
    en="Of the words that MLM chooses, 10 % become another, random word.",
    ko="MLM이 고른 단어 가운데 10%는 무작위로 뽑은 다른 단어로 바뀐다.",
    notes=["004-24"],
    source="Devlin et al. 2019, section 3.1 (Task #1: Masked LM) and appendix A.1",
    rule=proportion("become another word", of="chosen", p=0.1, within=0.01, total=DRAWS * CHOSEN, draws=DRAWS),
    controls={"always [MASK]": {"masked": 1.0, "random": 0.0}, "20 %": {"random": 0.2}},
    seconds=0.5,
)
@per_seed
def a_tenth_of_the_chosen_become_another_word(
    run: Run, seed: int, masked: float = 0.8, random: float = 0.1
) -> dict[str, int]:
    """Words in the place of another among the first 15,000 chosen words of each of 8 draws of real prose.

    One random word in 500 is the true one and counts as unchanged.
    """
    return fates(run, seed, masked, random)


@claim(
    en="Of the words that MLM chooses, 10 % are shown as they are, and are to be predicted all the same.",
    ko="MLM이 고른 단어 가운데 10%는 원래 단어 그대로 보여 주며, 그래도 예측 대상이 된다.",
    notes=["004-24"],
    source="Devlin et al. 2019, section 3.1 (Task #1: Masked LM) and appendix A.1",
    rule=proportion("stay", of="chosen", p=0.1, within=0.01, total=DRAWS * CHOSEN, draws=DRAWS),
    controls={"always [MASK]": {"masked": 1.0, "random": 0.0}, "no word stays": {"random": 0.2}},
    seconds=0.5,
)
@per_seed
def a_tenth_of_the_chosen_stay(run: Run, seed: int, masked: float = 0.8, random: float = 0.1) -> dict[str, int]:
    """Unchanged words among the first 15,000 chosen words of each of 8 draws of real prose."""
    return fates(run, seed, masked, random)


@claim(
    en="MLM replaces 15 % of the words by [MASK].",
    ko="MLM은 단어의 15%를 [MASK]로 바꾼다.",
    notes=["004-24"],
    source="A common misreading of Devlin et al. 2019, section 3.1: 15 % are chosen, 12 % become [MASK]",
    rule=proportion("become [MASK]", of="words", p=0.15, within=0.01, total=DRAWS * WORDS, draws=DRAWS),
    controls={"every chosen word becomes [MASK]": {"masked": 1.0}},
    expect="refuted",
    seconds=0.5,
)
@per_seed
def fifteen_percent_become_mask(run: Run, seed: int, masked: float = 0.8) -> dict[str, int]:
    """[MASK] among 800,000 words of real prose."""
    _, shown, _ = masked_prose(run, seed, masked=masked)
    return {"become [MASK]": int((shown[:WORDS] == model.MASK).sum()), "words": WORDS}


@claim(
    en="Special tokens are never chosen: [CLS], [SEP], padding and unknown words pass the masker as they are.",
    ko="특수 토큰은 절대 고르지 않는다. [CLS], [SEP], 패딩, 미등록 단어([UNK])는 마스킹을 거쳐도 그대로다.",
    notes=["004-24"],
    source="google-research/bert, create_pretraining_data.py, create_masked_lm_predictions; appendix A.1",
    rule=count("special tokens left alone", "special tokens", draws=DRAWS),
    controls={"a masker that takes them for words": {"knows": False}},
    seconds=0.5,
)
@per_seed
def special_tokens_are_never_chosen(run: Run, seed: int, knows: bool = True) -> dict[str, int]:
    """Special tokens that have no label and are unchanged, among all in 400 packed pairs of sentences of real prose.

    To a masker that does not know them they are numbered as words.
    """
    prose, draw = text.prose(500), run.generator(seed)
    tokens = model.pack(*prose.train.pairs(draw, 400, length=20)[:2])
    special = tokens < model.FIRST_WORD
    shift = 0 if knows else model.FIRST_WORD
    shown, labels = model.Masker(prose.size + shift)(tokens + shift, draw)
    alone = special & (labels == model.UNCHOSEN) & (shown - shift == tokens)
    return {"special tokens left alone": int(alone.sum()), "special tokens": int(special.sum())}


def masked_prose(run: Run, seed: int, **shares: float) -> tuple[Tensor, Tensor, Tensor]:
    """Words of real prose that may be chosen, the text four times; also as shown, and their labels."""
    prose, draw = text.prose(500), run.generator(seed)
    words = prose.train.words
    words = words[words >= model.FIRST_WORD]
    words = words.repeat(4).roll(int(torch.randint(len(words), (1,), generator=draw)))
    shown, labels = model.Masker(prose.size, **shares)(words, draw)
    return words, shown, labels


def fates(run: Run, seed: int, masked: float, random: float) -> dict[str, int]:
    """What became of the first chosen words."""
    words, shown, labels = masked_prose(run, seed, masked=masked, random=random)
    chosen = labels != model.UNCHOSEN
    before, after = words[chosen][:CHOSEN], shown[chosen][:CHOSEN]
    became_mask, stayed = int((after == model.MASK).sum()), int((after == before).sum())
    return {
        "become [MASK]": became_mask,
        "stay": stayed,
        "become another word": len(after) - became_mask - stayed,
        "chosen": len(after),
    }
