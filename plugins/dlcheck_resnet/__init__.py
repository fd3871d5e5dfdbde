"""The resnet topic: skip connections, bottlenecks, degradation, and what depth does to gradients."""

from __future__ import annotations

from dlcheck import Topic, hookimpl

CLAIMS = (
    "blocks",
    "bottlenecks",
    "published",
    "gradients",
    "degradation",
    "held_out",
)
"""The modules of claims, in the order in which a student meets them."""


@hookimpl
def dlcheck_topics() -> list[Topic]:
    return [
        Topic(
            "resnet",
            en="Residual networks",
            ko="잔차 네트워크(ResNet)",
            claims=[f"dlcheck_resnet.claims.{module}" for module in CLAIMS],
            model="dlcheck_resnet.model",
            questions="dlcheck_questions/resnet.yaml",
            oracles="dlcheck_resnet.oracles",
        )
    ]
