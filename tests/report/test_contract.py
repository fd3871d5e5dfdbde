"""The JSON contract of docs/json.md."""

import json
import math
import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from dlcheck.engine.plan import Plan, Shard
from dlcheck.plugins import Catalogue, Fault, Plugin
from dlcheck.report import contract
from dlcheck.report.results import Results

DOCS = Path(__file__).parents[2] / "docs" / "json.md"


@pytest.fixture
def catalogue():
    return Catalogue([Plugin(EntryPoint("toy", "toy_plugin", "dlcheck"), ["toy"], [])], [])


@pytest.fixture
def document(catalogue, outcome):
    """Two claims, one of them with seeds that diverged."""
    outcomes = [outcome("fine"), outcome("diverged", (math.nan,) * 8, (1.0,) * 8)]
    faults = [Fault("bad", "it fails", "mend it", "")]
    made = contract.document(results(catalogue, outcomes, faults))
    return json.loads(contract.encode(made), parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def results(catalogue, outcomes, faults=()):
    plan = Plan("cpu", 0, None, {each.claim.id: "digest" for each in outcomes}, Shard(1, 2))
    return Results(plan, contract.versions(catalogue), outcomes, list(faults), 4)


def test_results_have_the_promised_fields(document):
    """Schema 1: the document, each claim and each control have exactly the fields that docs/json.md names."""
    named = {section: set(re.findall(r"^\| `(\w+)`", table, re.M)) for section, table in sections()}
    claim = document["claims"][0]
    assert set(document) == named["The document"]
    assert set(claim) == named["A claim"] | named["A result"]
    assert set(claim["controls"][0]) == named["A control"]
    assert set(document["summary"]) == named["The summary"]
    assert document["schema"] == contract.SCHEMA == 1


def sections():
    return [(part.partition("\n")[0], part) for part in DOCS.read_text(encoding="utf-8").split("\n## ")[1:]]


def test_a_listing_has_the_same_claims_without_results(catalogue, claim):
    """`list --json` gives what the author fixed, and nothing measured."""
    listed = contract.listing(catalogue, [claim()])
    assert set(listed) == {"schema", "versions", "claims", "faults"}
    named = dict(sections())["A claim"]
    assert set(listed["claims"][0]) == set(re.findall(r"^\| `(\w+)`", named, re.M))
    assert listed["claims"][0]["statement"] == {"en": "It is so.", "ko": "그렇다."}


def test_what_is_not_finite_is_a_string(document):
    """Strict JSON has no NaN: numbers that are not finite are strings, which Python's float reads."""
    diverged = document["claims"][1]
    assert diverged["numbers"]["measures"]["x"] == ["NaN"] * 8
    assert diverged["effect"] == "-Infinity"
    assert float(diverged["effect"]) == -math.inf


def test_measured_numbers_survive_the_round_trip(catalogue, outcome):
    """Every digit of a measured number is there again after reading."""
    measured = (1.0 + 2**-52, 1e-300, 1e300, 1.1, 1.2, 1.3, 1.4, 1.5)
    made = contract.document(results(catalogue, [outcome(own=measured)]))
    again = json.loads(contract.encode(made))
    assert tuple(again["claims"][0]["numbers"]["measures"]["x"]) == measured


def test_what_is_no_json_is_refused():
    """And text that UTF-8 cannot carry is written as the escape that JSON has for it."""
    with pytest.raises(TypeError):
        contract.encode({"a": object()})
    assert json.loads(contract.encode({"a": "가\ud800"})) == {"a": "가\ud800"}
