"""`pytest --dlcheck`: claims as tests, in real pytest runs on the toy plugin."""

import os
import re
import subprocess
import sys
from collections.abc import Callable

import pytest

Pytest = Callable[..., subprocess.CompletedProcess[str]]
QUICK = ["toy/two-is-two", "toy/heads-win", "toy/zero-is-one", "toy/always-true", "toy/a-coin", "toy/breaks",
         "toy/needs-cuda"]  # fmt: skip
IMPORTED = """
import sys
import pytest
code = pytest.main(["-q"])
print([name for name in sys.modules if name.partition(".")[0] in ("dlcheck", "torch")])
sys.exit(code)
"""


@pytest.fixture
def run(toy, tmp_path) -> Pytest:
    """pytest in a folder with a test of its own."""
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n")
    (tmp_path / "pytest.ini").write_text("[pytest]\nfilterwarnings = error\naddopts = --strict-markers\n")

    def start(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        left = {name: value for name, value in toy.items() if not name.startswith("PYTEST_")}
        command = [sys.executable, "-m", "pytest", *arguments]
        return subprocess.run(
            command, cwd=tmp_path, env={**left, **more}, capture_output=True, encoding="utf-8", check=False
        )

    return start


def reached(output: str) -> dict[str, str]:
    """What -v says of each claim."""
    found = re.findall(r"dlcheck::(\S+) (?:<- .* )?(PASSED|FAILED|SKIPPED|ERROR)", output)
    return dict(found) or {
        name: word for word, name in re.findall(r"(PASSED|FAILED|SKIPPED|ERROR) dlcheck::(\S+)", output)
    }


VERDICTS = {
    "toy/two-is-two": "PASSED",
    "toy/heads-win": "PASSED",
    "toy/zero-is-one": "FAILED",
    "toy/always-true": "FAILED",
    "toy/a-coin": "SKIPPED",
    "toy/breaks": "ERROR",
    "toy/needs-cuda": "SKIPPED",
}


def test_every_verdict_is_an_outcome_of_pytest(run):
    """Expected: passed. Another, or vacuous: failed. Broken: error. Open or not for this device: skipped."""
    done = run("-v", "--dlcheck", *QUICK)
    assert reached(done.stdout) == VERDICTS
    assert "2 failed, 3 passed, 2 skipped, 1 error" in done.stdout
    assert "collected 8 items" in done.stdout
    assert (done.returncode, done.stderr) == (1, "")


def test_a_failure_shows_numbers_and_no_traceback(run):
    """The verdict, the rule, and the numbers of the claim and its control."""
    shown = run("--dlcheck", "toy/zero-is-one").stdout
    assert "refuted (expected: verified) · largest error 1 · 8 seeds" in shown
    assert "the claim: refuted, largest error 1\n  gap: 1  1  1  1  1  1  1  1\n" in shown
    assert "control 'right': verified, largest error 0\n  gap: 0  0  0  0  0  0  0  0\n" in shown
    assert "items.py" not in shown


def test_what_is_open_is_told_without_being_asked(run):
    """A skip is green and silent in pytest; an inconclusive claim is neither, and its place is the experiment's."""
    done = run("-rs", "--dlcheck", "toy/a-coin", "toy/two-is-two")
    assert done.returncode == 1
    assert "claims that were not decided" in done.stdout
    assert "toy/a-coin: inconclusive · heads 0.5 [0, 1] · 10 of 20 seeds" in done.stdout
    assert re.search(r"SKIPPED \[1\] \S*toy_plugin\.py:\d+: ", done.stdout)


@pytest.mark.parametrize(("names", "code"), [(["toy/needs-cuda"], 1), (["toy/needs-cuda", "toy/two-is-two"], 0)])
def test_claims_none_of_which_ran_are_not_green(run, names, code):
    """One that is not for this device is left out beside others, as by verify."""
    assert run("--dlcheck", *names).returncode == code


def test_xdist_is_not_green_either(run):
    """Its processes tell the verdicts to the one that ends with the exit code."""
    assert run("-n", "1", "--dlcheck", "toy/a-coin").returncode == 1


def test_a_weak_control_is_told(run):
    """The claim passes, as it does in verify, and not in silence."""
    done = run("--dlcheck", "toy/weak-control")
    assert done.returncode == 0
    assert "toy/weak-control: weak control 'half of the time'; it did not clearly fail where it should" in done.stdout


def test_k_and_x_and_lf_work(run, tmp_path):
    """-k chooses, --lf runs what failed or broke, and -x ends the claims that still run."""
    chosen = run("-v", "--dlcheck", "toy", "-k", "two_is or two-is")
    assert reached(chosen.stdout) == {"toy/two-is-two": "PASSED"}
    run("--dlcheck", *QUICK)
    again = run("-v", "--lf", "--dlcheck", *QUICK)
    assert reached(again.stdout) == {name: word for name, word in VERDICTS.items() if word in ("FAILED", "ERROR")}
    first = run("-v", "-x", "--dlcheck", "toy/zero-is-one", "toy/patience", DLCHECK_HOME=str(tmp_path / "home"))
    assert reached(first.stdout) == {"toy/zero-is-one": "FAILED"}
    assert first.stderr == ""


def test_xdist_works(run, tmp_path):
    """The same outcomes in two processes."""
    done = run("-v", "-n", "2", "--dlcheck", *QUICK, DLCHECK_HOME=str(tmp_path / "home"))
    assert reached(done.stdout) == VERDICTS
    assert "toy/a-coin: inconclusive · heads 0.5 [0, 1] · 10 of 20 seeds" in done.stdout


def test_claims_come_last_whatever_the_order_of_the_files(run, tmp_path):
    """Between two claims nothing else runs: the engine's workers are only looked after while a claim is awaited."""
    (tmp_path / "conftest.py").write_text("def pytest_collection_modifyitems(items):\n    items.reverse()\n")
    done = run("-v", "--dlcheck", "toy/two-is-two", "toy/heads-win")
    assert [word.rpartition("/")[2] for word in re.findall(r"^(\S+) .*PASSED", done.stdout, flags=re.MULTILINE)] == [
        "test_own.py::test_own",
        "heads-win",
        "two-is-two",
    ]


def test_a_name_that_means_nothing_is_a_usage_error(run):
    """One line with a hint, not a traceback."""
    done = run("--dlcheck", "toi")
    assert (done.returncode, done.stderr.strip()) == (4, "ERROR: --dlcheck: no topic or claim 'toi'. Did you mean toy?")


def test_a_broken_plugin_is_an_error(run, toy, plugin_dir, tmp_path):
    """Its claims cannot be collected, and that is not green."""
    bad = plugin_dir("bad", "import a_module_that_is_not_here", tmp_path / "bad")
    path = os.pathsep.join([bad["PYTHONPATH"], toy["PYTHONPATH"]])
    done = run("-v", "--dlcheck", "-k", "bad or two-is-two", PYTHONPATH=path)
    assert reached(done.stdout) == {"bad": "ERROR", "toy/two-is-two": "PASSED"}
    assert "install 'a_module_that_is_not_here'" in done.stdout
    named = run("-v", "--dlcheck", "bad", "toy/two-is-two", PYTHONPATH=path)
    assert reached(named.stdout) == {"bad": "ERROR", "toy/two-is-two": "PASSED"}


def test_a_run_that_does_not_ask_imports_nothing(run, toy, tmp_path):
    """Neither dlcheck nor torch: pytest is as quick as without the plugin, and collects nothing more."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], cwd=tmp_path, env=toy, capture_output=True, encoding="utf-8", check=False
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert "1 passed" in done.stdout
