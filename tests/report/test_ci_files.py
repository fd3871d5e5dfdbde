"""JUnit, SARIF and the Markdown summary: valid by their schemas, nothing open or broken passes, all words escaped."""

import json
import math
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from lxml import etree

from dlcheck.api import Text
from dlcheck.engine.outcome import Arm, Outcome, exit_code, skipped
from dlcheck.engine.plan import Plan
from dlcheck.plugins import Fault
from dlcheck.report import junit, markdown, sarif
from dlcheck.report.results import Grade, Results, grade
from dlcheck.report.text import clean
from dlcheck.rules import Verdict, at_least

SCHEMAS = Path(__file__).parents[1] / "schemas"
ONES, ZEROS, OPEN = (1.0,) * 8, (0.0,) * 8, (0.0, 1.0) * 10
NASTY = "<b>&amp;]]>| `x` [y](http://z) \x1b[31mred\x1b[0m \x00\x07\ufffe\ud800 \u202e @all $x$\n# head"
VERSIONS = {"dlcheck": "0.1.0", "python": "3.11.7", "torch": "2.13.0", "plugins": {}}


@pytest.fixture
def every(outcome, claim):
    """One of every verdict, and one whose every word is an attack."""
    broken = Arm("", fault=f"it broke {NASTY}", details=f"Traceback\n  {NASTY}")
    return {
        "holds": outcome("holds"),
        "myth": outcome("myth", ZEROS, ONES, expect="refuted"),
        "refuted": outcome("refuted", ZEROS, ONES),
        "true-myth": outcome("true-myth", expect="refuted"),
        "vacuous": outcome("vacuous", ONES, ONES),
        "open": outcome("open", OPEN),
        "diverged": outcome("diverged", (math.nan,) * 8, ONES),
        "broken": Outcome(claim("broken"), Verdict.ERROR, [broken, Arm("off")], broken.fault),
        "late": Outcome(claim("late"), Verdict.INCOMPLETE, [Arm(""), Arm("off")]),
        "elsewhere": skipped(claim("elsewhere", devices=("cuda",)), "runs on cuda only"),
        "nasty": outcome(
            "nasty", ZEROS, ONES, statement=Text(NASTY, NASTY), rule=at_least(f"x {NASTY}", 1.0, unit=NASTY)
        ),
    }


GRADES = {
    "holds": Grade.PASS,
    "myth": Grade.PASS,
    "refuted": Grade.FAILURE,
    "true-myth": Grade.FAILURE,
    "vacuous": Grade.FAILURE,
    "open": Grade.SKIPPED,
    "diverged": Grade.FAILURE,
    "broken": Grade.ERROR,
    "late": Grade.ERROR,
    "elsewhere": Grade.SKIPPED,
    "nasty": Grade.FAILURE,
}


@pytest.fixture
def results(every):
    return of(list(every.values()), [Fault("bad", f"cannot be loaded {NASTY}", NASTY)])


def of(outcomes, faults=()):
    plan = Plan("cpu", 0, None, {each.claim.id: "" for each in outcomes})
    return Results(plan, VERSIONS, outcomes, list(faults), exit_code(outcomes))


def test_only_an_expected_verdict_passes(every):
    """Every verdict has its grade; an interrupted run, an open claim and one for another device do not pass."""
    assert {name: grade(each) for name, each in every.items()} == GRADES


def test_a_weak_control_is_told_beside_a_pass(outcome):
    """In each of the files, though the claim came out as expected."""
    weak = of([outcome("weak", control=OPEN)])
    said = "weak control 'off'; it did not clearly fail where it should"
    assert f"toy/weak: {said}" in junit.encode(weak, "en").decode()
    assert said in markdown.encode(weak, "en").decode()
    [result] = json.loads(sarif.encode(weak, "en"))["runs"][0]["results"]
    assert (result["kind"], result["level"]) == ("review", "none")
    assert said in result["message"]["text"]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_junit_fits_the_schema(results, lang):
    """Also with words that no XML can hold."""
    schema = etree.XMLSchema(etree.parse(SCHEMAS / "jenkins-junit.xsd"))
    schema.assertValid(etree.fromstring(junit.encode(results, lang)))


