"""From claims to outcomes, with real processes and a real store."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from dlcheck.api import Claim
from dlcheck.engine import recall, verify
from dlcheck.engine.outcome import exit_code
from dlcheck.engine.pool import Pool
from dlcheck.engine.store import Store
from dlcheck.engine.verify import TRUSTED_SECONDS, seed_batches
from dlcheck.rules import Verdict, at_least

TOYS = (Path(__file__).parent / "toys.py").read_text(encoding="utf-8")
EXPECTED = {
    "true": Verdict.VERIFIED,
    "untrue": Verdict.REFUTED,
    "vacuous": Verdict.VACUOUS,
    "weak": Verdict.VERIFIED,
    "mostly": Verdict.VERIFIED,
    "a_coin": Verdict.INCONCLUSIVE,
    "broken_control": Verdict.ERROR,
    "elsewhere": Verdict.SKIPPED,
    "little_teeth": Verdict.VERIFIED,
    "timed": Verdict.VERIFIED,
}


@pytest.fixture
def toys(write) -> dict[str, Claim]:
    return {claim.function: claim for claim in write(TOYS)}


@pytest.fixture
def notes(tmp_path) -> list[str]:
    class Notes(list[str]):
        def read(self):
            return (tmp_path / "site" / "notes").read_text().splitlines()

    return Notes()


def numbers(outcomes):
    return [
        (o.claim.id, o.verdict, o.reason, [(a.name, a.seeds, a.numbers, a.fault) for a in o.arms]) for o in outcomes
    ]


def test_every_verdict_whatever_the_number_of_jobs(toys, store, ear, tmp_path, helpers):
    """One outcome for each claim in the order asked, the same with one worker or three, told as it is reached."""
    claims = [toys[name] for name in [*EXPECTED, "drawn"]]
    outcomes = verify(claims, jobs=3, store=store, watcher=ear)
    assert {o.claim.function: o.verdict for o in outcomes[:-1]} == EXPECTED
    assert [o.claim for o in outcomes] == claims
    assert sorted(o.claim.id for o in ear.outcomes) == sorted(claim.id for claim in claims)
    by_name = {o.claim.function: o for o in outcomes}
    assert by_name["weak"].weak == ["half"]
    assert by_name["little_teeth"].weak == ["a little off"]
    assert "control 'the same' came out verified too" in by_name["vacuous"].reason
    assert "control 'broken' has shown nothing" in by_name["broken_control"].reason
    assert "cuda only" in by_name["elsewhere"].reason
    assert exit_code(outcomes) == 4
    with Store(tmp_path / "other.sqlite3") as other:
        assert numbers(verify(claims, jobs=1, store=other, watcher=helpers.Ear())) == numbers(outcomes)


def test_seeds_are_added_until_the_verdict_is_settled(toys, store, ear, notes):
    """8, then 4 and 4: settled claims stop early, a coin goes on to the limit of 20."""
    mostly, coin = verify([toys["mostly"], toys["a_coin"]], store=store, watcher=ear)
    assert [len(mostly.arm.seeds), len(coin.arm.seeds), len(coin.controls[0].seeds)] == [12, 20, 8]
    assert [line for line in notes.read() if line.startswith("mostly 1")] == ["mostly 1 8", "mostly 1 4"]
    assert ear.shares["mostly", ""] == [0.25, 0.75] * 2
    assert [seeds for name, arm, seeds, _ in ear.finished_cells if (name, arm) == ("mostly", "")] == [8, 4]


def test_seeds_max_cuts_the_batches(toys):
    """Also in the middle of one."""
    assert seed_batches(toys["true"], 10) == [(0, 8), (8, 10)]
    assert seed_batches(toys["true"], 3) == [(0, 3)]
    assert seed_batches(toys["true"], None) == [(0, 8), (8, 12), (12, 16), (16, 20)]


def test_seeds_max_leaves_a_claim_open(toys, store, ear):
    """Three wins settle nothing."""
    [outcome] = verify([toys["true"]], seeds_max=3, store=store, watcher=ear)
    assert (outcome.verdict, len(outcome.arm.seeds)) == (Verdict.INCONCLUSIVE, 3)


def test_arms_share_seeds_and_claims_and_epochs_do_not(toys, store, ear):
    """Both arms of a claim see the same seeds; no two claims and no two epochs share one."""
    claims = [toys["true"], toys["long"]]
    zero = verify(claims, store=store, watcher=ear)
    one = verify(claims, epoch=1, store=store, watcher=ear)
    assert all(o.arms[0].seeds[:8] == o.arms[1].seeds[:8] for o in zero + one)
    seeds = [seed for o in zero + one for seed in o.arm.seeds]
    assert len(set(seeds)) == len(seeds) == 32
    assert not any(outcome.cached for outcome in one)


def test_timing_claims_run_alone_and_last_and_long_claims_first(toys, store, ear, monkeypatch):
    """Nothing else runs, or is still on its way out, when a timing begins, and nothing begins while it runs."""
    beside = []
    start = Pool._start

    def noting(pool, cells, is_retry):
        others = [other.cells[0].claim.function for other in pool._running + pool._dying]
        beside.append((cells[0].claim.function, others))
        start(pool, cells, is_retry)

    monkeypatch.setattr(Pool, "_start", noting)
    verify([toys["timed"], toys["true"], toys["weak"], toys["long"]], jobs=3, store=store, watcher=ear)
    assert beside[-2:] == [("timed", []), ("timed", [])]
    assert [name for name, _ in beside[:2]] == ["long", "long"]
    assert max(len(others) for _, others in beside) > 0


def test_what_is_saved_is_not_run_again(toys, store, ear, helpers):
    """Unless asked afresh; the expected time is what is missing, by what it took before."""
    claims = [toys["mostly"], toys["true"]]
    first = verify(claims, store=store, watcher=ear)
    assert ear.expected == {"toys/mostly": 2.0, "toys/true": 2.0}
    again = helpers.Ear()
    second = verify(claims, store=store, watcher=again)
    assert (again.why, numbers(second)) == ({}, numbers(first))
    assert all(outcome.cached for outcome in second)
    assert again.expected == {"toys/mostly": 0.0, "toys/true": 0.0}
    assert sorted(again.finished_cells) == sorted((n, a, s, True) for n, a, s, _ in ear.finished_cells)
    fresh = helpers.Ear()
    third = verify(claims, fresh=True, store=store, watcher=fresh)
    assert numbers(third) == numbers(first)
    assert {why for reasons in fresh.why.values() for why in reasons} == {"asked to run afresh"}
    assert 0 < fresh.expected["toys/true"] < 2.0


def test_an_edit_runs_the_right_cells_again_and_says_why(write, toys, store, ear, helpers):
    """An edited helper: those who call it. A moved margin: nobody, and old trials are judged by the new one."""
    verify([toys["true"], toys["weak"]], store=store, watcher=ear)
    edited = {c.function: c for c in write(TOYS.replace('"a") as file', '"at") as file'))}
    after = helpers.Ear()
    verify([edited["true"], edited["weak"]], store=store, watcher=after)
    assert after.why == {("true", ""): ["toys.note changed"], ("true", "off"): ["toys.note changed"]}
    moved = replace(edited["true"], rule=at_least("x", 1.5))
    [outcome] = verify([moved], store=store, watcher=after)
    assert (outcome.arm.verdict, outcome.verdict, outcome.cached) == (Verdict.REFUTED, Verdict.VACUOUS, True)


def test_a_new_knob_of_a_control_runs_that_control(toys, store, ear, helpers):
    """And neither the claim nor another control."""
    verify([toys["weak"]], store=store, watcher=ear)
    after = helpers.Ear()
    turned = replace(toys["weak"], controls={"off": {"x": 0.0}, "half": {"x": 0.0}})
    verify([turned], store=store, watcher=after)
    assert after.why == {("weak", "half"): ["knobs changed"]}


def test_knobs_that_cannot_be_sent_are_an_error(toys, store, ear):
    """Of that claim, in one line with what is expected; the next is decided."""
    odd = replace(toys["true"], controls={"off": {"x": lambda: 0}})
    broken, sound = verify([odd, toys["weak"]], store=store, watcher=ear)
    assert (broken.verdict, sound.verdict) == (Verdict.ERROR, Verdict.VERIFIED)
    assert "expected numbers, strings or functions of a module" in broken.reason


def test_recall_runs_nothing(toys, store, ear):
    """The verdict from the store, or nothing while a trial is missing."""
    assert recall(toys["mostly"], device="cpu", store=store) is None
    [decided] = verify([toys["mostly"]], store=store, watcher=ear)
    recalled = recall(toys["mostly"], device="cpu", store=store)
    assert recalled is not None
    assert numbers([recalled]) == numbers([decided])
    assert recall(toys["mostly"], device="cpu", epoch=1, store=store) is None


def test_a_source_that_is_edited_while_it_runs_is_not_saved(write, toys, store, ear, tmp_path, monkeypatch):
    """Nobody knows which version the worker has imported, so its key would be a lie."""
    path = tmp_path / "site" / "toys.py"
    started = ear.started

    def edit(claim, arm, why):
        started(claim, arm, why)
        path.write_text(TOYS.replace("for the test to read", "").replace("{what}", "{what} "))

    monkeypatch.setattr(ear, "started", edit)
    [outcome] = verify([toys["true"]], store=store, watcher=ear)
    assert outcome.verdict is Verdict.VERIFIED
    assert store.count() == 0
    assert all("edited while it ran" in notice for notice in ear.notices)


def test_old_trials_are_measured_again_a_few_at_a_time(toys, store, ear, helpers):
    """The oldest beyond a week; a number that has changed although nothing seems to have is told, and counts."""
    claims = [toys["true"], toys["weak"]]
    verify(claims, store=store, watcher=ear)
    old, older = time.time() - TRUSTED_SECONDS - 60, time.time() - 2 * TRUSTED_SECONDS
    with sqlite3.connect(store.path) as tampered:
        tampered.execute("UPDATE cells SET finished = ?", [old])
        tampered.execute(
            "UPDATE cells SET finished = ?, result = replace(result, '1.0', '7.0')"
            " WHERE claim = 'toys/true' AND arm = ''",
            [older],
        )
    after = helpers.Ear()
    [outcome, _] = verify(claims, store=store, watcher=after)
    assert after.why == {("true", ""): ["saved long ago, measured again as a sample"]}
    assert outcome.arm.numbers == {"x": [1.0] * 8}
    assert ["measures other numbers than were saved" in notice for notice in after.notices] == [True]
    following = helpers.Ear()
    verify(claims, store=store, watcher=following)
    assert len(following.why) == 1
    assert ("true", "") not in following.why
    assert following.notices == []


def test_an_audit_measures_the_oldest_again_whatever_its_age(toys, store, ear, helpers):
    """One in twenty and at least one, another each time; timing claims, which never come out the same, are left out."""
    claims = [toys["true"], toys["weak"], toys["timed"]]
    verify(claims, store=store, watcher=ear)
    cells = {("true", ""), ("true", "off"), ("weak", ""), ("weak", "off"), ("weak", "half")}
    seen = []
    for _ in cells:
        after = helpers.Ear()
        verify(claims, audit=True, store=store, watcher=after)
        assert after.audits == [(next(iter(after.why))[0], True)]
        assert {why for reasons in after.why.values() for why in reasons} == {"an audit of what is saved"}
        seen += after.why
    assert set(seen) >= {("true", ""), ("true", "off"), ("weak", ""), ("weak", "off")}


def test_an_audit_tells_numbers_that_differ(toys, store, ear, helpers):
    """Somebody has changed what is saved."""
    verify([toys["untrue"]], store=store, watcher=ear)
    with sqlite3.connect(store.path) as tampered:
        tampered.execute("UPDATE cells SET result = replace(result, '0.0', '0.5'), finished = 1 WHERE arm = ''")
    after = helpers.Ear()
    verify([toys["untrue"]], audit=True, store=store, watcher=after)
    assert after.audits == [("untrue", False)]
    assert ["measures other numbers than were saved" in notice for notice in after.notices] == [True]
