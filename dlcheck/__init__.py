"""dlcheck: deep-learning statements that run. These are the names that plugin authors use."""

from dlcheck.api import Claim, Curve, Run, Topic, claim, lazy, per_seed
from dlcheck.errors import ClaimError, DlcheckError
from dlcheck.hookspecs import hookimpl
from dlcheck.rules import at_least, at_most, below, count, equals, exceeds, faster, growth, proportion

__version__ = "0.1.0"

__all__ = [
    "Claim",
    "ClaimError",
    "Curve",
    "DlcheckError",
    "Run",
    "Topic",
    "at_least",
    "at_most",
    "below",
    "claim",
    "count",
    "equals",
    "exceeds",
    "faster",
    "growth",
    "hookimpl",
    "lazy",
    "per_seed",
    "proportion",
]
