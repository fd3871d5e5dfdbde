"""The transformer topic: self-attention, positions, masks, encoder and decoder stacks."""

from __future__ import annotations

from dlcheck import Topic, hookimpl


@hookimpl
def dlcheck_topics() -> list[Topic]:
    return [
        Topic(
            "transformer",
            en="Transformer",
            ko="트랜스포머",
            claims=["dlcheck_transformer.claims.attention"],
            model="dlcheck_transformer.model",
        )
    ]
