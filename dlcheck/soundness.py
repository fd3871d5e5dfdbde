"""Whether topics and claims are declared soundly: everything wrong with them, each in one line with its remedy."""

from __future__ import annotations

import inspect
import json
import re
import sys
from collections.abc import Iterator, Mapping
from itertools import chain

from dlcheck.api import DEVICES, Claim, Expected, Topic
from dlcheck.errors import did_you_mean
from dlcheck.rules import RULES, Rule

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


def topic_problems(topic: Topic) -> list[str]:
    """What is wrong with what a plugin's hook returned; empty when it is sound."""
    wrong = []
    if not isinstance(topic.name, str) or not NAME.fullmatch(topic.name):
        wrong.append(f"name {topic.name!r}: expected ASCII letters, digits and hyphens")
    for lang, title in (("en", topic.en), ("ko", topic.ko)):
        if not isinstance(title, str) or not title.strip():
            wrong.append(f"no title in {lang!r}: add {lang}='...'")
    modules = topic.claims if isinstance(topic.claims, list | tuple) else ()
    if not modules or not all(isinstance(module, str) for module in modules):
        wrong.append(f"claims={topic.claims!r}: expected a list of module names")
    return wrong


def claim_problems(claim: Claim) -> list[str]:
    """What is wrong with the declaration; empty when it is sound. Nothing is run."""
    parts = (_name(claim), _words(claim), _rule(claim), _resources(claim), _controls(claim), _knobs(claim))
    return list(chain.from_iterable(parts))


def _name(claim: Claim) -> Iterator[str]:
    if not NAME.fullmatch(claim.name):
        yield f"id {claim.name!r}: name the function with ASCII letters, digits and underscores"
    found = vars(sys.modules[claim.module]).get(claim.function)
    if not isinstance(found, Claim) or found.experiment is not claim.experiment:
        yield f"{claim.function!r} in {claim.module} is something else: workers find the claim by its function's name"


def _words(claim: Claim) -> Iterator[str]:
    for lang, said in zip(("en", "ko"), claim.statement, strict=True):
        if not isinstance(said, str) or not said.strip():
            yield f"no statement in {lang!r}: add {lang}='...'"
    if not claim.measures:
        yield "no docstring: say in one line what the experiment measures"
    if not claim.source:
        yield "no source: name the paper and section"


def _rule(claim: Claim) -> Iterator[str]:
    if not isinstance(claim.rule, Rule):
        hint = did_you_mean(str(claim.rule), RULES)
        yield f"unknown rule {claim.rule!r}: expected rule=..., one of {', '.join(RULES)}.{hint}"
    if claim.expect not in tuple(Expected):
        yield f"expect={claim.expect!r}: expected 'verified' or 'refuted'"


def _resources(claim: Claim) -> Iterator[str]:
    expected = f"expected a list of {', '.join(DEVICES)}"
    if isinstance(claim.devices, str):
        yield f"devices={claim.devices!r}: {expected}, got a string"
    else:
        yield from (f"unknown device {device!r}: {expected}" for device in claim.devices if device not in DEVICES)
    for name, amount in (("seconds", claim.seconds), ("memory_gib", claim.memory_gib)):
        if not isinstance(amount, int | float) or not amount > 0:
            yield f"{name}={amount!r}: expected a number above 0"


def _controls(claim: Claim) -> Iterator[str]:
    if not isinstance(claim.controls, Mapping):
        yield f"controls={claim.controls!r}: expected a dict of name -> knobs"
    elif not claim.controls:
        yield "no control: add controls={'name': {knob: value}} under which the rule must fail"
    else:
        for name, knobs in claim.controls.items():
            if not isinstance(name, str) or not name:
                yield f"control {name!r}: expected a name"
            if not isinstance(knobs, Mapping) or not knobs:
                yield f"control {name!r} turns no knob: expected {{knob: value}}, got {knobs!r}"
            elif not _is_plain(knobs):
                yield f"control {name!r}: expected numbers, strings, lists and dicts as values, got {knobs!r}"


def _is_plain(value: object) -> bool:
    """Whether JSON can hold it: what was measured is found again by its knobs."""
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _knobs(claim: Claim) -> Iterator[str]:
    parameters = list(inspect.signature(claim.experiment).parameters.values())
    if not parameters:
        yield "the experiment takes nothing: expected f(run, **knobs)"
    for knob in parameters[1:]:
        if knob.default is knob.empty and knob.kind not in (knob.VAR_KEYWORD, knob.VAR_POSITIONAL):
            takes_seed = knob is parameters[1] and inspect.unwrap(claim.experiment) is claim.experiment
            remedy = "; if it is the seed, put @per_seed under @claim" if takes_seed else ""
            why = f"the claim itself is measured with every knob at its default{remedy}"
            yield f"knob {knob.name!r} has no default: {why}"
    if not isinstance(claim.controls, Mapping) or any(knob.kind is knob.VAR_KEYWORD for knob in parameters[1:]):
        return
    accepted = [knob.name for knob in parameters[1:]]
    for control, knobs in claim.controls.items():
        for name in knobs if isinstance(knobs, Mapping) else ():
            if name not in accepted:
                hint = did_you_mean(str(name), accepted)
                yield f"control {control!r} turns a knob {name!r} that the experiment does not take.{hint}"
