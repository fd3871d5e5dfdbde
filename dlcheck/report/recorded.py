"""Results that `contract` has written, read again: every verdict is drawn anew from the numbers, without torch."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcheck.api import Claim, Expected, Numbers, Run, Text
from dlcheck.engine.outcome import Arm, Outcome, decide, exit_code, skipped
from dlcheck.engine.plan import Plan, Shard
from dlcheck.engine.verify import seed_batches, why_skipped
from dlcheck.errors import ClaimError, DlcheckError
from dlcheck.plugins import Fault
from dlcheck.report.contract import SCHEMA
from dlcheck.report.results import Results
from dlcheck.rules import KINDS, Rule, Verdict
from dlcheck.soundness import NAME

Json = dict[str, Any]


@dataclass(frozen=True)
class RecordedClaim(Claim):
    """A claim as a file tells of it; its plugin need not be installed."""

    measured: str = ""
    place: tuple[str, int] = ("", 0)

    @property
    def measures(self) -> str:
        return self.measured

    @property
    def location(self) -> tuple[str, int]:
        return self.place


@dataclass(frozen=True)
class Record:
    """A file of results. told: the verdicts that stand in it, by id; those of `results` are drawn from its numbers."""

    path: Path
    results: Results
    told: Mapping[str, Verdict]

    @property
    def contradictions(self) -> list[Outcome]:
        """What the numbers say otherwise than the file."""
        return [each for each in self.results.outcomes if self.told[each.claim.id] != each.verdict]


def read(path: Path) -> Record:
    """Raises DlcheckError for a file that is not what `verify --json` writes, or whose seeds are not the plan's."""
    try:
        with _nothing_is_garbage():
            return _record(path, _document(path))
    except OSError as error:
        raise DlcheckError(f"cannot read {path} ({error.strerror})") from None
    except ClaimError as error:
        raise DlcheckError(f"{path}: expected what `dlcheck verify --json` has written, got {error}") from None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        told = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise DlcheckError(f"{path}: expected what this version's `dlcheck verify --json` writes, got {told}") from None


@contextmanager
def _nothing_is_garbage() -> Iterator[None]:
    """Looking for garbage among the millions of objects of a large file takes a quarter of the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _document(path: Path) -> Json:
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise DlcheckError(f"{path}: expected results with schema {SCHEMA}, as `dlcheck verify --json` writes them")
    return document


def _record(path: Path, document: Json) -> Record:
    shard = Shard.parse(document["shard"]) if document["shard"] else None
    plan = Plan(document["device"], document["epoch"], document["seeds_max"], dict(document["plan"]), shard)
    ids = [claim["id"] for claim in document["claims"]]
    if len(set(ids)) < len(ids) or not plan.claims.keys() >= set(ids) or (not shard and len(ids) < len(plan.claims)):
        raise ClaimError("claims that are not those of its plan, each once")
    outcomes = [_outcome(claim, plan) for claim in document["claims"]]
    faults = [Fault(**fault) for fault in document["faults"]]
    code = 4 if faults else exit_code(outcomes)
    interrupted = bool(document["summary"]["interrupted"])
    versions = {name: document["versions"][name] for name in ("dlcheck", "python", "torch", "plugins")}
    results = Results(plan, versions, outcomes, faults, code, interrupted)
    return Record(path, results, {claim["id"]: Verdict(claim["verdict"]) for claim in document["claims"]})


def _outcome(told: Json, plan: Plan) -> Outcome:
    """As the engine would decide on these numbers."""
    claim = _claim(told)
    if reason := why_skipped(claim, plan.device):
        return skipped(claim, reason)
    controls = [_arm(control["name"], control, control["reason"]) for control in told["controls"]]
    arms = [_arm("", told, told["fault"]), *controls]
    _check_seeds(claim, arms, plan)
    for arm in arms:
        if arm.seeds and not arm.fault:
            arm.judge(claim.rule, plan.device)
    arms[0].seconds, arms[0].cpu_seconds = told["seconds"], told["cpu_seconds"]
    arms[0].cached = told["cached"]
    most = seed_batches(claim, plan.seeds_max)[-1][1]
    if any(_is_open(arm) and len(arm.seeds) < most for arm in arms):
        return Outcome(claim, Verdict.INCOMPLETE, arms)
    return decide(claim, arms, plan.device)


def _is_open(arm: Arm) -> bool:
    return arm.verdict in (Verdict.INCONCLUSIVE, Verdict.INCOMPLETE)


def _claim(told: Json) -> RecordedClaim:
    topic, _, name = told["id"].partition("/")
    if not (NAME.fullmatch(topic) and NAME.fullmatch(name)):
        raise ClaimError(f"the id {told['id']!r}")
    if not told["controls"] or not told["devices"]:
        raise ClaimError(f"{told['id']} without {'devices' if told['controls'] else 'controls'}")
    return RecordedClaim(
        name=name,
        topic=topic,
        statement=Text(**told["statement"]),
        source=told["source"],
        rule=_rule(told["rule"]),
        experiment=_not_here,
        controls={control["name"]: control["knobs"] for control in told["controls"]},
        expect=Expected(told["expected"]),
        notes=tuple(told["notes"]),
        devices=tuple(told["devices"]),
        measured=told["measured"],
        place=(told["code"]["file"], told["code"]["line"]),
    )


def _not_here(run: Run, **knobs: object) -> Numbers:
    raise ClaimError("this claim is known from a file of results alone")


def _rule(told: Json) -> Rule:
    return KINDS[told["kind"]](**told["parameters"])


def _arm(name: str, told: Json, fault: str) -> Arm:
    measures = {measure: _numbers(values) for measure, values in told["numbers"]["measures"].items()}
    seeds = list(told["numbers"]["seeds"])
    if wrong := [measure for measure, values in measures.items() if len(values) != len(seeds)]:
        raise ClaimError(f"{len(measures[wrong[0]])} numbers of {wrong[0]!r} for {len(seeds)} seeds")
    return Arm(name, seeds=seeds, numbers=measures, fault=fault)


def _numbers(told: list[Any]) -> list[Any]:
    """With "NaN" and infinities, which JSON has no numbers for, also in lists."""
    if {*map(type, told)} <= {int, float}:  # nearly always
        return told
    return [_numbers(each) if isinstance(each, list) else float(each) for each in told]


def _check_seeds(claim: Claim, arms: list[Arm], plan: Plan) -> None:
    """Every arm has measured the seeds of the plan, each once and in order; all arms share them."""
    longest = max(arms, key=lambda arm: len(arm.seeds)).seeds
    planned = claim.seeds(plan.epoch, 0, len(longest))
    for arm in arms:
        if arm.seeds != planned[: len(arm.seeds)]:
            raise ClaimError(f"other seeds of {claim.id} than epoch {plan.epoch} has")
