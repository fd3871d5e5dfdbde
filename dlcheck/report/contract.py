"""Results as JSON: the contract of docs/json.md. Raise SCHEMA when a field changes its meaning or goes away."""

from __future__ import annotations

import json
import math
import platform
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dlcheck
from dlcheck.api import Claim
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.plugins import Catalogue, Fault
from dlcheck.report.results import Results
from dlcheck.report.summary import paragraph
from dlcheck.rules import Rule

SCHEMA = 1

Json = dict[str, Any]


def listing(catalogue: Catalogue, claims: Sequence[Claim]) -> Json:
    """What `list --json` writes: claims without results."""
    return {**head(catalogue), "claims": [declared(claim) for claim in claims], "faults": _faults(catalogue.faults)}


def document(results: Results) -> Json:
    """What `verify --json` writes."""
    plan = results.plan
    return {
        "schema": SCHEMA,
        "versions": results.versions,
        "device": plan.device,
        "epoch": plan.epoch,
        "seeds_max": plan.seeds_max,
        "shard": str(plan.shard) if plan.shard else None,
        "plan": plan.claims,
        "claims": [{**declared(outcome.claim), **measured(outcome)} for outcome in results.outcomes],
        "faults": _faults(results.faults),
        "summary": summary(results.outcomes, results.interrupted),
        "exit_code": results.exit_code,
    }


def head(catalogue: Catalogue) -> Json:
    """What every document begins with."""
    return {"schema": SCHEMA, "versions": versions(catalogue)}


def versions(catalogue: Catalogue) -> Json:
    """Of dlcheck, Python, torch (which is not imported for it) and each plugin."""
    return {
        "dlcheck": dlcheck.__version__,
        "python": platform.python_version(),
        "torch": version("torch"),
        "plugins": {plugin.name: plugin.version for plugin in catalogue.plugins},
    }


def declared(claim: Claim) -> Json:
    """What the author fixed before anything ran."""
    return {
        "id": claim.id,
        "topic": claim.topic,
        "statement": claim.statement._asdict(),
        "notes": list(claim.notes),
        "source": claim.source,
        "rule": _rule(claim.rule),
        "expected": claim.expect.value,
        "measured": claim.measures,
        "devices": list(claim.devices),
        "code": dict(zip(("file", "line"), code(claim), strict=True)),
    }


def code(claim: Claim) -> tuple[str, int]:
    """File and line of the experiment; the file relative to the current folder if it is in there."""
    file, line = claim.location
    path = Path(file)
    return (str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file), line


def _rule(rule: Rule) -> Json:
    return {
        "kind": type(rule).__name__.lower(),
        "words": {"en": rule.words("en"), "ko": rule.words("ko")},
        "parameters": asdict(rule),
    }


def measured(outcome: Outcome) -> Json:
    """What came of a claim. Raw numbers are kept, so that whoever reads them can judge again."""
    return {
        "verdict": outcome.verdict.value,
        "as_expected": outcome.as_expected,
        "reason": outcome.reason,
        "fault": outcome.arm.fault,
        **_judged(outcome.arm),
        "seconds": outcome.seconds,
        "cpu_seconds": outcome.cpu_seconds,
        "cached": outcome.cached and bool(outcome.arm.seeds),
        "controls": [_control(arm, outcome) for arm in outcome.controls],
        "numbers": _numbers(outcome.arm),
    }


def _control(arm: Arm, outcome: Outcome) -> Json:
    return {
        "name": arm.name,
        "knobs": {knob: _knob(value) for knob, value in outcome.claim.controls.get(arm.name, {}).items()},
        "verdict": arm.verdict.value,
        "weak": arm.name in outcome.weak,
        "reason": arm.fault,
        **_judged(arm),
        "numbers": _numbers(arm),
    }


def _judged(arm: Arm) -> Json:
    judged = arm.judgement
    return {
        "effect": judged.effect if judged else None,
        "unit": judged.unit if judged else "",
        "interval": list(judged.interval) if judged and judged.interval else None,
        "seeds": judged.seeds if judged else 0,
        "wins": judged.wins if judged else None,
        "evidence": judged.evidence if judged else None,
    }


def _numbers(arm: Arm) -> Json:
    return {"seeds": arm.seeds, "measures": arm.numbers}


def _knob(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | None) else repr(value)


def _faults(faults: Sequence[Fault]) -> list[Json]:
    return [asdict(fault) for fault in faults]


def summary(outcomes: Sequence[Outcome], interrupted: bool) -> Json:
    return {
        "claims": len(outcomes),
        "as_expected": sum(outcome.as_expected for outcome in outcomes),
        "verdicts": Counter(outcome.verdict.value for outcome in outcomes),
        "interrupted": interrupted,
        "text": {"en": paragraph(outcomes, "en"), "ko": paragraph(outcomes, "ko")},
    }


def encode(document: Mapping[str, Any]) -> bytes:
    """Strict JSON in UTF-8, one claim on a line; NaN and infinities become "NaN", "Infinity" and "-Infinity"."""
    # Line by line, for Korean text takes several times the memory; a lone surrogate becomes its escape.
    return b"".join(line.encode("utf-8", "backslashreplace") for line in _lines(document))


def _lines(document: Mapping[str, Any]) -> Iterator[str]:
    before = "{\n"
    for key, value in document.items():
        yield f"{before}{_dumps(key)}: "
        if isinstance(value, list) and value:
            yield from (("[\n" if number == 0 else ",\n") + _dumps(each) for number, each in enumerate(value))
            yield "\n]"
        else:
            yield _dumps(value)
        before = ",\n"
    yield "\n}\n"


def _dumps(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except ValueError:  # something in it is not finite
        return json.dumps(_strict(value), ensure_ascii=False, allow_nan=False)


def _strict(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_strict(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value
