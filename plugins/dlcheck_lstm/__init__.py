"""The lstm topic: LSTM and GRU cells, their gates, their memory and their gradients."""

from __future__ import annotations

from dlcheck import Topic, hookimpl

CLAIMS = ("cells", "gates", "gradients", "dependency", "memory", "ablation")
"""The modules of claims, in the order in which a student meets them."""


@hookimpl
def dlcheck_topics() -> list[Topic]:
    return [
        Topic(
            "lstm",
            en="LSTM and GRU",
            ko="LSTM과 GRU",
            claims=[f"dlcheck_lstm.claims.{module}" for module in CLAIMS],
            model="dlcheck_lstm.model",
            questions="dlcheck_questions/lstm.yaml",
            oracles="dlcheck_lstm.oracles",
        )
    ]
