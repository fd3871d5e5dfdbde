"""The GitHub action and our workflows: they parse, name commands, options and inputs that exist, and do what they say.

GitHub itself is not here. What it would run is run: the scripts of the steps, with the toy plugin.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from ruamel.yaml import YAML

from dlcheck.cli import app

REPOSITORY = Path(__file__).parents[1]
WORKFLOWS = sorted((REPOSITORY / ".github/workflows").glob("*.yml"))
PAGES = [REPOSITORY / "docs/ci.md", REPOSITORY / "docs/distributed.md"]
TOY = (Path(__file__).parent / "cli/toy_plugin.py").read_text(encoding="utf-8")

Yaml = dict[str, Any]


def read(path: Path) -> Yaml:
    parsed: Yaml = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return parsed


ACTION = read(REPOSITORY / "action.yml")


def steps(path: Path) -> list[Yaml]:
    """Of the action or of all jobs of a workflow."""
    told = read(path)
    return told["runs"]["steps"] if "runs" in told else [step for job in told["jobs"].values() for step in job["steps"]]


def scripts() -> Iterator[tuple[str, str]]:
    for path in [REPOSITORY / "action.yml", *WORKFLOWS]:
        for step in steps(path):
            if "run" in step:
                yield f"{path.name}: {step['name']}", step["run"]


def commands(script: str) -> list[list[str]]:
    """The words of every call of dlcheck in a script."""
    lines = script.replace("\\\n", " ").splitlines()
    return [shlex.split(line)[1:] for line in lines if line.strip().startswith("dlcheck ")]


def test_there_are_two_workflows() -> None:
    """One for every push on a CPU, one each night on a GPU."""
    assert [path.name for path in WORKFLOWS] == ["cpu.yml", "gpu.yml"]
    cpu, gpu = map(read, WORKFLOWS)
    assert "push" in cpu["on"]
    assert gpu["on"]["schedule"]
    assert "gpu" in gpu["jobs"]["claims"]["runs-on"]


@pytest.mark.parametrize(("where", "script"), list(scripts()))
def test_scripts_are_sound(where: str, script: str) -> None:
    """Bash can parse them, and nothing from outside is pasted into them: it comes in environment variables."""
    subprocess.run(["bash", "-n", "-c", script], check=True)
    assert "${{" not in script


def test_the_commands_and_options_exist() -> None:
    """Whatever the scripts call of dlcheck."""
    called = [words for _, script in scripts() for words in commands(script)]
    assert {words[0] for words in called} == {"verify", "merge", "diff"}
    check_commands(called)


def check_commands(called: list[list[str]]) -> None:
    known = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has them
    assert called
    for command, *words in called:
        options = {name for each in known[command].params for name in each.opts}
        assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_pages_name_commands_that_exist(page: Path) -> None:
    """With their options."""
    text = page.read_text(encoding="utf-8").replace("\n   ", "\n")  # some stand in a list
    blocks = re.findall(r"^```bash\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    check_commands([words for block in blocks for words in commands(block)])


def test_inputs_steps_and_jobs_that_are_named_exist() -> None:
    """Of the action, and of the workflows that use it."""
    text = (REPOSITORY / "action.yml").read_text(encoding="utf-8")
    assert set(re.findall(r"inputs\.([\w-]+)", text)) == set(ACTION["inputs"])
    for path in WORKFLOWS:
        text, told = path.read_text(encoding="utf-8"), read(path)
        ids = {step.get("id") for step in steps(path)}
        assert set(re.findall(r"steps\.([\w-]+)", text)) <= ids
        assert {job["needs"] for job in told["jobs"].values() if "needs" in job} <= set(told["jobs"])
        for step in steps(path):
            if step.get("uses") == "./":
                assert set(step["with"]) <= set(ACTION["inputs"])
    parts = read(WORKFLOWS[0])["jobs"]["claims"]
    assert parts["strategy"]["matrix"]["part"] == [1, 2, 3]
    assert parts["steps"][-1]["with"]["shard"].endswith("}}/3")


@pytest.fixture
def runner(plugin_dir, tmp_path):
    """`runner(script, NAME=value)`: runs a script as a runner does, in a folder of its own."""
    environment = plugin_dir("toy", TOY, tmp_path)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])

    def run(script: str, **more: str) -> int:
        files = {name: str(tmp_path / name) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(command, cwd=tmp_path, env={**environment, **files, **more}, check=False).returncode

    return run


def script(path: Path, name: str) -> str:
    return next(str(step["run"]) for step in steps(path) if step.get("name") == name)


def test_shards_are_verified_merged_and_compared(runner, tmp_path) -> None:
    """The scripts of the action and of both workflows, one after the other, as GitHub would run them."""
    verify = script(REPOSITORY / "action.yml", "Verify")
    asked = {"CLAIMS": "toy/two-is-two toy/heads-* toy/zero-is-one", "DEVICE": "cpu", "EPOCH": "0"}
    codes = []
    for part in ("1", "2", "3"):
        codes.append(runner(verify, SHARD=f"{part}/3", **asked))
        (tmp_path / "dlcheck-results").rename(tmp_path / part)
        (tmp_path / "shards").mkdir(exist_ok=True)
        (tmp_path / part).rename(tmp_path / "shards" / part)
    assert sorted(codes) == [0, 0, 1]
    told = (tmp_path / "GITHUB_OUTPUT").read_text().splitlines()
    assert sorted(line for line in told if "exit-code" in line) == ["exit-code=0", "exit-code=0", "exit-code=1"]

    assert runner(script(WORKFLOWS[0], "Merge")) == 1
    merged = json.loads((tmp_path / "merged/results.json").read_text(encoding="utf-8"))
    assert len(merged["claims"]) == 3

    (tmp_path / "merged").rename(tmp_path / "last")
    assert runner(verify, SHARD="1/1", **{**asked, "EPOCH": "1"}) == 1
    assert runner(script(WORKFLOWS[1], "Compare")) == 0
    summary = (tmp_path / "GITHUB_STEP_SUMMARY").read_text(encoding="utf-8")
    assert "epoch: 0 → 1" in summary
    assert "Verdicts changed: 0. Effects moved: 0. Claims gone: 0, new: 0. As before: 3." in summary
