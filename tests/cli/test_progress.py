"""`dlcheck progress` and `dlcheck stats` as processes: what the user can mend is one line, never a traceback."""

import json
import os
import subprocess
import sys
import time

import pytest

from dlcheck.quiz.memory import Memory, Review


@pytest.fixture
def dlcheck(tmp_path):
    """`dlcheck("stats")`, with progress in `dlcheck.home`."""
    home = tmp_path / "home"

    def run(*arguments):
        return subprocess.run(
            [sys.executable, "-m", "dlcheck", *map(str, arguments)],
            env={**os.environ, "DLCHECK_HOME": str(home), "DLCHECK_LANG": "en"},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    run.home = home
    with Memory(home / "progress.sqlite3") as memory:
        for question in ("transformer/shape-of-weights", "gone/question"):
            memory.save(Review(question, 1, time.time() - 100 * 86400, "1", True))
    return run


def test_answers_move_to_a_file_and_back(dlcheck, tmp_path):
    assert dlcheck("progress", "export", tmp_path / "out.json").returncode == 0
    assert dlcheck("progress", "export", "-").stdout == (tmp_path / "out.json").read_text(encoding="utf-8")
    assert dlcheck("progress", "reset", "gone", "--yes").stdout == "1 answers are forgotten.\n"
    assert dlcheck("progress", "import", tmp_path / "out.json").stdout == "1 answers were added.\n"


def test_an_export_never_replaces_a_link_or_a_pipe(dlcheck, tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "out.json")
    assert dlcheck("progress", "export", tmp_path / "link").returncode == 0
    assert (tmp_path / "link").is_symlink()
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["reviews"]) == 2


@pytest.mark.parametrize("content", ["", "[" * 100_000, "\ufeff{}", '{"format": 1, "reviews": [1]}', "null"])
def test_a_file_that_is_no_export_is_told(dlcheck, tmp_path, content):
    (tmp_path / "in.json").write_text(content, encoding="utf-8")
    done = dlcheck("progress", "import", tmp_path / "in.json")
    assert done.returncode == 2
    assert f"{tmp_path}/in.json: expected what `dlcheck progress export` writes" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("more", [[], ["--yes"]])
def test_a_topic_that_nobody_knows_cannot_be_forgotten(dlcheck, more):
    """It is told before anything is asked, with what was meant; one that is not installed any more is known."""
    done = dlcheck("progress", "reset", "gone", "transfomer", *more)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "no topic 'transfomer': expected some of activations, bert, gone," in done.stderr
    assert done.stderr.endswith("Did you mean transformer?\n")
    assert dlcheck("progress", "reset", "gone", "--yes").stdout == "1 answers are forgotten.\n"


@pytest.mark.parametrize("command", [["stats"], ["progress", "export", "-"], ["progress", "reset", "--yes"]])
def test_progress_that_is_damaged_is_told(dlcheck, command):
    (dlcheck.home / "progress.sqlite3").write_bytes(b"x" * 9000)
    done = dlcheck(*command)
    assert done.returncode == 2
    assert done.stderr.startswith("dlcheck: cannot keep progress in ")
    assert "Traceback" not in done.stderr


def test_due_are_the_questions_that_there_are(dlcheck):
    """What a review would ask, without those of a topic that is not installed any more."""
    assert "due now: 1\n" in dlcheck("stats").stdout
