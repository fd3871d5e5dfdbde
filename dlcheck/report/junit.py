"""Results as JUnit XML: a suite for each topic, a test case for each claim."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import groupby
from xml.etree import ElementTree as ET

from dlcheck.api import Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.plugins import Fault
from dlcheck.report.evidence import evidence, verdict_line, weak_line
from dlcheck.report.results import Grade, Results, grade
from dlcheck.report.text import clean

BROKEN_PLUGINS = "plugins"
"""The suite of the plugins behind the names asked for that cannot be loaded."""


def encode(results: Results, lang: Lang) -> bytes:
    """Fits the schema of Jenkins, and the stricter one of Ant."""
    root = ET.Element("testsuites")
    for topic, outcomes in groupby(results.outcomes, key=lambda outcome: outcome.claim.topic):
        _suite_of_topic(root, topic, list(outcomes), results, lang)
    if results.faults:
        _suite_of_faults(root, results)
    ET.indent(root)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode").encode() + b"\n"


def _suite_of_topic(root: ET.Element, topic: str, outcomes: Sequence[Outcome], results: Results, lang: Lang) -> None:
    grades = [grade(outcome) for outcome in outcomes]
    suite = _suite(root, topic, grades, sum(outcome.seconds for outcome in outcomes), results)
    for outcome, reached in zip(outcomes, grades, strict=True):
        case = _case(suite, topic, outcome.claim.name, outcome.seconds)
        line = verdict_line(outcome, lang)
        if reached is Grade.SKIPPED:
            ET.SubElement(case, "skipped").text = line  # Jenkins allows it no attributes
        elif reached is not Grade.PASS:
            told = ET.SubElement(case, reached, {"type": outcome.verdict, "message": line})
            told.text = evidence(outcome, lang)
    _end(suite, "\n".join(weak_line(outcome, lang) for outcome in outcomes if outcome.weak))


def _suite_of_faults(root: ET.Element, results: Results) -> None:
    suite = _suite(root, BROKEN_PLUGINS, [Grade.ERROR] * len(results.faults), 0.0, results)
    for fault in results.faults:
        case = _case(suite, BROKEN_PLUGINS, _named(fault), 0.0)
        ET.SubElement(case, "error", {"type": "plugin", "message": clean(fault.reason)}).text = clean(fault.remedy)
    _end(suite)


def _named(fault: Fault) -> str:
    return clean(f"{fault.plugin}, topic {fault.topic}" if fault.topic else fault.plugin)


def _suite(root: ET.Element, name: str, grades: Sequence[Grade], seconds: float, results: Results) -> ET.Element:
    count = Counter(grades)
    attributes = {
        "name": name,
        "package": "dlcheck",
        "id": str(len(root)),
        "tests": str(len(grades)),
        "failures": str(count[Grade.FAILURE]),
        "errors": str(count[Grade.ERROR]),
        "skipped": str(count[Grade.SKIPPED]),
        "time": f"{seconds:.3f}",
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "hostname": platform.node() or "localhost",
    }
    suite = ET.SubElement(root, "testsuite", attributes)
    properties = ET.SubElement(suite, "properties")
    versions = {name: results.versions[name] for name in ("dlcheck", "python", "torch")}
    for key, value in {**versions, "device": results.plan.device, "epoch": results.plan.epoch}.items():
        ET.SubElement(properties, "property", {"name": key, "value": str(value)})
    return suite


def _case(suite: ET.Element, classname: str, name: str, seconds: float) -> ET.Element:
    return ET.SubElement(suite, "testcase", {"classname": classname, "name": name, "time": f"{seconds:.3f}"})


def _end(suite: ET.Element, said: str = "") -> None:
    """said: of test cases that pass, which have no place for it (Ant)."""
    for stream, text in (("system-out", said), ("system-err", "")):
        ET.SubElement(suite, stream).text = text
