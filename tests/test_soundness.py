"""What is wrong with a claim is told before anything runs."""

import sys
from types import ModuleType

import pytest

from dlcheck.api import Claim, Topic
from dlcheck.soundness import claim_problems


def declared(keyword: str, **replaced: str) -> str:
    """A claim with one keyword left out, or given another value."""
    parts = {
        "en": "'True.'",
        "ko": "'참이다.'",
        "source": "'Euclid'",
        "rule": "at_least('x', 1.0)",
        "controls": "{'off': {'x': 0.0}}",
    } | replaced
    arguments = ", ".join(f"{name}={value}" for name, value in parts.items() if name != keyword)
    return f'@claim({arguments})\ndef odd(run, x=1.0):\n    """The number itself."""\n    return {{"x": [x]}}\n'


MALFORMED = {
    "no English": (declared("en"), "no statement in 'en': add en='...'"),
    "blank Korean": (declared("", ko="' '"), "no statement in 'ko'"),
    "no source": (declared("source"), "no source"),
    "no rule": (declared("rule"), "unknown rule None: expected rule=..., one of exceeds,"),
    "rule by name": (declared("", rule="'exeeds'"), "unknown rule 'exeeds': expected rule=..., one of exceeds, below"),
    "no control": (declared("controls"), "no control: add controls={"),
    "empty controls": (declared("", controls="{}"), "no control: add controls={"),
    "listed controls": (declared("", controls="['x']"), "expected a dict of name -> knobs"),
    "control turns nothing": (declared("", controls="{'off': {}}"), "control 'off' turns no knob"),
    "control is a value": (declared("", controls="{'off': 3}"), "control 'off' turns no knob"),
    "knob that no file can hold": (
        declared("", controls="{'off': {'x': len}}"),
        "control 'off': expected numbers, strings, lists and dicts as values, got {'x': <built-in function len>}",
    ),
    "nameless control": (declared("", controls="{'': {'x': 0.0}}"), "control '': expected a name"),
    "unknown knob": (
        declared("", controls="{'off': {'y': 0.0, 'x': 1}}"),
        "control 'off' turns a knob 'y' that the experiment does not take",
    ),
    "turns the seed": (
        declared("", controls="{'off': {'seed': 0}}").replace("def odd(run,", "@per_seed\ndef odd(run, seed,"),
        "turns a knob 'seed' that the experiment does not take",
    ),
    "turns the run": (declared("", controls="{'off': {'run': 0}}"), "turns a knob 'run'"),
    "expectation": (declared("", expect="'true'"), "expect='true': expected 'verified' or 'refuted'"),
    "device": (declared("", devices="['cpu', 'gpu']"), "unknown device 'gpu'"),
    "seconds": (declared("", seconds="0"), "seconds=0: expected a number above 0"),
    "no docstring": (declared("").replace('"""The number itself."""', "pass"), "no docstring"),
    "no default": (declared("").replace("x=1.0", "x"), "knob 'x' has no default"),
    "forgotten @per_seed": (
        declared("").replace("def odd(run,", "def odd(run, seed,"),
        "knob 'seed' has no default: the claim itself is measured with every knob at its default; if it is the seed,"
        " put @per_seed under @claim",
    ),
    "devices in a string": (
        declared("", devices="'cpu'"),
        "devices='cpu': expected a list of cpu, cuda, mps, got a string",
    ),
    "no run": (declared("", controls="{'off': {'y': 1}}").replace("run, x=1.0", ""), "the experiment takes nothing"),
    "name": (declared("").replace("odd", "끝"), "name the function with ASCII letters"),
    "private": (declared("").replace("odd", "_odd"), "name the function with ASCII letters"),
    "bound elsewhere": (declared("") + "other, odd = odd, None\n", "'odd' in written is something else"),
}


def written(source: str, monkeypatch: pytest.MonkeyPatch) -> Claim:
    """The one claim of a module with this source."""
    module = ModuleType("written")
    monkeypatch.setitem(sys.modules, "written", module)
    exec("from dlcheck import at_least, claim, per_seed\n" + source, vars(module))
    (claim,) = Topic("topic", en="A topic", ko="주제", claims=["written"]).collect("written")
    return claim


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_claim_is_told_what_is_wrong(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, with what was expected."""
    source, problem = MALFORMED[case]
    problems = claim_problems(written(source, monkeypatch))
    assert any(problem in found for found in problems)
    assert not any("\n" in found for found in problems)


@pytest.mark.parametrize("decorated", ["def odd(run,", "@per_seed\ndef odd(run, seed,"])
def test_a_sound_claim_has_no_problems(decorated: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The seed of an experiment written for one seed is no knob without a default."""
    assert not claim_problems(written(declared("").replace("def odd(run,", decorated), monkeypatch))


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """An author mends them all in one go."""
    found = claim_problems(written("@claim()\ndef odd(run): ...", monkeypatch))
    assert [problem.partition(":")[0] for problem in found] == [
        "no statement in 'en'",
        "no statement in 'ko'",
        "no docstring",
        "no source",
        "unknown rule None",
        "no control",
    ]


def test_a_device_in_a_string_is_one_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one for each letter."""
    assert len(claim_problems(written(declared("", devices="'cpu'"), monkeypatch))) == 1
