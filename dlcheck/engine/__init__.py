"""The engine: plan cells, run each in a fresh process, keep trials, decide."""

from dlcheck.engine.verify import Interrupted, recall, verify

__all__ = ["Interrupted", "recall", "verify"]
