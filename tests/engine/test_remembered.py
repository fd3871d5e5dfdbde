"""Fingerprints kept between runs: used when everything stands as it did, made anew when anything does not."""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from dlcheck.engine import source
from dlcheck.engine.fingerprint import fingerprint, forget
from dlcheck.engine.remembered import remembering

CLAIMS = "from demo import model\ndef f(run):\n    return model.leaf()\n"
MODEL = "def leaf():\n    return 1\n"


@pytest.fixture
def demo(tmp_path, monkeypatch):
    """The folder of a package with an experiment `demo.claims.f`."""
    folder = tmp_path / "site" / "demo"
    folder.mkdir(parents=True)
    for name, text in {"__init__": "", "claims": CLAIMS, "model": MODEL}.items():
        (folder / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder.parent))
    forget()
    yield folder
    forget()
    source.claimed.discard("demo")
    sys.modules.pop("demo", None)


def another_run(home: Path) -> dict[str, str]:
    """What a new process would find: nothing in memory, and what earlier runs left in `home`."""
    forget()
    with remembering(home):
        return fingerprint("demo.claims", "f")


def forge(home: Path) -> None:
    """Mark what is kept, so that it can be told from what is made anew."""
    kept = json.loads((home / "fingerprints.json").read_text())
    kept["fingerprints"]["demo.claims:f"] = {"forged": "yes"}
    (home / "fingerprints.json").write_text(json.dumps(kept))


def test_what_stands_is_not_made_again(demo, tmp_path):
    """The second run takes over what the first one kept."""
    assert "demo.model.leaf" in another_run(tmp_path)
    forge(tmp_path)
    assert another_run(tmp_path) == {"forged": "yes"}


def later(path: Path) -> None:
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 10**6))  # coarse clocks may not have moved on


def edit(demo: Path) -> None:
    (demo / "model.py").write_text(MODEL.replace("1", "2"))
    later(demo / "model.py")


def rewrite(demo: Path) -> None:
    """As long as before, and written at the same time if the file is believed."""
    was = (demo / "model.py").stat()
    (demo / "model.py").write_text(MODEL.replace("1", "2"))
    os.utime(demo / "model.py", ns=(was.st_atime_ns, was.st_mtime_ns))


def shadow(demo: Path) -> None:
    (demo / "model").mkdir()
    (demo / "model" / "__init__.py").write_text(MODEL)
    later(demo)


def add_data(demo: Path) -> None:
    (demo / "digits.csv").write_text("1,2\n")
    later(demo)


def delete(demo: Path) -> None:
    (demo / "model.py").unlink()
    later(demo)


@pytest.mark.parametrize("change", [edit, rewrite, shadow, add_data, delete])
def test_any_change_makes_them_anew(demo, tmp_path, change):
    """Also a file that comes to stand in the way of another one, one that no longer is there, and data."""
    before = another_run(tmp_path)
    forge(tmp_path)
    change(demo)
    after = another_run(tmp_path)
    assert "forged" not in after
    if change is not shadow:  # there the same definition stands in another file
        assert after != before


def test_another_copy_of_the_package_is_another_package(demo, tmp_path, monkeypatch):
    """Found first on the path, and the old files untouched."""
    another_run(tmp_path)
    forge(tmp_path)
    shutil.copytree(demo, tmp_path / "other" / "demo")
    (tmp_path / "other" / "demo" / "model.py").write_text(MODEL.replace("1", "2"))
    monkeypatch.syspath_prepend(str(tmp_path / "other"))
    assert "forged" not in another_run(tmp_path)


@pytest.mark.parametrize("named", ["python", "plugins", "versions"])
def test_another_python_plugin_or_library_makes_them_anew(demo, tmp_path, named):
    """An upgrade changes what numbers come out."""
    another_run(tmp_path)
    forge(tmp_path)
    kept = json.loads((tmp_path / "fingerprints.json").read_text())
    kept[named] = {"python": "3.0", "plugins": ["gone"], "versions": {**kept["versions"], "numpy": "0.1"}}[named]
    (tmp_path / "fingerprints.json").write_text(json.dumps(kept))
    assert "forged" not in another_run(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"fingerprints": {"a:b": {}}}', b"\xff\x00"])
def test_a_damaged_file_is_made_anew(demo, tmp_path, content):
    """It holds nothing that cannot be made again, so nobody is bothered with it."""
    (tmp_path / "fingerprints.json").write_bytes(content)
    assert "demo.model.leaf" in another_run(tmp_path)
    forge(tmp_path)
    assert another_run(tmp_path) == {"forged": "yes"}


def test_a_folder_that_cannot_be_written_costs_nothing_but_time(demo, tmp_path):
    """Not even that the folder is missing is an error."""
    assert "demo.model.leaf" in another_run(tmp_path / "missing")
