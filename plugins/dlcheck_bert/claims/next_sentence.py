"""Next-sentence prediction: does sentence B follow sentence A? On real prose."""

from __future__ import annotations

from typing import Any

from dlcheck import Run, claim, lazy, per_seed, proportion

torch: Any = lazy("torch")
text: Any = lazy("dlcheck_bert.text")

PAIRS = 20_000


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
