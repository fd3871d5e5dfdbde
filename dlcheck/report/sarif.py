"""Results as SARIF 2.1.0: what code scanning shows at the experiment's line.

Claims that came out as expected are left out, because many readers show every result as a problem; those of them whose
control has hardly bitten are there for review.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from dlcheck.api import Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.report.contract import code
from dlcheck.report.evidence import evidence, verdict_line
from dlcheck.report.results import Grade, Results, grade
from dlcheck.report.text import clean
from dlcheck.rules import Verdict

Json = dict[str, Any]
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
VERSION = "2.1.0"


def encode(results: Results, lang: Lang) -> bytes:
    """One run; a rule of SARIF is a claim of ours."""
    shown = [outcome for outcome in results.outcomes if outcome.weak or grade(outcome) is not Grade.PASS]
    run = {
        "tool": {
            "driver": {
                "name": "dlcheck",
                "version": results.versions["dlcheck"],
                "rules": [_rule(outcome, lang) for outcome in results.outcomes],
            }
        },
        "invocations": [_invocation(results)],
        "results": [_result(outcome, lang) for outcome in shown],
        "properties": {"device": results.plan.device, "epoch": results.plan.epoch, "versions": results.versions},
    }
    document = {"$schema": SCHEMA, "version": VERSION, "runs": [run]}
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def _invocation(results: Results) -> Json:
    """A plugin that cannot be loaded is a notification: there is no claim to hang it on."""
    return {
        "executionSuccessful": results.exit_code != 4,
        "exitCode": results.exit_code,
        "toolExecutionNotifications": [
            {"level": "error", "message": {"text": clean(f"plugin {fault.plugin}: {fault.reason}; {fault.remedy}")}}
            for fault in results.faults
        ],
    }


def _rule(outcome: Outcome, lang: Lang) -> Json:
    claim = outcome.claim
    return {
        "id": claim.id,
        "shortDescription": {"text": clean(claim.statement(lang))},
        "fullDescription": {"text": clean(claim.rule.words(lang))},
        "help": {"text": clean(claim.source)},
    }


def _result(outcome: Outcome, lang: Lang) -> Json:
    """SARIF has words for what is open, does not apply here or is to be looked at; none of these has a level."""
    kinds = {Verdict.INCONCLUSIVE: "open", Verdict.SKIPPED: "notApplicable"}
    kind = "review" if grade(outcome) is Grade.PASS else kinds.get(outcome.verdict, "fail")
    return {
        "ruleId": outcome.claim.id,
        "kind": kind,
        "level": "error" if kind == "fail" else "none",
        "message": {"text": f"{clean(outcome.claim.statement(lang))}\n{verdict_line(outcome, lang)}"},
        "locations": [_location(outcome)],
        "partialFingerprints": {"claim/v1": outcome.claim.id},
        "properties": {"verdict": outcome.verdict, "evidence": evidence(outcome, lang)},
    }


def _location(outcome: Outcome) -> Json:
    file, line = code(outcome.claim)
    path = Path(file)
    uri = path.as_uri() if path.is_absolute() else path.as_posix()
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": max(1, line)}}}
