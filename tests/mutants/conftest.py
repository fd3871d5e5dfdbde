"""Each mutant is a copy of a plugin with one bug in its reference model; a claim of the topic has to turn red."""

import os
import runpy
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
PLUGINS = HERE.parents[1] / "plugins"
EXPERIMENT = """
import importlib, sys
import torch
from dlcheck import Run
from dlcheck.measured import plain
torch.set_num_threads(1)
torch.set_flush_denormal(True)
package, path, origin = sys.argv[1:]
module, name = path.split(".")
claim = getattr(importlib.import_module(f"{package}.claims.{module}"), name)
assert importlib.import_module(f"{package}.model").__file__.startswith(origin), "another copy was imported"
seeds = claim.seeds(0, 0, claim.rule.batches[0])
judgement = claim.rule.judge(plain(claim.experiment(Run(seeds)), claim.rule, len(seeds)))
print(judgement.verdict.value, claim.expect.value)
"""


class Mutant(NamedTuple):
    """A bug: in words, the part of model.py, what stands there instead, and `module.function` of the claim."""

    package: str
    bug: str
    old: str
    new: str
    claim: str


def mutants() -> Iterator[Mutant]:
    """Of every topic: the files beside this one that have a list of them."""
    for file in sorted(HERE.glob("[a-z]*.py")):
        if not file.stem.startswith(("test_", "conftest")):
            listed = runpy.run_path(str(file))
            yield from (Mutant(listed["PACKAGE"], *each) for each in listed["MUTANTS"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mutant" in metafunc.fixturenames:
        found = list(mutants())
        metafunc.parametrize("mutant", found, ids=[f"{m.package.removeprefix('dlcheck_')}: {m.bug}" for m in found])
    if "watching" in metafunc.fixturenames:
        claims = sorted({(m.package, m.claim) for m in mutants()})
        metafunc.parametrize("watching", claims, ids=[f"{p.removeprefix('dlcheck_')}: {c}" for p, c in claims])


@pytest.fixture
def decide() -> Callable[[str, str, Path], tuple[str, str]]:
    """`decide(package, claim, plugins)`: verdict of the first batch of seeds and expectation, in a fresh process."""

    def run(package: str, claim: str, plugins: Path) -> tuple[str, str]:
        done = subprocess.run(
            [sys.executable, "-c", EXPERIMENT, package, claim, str(plugins)],
            env={**os.environ, "PYTHONPATH": str(plugins), "OMP_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        verdict, expected = done.stdout.split()
        return verdict, expected

    return run


@pytest.fixture
def mutated(tmp_path: Path) -> Callable[[Mutant], Path]:
    """`mutated(mutant)`: a folder with a copy of the plugin, the bug in its model."""

    def copy(mutant: Mutant) -> Path:
        shutil.copytree(PLUGINS / mutant.package, tmp_path / mutant.package)
        model = tmp_path / mutant.package / "model.py"
        text = model.read_text(encoding="utf-8")
        assert text.count(mutant.old) == 1, f"{mutant.old!r} stands {text.count(mutant.old)} times in {model.name}"
        model.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        return tmp_path

    return copy


@pytest.fixture
def plugins() -> Path:
    """The folder of the sound plugins."""
    return PLUGINS
