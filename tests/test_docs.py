"""The documentation for plugin authors is true: its files are installed and run, its tables are complete."""

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dlcheck import Run, Topic, hookspecs
from dlcheck.plugins import HOOKS
from dlcheck.rules import RULES

DOC = (Path(__file__).parents[1] / "docs/writing-a-plugin.md").read_text(encoding="utf-8")
FILES: dict[str, str] = dict(re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)^```$", DOC, flags=re.MULTILINE | re.DOTALL))

Execute = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def execute(tmp_path_factory: pytest.TempPathFactory) -> Execute:
    """Write the documented files, install them into a folder of its own, and run Python with it from elsewhere."""
    source, installed, elsewhere = (tmp_path_factory.mktemp(name) for name in ("source", "installed", "elsewhere"))
    for name, text in FILES.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(installed), "DLCHECK_HOME": str(elsewhere / "home")}

    def python(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, *(a.replace("SOURCE", str(source)) for a in arguments)]
        return subprocess.run(command, cwd=elsewhere, env=environment, text=True, capture_output=True)

    offline = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    done = python("-m", "pip", "install", *offline, "--target", str(installed), "SOURCE")
    assert done.returncode == 0, done.stderr
    return python


def test_the_documented_package_has_these_files() -> None:
    """A reader who follows the page ends up with four files."""
    assert list(FILES) == [
        "pyproject.toml",
        "dlcheck_softmax/__init__.py",
        "dlcheck_softmax/claims.py",
        "tests/test_softmax.py",
    ]


def test_the_documented_plugin_is_listed(execute: Execute) -> None:
    """Every documented claim is offered under its id, and the plugin has no fault."""
    listed = execute("-m", "dlcheck", "list", "softmax")
    assert listed.returncode == 0, listed.stdout + listed.stderr
    for function in re.findall(r"^def (\w+)\(run", FILES["dlcheck_softmax/claims.py"], flags=re.MULTILINE):
        assert function.replace("_", "-") in listed.stdout
    plugins = execute("-m", "dlcheck", "plugins")
    assert plugins.returncode == 0, plugins.stdout + plugins.stderr
    assert "dlcheck-softmax" in plugins.stdout


def test_the_documented_claims_are_decided_as_expected(execute: Execute) -> None:
    """Exit code 0: every verdict, the misconception's too, is the expected one, and no control is vacuous."""
    verified = execute("-m", "dlcheck", "verify", "softmax")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_the_documented_test_passes(execute: Execute) -> None:
    """In the test run of the plugin's author."""
    tested = execute("-m", "pytest", "-q", "-p", "no:cacheprovider", "SOURCE/tests")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert "3 passed" in tested.stdout


def row(name: str) -> str:
    """The one table row that begins with the name in code."""
    (found,) = re.findall(rf"^\| `{name}\b.*$", DOC, flags=re.MULTILINE)
    return str(found)


def test_every_hook_is_documented_with_its_arguments() -> None:
    """And no hook that does not exist."""
    assert HOOKS
    for hook in HOOKS:
        arguments = ", ".join(f"`{name}`" for name in inspect.signature(getattr(hookspecs, hook)).parameters)
        assert f"| `{hook}` | {arguments or 'none'} |" in row(hook)
    assert set(re.findall(r"^\| `(dlcheck_\w+)`", DOC, flags=re.MULTILINE)) == set(HOOKS)


def test_every_rule_is_documented_with_its_parameters() -> None:
    """And no rule and no parameter that does not exist."""
    table = DOC.partition("## Rules")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)\(", table, flags=re.MULTILINE) == list(RULES)
    for name, rule in RULES.items():
        calls = " ".join(re.findall(rf"`{name}\((.*?)\)`", row(name)))
        assert set(re.findall(r"\w+", calls)) == set(inspect.signature(rule).parameters)


def test_everything_an_experiment_is_given_is_documented() -> None:
    """Public names of Run, and the arguments of a topic."""
    for name in [
        n for n in (*vars(Run), *inspect.signature(Run).parameters) if not n.startswith(("_", "on_", "curves"))
    ]:
        assert row(name)
    assert f"`Topic({', '.join(inspect.signature(Topic).parameters)})`" in DOC
