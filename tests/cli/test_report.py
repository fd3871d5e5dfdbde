"""`dlcheck report`: a page from the store alone."""

import sqlite3
import subprocess
import sys
from pathlib import Path


def articles(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def test_the_page_tells_what_was_measured_and_what_was_not(dlcheck, toy, tmp_path):
    """Nothing is run for it: a claim without trials stays without, and is told with the command that measures it."""
    dlcheck("verify", "toy/two-is-two", "toy/heads-win")
    store = f"{toy['DLCHECK_HOME']}/trials.sqlite3"
    with sqlite3.connect(store) as connection:
        before = connection.execute("SELECT COUNT(*) FROM cells").fetchone()
    page = tmp_path / "page.html"
    done = dlcheck("report", "toy/two-is-two", "toy/heads-win", "toy/patience", "--html", str(page))
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(page)
    assert "1 statement has no trials yet. To measure it: dlcheck verify toy" in done.stdout
    told = articles(page)
    assert 'id="toy/two-is-two" data-verdict=verified' in told
    assert 'id="toy/heads-win" data-verdict=refuted>' in told
    assert 'id="toy/patience" data-verdict=none' in told
    with sqlite3.connect(store) as connection:
        assert connection.execute("SELECT COUNT(*) FROM cells").fetchone() == before


def test_a_page_of_all_claims_tells_of_the_study_notes(dlcheck, tmp_path):
    """One that leaves claims out does not: their statements would look as if they had not been measured."""
    page = tmp_path / "page.html"
    dlcheck("report", "--html", str(page))
    assert 'id="notes/000-01" data-verdict=not_covered' in articles(page)
    dlcheck("report", "toy", "--html", str(page))
    assert 'id="notes/' not in articles(page)


def test_verdicts_are_judged_anew(dlcheck, plugin_dir, tmp_path):
    """A margin that has changed since the trials were saved changes the verdict on the page."""
    source = """
from dlcheck import Topic, at_least, claim, hookimpl
@hookimpl
def dlcheck_topics():
    return [Topic("bar", "Bar", "문턱", claims=("bar_plugin",))]
@claim(en="High.", ko="높다.", source="nobody", rule=at_least("x", BAR), controls={"off": {"x": 0.0}})
def high(run, x=1.0):
    \"\"\"A number.\"\"\"
    return {"x": [x for _ in run.seeds]}
"""
    for bar, verdict in (("0.5", "verified"), ("2.0", "vacuous")):
        environment = plugin_dir("bar", source.replace("BAR", bar), tmp_path / bar)
        environment["DLCHECK_HOME"] = str(tmp_path)
        if verdict == "verified":
            dlcheck("verify", "bar", **environment)
        page = tmp_path / "page.html"
        done = dlcheck("report", "bar", "--html", str(page), **environment)
        assert done.returncode == 0, done.stderr
        assert f'id="bar/high" data-verdict={verdict}' in articles(page)


def test_the_page_goes_to_standard_output(dlcheck):
    """What else is to be said goes to standard error."""
    done = dlcheck("report", "toy/two-is-two", "--html", "-", "--lang", "ko")
    assert done.stdout.startswith('<!DOCTYPE html><html lang="ko">')
    assert done.stdout.endswith("</html>\n")
    assert done.stderr


def test_a_claim_of_another_device_is_skipped_and_not_missing(dlcheck, tmp_path):
    """As verify does it."""
    page = tmp_path / "page.html"
    done = dlcheck("report", "toy/needs-cuda", "--html", str(page))
    assert "have no trials" not in done.stdout
    assert 'id="toy/needs-cuda" data-verdict=skipped' in articles(page)


def test_a_page_that_cannot_be_written_is_one_line(dlcheck):
    """Before anything is drawn."""
    done = dlcheck("report", "toy", "--html", "/nowhere/at/all.html")
    assert done.returncode == 2
    assert done.stderr.startswith("dlcheck: cannot write to /nowhere/at/all.html")
    assert len(done.stderr.splitlines()) == 1


def test_trials_of_another_device_need_no_such_device(dlcheck, tmp_path):
    """The name is brought to that of the store; an unknown one is told."""
    page = tmp_path / "page.html"
    assert dlcheck("report", "toy/two-is-two", "--html", str(page), "--device", "cuda").returncode == 0
    assert "--device=cuda:0" in articles(page)
    done = dlcheck("report", "toy", "--device", "gpu")
    assert done.returncode == 2
    assert done.stderr == "dlcheck: unknown device 'gpu': expected cpu, cuda, cuda:N or mps\n"


def test_nobody_needs_torch_to_read(toy, tmp_path):
    """The report is made without importing it."""
    command = ["dlcheck", "report", "toy", "--html", str(tmp_path / "page.html")]
    asked = f"import sys; from dlcheck.cli import app; sys.argv = {command}; app(standalone_mode=False)"
    told = f"{asked}; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], env=toy, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "False"


def test_show_draws_the_plot(dlcheck, terminal):
    """In a pipe and on a terminal of 60 columns, without colours when none are wanted."""
    dlcheck("verify", "toy/heads-win")
    for shown in (dlcheck("show", "toy/heads-win").stdout, dlcheck("show", "toy/heads-win", NO_COLOR="1").stdout):
        assert "heads − tails (points)" in shown
        assert "\x1b" not in shown
        (own,) = [line for line in shown.splitlines() if line.startswith("the claim ") and "┊" in line]
        assert own.index("○") < own.index("┊")
    screen = terminal("show", "toy/heads-win", columns=60, DLCHECK_LANG="ko")
    screen.finish()
    assert "┊" in screen.text
