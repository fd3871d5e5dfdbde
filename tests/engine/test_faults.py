"""Every way in which an experiment can break costs that claim alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlcheck.engine import cell, verify
from dlcheck.engine.outcome import Outcome
from dlcheck.rules import Verdict

HANGS = {
    "sleeps_forever": "took longer than its time limit",
    "ignores_sigterm": "took longer than its time limit",
    "stuck_in_c": "took longer than its time limit",
    "talks_forever": "took longer than its time limit",
    "stops_in_mid_sentence": "took longer than its time limit",
}
LOST = {
    "segfaults": "its process died (SIGSEGV)",
    "allocates_tensors": "ran out of the memory",
    "allocates_bytes": "ran out of the memory",
    "killed_from_outside": "its process died (SIGKILL)",
    "dies_and_leaves_a_child": "its process died (SIGKILL)",
    "leaves_early": "its process died (exit code 0)",
    "writes_garbage": "sent something unreadable",
    "closes_everything": "its process died (exit code 1)",
}
WRONG = {
    "is_nan": "expected a finite number",
    "returns_a_string": "expected a dict",
    "returns_strings": "expected numbers",
    "returns_too_few": "expected 8 numbers, one per seed, got 7",
    "raises": "the experiment raised ValueError: no luck (faults.py:",
    "calls_sys_exit": "the experiment raised SystemExit",
}
FINE = [
    "sound",
    "leaves_a_child",
    "leaves_a_session",
    "leaves_a_daemon",
    "leaves_many",
    "leaves_a_thread",
    "copies_itself",
    "prints_a_lot",
    "also_sound",
]


@pytest.fixture
def run(faults, store, ear, left_behind, monkeypatch):
    """`run(names)` decides these claims and returns their outcomes by name."""
    monkeypatch.setattr(cell, "GRACE_SECONDS", 1.0)

    def decide(names, jobs=2) -> dict[str, Outcome]:
        outcomes = verify([faults[name] for name in names], jobs=jobs, store=store, watcher=ear)
        assert [outcome.claim.function for outcome in outcomes] == list(names)
        return {outcome.claim.function: outcome for outcome in outcomes}

    return decide


def check_unharmed(outcomes, store, left_behind, broken):
    """The sound claims are decided, every control and all that was measured is saved, and no process is left."""
    assert left_behind() == []
    for name, outcome in outcomes.items():
        expected = Verdict.ERROR if name in broken else Verdict.VERIFIED
        assert outcome.verdict is expected, (name, outcome.reason)
        control = outcome.controls[0]
        assert (name, control.fault, control.verdict) == (name, "", Verdict.REFUTED)
    arms_measured = sum(len(arm.seeds) > 0 for outcome in outcomes.values() for arm in outcome.arms)
    assert store.count() == arms_measured


def test_what_hangs_is_killed_after_its_time_limit(run, ear, store, left_behind):
    """Sleeping, deaf to SIGTERM, stuck in C, telling of progress without end, or silent in mid-message: each is ended
    twice and then reported, and the others are decided."""
    outcomes = run(["sound", *HANGS, "also_sound"], jobs=4)
    check_unharmed(outcomes, store, left_behind, HANGS)
    for name, reason in HANGS.items():
        assert reason in outcomes[name].reason
        assert ear.why[outcomes[name].claim.name, ""] == ["never run", "never run"]


def test_a_lost_process_is_retried_once_and_then_an_error(run, ear, store, left_behind):
    """A crash, a kill, a lack of memory or a broken pipe is never evidence: one more try, then the reason is told."""
    outcomes = run(["sound", *LOST, "also_sound"])
    check_unharmed(outcomes, store, left_behind, LOST)
    for name, reason in LOST.items():
        assert reason in outcomes[name].reason
        assert len(ear.why[outcomes[name].claim.name, ""]) == 2, name
        assert any(name.replace("_", "-") in notice and "once more" in notice for notice in ear.notices), name


def test_a_broken_experiment_is_an_error_at_once(run, ear, store, left_behind):
    """What the experiment itself does wrong would go wrong again, so it is not tried again."""
    outcomes = run(["sound", *WRONG, "also_sound"])
    check_unharmed(outcomes, store, left_behind, WRONG)
    for name, reason in WRONG.items():
        assert outcomes[name].verdict is Verdict.ERROR
        assert reason in outcomes[name].reason
        assert len(ear.why[outcomes[name].claim.name, ""]) == 1, name
    assert ear.notices == []
    assert "Traceback" in outcomes["raises"].arm.details


def test_what_experiments_leave_behind_is_killed(run, ear, store, left_behind):
    """Children in the group, in sessions of their own, forked twice, thirty of them, threads, noise: all is verified,
    and nothing of it is left."""
    check_unharmed(run(FINE), store, left_behind, broken=())
    assert ear.notices == []


def test_a_run_that_diverged_is_a_loss_and_no_error(run):
    """NaN in the arm that was to do well refutes a comparison."""
    assert run(["diverges"])["diverges"].verdict is Verdict.REFUTED


def test_the_second_try_has_the_same_seeds(run, ear, faults, tmp_path):
    """A process that was killed once costs nothing but time."""
    outcome = run(["killed_once"])["killed_once"]
    first, second = (tmp_path / "site" / "seeds").read_text().splitlines()
    assert (outcome.verdict, first) == (Verdict.VERIFIED, second)
    assert first == str(faults["killed_once"].seeds(0, 0, 8))


def test_a_module_that_workers_cannot_import_is_an_error(write, faults, store, ear, left_behind):
    """It is told with its reason, and other claims are decided."""
    broken = write((Path(__file__).parent / "faulty" / "only_here.py").read_text(), "only_here")
    outcome, sound = verify([*broken, faults["sound"]], jobs=2, store=store, watcher=ear)
    assert (outcome.verdict, sound.verdict) == (Verdict.ERROR, Verdict.VERIFIED)
    assert "ImportError: not in a worker" in outcome.reason
    assert left_behind() == []
