"""A run that is killed or interrupted leaves nothing behind and loses nothing that it had measured."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from pathlib import Path

import pytest

from dlcheck.engine import verify
from dlcheck.engine.pool import _fork_server
from dlcheck.rules import Verdict

CLAIMS = ["quick", "noisy", "stuck-in-c", "has-children", "last"]


class Supervisor:
    """dlcheck's engine in a process of its own, in its own foreground group, with everything it starts marked."""

    def __init__(self, folder: Path, home: Path, helpers, module: str = "patient", jobs: int = 5) -> None:
        self.helpers = helpers
        self.mark = uuid.uuid4().hex
        self.errors = home.with_suffix(f".{self.mark}.errors")
        with self.errors.open("w") as errors:
            self.process = subprocess.Popen(
                [sys.executable, str(folder / "supervise.py"), module, str(home), str(jobs)],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                env={**os.environ, helpers.MARK: self.mark, "OMP_NUM_THREADS": "1"},
                start_new_session=True,
            )

    def processes(self) -> list[str]:
        return self.helpers.marked(self.mark)

    def kill(self, number: int, *, group: bool) -> None:
        (os.killpg if group else os.kill)(self.process.pid, number)

    def end(self) -> list[dict]:
        """Wait for it, and for all it has started; what it told."""
        told, _ = self.process.communicate(timeout=self.helpers.PATIENCE)
        self.helpers.wait_until(lambda: not self.processes(), f"{self.processes()} to be gone")
        return [json.loads(line) for line in told.splitlines() if line.startswith("{") and line.endswith("}")]


def saved(home: Path) -> set[tuple[str, str, int]]:
    try:
        with sqlite3.connect(home / "trials.sqlite3") as connection:
            return {
                (c.partition("/")[2], a, s) for c, a, s in connection.execute("SELECT claim, arm, start FROM cells")
            }
    except sqlite3.OperationalError:
        return set()


def outcomes(told: list[dict]) -> dict[str, dict]:
    return {each["claim"]: each for each in told if each["kind"] == "outcome"}


def waiting(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("* waits")}


def test_after_kill_9_a_run_goes_on_where_it_stopped(copy_faults, tmp_path, helpers):
    """No process survives, not even one that is stuck in C or has left its group; the second run starts the missing
    cells only, and comes to what an undisturbed run comes to."""
    home = tmp_path / "home"
    first = Supervisor(copy_faults, home, helpers)
    quick = {("quick", ""), ("quick", "off"), ("last", ""), ("last", "off")}
    helpers.wait_until(
        lambda: quick <= {(c, a) for c, a, _ in saved(home)} and len(waiting(copy_faults)) == 4, "the quick claims"
    )
    first.kill(signal.SIGKILL, group=False)
    first.end()
    kept = saved(home)

    (copy_faults / "go on").touch()
    second = Supervisor(copy_faults, home, helpers).end()
    undisturbed = Supervisor(copy_faults, tmp_path / "other", helpers).end()
    assert outcomes(second) == outcomes(undisturbed)
    assert list(outcomes(second)) == CLAIMS
    assert {each["verdict"] for each in outcomes(second).values()} <= {"verified", "inconclusive", "refuted", "vacuous"}
    cached = {(e["claim"], e["arm"]) for e in second if e["kind"] == "finished" and e["cached"]}
    assert cached == {(claim, arm) for claim, arm, _ in kept}
    measured_anew = saved(home) - kept
    assert len(measured_anew) == sum(each["kind"] == "started" for each in second)
    assert {each["why"] for each in second if each["kind"] == "started"} == {"never run"}


def test_ctrl_c_ends_a_run_and_says_what_is_decided(copy_faults, tmp_path, helpers):
    """Every claim has an outcome, those not decided are incomplete; nothing is left, and nobody complains."""
    supervisor = Supervisor(copy_faults, tmp_path / "home", helpers)
    helpers.wait_until(
        lambda: len(waiting(copy_faults)) == 4 and ("last", "off", 0) in saved(tmp_path / "home"), "cells"
    )
    supervisor.kill(signal.SIGINT, group=True)
    told = supervisor.end()
    verdicts = {claim: each["verdict"] for claim, each in outcomes(told).items()}
    assert list(verdicts) == CLAIMS
    assert verdicts["quick"] == verdicts["last"] == "verified"
    assert verdicts["stuck-in-c"] == verdicts["has-children"] == "incomplete"
    assert supervisor.errors.read_text() == ""
    assert supervisor.process.returncode == 0


def test_ctrl_c_while_torch_is_imported(copy_faults, tmp_path, helpers):
    """The fork server takes a second or more to be ready; an interrupt ends it without noise, and nothing is run."""
    supervisor = Supervisor(copy_faults, tmp_path / "home", helpers)
    helpers.wait_until(lambda: any("forkserver" in each for each in supervisor.processes()), "the fork server")
    supervisor.kill(signal.SIGINT, group=True)
    told = supervisor.end()
    assert [each["kind"] for each in told][-len(CLAIMS) - 1 :] == ["interrupted", *["outcome"] * len(CLAIMS)]
    assert {each["verdict"] for each in outcomes(told).values()} == {"incomplete"}
    assert supervisor.errors.read_text() == ""


def test_ctrl_c_pressed_again_and_again(copy_faults, tmp_path, helpers):
    """Impatience does not stop the clearing up."""
    supervisor = Supervisor(copy_faults, tmp_path / "home", helpers)
    helpers.wait_until(lambda: len(waiting(copy_faults)) == 4, "cells that run")
    while supervisor.process.poll() is None:
        supervisor.kill(signal.SIGINT, group=True)
    supervisor.end()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_killing_the_whole_group_or_closing_the_terminal_leaves_nothing(copy_faults, tmp_path, helpers, number):
    """Both end the supervisor at once, and the rest follows."""
    supervisor = Supervisor(copy_faults, tmp_path / "home", helpers)
    helpers.wait_until(lambda: len(waiting(copy_faults)) == 4, "cells that run")
    supervisor.kill(number, group=True)
    supervisor.end()
    assert supervisor.process.returncode == -number


def test_two_runs_at_once_share_a_store(copy_faults, tmp_path, helpers):
    """Both decide everything; a third run finds all of it saved."""
    (copy_faults / "go on").touch()
    pair = [Supervisor(copy_faults, tmp_path / "home", helpers, jobs=2) for _ in range(2)]
    one, other = [outcomes(each.end()) for each in pair]
    assert one == other
    assert list(one) == CLAIMS
    third = Supervisor(copy_faults, tmp_path / "home", helpers).end()
    assert outcomes(third) == one
    assert not [each for each in third if each["kind"] in ("started", "notice")]


def test_a_fork_server_that_is_killed_costs_nothing(faults, store, ear, left_behind, monkeypatch):
    """Its workers die with it; each gets its second try from a new one."""
    ears_own = ear.started

    def kill_the_server_once(claim, arm, why):
        ears_own(claim, arm, why)
        if len(ear.why) == 2:
            monkeypatch.setattr(ear, "started", ears_own)
            os.kill(_fork_server(), signal.SIGKILL)

    monkeypatch.setattr(ear, "started", kill_the_server_once)
    outcomes = verify([faults["sound"], faults["also_sound"]], jobs=2, store=store, watcher=ear)
    assert [outcome.verdict for outcome in outcomes] == [Verdict.VERIFIED] * 2
    assert left_behind() == []
