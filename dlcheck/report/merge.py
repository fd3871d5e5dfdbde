"""The shards of one run put together again, if they are one run and all of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dlcheck.engine.outcome import Outcome, exit_code
from dlcheck.errors import MergeError
from dlcheck.report.recorded import Record
from dlcheck.report.results import Results

NAMED = 5
"""Claims named in a message; the others are counted."""


def merge(records: Sequence[Record]) -> Results:
    """One run, in the order of the plan.

    Raises MergeError unless all files have the same plan, and every planned claim is in exactly one of them.
    """
    first, *others = records
    for other in others:
        _check_same_plan(first, other)
        _check_same_division(first, other)
    found = _each_once(records)
    plan = first.results.plan
    if missing := [claim for claim in plan.claims if claim not in found]:
        raise MergeError(
            f"{len(missing)} of {len(plan.claims)} planned claims are in no file: "
            f"{_some(missing)}.{_missing_shards(records)}"
        )
    outcomes = [found[claim] for claim in plan.claims]
    faults = list(dict.fromkeys(fault for record in records for fault in record.results.faults))
    return Results(
        plan=replace(plan, shard=None),
        versions=first.results.versions,
        outcomes=outcomes,
        faults=faults,
        exit_code=4 if faults else exit_code(outcomes),
        interrupted=any(record.results.interrupted for record in records),
    )


def _check_same_plan(first: Record, other: Record) -> None:
    """Raises MergeError with the first thing in which the two differ."""
    ours, theirs = conditions(first.results), conditions(other.results)
    for name in {**ours, **theirs}:
        if ours.get(name) != theirs.get(name):
            raise MergeError(
                f"{other.path}: expected the same plan as in {first.path}, "
                f"got {name} {theirs.get(name, 'none')} and not {ours.get(name, 'none')}"
            )
    ours, theirs = dict(first.results.plan.claims), dict(other.results.plan.claims)
    if differing := [claim for claim in {**ours, **theirs} if ours.get(claim) != theirs.get(claim)]:
        raise MergeError(
            f"{other.path}: expected the same plan as in {first.path}, got other claims, or claims with other code, "
            f"rules or controls: {_some(differing)}"
        )


def _check_same_division(first: Record, other: Record) -> None:
    ours, theirs = (record.results.plan.shard for record in (first, other))
    if ours and theirs and ours.count != theirs.count:
        raise MergeError(f"{other.path}: expected a shard of {ours.count} as in {first.path}, got shard {theirs}")


def conditions(results: Results) -> dict[str, Any]:
    """Under which a run was made, by name: what was asked for, and the versions of everything."""
    plan, versions = results.plan, dict(results.versions)
    plugins = {f"plugin {name}": version for name, version in versions.pop("plugins").items()}
    return {"device": plan.device, "epoch": plan.epoch, "seeds_max": plan.seeds_max, **versions, **plugins}


def _each_once(records: Sequence[Record]) -> dict[str, Outcome]:
    found: dict[str, tuple[Record, Outcome]] = {}
    for record in records:
        for outcome in record.results.outcomes:
            if twice := found.get(outcome.claim.id):
                raise MergeError(f"{outcome.claim.id} is in both {twice[0].path} and {record.path}: expected it once")
            found[outcome.claim.id] = record, outcome
    return {claim: outcome for claim, (_, outcome) in found.items()}


def _missing_shards(records: Sequence[Record]) -> str:
    shards = [record.results.plan.shard for record in records]
    here = {shard.index for shard in shards if shard}
    counts = {shard.count for shard in shards if shard}
    if len(counts) != 1:
        return ""
    absent = [f"{index}/{count}" for count in counts for index in range(1, count + 1) if index not in here]
    return f" No file of shard {', '.join(absent)} was given" if absent else ""


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more
