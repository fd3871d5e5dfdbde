"""The activations topic: sigmoid, tanh, ReLU and Leaky ReLU, and what they do to gradients."""

from __future__ import annotations

from dlcheck import Topic, hookimpl

CLAIMS = (
    "sigmoids",
    "tanhs",
    "rectifiers",
    "depth",
    "deep_training",
    "explosions",
    "dying",
    "cells",
    "speed",
)
"""The modules of claims, in the order in which a student meets them."""


@hookimpl
def dlcheck_topics() -> list[Topic]:
    return [
        Topic(
            "activations",
            en="Activation functions",
            ko="활성화 함수",
            claims=[f"dlcheck_activations.claims.{module}" for module in CLAIMS],
            model="dlcheck_activations.model",
            questions="dlcheck_questions/activations.yaml",
            oracles="dlcheck_activations.oracles",
        )
    ]
