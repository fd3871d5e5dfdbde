"""A cell: one experiment, one arm, one batch of seeds, on one device. The unit that runs, fails and is cached."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Self

from dlcheck.api import Claim, Curve, Numbers
from dlcheck.engine.fingerprint import fingerprint, refresh
from dlcheck.engine.source import version

PRECISION = "tf32 off, deterministic, denormals flushed"
"""How workers set torch's switches (`dlcheck.engine.worker`)."""

GRACE_SECONDS, PATIENCE = 10.0, 10.0


@dataclass(frozen=True)
class Cell:
    """Seeds number `start` to `stop`-1 of an epoch, for the claim itself (arm "") or a control.

    machine: where durations are measured; None is here.
    """

    claim: Claim
    arm: str
    epoch: int
    start: int
    stop: int
    device: str
    machine: str | None = None

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.claim.id}, control '{self.arm}'," if self.arm else self.claim.id

    @cached_property
    def seeds(self) -> list[int]:
        return self.claim.seeds(self.epoch, self.start, self.stop)

    @property
    def time_limit(self) -> float:
        """Seconds: generous on top of the claim's stated cost, because laptops and CI machines are busy."""
        batch = self.claim.rule.batches[0]
        return GRACE_SECONDS + PATIENCE * self.claim.seconds * max(1.0, (self.stop - self.start) / batch)

    @cached_property
    def ingredients(self) -> Mapping[str, str]:
        """Everything that the numbers may depend on, by name, so that a re-run can say what changed."""
        claim = self.claim
        made_of = {
            "claim": claim.id,
            "arm": self.arm,
            "knobs": json.dumps(self._knobs, sort_keys=True, default=_named),
            "seeds": json.dumps(self.seeds),
            "device": self.device,
            "precision": PRECISION,
            "torch": version("torch"),
            "python": platform.python_version(),
            **self._source,
        }
        if claim.rule.timing:
            made_of["machine"] = self.machine or f"{platform.node()} {platform.processor()}"
        return made_of

    @property
    def _knobs(self) -> dict[str, Any]:
        return dict(self.claim.arms()[self.arm])

    @property
    def _source(self) -> dict[str, str]:
        """Of the experiment, and of functions and classes that stand as knobs."""
        places = [(self.claim.module, self.claim.function)]
        places += [
            (knob.__module__, knob.__qualname__.partition(".")[0]) for knob in self._knobs.values() if _has_source(knob)
        ]
        return {name: digest for place in places for name, digest in fingerprint(*place).items()}

    @property
    def outdated(self) -> bool:
        """Whether source was edited after the key was made, so that nobody knows what a worker has imported."""
        refresh()
        return any(self.ingredients.get(name) != digest for name, digest in self._source.items())

    @cached_property
    def key(self) -> str:
        return hashlib.sha256(json.dumps(self.ingredients, sort_keys=True).encode()).hexdigest()

    def why(self, before: Mapping[str, str] | None) -> str:
        """Why the cell runs although the ingredients `before` have been measured; None: they have not."""
        if before is None:
            return "never run"
        changed = self.differs_from(before)
        return f"{changed} changed" if changed else "asked to run afresh"

    def differs_from(self, other: Mapping[str, str]) -> str:
        """The names of ingredients that the `other` ones have not, or have otherwise; empty when all are the same."""
        changed = sorted(n for n in {**other, **self.ingredients} if other.get(n) != self.ingredients.get(n))
        more = f" and {len(changed) - 5} more" if len(changed) > 5 else ""
        return f"{', '.join(changed[:5])}{more}"


@dataclass(frozen=True)
class Result:
    """What one cell measured: one entry per seed for each measure. Seconds are wall and CPU time, memory is in MiB."""

    numbers: Numbers
    curves: list[Curve] = field(default_factory=list)
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_mib: float = 0.0
    hardware: str = ""

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls.of(**json.loads(text))

    @classmethod
    def of(cls, *, curves: list[dict[str, Any]], **fields: Any) -> Self:
        """From the fields as JSON has them."""
        return cls(curves=[Curve(**curve) for curve in curves], **fields)


def _has_source(knob: object) -> bool:
    return isinstance(getattr(knob, "__qualname__", None), str) and isinstance(getattr(knob, "__module__", None), str)


def _named(knob: Any) -> str:
    """A knob that JSON does not know. A memory address in its text would make it another knob on each run."""
    return f"{knob.__module__}.{knob.__qualname__}" if _has_source(knob) else repr(knob)
