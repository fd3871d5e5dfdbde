"""The engine: plan cells, run each in a fresh process, keep trials, decide."""

from dlcheck.engine.verify import Interrupted, decisions, recall, verify

__all__ = ["Interrupted", "decisions", "recall", "verify"]