def test_junit_says_what_is_wrong_with_its_numbers(results):
    """failure, error and skipped where the grades say so, counted in the suite; the text has the evidence."""
    toy, plugins = ET.fromstring(junit.encode(results, "en"))
    cases = {case.get("name"): list(case) for case in toy.iter("testcase")}
    assert {name: Grade(parts[0].tag) if parts else Grade.PASS for name, parts in cases.items()} == GRADES
    assert [toy.get(count) for count in ("tests", "failures", "errors", "skipped")] == ["11", "5", "2", "2"]
    assert cases["open"][0].text.startswith("inconclusive · x 0.5 [0, 1] · 10 of 20 seeds")
    assert cases["refuted"][0].get("message").startswith("refuted (expected: verified) · x 0 · 0 of 8 seeds")
    assert "the claim: refuted, x 0\n  x: 0  0  0" in cases["refuted"][0].text
    assert "Traceback" in cases["broken"][0].text
    (fault,) = plugins.iter("testcase")
    assert (fault.get("name"), fault[0].tag) == ("bad", "error")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_sarif_fits_the_schema(results, lang):
    """Version 2.1.0."""
    jsonschema.validate(
        json.loads(sarif.encode(results, lang)), json.loads((SCHEMAS / "sarif-2.1.0-rtm.5.json").read_bytes())
    )


def test_sarif_shows_what_did_not_pass_at_its_experiment(results):
    """A rule for each claim, a result for each that did not pass: fail, open or not applicable."""
    (run,) = json.loads(sarif.encode(results, "en"))["runs"]
    assert len(run["tool"]["driver"]["rules"]) == len(GRADES)
    kinds = {each["ruleId"].partition("/")[2]: (each["kind"], each["level"]) for each in run["results"]}
    special = {"open": ("open", "none"), "elsewhere": ("notApplicable", "none")}
    assert kinds == {
        name: special.get(name, ("fail", "error")) for name, reached in GRADES.items() if reached is not Grade.PASS
    }
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"].endswith("tests/report/conftest.py")
    assert place["region"]["startLine"] > 1
    assert "10 of 20 seeds" in next(each["message"]["text"] for each in run["results"] if each["kind"] == "open")
    (told,) = run["invocations"]
    assert (told["executionSuccessful"], told["exitCode"]) == (False, 4)
    assert "cannot be loaded" in told["toolExecutionNotifications"][0]["message"]["text"]


def test_the_summary_begins_with_what_calls_for_a_look(results):
    """Then every claim by topic; each row is a row however its words are."""
    page = markdown.encode(results, "en").decode()
    troubles, topics = page.split("<details>")
    rows = [line for line in troubles.splitlines() if line.startswith("| ") and "toy/" in line]
    assert len(rows) == sum(reached is not Grade.PASS for reached in GRADES.values())
    assert "`toy/holds`" not in troubles
    assert "inconclusive · x 0.5 \\[0, 1\\] · 10 of 20 seeds" in troubles
    assert topics.count("\n| ✓ |") == 2
    assert "2 of 11 as expected" in topics
    nasty = next(line for line in rows if "toy/nasty" in line)
    assert "\\<b\\>\\&amp;\\]\\]\\>\\| \\`x\\` \\[y\\](http://z) red" in nasty
    assert "<b>&" not in page


def test_the_summary_stays_under_a_mebibyte(outcome):
    """GitHub drops a larger one: rows are left out and counted, what calls for a look comes first."""
    one, bad = outcome("one", statement=Text("가" * 500, "가" * 500)), outcome("bad", ZEROS, ONES)
    page = markdown.encode(of([one] * 3000 + [bad]), "ko")
    assert 900_000 < len(page) < markdown.CAP
    told = page.decode()
    assert told.index("`toy/bad`") < told.index("`toy/one`")
    left_out = 3002 - told.count("\n| ✓ |") - told.count("\n| ✗ |")
    assert f"자리가 모자라 {left_out}행을 뺐습니다" in told
    assert told.count("<details>") == told.count("</details>")


def test_clean_words_can_be_written_as_xml():
    """No code point that XML 1.0 forbids is left."""
    everything = "".join(map(chr, [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xFFFE, 0xFFFF]))
    etree.fromstring(f"<x>{clean(everything)}</x>")
