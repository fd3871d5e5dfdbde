"""What plugin authors are given to test with."""

import sys
from pathlib import Path

import pytest

from dlcheck import ClaimError, Run, at_least, claim, per_seed
from dlcheck.errors import DlcheckError
from dlcheck.testing import check_topic, measure


@claim(en="x.", ko="x.", source="none", rule=at_least("drawn", 0.0), controls={"down": {"sign": -1}})
@per_seed
def drawn(run: Run, seed: int, sign: float = 1.0) -> dict[str, float]:
    """A number drawn for the seed."""
    import torch

    return {"drawn": sign * float(torch.rand((), generator=run.generator(seed)))}


@claim(en="x.", ko="x.", source="none", rule=at_least("x", 0.0), controls={"none": {"x": 1}})
def too_few(run: Run) -> dict[str, list[float]]:
    """One number, whatever the seeds."""
    return {"x": [1.0]}


def test_a_sound_topic_gives_its_claims() -> None:
    """An author can loop over what is checked."""
    assert {found.topic for found in check_topic("transformer")} == {"transformer"}


def test_an_unknown_topic_is_an_error() -> None:
    """A check of nothing does not pass."""
    with pytest.raises(DlcheckError, match="Did you mean transformer"):
        check_topic("transformr")


def test_every_fault_of_the_plugin_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The assertion carries each reason and each remedy."""
    (tmp_path / "untold_plugin.py").write_text(
        "from dlcheck import Topic, claim, hookimpl\n"
        "@hookimpl\ndef dlcheck_topics(): return [Topic('untold', 'a', 'b', [__name__])]\n"
        "@claim(en='x', source='y')\ndef f(run): 'What.'\n"
    )
    metadata = tmp_path / "untold-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: untold\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[dlcheck]\nuntold = untold_plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(AssertionError) as caught:
        check_topic("untold")
    del sys.modules["untold_plugin"]
    assert [line.partition(";")[0].partition(":")[0] for line in str(caught.value).splitlines()] == 3 * [
        "claim untold/f"
    ]
    for part in ("no statement in 'ko'", "unknown rule None", "no control", f"edit {tmp_path}"):
        assert part in str(caught.value)


def test_measuring_runs_the_experiment_with_the_claims_own_seeds() -> None:
    """The same call gives the same numbers, other knobs others, and each seed its own."""
    once = measure(drawn)
    assert once == measure(drawn)
    assert len(set(once["drawn"])) == 2
    assert measure(drawn, seeds=3)["drawn"][:2] == once["drawn"]
    assert measure(drawn, sign=-1)["drawn"] == [-x for x in once["drawn"]]


def test_measuring_checks_the_contract() -> None:
    """Too few numbers are found out in the author's own tests."""
    with pytest.raises(ClaimError, match="expected 2 numbers, one per seed, got 1"):
        measure(too_few)
