"""What the mask of the decoder prevents: copying the answer from the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dlcheck import Run, at_most, below, claim, lazy

if TYPE_CHECKING:
    from torch import Tensor

    from dlcheck.lab.data import MarkovChain
    from dlcheck_transformer.model import Transformer

torch: Any = lazy("torch")
data: Any = lazy("dlcheck.lab.data")
training: Any = lazy("dlcheck.lab.train")
model: Any = lazy("dlcheck_transformer.model")

STATES, SUCCESSORS = 16, 4  # a blind guess follows the chain in a quarter of all cases
STEPS, BATCH, LENGTH, LAST = 200, 16, 11, 20


@claim(
    en="Without a mask the decoder copies the next token from its own input: its training loss falls below a quarter "
    "of the entropy of the text, which no honest forecast can do.",
    ko="마스크가 없으면 디코더는 자기 입력에 들어 있는 다음 토큰을 그대로 베낀다. 훈련 손실이 텍스트 엔트로피의 "
    "4분의 1 아래로 떨어지는데, 정직한 예측으로는 불가능한 값이다.",
    notes=["004-19"],
    source="Vaswani et al. 2017, section 3.2.3; Cover and Thomas 2006, section 4.2",
    rule=below("loss", "entropy", times=4),
    controls={"with the mask": {"masked": True}},
    seconds=5,
)
def unmasked_decoder_copies(run: Run, masked: bool = False) -> dict[str, list[float]]:
    """Training loss where the next token is in the input, at the end of training, and the entropy of the Markov chain.

    16 states with 4 possible successors each; 200 steps of 16 new texts of 11 tokens; loss of the last 20 steps.
    """
    chains, _, losses = trained(run, masked)
    return {"loss": losses, "entropy": [chain.entropy for chain in chains]}


@claim(
    en="What the decoder learned without a mask is useless for generating: less than half of the steps of the text it "
    "writes are possible in the language it was trained on.",
    ko="마스크 없이 배운 것은 생성에 쓸모가 없다. 그런 디코더가 쓴 글에서는 훈련한 언어에서 가능한 전이가 절반에도 못 "
    "미친다.",
    notes=["004-19"],
    source="Vaswani et al. 2017, section 3.2.3",
    rule=at_most("possible", 0.5, unit="share"),
    controls={"with the mask": {"masked": True}},
    seconds=6,
)
def unmasked_decoder_cannot_generate(run: Run, masked: bool = False) -> dict[str, list[float]]:
    """Share of the transitions in greedily generated text that the Markov chain can make; a blind guess has a quarter.

    One text of 10 tokens from each of the 16 states.
    """
    chains, models, _ = trained(run, masked)
    return {
        "possible": [
            float(chain.allows(generated(network, run.device)).mean())
            for chain, network in zip(chains, models, strict=True)
        ]
    }


@claim(
    en="With the mask the training loss is honest: it ends within a tenth of a nat of the entropy of the text.",
    ko="마스크를 씌우면 훈련 손실이 정직하다. 텍스트의 엔트로피와 0.1 nat 이내의 차이에서 끝난다.",
    notes=["004-19"],
    source="Vaswani et al. 2017, section 3.2.3; Cover and Thomas 2006, section 4.2",
    rule=at_most("gap", 0.1, unit="nats"),
    controls={"without the mask": {"masked": False}},
    seconds=5,
)
def masked_loss_is_honest(run: Run, masked: bool = True) -> dict[str, list[float]]:
    """Distance between the training loss at the end of training and the entropy of the Markov chain, either way.

    As in `unmasked_decoder_copies`.
    """
    chains, _, losses = trained(run, masked)
    return {"gap": [abs(loss - chain.entropy) for chain, loss in zip(chains, losses, strict=True)]}


def trained(run: Run, masked: bool) -> tuple[list[MarkovChain], list[Transformer], list[float]]:
    """For each seed its chain, the decoder trained to forecast its texts, and the mean loss of the last steps.

    The source is one empty token: all that can be known is in the decoder's own input.
    """
    generators = [run.generator(seed) for seed in run.seeds]
    chains = [data.MarkovChain.draw(g, STATES, SUCCESSORS) for g in generators]
    texts = [(chain.sample(g, STEPS * BATCH, LENGTH),) for chain, g in zip(chains, generators, strict=True)]
    models = training.initialised(
        run,
        lambda: model.Transformer(
            STATES,
            d_model=32,
            heads=2,
            layers=1,
            d_ff=64,
            dropout=0.0,
            positions="learned",
            max_len=LENGTH,
            pad=None,
            causal=masked,
        ),
    )

    def loss(network: Transformer, text: Tensor) -> Tensor:
        logits = network(torch.zeros_like(text[:, :1]), text[:, :-1])
        # The last answer is in nobody's input, so it is left out: what remains can be copied.
        value: Tensor = training.cross_entropy(logits[:, :-1], text[:, 1:-1])
        return value

    losses = training.train(run, models, loss, data.batches(run, texts, STEPS), lr=1e-2)
    run.curve("training loss", range(0, STEPS, 10), losses[:, ::10].tolist())
    return chains, models, losses[:, -LAST:].mean(dim=1).tolist()


def generated(network: Transformer, device: str) -> Tensor:
    """One greedy text from each state, the state first: (STATES, LENGTH - 1)."""
    source = torch.zeros(1, 1, dtype=torch.long, device=device)
    never = -1  # the chain has no end
    texts = [model.greedy_decode(network, source, state, never, LENGTH - 2) for state in range(STATES)]
    whole: Tensor = torch.cat([torch.arange(STATES)[:, None], torch.cat(texts).cpu()], dim=1)
    return whole
