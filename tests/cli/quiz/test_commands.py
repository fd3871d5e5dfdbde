"""review, stats, progress, bank and export, and docs/quiz.md, whose plugin they are tried on."""

import ast
import inspect
import json
import re
import shlex
import sqlite3
from pathlib import Path

import pytest
import typer
from rich.cells import cell_len

from dlcheck.cli import app
from dlcheck.quiz import sandbox
from dlcheck.quiz.answers import EXPECTED
from dlcheck.quiz.code import Exercise
from dlcheck.quiz.question import KINDS
from documented import DOCS, files

PAGE = (DOCS / "quiz.md").read_text(encoding="utf-8")
ORACLES = PAGE.partition("## The oracles")[2].partition("## The bank")[0]


@pytest.fixture
def answered(ran):
    """A student who was wrong about two questions."""
    done = ran("quiz", "softmax", "--kind", "number", "--kind", "text", "-n", "2", typed="1\n1\n")
    assert "0 of 2 right." in done.stdout


def make_due(student) -> None:
    """As if a year had gone by."""
    with sqlite3.connect(Path(student["DLCHECK_HOME"], "progress.sqlite3")) as connection:
        connection.execute("UPDATE cards SET due = due - 40000000")


def test_the_documented_bank_passes_and_has_every_kind(ran, with_claims):
    """`dlcheck bank test`, with the oracles and claims of the pages."""
    done = ran("bank", "test", "softmax", "--seeds", "5")
    assert (done.stdout, done.returncode) == ("softmax: 9 questions, 0 problems\n", 0)
    kinds = re.findall(r"^kind: (\w+)$", files("quiz.md")["dlcheck_softmax/questions.yaml"], re.M)
    assert sorted(kinds) == sorted(KINDS)


def test_the_documented_commands_parse():
    """Those of the page, options included; placeholders are names as good as any."""
    group = typer.main.get_command(app)
    commands = re.findall(r"`dlcheck ((?:quiz|review|stats|progress|bank|export|doctor)[^`]*)`", PAGE)
    assert len(commands) >= 12
    for command in commands:
        name, *arguments = shlex.split(command)
        found = group.commands[name]
        while hasattr(found, "commands"):
            found = found.commands[arguments.pop(0)]
        found.make_context(name, arguments).close()


def test_what_oracles_return_is_documented():
    """For every kind that has one, and all that an exercise takes."""
    kinds = {
        kind for row in re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| [^|]+ \|$", ORACLES, re.M) for kind in row.split(", ")
    }
    assert {kind.strip("`") for kind in kinds} == set(EXPECTED)
    fields = [(name, each.default) for name, each in inspect.signature(Exercise).parameters.items()]
    [stated] = re.findall(r"^`Exercise\((.*)\)`:", ORACLES, re.M)
    told = [each.partition("=")[::2] for each in stated.split(", ")]
    assert [name for name, _ in told] == [name for name, _ in fields]
    assert [ast.literal_eval(value) for _, value in told if value] == [
        default for _, default in fields if default is not inspect.Parameter.empty
    ]


def test_the_documented_levels_are_all_there_are():
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.partition("# For authors")[0], re.M))
    code = Path(sandbox.__file__).read_text(encoding="utf-8")
    assert named == set(re.findall(r'Level\("(\w+)"', code))
    limits = sandbox.Limits()
    assert f"Time ({limits.seconds} s), memory ({limits.memory >> 30} GiB)" in PAGE
    assert f"writes ({limits.file_bytes >> 20} MiB)" in PAGE


def test_review_asks_what_is_due(ran, answers, student):
    """Nothing, then nothing yet, and a year later both, as other variants."""
    review = ("review", "--lang", "ko")
    assert "Nothing was answered yet." in ran("review").stdout
    assert "아직 푼 문제가 없습니다." in ran(*review).stdout
    ran("quiz", "softmax", "--kind", "number", "--kind", "text", "-n", "2", typed="1\n1\n")
    assert "Nothing is due." in ran("review").stdout
    assert "지금 복습할 문제가" in ran(*review).stdout
    make_due(student)
    ran(*review, typed="1\n1\n")
    saved = answers()
    assert len(saved) == 4
    assert {each["question"] for each in saved[2:]} == {each["question"] for each in saved[:2]}
    assert {each["seed"] for each in saved[2:]}.isdisjoint(each["seed"] for each in saved[:2])


@pytest.mark.parametrize(
    ("lang", "told"),
    [("en", ["2 of 9 questions seen", "Days in a row: 1", "They add up to one."]), ("ko", ["연속 1일", "1이다"])],
)
def test_stats(lang, told, ran, answered):
    """Mastery, streak, and the misconception that is still open."""
    shown = ran("stats", "--lang", lang).stdout
    assert all(each in shown for each in told), shown
    assert re.search(r"softmax +░+ +0%", shown)


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_stats_on_a_narrow_terminal(lang, ran, answered):
    """No line is wider than it, no bar and no chart is broken, and what a bar means stands below it."""
    shown = ran("stats", "--lang", lang, TTY_COMPATIBLE="1", NO_COLOR="1", COLUMNS="60").stdout.splitlines()
    assert max(map(cell_len, shown)) <= 60
    bar = next(n for n, line in enumerate(shown) if line.startswith("softmax "))
    assert re.fullmatch(r"softmax +[█░]{24} +\d+%", shown[bar])
    assert re.fullmatch(r"  .*9.*2.*", shown[bar + 1])
    assert re.search(r"[·▁▂▃▄▅▆▇█]{14}$", "\n".join(shown), re.MULTILINE)


