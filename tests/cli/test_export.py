"""`dlcheck export` as a process: files, messages and what stays as it was."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dlcheck.cli.export import FormatName
from dlcheck.cli.quiz import Kind
from dlcheck.quiz.exports import FORMATS
from dlcheck.quiz.question import KINDS

PLUGIN = """
from dlcheck import Topic, at_least, claim, hookimpl
from dlcheck.quiz.base import Solution


@hookimpl
def dlcheck_topics():
    return [
        Topic("quizzed", "Quizzes", "퀴즈들", claims=("quizzed_plugin",), questions="quizzed_bank/quizzed.yaml",
              oracles="quizzed_oracles"),
        Topic("mute", "Mute", "벙어리", claims=("mute_claims",)),
    ]


@claim(en="One is one.", ko="일은 일이다.", source="x", rule=at_least("x", 1.0), controls={"off": {"x": 0.0}})
def one(run, x=1.0):
    '''A number.'''
    return {"x": [x for _ in run.seeds]}
"""
CLAIMS = PLUGIN.partition("@claim")[0].partition("from dlcheck.quiz")[0] + "\n@claim" + PLUGIN.partition("@claim")[2]
BANK = """
format: 1
topic: quizzed
---
id: sum
kind: number
difficulty: 1
vary: {a: [1, 2, 3, 4, 5], b: [10, 20, 30]}
oracle: add
compare: {absolute: 0}
ask: {en: "{a} + {b}?", ko: "{a} + {b}는?"}
explain: {en: "It is {right}.", ko: "{right}이다."}
---
id: write
kind: code
difficulty: 1
oracle: write
function: f
ask: {en: Write f., ko: f를 작성하라.}
explain: {en: Thus., ko: 이렇게.}
vary: {a: [1], b: [2]}
stub: "def f(): ..."
solution: "def f(): return 1"
wrong:
  two: {en: Two., ko: 둘., code: "def f(): return 2"}
"""

ORACLES = """
from dlcheck.quiz.code import Exercise


def add(a, b):
    return a + b


def write(a, b):
    return Exercise(lambda: 1, [[]])
"""


@pytest.fixture(scope="module")
def environment(plugin_dir, tmp_path_factory):
    """Where dlcheck finds a topic with two questions and one without."""
    folder = tmp_path_factory.mktemp("quizzed")
    made = plugin_dir("quizzed", PLUGIN, folder)
    site = folder / "site"
    (site / "mute_claims.py").write_text(CLAIMS, encoding="utf-8")
    (site / "quizzed_oracles.py").write_text(ORACLES)
    (site / "quizzed_bank").mkdir()
    (site / "quizzed_bank" / "__init__.py").touch()
    (site / "quizzed_bank" / "quizzed.yaml").write_text(BANK.lstrip(), encoding="utf-8")
    return made


@pytest.fixture
def export(environment, tmp_path):
    """`export("quizzed", "--format", "gift")`, run in a folder of its own."""

    def run(*arguments, **more):
        command = [sys.executable, "-m", "dlcheck", "export", *arguments]
        return subprocess.run(
            command, env={**environment, **more}, cwd=tmp_path, capture_output=True, encoding="utf-8", check=False
        )

    return run


def test_a_file_is_written_and_what_its_format_cannot_express_is_counted(export, tmp_path):
    """In the language chosen; nothing goes to standard output."""
    for name in ("gift", "anki"):
        done = export("quizzed", "--format", name, "--output", f"out.{name}", "--lang", "ko")
        assert (done.returncode, done.stdout) == (0, ""), done.stderr
        assert done.stderr.splitlines() == [
            f"{name} 형식으로 나타낼 수 없어 뺀 문제 1개: 코드 1",
            f"out.{name}: 문제 1개",
        ]
    done = export("quizzed", "--format", "json", "--output", "out.json", "--variants", "2")
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == "2 questions, 2 variants of each in out.json\n"
    assert zipfile.is_zipfile(tmp_path / "out.anki")
    assert len(json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["sheets"]) == 2


def test_the_same_seed_is_the_same_file_and_another_is_not(export):
    """On standard output, by default."""
    first, again, other = (export("quizzed", "--format", "json", "--seed", seed).stdout for seed in ("5", "5", "6"))
    assert first == again
    assert json.loads(first)["sheets"][0]["seed"] != json.loads(other)["sheets"][0]["seed"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["mute"], "no questions on 'mute'. Topics with questions: "),
        (["quized"], "Did you mean quizzed?"),
        (["quizzed", "--format", "gift", "--no-answers"], "gift needs the answers"),
        (["quizzed", "--output", "nowhere/at/all"], "cannot write to nowhere/at/all"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_the_user_can_mend_is_one_line_and_code_2(arguments, said, export):
    """And nothing is written."""
    done = export(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_a_file_is_replaced_whole_or_not_at_all(export, environment, tmp_path):
    """An oracle that breaks leaves the old file, and no draft beside it."""
    old = tmp_path / "exam.html"
    old.write_text("old")
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "quizzed_oracles.py").write_text("def add(a, b):\n    raise ValueError('no\\nway')\n")
    done = export("quizzed", "--output", str(old), PYTHONPATH=f"{broken}:{environment['PYTHONPATH']}")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "its oracle raised ValueError: no way" in done.stderr
    assert old.read_text() == "old"
    assert export("quizzed", "--output", str(old)).returncode == 0
    assert old.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["broken", "exam.html"]


def test_a_link_stays_a_link(export, tmp_path):
    """What it points to is replaced."""
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert export("quizzed", "--format", "json", "--output", "link.json").returncode == 0
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads(Path(tmp_path / "real.json").read_text(encoding="utf-8"))["format"] == 1


def test_without_any_question_nothing_is_written(environment, export, tmp_path):
    """One line tells what was left out, the other that this was all."""
    other = tmp_path / "other" / "quizzed_bank"
    other.mkdir(parents=True)
    (other / "__init__.py").touch()
    header, _, code = BANK.lstrip().split("---\n")
    (other / "quizzed.yaml").write_text(f"{header}---\n{code}", encoding="utf-8")
    path = f"{other.parent}:{environment['PYTHONPATH']}"
    done = export("quizzed", "--format", "gift", "--output", "out.gift", PYTHONPATH=path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "Left out, because gift cannot express it: code 1",
        "dlcheck: none of the questions can be written as gift: nothing was written",
    ]
    assert not (tmp_path / "out.gift").exists()


def test_the_command_line_knows_every_format_and_kind():
    """It has names of its own, because their modules take time to import."""
    assert [each.value for each in FormatName] == list(FORMATS)
    assert [each.value for each in Kind] == list(KINDS)
