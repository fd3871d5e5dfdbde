"""The BERT topic: masked language modelling, next-sentence prediction, and what fine-tuning makes of them."""

from __future__ import annotations

from dlcheck import Topic, hookimpl

CLAIMS = ("encoder", "masker", "special_tokens", "language", "next_sentence", "fine_tuning")
"""The modules of claims, in the order in which a student meets them."""


@hookimpl
def dlcheck_topics() -> list[Topic]:
    return [
        Topic(
            "bert",
            en="BERT",
            ko="BERT",
            claims=[f"dlcheck_bert.claims.{module}" for module in CLAIMS],
            model="dlcheck_bert.model",
            questions="dlcheck_questions/bert.yaml",
            oracles="dlcheck_bert.oracles",
        )
    ]
