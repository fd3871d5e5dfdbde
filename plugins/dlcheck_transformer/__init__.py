"""The transformer topic: self-attention, positions, masks, encoder and decoder stacks."""

from __future__ import annotations

from dlcheck import Topic, hookimpl

CLAIMS = (
    "attention",
    "scaling",
    "heads_at_work",
    "positions",
    "order",
    "beyond_training",
    "masks",
    "copying",
    "stacks",
    "translation",
    "recall",
    "cost",
)
"""The modules of claims, in the order in which a student meets them."""


@hookimpl
def dlcheck_topics() -> list[Topic]:
    return [
        Topic(
            "transformer",
            en="Transformer",
            ko="트랜스포머",
            claims=[f"dlcheck_transformer.claims.{module}" for module in CLAIMS],
            model="dlcheck_transformer.model",
            questions="dlcheck_questions/transformer.yaml",
            oracles="dlcheck_transformer.oracles",
        )
    ]
