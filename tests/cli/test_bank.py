"""`dlcheck bank` as a process: every problem at its line, for people and for GitHub, and a template to begin with.

And what becomes of sessions with banks that are broken.
"""

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

    def run(*arguments, typed="", **more):
        return subprocess.run(
            [sys.executable, "-m", "dlcheck", *arguments],
            env={**environment, "DLCHECK_HOME": str(tmp_path / "no folder"), **more},
            input=typed,
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


SOUND = """format: 1
topic: other
---
id: term
kind: text
difficulty: 1
ask: {en: What?, ko: "무엇?"}
explain: {en: Because., ko: 그래서.}
accept: {a: {en: [apple], ko: [사과]}, b: {en: [plum], ko: [자두]}}
answer: a
"""


@pytest.fixture
def two(dlcheck):
    """A sound topic `other` beside `mine`, in the same plugin."""
    plugin = dlcheck.file.parents[1] / "mine_plugin.py"
    other = 'Topic("other", "Other", "다른 것", claims=("other_claims",), questions="mine_bank/other.yaml"), '
    plugin.write_text(plugin.read_text("utf-8").replace("return [", f"return [{other}"), encoding="utf-8")
    (plugin.parent / "other_claims.py").write_text(CLAIMS, encoding="utf-8")
    (dlcheck.file.parent / "other.yaml").write_text(SOUND, encoding="utf-8")
    home = str(plugin.parents[1] / "home")
    return lambda *arguments, **more: dlcheck(*arguments, DLCHECK_HOME=home, **more)


FAULTY = {
    "missing": None,
    "a wrong header": SOUND,
    "an id twice": SOUND.replace("other", "mine") + "---\n" + SOUND.partition("---\n")[2],
}


@pytest.mark.parametrize("fault", FAULTY)
def test_a_bank_that_cannot_be_read_stops_no_other_topic(two, dlcheck, fault):
    """It is told in one line; whoever names its topic hears of nothing else."""
    if FAULTY[fault]:
        dlcheck.file.write_text(FAULTY[fault], encoding="utf-8")
    two("quiz", "other", typed="apple\n")
    for command in ("quiz", "review", "stats"):
        done = two(command)
        assert done.returncode == 0, done.stderr
        assert (done.stderr.count("\n"), "mine" in done.stderr) == (1, True), done.stderr
    named = two("quiz", "mine")
    assert (named.returncode, named.stderr.count("\n")) == (2, 1)
    tested = two("bank", "test", "mine", "other")
    assert (tested.returncode, tested.stderr) == (1, "")
    assert "other: 1 question, 0 problems" in tested.stdout
    assert "mine" in tested.stdout


def test_a_question_that_cannot_be_read_stops_no_other(two, dlcheck):
    dlcheck.file.write_text(SOUND.replace("other", "mine").replace("difficulty: 1", "difficulty: 7"), "utf-8")
    done = two("quiz", "-n", "500", "--kind", "text", "--json-lines")
    assert done.returncode == 0
    assert "Input should be 1, 2 or 3, got '7'" in done.stderr
    assert two("quiz", "mine").returncode == 2


ORACLES = """
def raises(n): return 1 / n
def nothing(n): pass
def unknown(n): return {}[n]
def ends(n): raise SystemExit
def other(m): return 1
"""
ASKED = """id: {oracle}
kind: {kind}
difficulty: 1
vary: {{n: [0]}}
oracle: {oracle}
ask: {{en: How many?, ko: "몇?"}}
explain: {{en: Because., ko: 그래서.}}
"""
LISTED = "choices: {a: {en: x, ko: x}, b: {en: y, ko: y}}\n"
EXAM, JSON = ("--exam", "5"), ("--json-lines",)
SESSIONS = [((), "7"), (JSON, "7"), (EXAM, "7"), (EXAM, "s"), (EXAM + JSON, "s")]


@pytest.mark.parametrize(
    ("oracles", "mode", "key"), [*((ORACLES, *each) for each in SESSIONS), ("import not_installed", EXAM + JSON, "7")]
)
def test_broken_questions_end_no_session(two, dlcheck, oracles, mode, key, tmp_path):
    """Each is told with its name, nothing is saved for it, and what was answered counts."""
    plugin = dlcheck.file.parents[1] / "mine_plugin.py"
    plugin.write_text(plugin.read_text("utf-8").replace('mine.yaml"', 'mine.yaml", oracles="mine_oracles"'), "utf-8")
    (plugin.parent / "mine_oracles.py").write_text(oracles, encoding="utf-8")
    names = ["raises", "nothing", "unknown", "ends", "other", "missing"]
    numbers = [ASKED.format(oracle=name, kind="number") + "compare: {absolute: 0}\n" for name in names]
    options = [ASKED.format(oracle=name, kind="choice").replace("id: ", "id: one-") + LISTED for name in names]
    term = SOUND.partition("---\n")[2].replace("apple", "'7'")
    filled = term.replace("term", "filled").replace('en: What?, ko: "무엇?"', 'en: "{m}", ko: "{m}"')
    dlcheck.file.write_text("---\n".join(["format: 1\ntopic: mine\n", *numbers, *options, term, filled]), "utf-8")
    broken = [*names, *(f"one-{name}" for name in names), "filled"]
    said = {"s": '{"command": "skip"}', "7": '{"answer": "7"}'}[key] if "--json-lines" in mode else key
    report = ("--report", str(tmp_path / "report.md")) if mode == EXAM else ()
    done = two("quiz", "mine", "-n", "20", *mode, *report, typed=f"{said}\n" * 20)
    assert (done.returncode, done.stderr) == (0, "")
    for name in broken:
        [told] = [line for line in done.stdout.splitlines() if "broken" in line and f"mine/{name}#" in line]
        assert "not_installed" in told or name == "filled" or oracles == ORACLES
        assert "mine_oracles.py:" in told or name not in ("raises", "unknown", "ends")
    kept = json.loads(two("progress", "export", "-").stdout)["reviews"]
    assert [each["question"] for each in kept] == ["mine/term"] * (key == "7")
    assert not report or "mine/term" in (tmp_path / "report.md").read_text("utf-8")


def test_a_broken_plugin_is_named_to_whoever_asks_for_its_questions(two, dlcheck):
    plugin = dlcheck.file.parents[1] / "mine_plugin.py"
    plugin.write_text("import not_installed\n", encoding="utf-8")
    for command in (("quiz", "mine"), ("bank", "test", "mine"), ("export", "mine")):
        done = two(*command)
        assert done.returncode == 4
        assert "no questions on 'mine'. Plugin mine is broken: ModuleNotFoundError" in done.stderr
        assert "mine_plugin.py:1" in done.stderr
