"""A file is written whole or not at all; what is no file is written to, never replaced."""

import os
import sys
import threading
from pathlib import Path

import pytest

from dlcheck.errors import DlcheckError
from dlcheck.output import check_writable, write

FULL = Path("/dev/full")
"""A device on which nothing can be written; written to by a process that is not root's, or not at all."""


def test_a_file_is_replaced_and_no_draft_is_left(tmp_path):
    target = tmp_path / "out"
    target.write_text("old")
    write(b"new", str(target))
    assert target.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "out")
    write(b"new", str(tmp_path / "link"))
    assert (tmp_path / "out").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_a_pipe_stays_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append((tmp_path / "pipe").read_bytes()))
    reader.start()
    write(b"new", str(tmp_path / "pipe"))
    reader.join()
    assert got == [b"new"]
    assert (tmp_path / "pipe").is_fifo()


def test_a_replacement_that_fails_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    target = tmp_path / "out"
    target.write_text("old")
    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(DlcheckError, match=r"cannot write to .*out \(No space left on device\)"):
        write(b"new", str(target))
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(not FULL.is_char_device(), reason="there is no /dev/full here")
def test_standard_output_that_is_full_is_told(monkeypatch):
    with open(FULL, "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(DlcheckError, match=r"cannot write to standard output \(No space left on device\)"):
            write(b"x" * 100_000, "-")
        monkeypatch.undo()


@pytest.mark.parametrize("target", ["", "missing/out.json"])
def test_a_place_that_cannot_be_written_is_told_before_the_run(tmp_path, target):
    """A folder, or a file in a folder that is not there."""
    with pytest.raises(DlcheckError, match="cannot write to"):
        check_writable(str(tmp_path / target))
