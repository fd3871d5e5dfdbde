"""verify, with real experiments in real processes: verdicts, exit codes, JSON, pipes, terminals, Ctrl-C."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

BROKEN_PLUGIN = "import a_module_that_is_not_here"


@pytest.mark.parametrize(
    ("names", "code", "symbol", "words"),
    [
        (["toy/two-is-two"], 0, "✓", "verified"),
        (["toy/heads-win"], 0, "✓", "refuted, as expected"),
        (["toy/weak-control"], 0, "✓", "weak control 'half of the time'"),
        (["toy/zero-is-one"], 1, "✗", "refuted (expected: verified)"),
        (["toy/always-true"], 1, "✗", "under 'broken' the verdict is the same"),
        (["toy/a-coin"], 3, "?", "10 of 20 seeds"),
        (["toy/needs-cuda"], 3, "-", "runs on cuda only"),
        (["toy/breaks"], 4, "!", "RuntimeError: the experiment broke"),
        (["toy/two-is-two", "toy/a-coin", "toy/zero-is-one"], 1, "✓", "1 of 3 statements came out as expected"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_every_verdict_has_its_exit_code_symbol_and_words(names, code, symbol, words, dlcheck):
    """0 as expected, 1 not as expected or vacuous, 3 open, 4 broken; told without colour by a symbol and words."""
    done = dlcheck("verify", *names)
    assert (done.returncode, done.stderr) == (code, "")
    marked = [line for line in done.stdout.splitlines() if line.startswith(f"{symbol} ")]
    assert marked
    assert names[0] in done.stdout
    assert words in done.stdout


def test_a_pipe_gets_plain_lines(dlcheck, tmp_path):
    """Without a terminal there are no escape sequences, no carriage returns and no blanks at line ends."""
    done = dlcheck(
        "verify", "toy/two-is-two", "toy/heads-win", "toy/nasty", "--explain", "-v", DLCHECK_HOME=str(tmp_path)
    )
    assert not set(done.stdout) & {"\x1b", "\r", "\x07", "\u202e"}
    assert [line for line in done.stdout.splitlines() if line != line.rstrip()] == []
    assert "It is [bold red]not[/] :smile: red backwards." in done.stdout
    assert "toy/two-is-two · control 'off by one': never run" in done.stdout


def test_a_line_in_a_pipe_is_never_broken(dlcheck):
    """However narrow the terminal next to it: grep finds what a claim says on one line."""
    told = dlcheck("verify", "toy/zero-is-one", COLUMNS="40").stdout
    assert (
        "✗ toy/zero-is-one: refuted (expected: verified); measured largest error 1, but asked for: 'gap' equals" in told
    )


def test_what_was_measured_is_not_measured_again(dlcheck, tmp_path):
    """A second run takes everything from the store, and --fresh runs it again."""
    runs = [
        dlcheck("verify", "toy/two-is-two", *more, DLCHECK_HOME=str(tmp_path)).stdout for more in ([], [], ["--fresh"])
    ]
    assert ["cached" in run for run in runs] == [False, True, False]


def test_options_reach_the_engine(dlcheck):
    """--seeds-max 4 is too few for a bet, and another epoch has other seeds."""
    few = json.loads(dlcheck("verify", "toy/weak-control", "--seeds-max", "4", "--json", "-").stdout)
    assert few["claims"][0]["verdict"] == "inconclusive"
    assert few["claims"][0]["seeds"] == 4
    later = json.loads(dlcheck("verify", "toy/weak-control", "--epoch", "1", "--json", "-").stdout)
    assert later["epoch"] == 1
    assert later["claims"][0]["numbers"]["seeds"][:4] != few["claims"][0]["numbers"]["seeds"]


def test_a_broken_experiment_can_be_traced(dlcheck):
    """The summary names the command that shows the traceback, and --explain shows it."""
    assert "dlcheck verify toy/breaks --explain" in dlcheck("verify", "toy/breaks").stdout
    assert 'raise RuntimeError("the experiment broke")' in dlcheck("verify", "toy/breaks", "--explain").stdout


def test_quiet_prints_only_the_summary(dlcheck):
    """-q leaves the closing sentences and what calls for a look."""
    done = dlcheck("verify", "toy/two-is-two", "toy/zero-is-one", "-q")
    first, second, third = done.stdout.splitlines()
    assert first == "1 of 2 statements came out as expected. 1 holds. 1 came out the other way."
    assert second.startswith("✗ toy/zero-is-one: refuted (expected: verified); measured largest error 1")
    assert third == "More about one of them: dlcheck show toy/zero-is-one"


def test_json_on_standard_output_stands_there_alone(dlcheck):
    """With --json - the report moves to standard error, and the numbers are there to be judged again."""
    done = dlcheck("verify", "toy/heads-win", "--json", "-")
    document = json.loads(done.stdout)
    assert "✓ misconception: Heads always win." in done.stderr
    claim = document["claims"][0]
    assert (document["schema"], document["exit_code"], document["device"]) == (1, 0, "cpu")
    assert (claim["verdict"], claim["expected"], claim["as_expected"]) == ("refuted", "refuted", True)
    assert claim["controls"][0]["verdict"] == "verified"
    assert claim["numbers"]["measures"] == {"heads": [0.3] * 8, "tails": [0.7] * 8}
    assert document["summary"]["verdicts"] == {"refuted": 1}


def test_each_format_has_a_place_of_its_own(dlcheck, tmp_path):
    """One file for two formats is refused; on standard output any of them stands alone."""
    both = str(tmp_path / "both")
    refused = dlcheck("verify", "toy/two-is-two", "--json", both, "--junit", both)
    assert (refused.returncode, refused.stderr.count("more than once")) == (2, 1)
    assert dlcheck("verify", "toy/two-is-two", "--junit", "-").stdout.startswith("<?xml")


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="there is no /dev/full here")
def test_a_full_disk_costs_no_other_file(dlcheck, toy, tmp_path):
    """What can be written is; one line says what cannot, standard output included."""
    results = tmp_path / "results.json"
    done = dlcheck("verify", "toy/two-is-two", "--junit", "/dev/full", "--json", str(results))
    assert (done.returncode, done.stderr.count("cannot write to /dev/full")) == (2, 1)
    assert json.loads(results.read_bytes())["exit_code"] == 0
    with open("/dev/full", "w") as full:
        command = [sys.executable, "-m", "dlcheck", "diff", str(results), str(results)]
        done = subprocess.run(command, env=toy, stdout=full, stderr=subprocess.PIPE, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (4, "dlcheck: cannot write to standard output (No space left on device)\n")


def test_results_go_to_files_for_ci(dlcheck, tmp_path):
    """--junit, --summary and --sarif beside --json, in one run and in the language asked for."""
    names = ("json", "junit", "summary", "sarif")
    files = {name: tmp_path / name for name in names}
    done = dlcheck(
        "verify", "toy/two-is-two", "toy/a-coin", "--lang", "ko", *(f"--{name}={file}" for name, file in files.items())
    )
    assert (done.returncode, done.stderr) == (3, "")
    told = {name: file.read_text(encoding="utf-8") for name, file in files.items()}
    assert all("판단 불가" in told[name] for name in ("junit", "summary", "sarif"))
    plan = json.loads(told["json"])["plan"]
    assert (list(plan), len(set(plan.values()))) == (["toy/two-is-two", "toy/a-coin"], 2)


def test_shards_of_three_machines_are_the_run_of_one(dlcheck, tmp_path):
    """Same verdicts and numbers; judge and diff agree; a missing shard is named, and nothing is written then."""
    names = [
        f"toy/{name}" for name in ("two-is-two", "heads-win", "zero-is-one", "a-coin", "always-true", "needs-cuda")
    ]
    one, merged = tmp_path / "one.json", tmp_path / "merged.json"
    assert dlcheck("verify", *names, "--json", str(one)).returncode == 1
    shards = [tmp_path / f"{index}.json" for index in (1, 2, 3)]
    for index, shard in enumerate(shards, 1):
        home = str(tmp_path / f"machine-{index}")
        dlcheck("verify", *names, "--shard", f"{index}/3", "--json", str(shard), DLCHECK_HOME=home)
    lost = dlcheck("merge", str(shards[0]), str(shards[2]), "--json", str(merged))
    assert (lost.returncode, merged.exists()) == (4, False)
    assert "3 of 6 planned claims are in no file: " in lost.stderr
    assert "No file of shard 2/3 was given" in lost.stderr

    done = dlcheck("merge", *map(str, shards), "--json", str(merged), "--junit", str(tmp_path / "junit.xml"))
    assert (done.returncode, done.stderr) == (1, "")
    assert "2 of 6 statements came out as expected." in done.stdout
    whole, parts = (json.loads(file.read_text(encoding="utf-8")) for file in (one, merged))
    for document in (whole, parts):
        for claim in document["claims"]:
            del claim["seconds"], claim["cpu_seconds"], claim["cached"]
    assert parts == whole
    judged = dlcheck("judge", str(merged))
    assert (judged.returncode, judged.stdout.count("toy/two-is-two")) == (1, 1)
    same = dlcheck("diff", str(one), str(merged))
    assert (same.returncode, same.stdout.count("\n")) == (0, 1)


def test_an_audit_that_finds_other_numbers_fails(dlcheck, tmp_path):
    """Exit code 4 and the count; without a difference it is green; it does not go with --fresh."""
    home = {"DLCHECK_HOME": str(tmp_path)}
    dlcheck("verify", "toy/two-is-two", **home)
    sound = dlcheck("verify", "toy/two-is-two", "--audit", **home)
    assert (sound.returncode, sound.stdout.count("of 1 saved measurements made again, 1 came out the same")) == (0, 1)
    with closing(sqlite3.connect(tmp_path / "trials.sqlite3")) as tampered, tampered:
        tampered.execute("UPDATE cells SET result = replace(result, '0.0', '1e-12'), finished = 1 WHERE arm = ''")
    found = dlcheck("verify", "toy/two-is-two", "--audit", **home)
    assert (found.returncode, found.stdout.count("of 1 saved measurements made again, 0 came out the same")) == (4, 1)
    assert "measures other numbers than were saved" in found.stdout
    results = tmp_path / "results.json"
    with closing(sqlite3.connect(tmp_path / "trials.sqlite3")) as tampered, tampered:
        tampered.execute("UPDATE cells SET result = replace(result, '0.0', '1e-12'), finished = 1 WHERE arm = ''")
    dlcheck("verify", "toy/two-is-two", "--audit", "--json", str(results), **home)
    assert dlcheck("judge", str(results)).returncode == 4
    empty = dlcheck("verify", "toy/two-is-two", "--audit", DLCHECK_HOME=str(tmp_path / "empty"))
    assert (empty.returncode, empty.stdout.count("nothing was compared")) == (3, 1)
    assert "expected to go without --fresh" in dlcheck("verify", "toy", "--audit", "--fresh").stderr


def test_a_verdict_that_was_edited_is_not_believed(dlcheck, tmp_path):
    """judge draws it from the numbers, says that the file lies, and fails; diff names the change."""
    honest, forged = tmp_path / "honest.json", tmp_path / "forged.json"
    dlcheck("verify", "toy/zero-is-one", "--json", str(honest))
    text = honest.read_text(encoding="utf-8")
    forged.write_text(
        text.replace('"verdict": "refuted"', '"verdict": "verified"').replace(
            '"as_expected": false', '"as_expected": true'
        )
    )
    judged = dlcheck("judge", str(forged), "--lang", "en")
    assert judged.returncode == 1
    assert "! toy/zero-is-one: the file says verified, its numbers give refuted" in judged.stdout
    forged.write_text(text.replace("1.0", "0.0"))
    changed = dlcheck("diff", str(honest), str(forged))
    assert changed.returncode == 1
    assert "✗ toy/zero-is-one: changed: refuted (largest error 1) → vacuous (largest error 0)" in changed.stdout


def test_a_broken_plugin_is_named_and_the_others_work(dlcheck, toy, plugin_dir, tmp_path):
    """A name behind a broken plugin costs exit code 4, its reason and remedy; the other names are verified."""
    bad = plugin_dir("bad", BROKEN_PLUGIN, tmp_path)
    path = os.pathsep.join([bad["PYTHONPATH"], toy["PYTHONPATH"]])
    both = dlcheck("verify", "bad", "toy/two-is-two", "--json", "-", PYTHONPATH=path)
    assert both.returncode == 4
    assert "✓ Two is two." in both.stderr
    assert "a_module_that_is_not_here" in both.stderr
    assert "  remedy: install 'a_module_that_is_not_here'" in both.stderr
    document = json.loads(both.stdout)
    assert (document["exit_code"], document["faults"][0]["plugin"]) == (4, "bad")
    assert document["claims"][0]["verdict"] == "verified"

    alone = dlcheck("verify", "bad/anything", PYTHONPATH=path)
    assert (alone.returncode, alone.stderr.count("\n")) == (4, 1)
    assert dlcheck("verify", "toy/two-is-two", PYTHONPATH=path).returncode == 0


@pytest.mark.parametrize("columns", [60, 200])
def test_a_terminal_shows_progress_and_keeps_the_verdict(columns, terminal):
    """Nothing is wider than the terminal; the moving lines are gone at the end, the verdicts stay."""
    screen = terminal("verify", "toy/two-is-two", "toy/nasty", columns=columns)
    assert screen.finish() == 0
    assert "of 2 decided" in screen.text
    kept = [line.split("\r")[-1] for line in screen.text.splitlines()]
    assert max(map(len, kept)) <= columns
    assert any(line.startswith("✓ Two is two.") for line in kept)
    assert "[i]u[/i]" in screen.text
    assert "\x07" not in screen.raw


def test_no_color_is_heard(terminal):
    """With NO_COLOR no colour is set; symbols and words carry the verdict."""
    colours = ("\x1b[32m", "\x1b[1;31m")
    screen, plain = (terminal("verify", "toy/two-is-two", "toy/zero-is-one", **env) for env in ({}, {"NO_COLOR": "1"}))
    assert (screen.finish(), plain.finish()) == (1, 1)
    assert all(colour in screen.raw for colour in colours)
    assert not any(colour in plain.raw for colour in colours)
    assert "✗ Zero is one." in plain.text


def test_ctrl_c_says_what_is_saved_and_how_to_go_on(terminal, toy, tmp_path):
    """After Ctrl-C the run ends with code 4, its JSON says so, and the same command goes on from what is saved."""
    target = tmp_path / "out.json"
    screen = terminal("verify", "toy/two-is-two", "toy/patience", "--jobs", "1", "--fresh", "--json", str(target))
    screen.read_until("Patience pays.")
    os.killpg(screen.process.pid, signal.SIGINT)
    assert screen.finish() == 4
    told = " ".join(screen.text.split())
    assert "Interrupted. Every measurement that had finished is saved." in told
    assert "dlcheck verify toy/two-is-two toy/patience --jobs 1 --json" in told
    document = json.loads(target.read_text(encoding="utf-8"))
    assert (document["summary"]["interrupted"], document["exit_code"]) == (True, 4)
    assert {claim["id"]: claim["verdict"] for claim in document["claims"]}["toy/patience"] == "incomplete"


def test_korean_results(dlcheck):
    """--lang ko, DLCHECK_LANG and a Korean locale each give Korean results."""
    by_option = dlcheck("verify", "toy/heads-win", "--lang", "ko").stdout
    assert "예상대로 반증" in by_option
    assert "1개는 흔한 오해로, 실험이 이를 반증했습니다." in by_option
    assert "예상대로 반증" in dlcheck("verify", "toy/heads-win", DLCHECK_LANG="ko").stdout
    assert "예상대로 반증" in dlcheck("verify", "toy/heads-win", DLCHECK_LANG="", LC_ALL="ko_KR.UTF-8").stdout


def test_an_ascii_terminal_gets_question_marks_not_a_traceback(dlcheck):
    """Where the output cannot encode ✓ the run goes on."""
    done = dlcheck("verify", "toy/two-is-two", PYTHONIOENCODING="ascii", DLCHECK_LANG="ko")
    assert (done.returncode, done.stderr) == (0, "")


def test_the_console_script_is_the_same_command(toy):
    """`dlcheck` and `python -m dlcheck` decide alike."""
    script = shutil.which("dlcheck", path=str(Path(sys.executable).parent))
    assert script
    done = subprocess.run(
        [script, "verify", "toy/two-is-two"], env=toy, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_without_ray_the_extra_is_named(dlcheck, toy, tmp_path):
    """As where it was not installed."""
    (tmp_path / "ray.py").write_text("raise ImportError")
    done = dlcheck("verify", "toy", "--engine", "ray", PYTHONPATH=f"{tmp_path}:{toy['PYTHONPATH']}")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dlcheck: --engine ray needs Ray: pip install 'dlcheck[ray]'\n"


def test_an_address_is_that_of_a_ray_cluster(dlcheck):
    """The local engine has none."""
    done = dlcheck("verify", "toy", "--address", "10.0.0.1:6379")
    assert (done.returncode, done.stderr) == (
        2,
        "dlcheck: --address 10.0.0.1:6379: expected to go with --engine ray\n",
    )