def test_progress_goes_to_another_machine_and_can_be_forgotten(ran, answered, answers, tmp_path):
    """Export, import elsewhere, import again, reset."""
    file = str(tmp_path / "progress.json")
    assert ran("progress", "export", file).returncode == 0
    assert json.loads(ran("progress", "export", "-").stdout) == json.loads(Path(file).read_text(encoding="utf-8"))
    elsewhere = {"DLCHECK_HOME": str(tmp_path / "elsewhere")}
    assert "2 answers were added." in ran("progress", "import", file, **elsewhere).stdout
    assert "답 0개" in ran("progress", "import", file, "--lang", "ko", **elsewhere).stdout
    (tmp_path / "bad.json").write_text("{}")
    bad = ran("progress", "import", str(tmp_path / "bad.json"))
    assert (bad.returncode, bad.stderr.count("\n")) == (2, 1)
    assert ran("progress", "reset", typed="n\n").returncode == 1
    assert len(answers()) == 2
    assert "2 answers are forgotten." in ran("progress", "reset", "softmax", "--yes").stdout
    assert answers() == []


def test_a_new_bank_passes(ran, tmp_path, site):
    """What `bank new` prints, in place of the documented questions."""
    printed = ran("bank", "new", "softmax")
    package = tmp_path / "site/dlcheck_softmax"
    package.mkdir(parents=True)
    for name in ("__init__.py", "claims.py", "oracles.py"):
        (package / name).write_text((site / "dlcheck_softmax" / name).read_text(encoding="utf-8"), encoding="utf-8")
    (package / "questions.yaml").write_text(printed.stdout, encoding="utf-8")
    path = {"PYTHONPATH": f"{tmp_path / 'site'}:{site}"}
    assert (
        ran("bank", "test", "softmax", **path).stdout
        == f"softmax: {printed.stdout.count('id: ')} questions, 0 problems\n"
    )
    faulty = printed.stdout.replace("kind: text", "kind: txt")
    (package / "questions.yaml").write_text(faulty, encoding="utf-8")
    told = ran("bank", "test", "softmax", "--format", "github", **path)
    assert told.returncode == 1
    assert re.search(
        r"^::error file=.*questions.yaml,line=\d+,col=1::expected a kind .* Did you mean text", told.stdout, re.M
    )
    assert ran("bank", "new", "Not A Topic").returncode == 2


def test_the_schema_is_json_and_names_every_kind(ran):
    schema = json.loads(ran("bank", "schema").stdout)
    assert {"Choice", "Code", "Header"} <= set(schema["$defs"])


def test_the_documented_questions_go_on_paper(ran, with_claims, tmp_path):
    """In Korean; exports have tests of their own."""
    sheet = tmp_path / "sheet.html"
    assert ran("export", "softmax", "--output", str(sheet), "--lang", "ko").returncode == 0
    assert "로짓" in sheet.read_text(encoding="utf-8")


def test_kinds_and_difficulty_choose_the_questions(ran):
    """No other slips in, and all of them are asked."""
    shown = ran("quiz", "softmax", "--difficulty", "2", "--kind", "shape", "--kind", "code", typed="s\ns\n").stdout
    assert re.findall(r"(\d/\d) · softmax/[\w-]+ · ●●○", shown) == ["1/2", "2/2"]
    assert set(re.findall(r"softmax/([\w-]+) ·", shown)) == {"losses-of-tokens", "write-softmax"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["quiz", "softmaxx"], "no questions on 'softmaxx'. Did you mean softmax"),
        (["quiz", "softmax", "--exam", "5", "--report", "/etc/hostname"], "is there already"),
        (["quiz", "softmax", "--exam", "5", "--report", "/nonexist/x.md"], "cannot write to /nonexist/x.md"),
        (["quiz", "softmax", "--report", "x.md"], "--report is for --exam on a terminal"),
        (["quiz", "softmax", "--exam", "5", "--json-lines", "--report", "x.md"], "--report is for --exam on a term"),
        (["progress", "import", "/nowhere.json"], "cannot read /nowhere.json"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_can_be_mended_is_one_line(arguments, said, ran):
    done = ran(*arguments)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_doctor_tells_how_code_is_contained_in_korean_too(ran):
    told = " ".join(ran("doctor", "--lang", "ko", COLUMNS="400").stdout.split())
    assert f"코드 답안 {sandbox.level().name} · {sandbox.level().words.ko}" in told
