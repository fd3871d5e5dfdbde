"""list, show, plugins and doctor."""

import json
import sqlite3
import sys

import pytest

from dlcheck.cli import doctor, list, plugins, report, show, verify  # noqa: A004


def test_list_gives_one_line_per_claim(dlcheck):
    """In a pipe each claim is one line with its statement; misconceptions are marked."""
    lines = dlcheck("list", "toy").stdout.splitlines()
    assert lines[0] == "Toys · 10 statements"
    assert len(lines) == 11
    assert lines[2].split("  ")[0] == "toy/heads-win"
    assert lines[2].endswith("misconception: Heads always win.")
    assert "둘은 둘이다." in dlcheck("list", "toy", "--lang", "ko").stdout


def test_list_as_json(dlcheck):
    """The claims in both languages, without results."""
    document = json.loads(dlcheck("list", "toy", "--json").stdout)
    assert document["schema"] == 1
    first = document["claims"][0]
    assert first["id"] == "toy/two-is-two"
    assert first["statement"] == {"en": "Two is two.", "ko": "둘은 둘이다."}
    assert first["rule"]["kind"] == "equals"
    assert "verdict" not in first
    assert document["versions"]["plugins"]["toy"] == "1.2"


@pytest.mark.parametrize("columns", [60, 200])
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_nothing_is_wider_than_the_terminal(columns, lang, terminal):
    """list and show fold at the terminal's edge, Korean included."""
    from rich.cells import cell_len

    for command in (["list", "toy"], ["show", "toy/nasty"]):
        screen = terminal(*command, "--lang", lang, columns=columns)
        assert screen.finish() == 0
        assert max(cell_len(line) for line in screen.text.split("\r\n")) <= columns


def test_show_tells_everything_about_a_claim(dlcheck, tmp_path):
    """Both languages, source, measure, rule, controls with knobs, expectation, notes, and where the code stands."""
    shown = dlcheck("show", "toy/two-is-two", DLCHECK_HOME=str(tmp_path)).stdout
    for said in (
        "Two is two.",
        "둘은 둘이다.",
        "Euclid, book 7",
        "The gap between two and two.",
        "'gap' equals 0",
        "'off by one': gap=1.0",
        "000-01",
        "toy_plugin.py:",
        "dlcheck verify toy/two-is-two",
    ):
        assert said in shown
    assert "reference model" not in shown


def test_show_finds_the_reference_model_of_a_bundled_topic(dlcheck):
    """The file of the model, which is not imported for it."""
    name = json.loads(dlcheck("list", "transformer", "--json").stdout)["claims"][0]["id"]
    assert "dlcheck_transformer/model.py" in dlcheck("show", name).stdout


def test_show_recalls_the_last_verdict_with_its_numbers(dlcheck):
    """After verify, show judges the saved numbers again; nothing runs."""
    dlcheck("verify", "toy/heads-win")
    shown = dlcheck("show", "toy/heads-win").stdout
    assert "✓ refuted, as expected · -0.4 points · 0 of 8 seeds" in shown
    assert "0.3  0.3  0.3  0.3  0.3  0.3  0.3  0.3" in shown
    assert "refuted (a popular misconception)" in shown


def test_plugins_lists_versions_and_faults(dlcheck, toy, plugin_dir, tmp_path):
    """A sound plugin with its version and topics; a broken one with reason and remedy; list points there."""
    bad = plugin_dir("bad", "import a_module_that_is_not_here", tmp_path)["PYTHONPATH"]
    path = f"{bad}:{toy['PYTHONPATH']}"
    told = dlcheck("plugins", PYTHONPATH=path).stdout
    assert "✓ toy · toy-dist 1.2 · module toy_plugin · topics: toy" in told
    assert "✗ bad · bad-dist 1.2" in told
    assert "! plugin bad: ModuleNotFoundError: No module named 'a_module_that_is_not_here'" in told
    listed = dlcheck("list", PYTHONPATH=path)
    assert "toy/two-is-two" in listed.stdout
    assert "broken: bad. What is wrong with them: dlcheck plugins" in listed.stderr


def test_doctor_says_what_is_here(dlcheck):
    """Versions, devices, threads, store and plugins; nothing broken is code 0."""
    done = dlcheck("doctor")
    assert done.returncode == 0
    for name in ("dlcheck", "Python", "torch", "device cpu", "device cuda", "cores", "threads", "store", "plugin toy"):
        assert name in done.stdout


def test_doctor_tells_how_code_answers_are_contained(dlcheck, tmp_path):
    """The level, what it means, and what stands in the way of a better one."""
    done = " ".join(dlcheck("doctor", COLUMNS="300", PATH=str(tmp_path)).stdout.split())
    if sys.platform == "linux":
        assert "code answers landlock · opens no files but" in done or "code answers filter · no network" in done
        assert "missing for --require-sandbox: bwrap is not installed (apt install bubblewrap)" in done
    else:
        assert "code answers limits" in done


def test_doctor_names_a_broken_plugin(dlcheck, plugin_dir, tmp_path):
    """With the reason, the command that shows the remedy, and code 4."""
    done = dlcheck("doctor", PYTHONPATH=plugin_dir("bad", "1 / 0", tmp_path)["PYTHONPATH"])
    assert done.returncode == 4
    told = " ".join(done.stdout.split())  # the path of the plugin decides where lines end
    assert "ZeroDivisionError" in told
    assert "dlcheck plugins" in told


def test_doctor_names_a_damaged_store(dlcheck, tmp_path):
    """It says what became of it, and ends with code 4; once set aside, all is well again."""
    (tmp_path / "trials.sqlite3").write_bytes(b"this is no database at all" * 100)
    done = dlcheck("doctor", DLCHECK_HOME=str(tmp_path))
    assert done.returncode == 4
    assert "is damaged" in done.stdout
    assert dlcheck("doctor", DLCHECK_HOME=str(tmp_path)).returncode == 0


def test_doctor_counts_what_is_saved(dlcheck, toy, tmp_path):
    """The number of saved cells is the number of rows."""
    dlcheck("verify", "toy/two-is-two")
    store = f"{toy['DLCHECK_HOME']}/trials.sqlite3"
    with sqlite3.connect(store) as connection:
        (rows,) = connection.execute("SELECT COUNT(*) FROM cells").fetchone()
    assert f"{store} · {rows:,} saved cells" in " ".join(dlcheck("doctor", COLUMNS="300").stdout.split("\n"))


@pytest.mark.parametrize("module", [verify, list, show, report, plugins, doctor], ids=lambda module: module.__name__)
def test_every_command_says_what_it_does(module):
    """The first line of a command's docstring is its help, and ends with a full stop."""
    assert module.command.__doc__.splitlines()[0].endswith(".")
