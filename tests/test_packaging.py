"""The package works from a wheel and from an editable install, from a directory that is not the repository."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).parents[1]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
TOPICS = PROJECT["entry-points"]["dlcheck"]
PACKAGES = ["dlcheck", "dlcheck_questions", *TOPICS.values()]

USE = """
import sys
from importlib.metadata import version
import dlcheck, dlcheck_questions
from dlcheck.plugins import load
catalogue = load()
assert version("dlcheck") == dlcheck.__version__
assert not catalogue.faults, catalogue.faults
assert "transformer" in [topic.name for topic in catalogue.topics]
assert all(claim.location[0].startswith(sys.argv[1]) for claim in catalogue.claims)
print(*(module.__file__ for module in (dlcheck, dlcheck_questions)), len(catalogue.claims))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Standard output of a command that must succeed, without the caller's Python settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=cwd, env=environment, text=True, capture_output=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository as a clone would have it: building must not write into the one that is tested."""
    clone = tmp_path_factory.mktemp("clone")
    tracked = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=REPOSITORY).split("\0")
    for name in filter(None, tracked):
        if (REPOSITORY / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(REPOSITORY / name, clone / name)
    return clone


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built wheel."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, source, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A fresh virtual environment's Python, which sees the libraries of this one but not its dlcheck."""
    venv.create(tmp_path / "venv", symlinks=True)
    interpreter = tmp_path / "venv/bin/python"
    libraries = tmp_path / "libraries"
    libraries.mkdir()
    here = Path(sysconfig.get_path("purelib"))
    for entry in here.iterdir():
        if "dlcheck" not in entry.name and not entry.name.startswith("__editable__"):
            (libraries / entry.name).symlink_to(entry)
    site_packages = run(interpreter, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=tmp_path)
    (Path(site_packages.strip()) / "libraries.pth").write_text(f"{libraries}\n")
    return interpreter


def install(python: Path, *what: str | Path, cwd: Path) -> None:
    """As a user would, without the network."""
    run(python, "-m", "pip", "install", "-q", "--no-deps", "--no-build-isolation", "--no-index", *what, cwd=cwd)


def test_the_wheel_holds_every_package_at_its_top_level(wheel: Path) -> None:
    """Packages with their type marker, the license, and nothing from outside the packages."""
    names = zipfile.ZipFile(wheel).namelist()
    for package in PACKAGES:
        assert f"{package}/__init__.py" in names
        assert f"{package}/py.typed" in names
    info = f"dlcheck-{PROJECT['version']}.dist-info"
    assert {name.partition("/")[0] for name in names} == {*PACKAGES, "pytest_dlcheck.py", info}
    assert f"{info}/licenses/LICENSE" in names


def test_the_wheel_declares_command_and_topics(wheel: Path) -> None:
    """Bundled topics come in by the entry points that outside plugins use."""
    archive = zipfile.ZipFile(wheel)
    info = f"dlcheck-{PROJECT['version']}.dist-info"
    declared = archive.read(f"{info}/entry_points.txt").decode()
    assert "\n".join(["[dlcheck]", *(f"{topic} = {package}" for topic, package in sorted(TOPICS.items()))]) in declared
    assert "[console_scripts]\ndlcheck = dlcheck.cli:main" in declared
    assert "[pytest11]\ndlcheck = pytest_dlcheck" in declared
    metadata = archive.read(f"{info}/METADATA").decode()
    assert "Requires-Python: >=3.11" in metadata
    assert "License-Expression: Apache-2.0" in metadata
    assert "Requires-Dist: torch>=2.6" in metadata


def test_the_wheel_works_once_installed(wheel: Path, python: Path, tmp_path: Path) -> None:
    """Modules, topics and the command come from the environment, wherever one stands."""
    install(python, wheel, cwd=tmp_path)
    where = tmp_path / "venv/lib"
    *files, claims = run(python, "-c", USE, where, cwd=tmp_path).split()
    assert all(Path(file).is_relative_to(where) for file in files)
    assert int(claims) > 0
    assert "transformer" in run(python.parent / "dlcheck", "list", cwd=tmp_path)


def test_an_editable_install_works_from_elsewhere(source: Path, python: Path, tmp_path: Path) -> None:
    """Modules and topics come from the clone, and an edit counts at once."""
    install(python, "-e", source, cwd=tmp_path)
    *files, claims = run(python, "-c", USE, source, cwd=tmp_path).split()
    assert all(Path(file).is_relative_to(source) for file in files)
    assert int(claims) > 0
    title = "Attention, edited"
    hook = source / "plugins/dlcheck_transformer/__init__.py"
    hook.write_text(hook.read_text().replace('en="Transformer"', f'en="{title}"'))
    assert title in run(python.parent / "dlcheck", "list", "--lang", "en", cwd=tmp_path)


def test_every_dependency_is_pinned() -> None:
    """What CI installs is what was tested; torch's pin has no local version, so that any index may serve it."""
    pins = dict(line.split("==") for line in (REPOSITORY / "constraints.txt").read_text().splitlines()[1:])
    extras = PROJECT["optional-dependencies"]
    needed = [*PROJECT["dependencies"], *(each for extra in extras.values() for each in extra)]
    assert {Requirement(each).name for each in needed} - {"dlcheck"} <= set(pins)
    assert pins["torch"] == "2.13.0"
