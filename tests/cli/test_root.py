"""The command itself: help, version, errors, and what it may import."""

import subprocess
import sys

import pytest

WATCHED = """
import sys
from dlcheck.cli import main
sys.argv = ["dlcheck", *sys.argv[1:]]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print([name for name in ("torch", "numpy", "scipy") if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["verify", "--help"],
        ["list"],
        ["list", "--json"],
        ["show", "toy/heads-win"],
        ["notes"],
        ["plugins"],
        ["judge", "--help"],
    ],
    ids=" ".join,
)
def test_nothing_heavy_is_imported_to_look_around(arguments, toy):
    """Help, list, show and plugins import neither torch nor numpy nor scipy, whatever plugins are installed."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *arguments], env=toy, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_judging_needs_neither_torch_nor_the_plugin(dlcheck, toy, tmp_path):
    """A file of results is judged where nothing but dlcheck is installed."""
    file = tmp_path / "results.json"
    dlcheck("verify", "toy/two-is-two", "toy/heads-win", "--json", str(file))
    left = {name: value for name, value in toy.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, "judge", str(file)], env=left, capture_output=True, text=True, check=False
    )
    assert done.stderr.splitlines()[-1] == "[]"
    assert "All 2 statements came out as expected." in done.stdout


def test_version(dlcheck):
    """--version prints the version, and nothing else."""
    from dlcheck import __version__

    assert dlcheck("--version").stdout == f"dlcheck {__version__}\n"


def test_no_command_is_a_usage_error_that_shows_the_help(dlcheck):
    """dlcheck alone shows its commands and ends with code 2."""
    done = dlcheck()
    assert done.returncode == 2
    assert "verify" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["verify"], "expected topics or claims to verify, or --all, got neither. Topics: "),
        (["verify", "toy", "--all"], "got both"),
        (["verify", "toi"], "no topic or claim 'toi'. Did you mean toy?"),
        (["show", "toy/head-win"], "Did you mean toy/heads-win"),
        (["show", "toy"], "'toy' names 10 claims: expected one, as in dlcheck show toy/two-is-two"),
        (["list", "nothing-like-it"], "See: dlcheck list"),
        (["verify", "toy", "--shard", "3/2"], "shard '3/2': expected i/n with 1 <= i <= n, such as 2/3"),
        (["judge", "/nowhere.json"], "cannot read /nowhere.json"),
        (["verify", "toy", "--device", "gpu"], "unknown device 'gpu': expected auto, cpu, cuda, cuda:N or mps"),
        (["verify", "toy", "--json", "/nowhere/at/all.json"], "cannot write to /nowhere/at/all.json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_user_can_mend_is_one_line_and_code_2(arguments, said, dlcheck):
    """A wrong name or value costs one line on standard error, with the remedy, and exit code 2."""
    done = dlcheck(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_a_bad_language_in_the_environment_is_a_usage_error(dlcheck):
    """DLCHECK_LANG=fr names what it may be."""
    done = dlcheck("list", DLCHECK_LANG="fr")
    assert done.returncode == 2
    assert "en" in done.stderr
    assert "ko" in done.stderr


def test_our_own_bugs_keep_their_traceback(toy):
    """Whatever is not a DlcheckError is a bug and is shown as one."""
    broken = "import dlcheck.plugins; dlcheck.plugins.load = lambda: 1 / 0; from dlcheck.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", broken, "list"], env=toy, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.rstrip().endswith("ZeroDivisionError: division by zero")
    assert "Traceback" in done.stderr
