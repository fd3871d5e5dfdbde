"""What holds for every bundled topic. That each control has the opposite verdict is the engine's business."""

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dlcheck import Claim
from dlcheck.plugins import load
from dlcheck.quiz.base import spelt
from dlcheck.testing import check_topic, measure
from dlcheck_activations import oracles as of_activations
from dlcheck_lstm import oracles as of_lstm
from dlcheck_lstm.model import chrono_
from dlcheck_transformer import oracles as of_transformer

STATEMENTS = {
    "activations": {"000-07", "000-08", *(f"001-{n}" for n in range(25, 32))},
    "bert": {"002-31", "004-23", "004-24", "004-25", "004-26"},
    "lstm": {"000-32", *(f"001-0{n}" for n in range(1, 7)), "003-12", "004-08"},
    "resnet": {"000-23", "000-24", "000-25", "001-17", "002-27", "002-28", "002-29"},
    "transformer": {"002-30", "003-03", "003-06", *(f"000-{n}" for n in (26, 27, 28, 31, 34, 37, 40))}
    | {f"004-{n}" for n in range(14, 20)},
}
"""The statements of the study notes that each topic has to decide."""

CLAIMS = [claim for topic in STATEMENTS for claim in check_topic(topic)]
CHEAP = [claim for claim in CLAIMS if claim.seconds < 1 and not claim.rule.timing]


def test_every_topic_is_here() -> None:
    """No bundled plugin is left out of these tests."""
    catalogue = load()
    bundled = {name for plugin in catalogue.plugins if plugin.distribution == "dlcheck" for name in plugin.topics}
    assert bundled == set(STATEMENTS)


def test_listing_claims_needs_no_torch() -> None:
    """Modules of claims import torch when an experiment runs, not when they are listed."""
    code = "import sys; from dlcheck.plugins import load; load(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("topic", STATEMENTS)
def test_every_statement_of_the_notes_has_a_claim(topic: str) -> None:
    """And no claim speaks of a statement of another topic."""
    assert {note for claim in CLAIMS if claim.topic == topic for note in claim.notes} == STATEMENTS[topic]


@pytest.mark.parametrize("claim", CHEAP, ids=lambda claim: claim.id)
def test_every_arm_measures_what_the_rule_reads(claim: Claim) -> None:
    """The claim and each of its controls return the measures of the rule, one number per seed."""
    for knobs in claim.arms().values():
        assert set(claim.rule.measures) <= set(measure(claim, seeds=2, **knobs))


@pytest.mark.parametrize("topic", STATEMENTS)
def test_endings_in_korean_go_with_any_number(topic: str) -> None:
    """Behind a placeholder it is 이다 and 이었다: 6다 is no Korean."""
    bank = Path(__file__).parents[2] / f"questions/dlcheck_questions/{topic}.yaml"
    assert not re.findall(r"\}(?:다\b|였다).*", bank.read_text(encoding="utf-8"))


def test_a_known_answer_is_shown_exactly() -> None:
    """With what was measured beside it, and never in its place: nobody shall learn 0.4992 for 1/2."""
    assert of_activations.mean_output_of_sigmoid().right == pytest.approx(0.5, abs=1e-9)
    assert of_activations.mean_square_behind_relu().right == pytest.approx(0.5, abs=1e-6)
    assert of_activations.mean_square_behind_relu().wrong["mean"] == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-6)
    for told, right in ((of_transformer.standard_deviation_of_scores(64), 8), (of_lstm.longest_memory(50), 50)):
        assert told.right == right
        assert told.shown["measured"] == pytest.approx(right, rel=0.05)


def test_a_known_answer_is_none_when_the_model_shows_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """The formula alone would go on grading answers about a model that is broken."""
    monkeypatch.setattr(of_lstm, "chrono_", lambda cell, longest: chrono_(cell, 2 * longest))
    with pytest.raises(ValueError, match="expected to measure 50 within 8%, got"):
        of_lstm.longest_memory(50)


def test_numbers_of_parameters_are_spelt_alike() -> None:
    """10,000 beside 100, and not 1e+04."""
    told = of_lstm.parameters_by_length(100)
    assert [spelt(each) for each in (told.right, *told.wrong.values())] == ["1", "100", "10,000"]
