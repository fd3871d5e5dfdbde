"""`dlcheck bank` as a process: every problem at its line, for people and for GitHub, and a template to begin with."""

import json
import subprocess
import sys

import pytest

from dlcheck.quiz.question import KINDS

PLUGIN = """
from dlcheck import Topic, hookimpl


@hookimpl
def dlcheck_topics():
    return [Topic("mine", "Mine", "나의 것", claims=("mine_claims",), questions="mine_bank/mine.yaml")]
"""
CLAIMS = """
from dlcheck import at_least, claim


@claim(en="One is one.", ko="일은 일이다.", source="x", rule=at_least("x", 1.0), controls={"off": {"x": 0.0}})
def one(run, x=1.0):
    return {"x": [x for _ in run.seeds]}
"""


@pytest.fixture
def dlcheck(plugin_dir, tmp_path):
    """`dlcheck("bank", "test")`, with the bank in `dlcheck.file`. There is nowhere to keep progress."""
    environment = plugin_dir("mine", PLUGIN, tmp_path)
    (tmp_path / "site" / "mine_claims.py").write_text(CLAIMS, encoding="utf-8")
    folder = tmp_path / "site" / "mine_bank"
    folder.mkdir()
    (folder / "__init__.py").touch()
    (tmp_path / "no folder").touch()

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "dlcheck", *arguments],
            env={**environment, "DLCHECK_HOME": str(tmp_path / "no folder")},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    run.file = folder / "mine.yaml"
    return run


def test_the_template_passes_and_asks_of_every_kind_that_needs_nothing_to_run(dlcheck):
    made = dlcheck("bank", "new", "mine")
    dlcheck.file.write_text(made.stdout, encoding="utf-8")
    done = dlcheck("bank", "test", "mine")
    assert (done.returncode, done.stderr) == (0, "")
    kinds = [line.split()[1] for line in made.stdout.splitlines() if line.startswith("kind:")]
    assert set(kinds) == set(KINDS) - {"number", "shape", "code", "truth", "prediction"}
    assert done.stdout == f"mine: {len(kinds)} questions, 0 problems\n"


@pytest.mark.parametrize("name", ["", "-", "a-", "A", "a_b", "a b", "a--b"])
def test_a_template_has_a_name_that_passes(dlcheck, name):
    done = dlcheck("bank", "new", "--", name)
    assert done.returncode == 2
    assert done.stderr.startswith("dlcheck: expected a topic of small letters, digits and single hyphens between, got")


def test_problems_are_told_at_their_lines_for_people_and_for_github(dlcheck):
    dlcheck.file.write_text(
        dlcheck("bank", "new", "mine").stdout.replace("difficulty: 2", "difficulty: 5 %"), encoding="utf-8"
    )
    done = dlcheck("bank", "test", "mine")
    assert done.returncode == 1
    [problem] = [line for line in done.stdout.splitlines() if line.startswith(str(dlcheck.file))]
    line = dlcheck.file.read_text(encoding="utf-8").splitlines().index("difficulty: 5 %") + 1
    assert problem == f"{dlcheck.file}:{line}:1: Input should be 1, 2 or 3, got '5 %'"
    told = dlcheck("bank", "test", "mine", "--format", "github").stdout
    assert f"::error file={dlcheck.file},line={line},col=1::Input should be 1, 2 or 3, got '5 %25'\n" in told


def test_the_schema_is_json(dlcheck):
    assert "$defs" in json.loads(dlcheck("bank", "schema").stdout)
