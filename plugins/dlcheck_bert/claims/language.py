"""What masked language modelling teaches: words from their context, and from both sides of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, below, claim, exceeds, lazy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from torch import Generator, Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_bert.model")
practice: Any = lazy("dlcheck_bert.practice")
text: Any = lazy("dlcheck_bert.text")
grammar: Any = lazy("dlcheck.lab.grammar")

STEPS, BATCH = 200, 32
WORDS, LENGTH = 200, 6


@claim(
    en="Masked language modelling learns from both sides: BERT fills a gap that the words after it alone decide, at "
    "which the same network, reading from left to right, stays at chance.",
    ko="MLM은 양쪽 문맥에서 배운다. BERT는 뒤에 오는 단어만이 답을 정하는 빈칸을 채우지만, 같은 신경망이라도 왼쪽에서 "
    "오른쪽으로만 읽으면 무작위 수준에 머문다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 1 and section 3.1 (Task #1: Masked LM)",
    rule=at_least("accuracy", 0.9),
    controls={"reading from left to right": {"causal": True}},
    seconds=3,
)
def cloze_from_the_words_after(run: Run, causal: bool = False) -> dict[str, list[float]]:
    """Accuracy at the gap in "[MASK] adjective noun verb", where the article agrees with the noun: chance is a quarter.

    Also at the gap in "article adjective noun [MASK]", which the words before decide: there both succeed. A language
    of 56 words; one layer of width 32; 200 steps of 32 new phrases.
    """
    language = grammar.Agreement()
    generators = [run.generator(seed) for seed in run.seeds]
    models = pretrained_on(run, generators, language, causal=causal)
    scores: dict[str, list[float]] = {"accuracy": [], "where the words before decide": []}
    for network, generator in zip(models, generators, strict=True):
        phrases = model.pack(language.phrases(generator, 512)).to(run.device)
        for name, place in zip(scores, (language.ARTICLE, language.VERB), strict=True):
            scores[name].append(named_behind_mask(network, phrases, 1 + place))
    return scores


def pretrained_on(
    run: Run, generators: Sequence[Generator], language: Any, causal: bool = False, steps: int = STEPS, **shares: float
) -> list[Any]:
    """A BERT for each seed, pre-trained on phrases of the language."""
    models: list[Any] = practice.pretrained(
        run,
        generators,
        lambda: practice.small(language.vocabulary, 6, causal=causal),
        lambda generator, size: model.pack(language.phrases(generator, size)),
        model.Masker(language.vocabulary, **shares),
        steps=steps,
        batch=BATCH,
    )
    return models


@claim(
    en="Because some of the chosen words are shown, BERT has a use for the words that it sees: it names a word in "
    "plain sight better, by 20 points and more, than one behind [MASK]. Trained on [MASK] alone it does not.",
    ko="고른 단어의 일부를 그대로 보여 주기 때문에 BERT는 눈앞의 단어도 활용할 줄 알게 된다. 그대로 보이는 단어를 "
    "[MASK] 뒤의 단어보다 20%포인트 이상 더 잘 맞힌다. 언제나 [MASK]로만 훈련하면 그렇지 않다.",
    notes=["004-24"],
    source="Devlin et al. 2019, section 3.1 (Task #1, mismatch between pre-training and fine-tuning) and appendix A.1",
    rule=exceeds("in plain sight", "behind [MASK]", by=0.2, unit="accuracy"),
    controls={"every chosen word becomes [MASK]": {"masked": 1.0, "random": 0.0}},
    seconds=6,
)
def words_in_plain_sight_are_recognised(run: Run, masked: float = 0.8, random: float = 0.1) -> dict[str, list[float]]:
    """Accuracy of naming adjectives and nouns, which their context does not decide, when they are shown and hidden.

    Sentences with no [MASK] are what BERT meets in fine-tuning. 4 adjectives and 8 nouns, 4 classes: whoever knows the
    language and cannot see the word is right in 3 of 8 cases. One layer of width 32; 500 steps of 32 new phrases.
    """
    language = grammar.Agreement(adjectives=4, nouns_per_class=2)
    generators = [run.generator(seed) for seed in run.seeds]
    models = pretrained_on(run, generators, language, steps=500, masked=masked, random=random)
    seen, hidden = [], []
    for network, generator in zip(models, generators, strict=True):
        phrases = model.pack(language.phrases(generator, 512)).to(run.device)
        places = (1 + language.ADJECTIVE, 1 + language.NOUN)
        seen.append(float(practice.named(network, phrases, phrases)[list(places)].mean()))
        hidden.append(sum(named_behind_mask(network, phrases, place) for place in places) / len(places))
    return {"in plain sight": seen, "behind [MASK]": hidden}


def named_behind_mask(network: Any, phrases: Tensor, place: int) -> float:
    """Accuracy at one place that is hidden in every phrase."""
    shown = phrases.clone()
    shown[:, place] = model.MASK
    return float(practice.named(network, shown, phrases)[place])


@claim(
    en="Masked language modelling finds words from their context: at masked words of held-out real prose BERT's "
    "cross-entropy is below that of word frequencies alone, by 0.1 nats or more.",
    ko="MLM은 문맥에서 단어를 알아낸다. 훈련에 쓰지 않은 실제 글의 가려진 단어에서 BERT의 교차 엔트로피는 단어 빈도만 "
    "쓰는 유니그램 모델보다 0.1 nat 이상 낮다.",
    notes=["004-23"],
    source="Devlin et al. 2019, section 3.1 (Task #1: Masked LM)",
    rule=below("BERT", "word frequencies", by=0.1, unit="nats"),
    controls={"words in random order": {"ordered": False}},
    seconds=20,
)
def masked_words_of_prose_beat_a_unigram(run: Run, ordered: bool = True) -> dict[str, list[float]]:
    """Mean -log P(true word) behind [MASK] in 4,096 passages of 6 words, by BERT and by frequencies in training text.

    The 200 most frequent words; others are [UNK] and never masked. One layer of width 32; 500 steps of 128 passages,
    masked as published. `ordered` off: the words of both parts are shuffled, so that the context tells nothing.
    """
    prose = text.prose(WORDS)
    frequencies = text.unigrams(prose.train, prose.size)
    generators = [run.generator(seed) for seed in run.seeds]
    models = practice.pretrained(
        run,
        generators,
        lambda: practice.small(prose.size, LENGTH + 2),
        passages_of(prose.train, ordered),
        model.Masker(prose.size),
        steps=500,
        batch=128,
    )
    scores: dict[str, list[float]] = {"BERT": [], "word frequencies": []}
    for network, generator in zip(models, generators, strict=True):
        passages = passages_of(prose.held_out, ordered)(generator, 4096)
        shown, labels = model.Masker(prose.size, masked=1.0, random=0.0)(passages, generator)
        scores["BERT"].append(practice.surprise(network, shown.to(run.device), labels.to(run.device)))
        scores["word frequencies"].append(-float(frequencies[labels[labels != model.UNCHOSEN]].mean()))
    return scores


def passages_of(part: Any, ordered: bool) -> Callable[[Generator, int], Tensor]:
    """Draws passages from random places of a text, or of the text with all its words shuffled."""

    def draw(generator: Generator, size: int) -> Tensor:
        drawn_from = part if ordered else part.scrambled(generator)
        passages: Tensor = model.pack(drawn_from.passages(generator, size, LENGTH))
        return passages

    return draw
