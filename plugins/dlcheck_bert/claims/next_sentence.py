"""Next-sentence prediction: does sentence B follow sentence A? On real prose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_least, claim, lazy, per_seed, proportion

if TYPE_CHECKING:
    from torch import Generator, Tensor

torch: Any = lazy("torch")
model: Any = lazy("dlcheck_bert.model")
practice: Any = lazy("dlcheck_bert.practice")
text: Any = lazy("dlcheck_bert.text")
training: Any = lazy("dlcheck.lab.train")

PAIRS = 20_000
COMMON, WORDS, LENGTH = 100, 500, 10
STEPS, BATCH, RATE, EXAM = 250, 128, 2e-3, 4096


@claim(
    en="Half of the pairs that next-sentence prediction is trained on are true neighbours.",
    ko="다음 문장 예측(NSP)의 훈련 쌍 가운데 절반은 실제로 이어지는 문장이다.",
    notes=["004-25"],
    source="Devlin et al. 2019, section 3.1 (Task #2: Next Sentence Prediction)",
    rule=proportion("neighbours", of="pairs", p=0.5, within=0.01, total=8 * PAIRS, draws=8),
    controls={"sentences in random order": {"coherent": False}},
    seconds=0.5,
)
@per_seed
def half_of_the_pairs_are_neighbours(run: Run, seed: int, coherent: bool = True) -> dict[str, int]:
    """Pairs of parts of real prose of which the second stands right behind the first in the original text.

    Looked up there by the last 10 words of the one and the first 10 of the other, whatever the label says.
    """
    generator = run.generator(seed)
    original = text.prose(1000).train
    drawn_from = original if coherent else text.incoherent(1000, generator).train
    every_border = torch.cat(original.around(torch.arange(len(original.borders)), 10), dim=1)
    neighbours = {tuple(pair) for pair in every_border.tolist()}
    pairs = torch.cat(drawn_from.pairs(generator, PAIRS, 10)[:2], dim=1).tolist()
    return {"neighbours": sum(tuple(pair) in neighbours for pair in pairs), "pairs": PAIRS}


@claim(
    en="Next-sentence prediction can be learned: from the content words of held-out real prose BERT tells neighbours "
    "from random pairs with an accuracy of 55 % or more, where chance is 50 %, if attention starts even.",
    ko="NSP는 배울 수 있다. 어텐션이 처음에 모든 단어를 고르게 보도록 초기화하면, BERT는 훈련에 쓰지 않은 실제 글의 "
    "내용어만 보고도 이어지는 문장과 무작위로 고른 문장을 55% 이상의 정확도로 구별한다(우연은 50%).",
    notes=["004-25", "004-23"],
    source="Devlin et al. 2019, section 3.1 (Task #2: Next Sentence Prediction) and appendix A.1",
    rule=at_least("accuracy", 0.55),
    controls={"sentences in random order": {"coherent": False}},
    seconds=25,
)
def neighbours_are_told_from_random_pairs(run: Run, coherent: bool = True) -> dict[str, list[float]]:
    """Accuracy on 4,096 pairs of held-out prose, half of them neighbours, up to 10 content words on either side.

    Content words: the 500 most frequent after the first 100, which are left out with all rarer ones. One layer of width
    32 with the initial weights of `practice.evenly_reading`; with normal ones of one size it learns nothing in this
    time. 250 steps of 128 pairs. `coherent` off: the sentences are shuffled, none has to do with the one before it.
    """
    generators = [run.generator(seed) for seed in run.seeds]
    prose = [text.content(WORDS, COMMON, None if coherent else generator) for generator in generators]
    models = training.initialised(
        run, lambda: model.PreTraining(practice.evenly_reading(prose[0].size, 2 * LENGTH + 3))
    )
    pairs = [packed(part.train, g, STEPS * BATCH) for part, g in zip(prose, generators, strict=True)]
    losses = training.train(run, models, nsp_loss, training.batches(run, pairs, STEPS), lr=RATE)
    run.curve("training loss", range(0, STEPS, 10), losses[:, ::10].tolist())
    scores = []
    for network, part, generator in zip(models, prose, generators, strict=True):
        tokens, follows = (x.to(run.device) for x in packed(part.held_out, generator, EXAM))
        with torch.inference_mode():
            scores.append(training.accuracy(network.nsp(network.bert(tokens)), follows))
    return {"accuracy": scores}


def packed(part: Any, generator: Generator, pairs: int) -> tuple[Tensor, Tensor]:
    """Pairs of a text as BERT reads them, and whether they follow each other."""
    first, second, follows = part.pairs(generator, pairs, LENGTH)
    return model.pack(first, second), follows


def nsp_loss(network: Any, tokens: Tensor, follows: Tensor) -> Tensor:
    loss: Tensor = training.cross_entropy(network.nsp(network.bert(tokens)), follows)
    return loss
