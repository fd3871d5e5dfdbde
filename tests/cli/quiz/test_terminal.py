"""The quiz on a terminal, in both languages: what is typed, and what is on screen."""

import io
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.cells import cell_len

SESSION = {
    "en": ["Right.", "Not right.", "They add up to one.", "Answer: 0.1", "The model gave 0.1.", "They share 1 evenly."],
    "ko": ["맞았습니다.", "틀렸습니다.", "모두 더해서 1이다.", "정답: 0.1", "모델의 결과: 0.1", "1을 고르게 나누어"],
}
WORDS = {
    "en": [
        "exp(a) exp(b)",
        "def raised_logits",
        "Skipped.",
        "Answer: 1 · Nothing.",
        "See it run: dlcheck verify softmax/",
    ],
    "ko": [
        "exp(a) exp(b)",
        "def raised_logits",
        "건너뛰었습니다.",
        "정답: 1 · 변하지 않는다.",
        "직접 돌려 보기: dlcheck verify",
    ],
}
END = {"en": "Your answers are saved.", "ko": "답은 모두 저장되었습니다."}


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_a_session(lang, screen, answers):
    """Right, unreadable, wrong with misconception and evidence, hint, code, and a skip; all that was typed is kept."""
    kinds = ["--kind", "text", "--kind", "number", "--kind", "choice"]
    quiz = screen("quiz", "softmax", *kinds, "-n", "3", "--seed", "1", "--lang", lang)
    right, wrong, *evidence = SESSION[lang]
    hint, code, skipped, *verify = WORDS[lang]
    seen = []
    for _ in range(3):
        quiz.read_until("> ")
        [name] = re.findall(r"\d/3 · softmax/([\w-]+)", quiz.text)[-1:]
        seen.append(name)
        if name == "name-the-divisor":
            quiz.answer("온도", right)
        elif name == "equal-logits":
            quiz.answer("ten", "0.25")
            shown = quiz.answer("1", evidence[-1])
            classes = int(re.search(r"(?:All|로짓) (\d+)", quiz.whole)[1])
            assert all(each.replace("0.1", f"{1 / classes:g}") in shown for each in [wrong, *evidence])
        else:
            quiz.answer("h", hint)
            quiz.answer("ㅊ" if lang == "ko" else "c", code)
            quiz.answer("s", verify[-1])
            assert skipped in quiz.text
            assert re.search(verify[0].replace("1", r"\d"), quiz.text)
    quiz.read_until(END[lang])
    assert quiz.finish() == 0
    assert len(set(seen)) == 3
    saved = {each["question"]: (each["answer"], each["is_right"], each["misconception"]) for each in answers()}
    assert saved == {"softmax/name-the-divisor": ("온도", 1, ""), "softmax/equal-logits": ("1", 0, "certain")}


def test_quit_and_come_back(screen, answers):
    """q ends; what was answered is not asked again, and a hint is remembered as help."""
    quiz = screen("quiz", "softmax", "--kind", "choice", "--kind", "text", "-n", "2")
    quiz.answer("h", "> ")
    first = re.search(r"1/2 · (softmax/[\w-]+)", quiz.whole)[1]
    quiz.answer("1" if "raised" in first else "temperature", "2/2")
    quiz.answer("q", "Your answers are saved.")
    assert quiz.finish() == 0
    assert [each["question"] for each in answers()] == [first]
    again = screen("quiz", "softmax", "--kind", "choice", "--kind", "text", "-n", "1")
    again.read_until("1/1 · ")
    again.answer("\x04", "Nothing was answered.")
    assert first not in again.whole
    assert again.finish() == 0


def test_ctrl_c_is_leaving(screen, answers):
    """No traceback; what was answered stays."""
    quiz = screen("quiz", "softmax", "--kind", "text", "--kind", "number", "-n", "2", "--seed", "1")
    quiz.answer("3", "2/2")
    quiz.read_until("> ")
    quiz.process.send_signal(signal.SIGINT)
    quiz.press("\n")  # readline looks for signals when it wakes up
    assert quiz.finish() == 0
    assert "Traceback" not in quiz.whole
    assert len(answers()) == 1


LEAVES_EARLY = """
import time, torch
from types import SimpleNamespace
from dlcheck.cli.quiz import _solving_ahead

class Variant:
    question = SimpleNamespace(oracle="slow")

    @property
    def solution(self):
        until = time.monotonic() + 1
        while time.monotonic() < until:
            torch.randn(2000)

with _solving_ahead() as solve_ahead:
    solve_ahead(Variant())
    time.sleep(0.1)
"""


def test_leaving_while_the_model_is_at_work():
    """The process ends well, though another thread is within torch then, where Python would abort."""
    done = subprocess.run([sys.executable, "-c", LEAVES_EARLY], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_nothing_is_wider_than_the_terminal(lang, screen, with_claims):
    """All kinds at 60 columns; what is left to the terminal is names that are to be copied."""
    quiz = screen("quiz", "softmax", "-n", "9", "--seed", "1", "--lang", lang, columns=60)
    for number in range(1, 10):
        quiz.read_until(f"{number}/9")
        quiz.answer("s", f"{number + 1}/9" if number < 9 else END[lang])
    assert quiz.finish() == 0
    lines = [line for line in quiz.whole.split("\r\n") if "dlcheck verify" not in line and "\r" not in line]
    assert max(map(cell_len, lines)) <= 60


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_exam(lang, screen, tmp_path):
    """The time is shown and goes down, nothing is told before the end, and the report has it all."""
    report = tmp_path / "report.md"
    kinds = ["--kind", "text", "--kind", "number"]
    quiz = screen("quiz", "softmax", *kinds, "--exam", "5", "--report", str(report), "--seed", "1", "--lang", lang)
    quiz.read_until("04:5")
    quiz.read_until("04:58")
    quiz.answer("h", "Not during an exam." if lang == "en" else "시험 중에는")
    quiz.answer("1", "2/2")
    assert not any(word in quiz.whole for word in SESSION[lang])
    quiz.answer("q", str(report) if lang == "en" else "성적표")
    assert quiz.finish() == 0
    told = report.read_text(encoding="utf-8")
    score = {
        "en": "0 of 2 right. 1 was not reached.",
        "ko": "2문제 중 0문제를 맞혔습니다. 1문제는 풀지 못했습니다.",
    }
    assert f"**{score[lang]}**" in told
    assert "`1`" in told
    assert "softmax/" in told


def test_an_exam_ends_when_its_time_is_over(screen, answers):
    """In the middle of an answer, which is not counted."""
    quiz = screen("quiz", "softmax", "--kind", "text", "--exam", "0.03", "--seed", "1")
    quiz.read_until("> ")
    quiz.press("temper")
    quiz.read_until("Time is up. 0 of 1 right. 1 was not reached.")
    assert quiz.finish() == 0
    assert answers() == []


EDITOR = """#!/bin/sh
count=$(($(cat {folder}/visits 2>/dev/null || echo 0) + 1))
echo $count > {folder}/visits
cp "$1" {folder}/seen$count.py
[ -f {folder}/write$count.py ] && cp {folder}/write$count.py "$1"
exit $(cat {folder}/exit$count 2>/dev/null || echo 0)
"""
RAISES = "import torch\n\ndef softmax(x):\n    return x.missing\n"
TRANSPOSED = "def softmax(x):\n    return x.softmax(0)\n"
RIGHT = "def softmax(x):\n    return (x - x.logsumexp(-1, keepdim=True)).exp()\n"
FAILS = {
    "en": ["Line {line} raised AttributeError", "this is not Python", "That is the first axis.", "Right."],
    "ko": ["{line}번째 줄에서 AttributeError", "파이썬 문법 오류", "그것은 첫 번째 축이다.", "맞았습니다."],
}


@pytest.fixture
def editor(tmp_path: Path):
    """A program in place of an editor; `editor(1, text)` is what it writes on its first visit."""
    folder = tmp_path / "editor"
    folder.mkdir()
    program = folder / "edit"
    program.write_text(EDITOR.format(folder=folder))
    program.chmod(0o755)

    def write(visit: int, text: str) -> None:
        (folder / f"write{visit}.py").write_text(text, encoding="utf-8")

    write.program = str(program)
    write.seen = lambda visit: (folder / f"seen{visit}.py").read_text(encoding="utf-8")
    return write


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_code_goes_back_to_the_editor_until_it_is_right(lang, screen, editor, answers):
    """Each time with the student's own text and what failed, in place of what failed before; lines are the file's."""
    for visit, text in enumerate([RAISES, "def softmax(x:\n", TRANSPOSED, RIGHT], 1):
        editor(visit, text)
    raised, syntax, axis, right = FAILS[lang]
    quiz = screen("quiz", "softmax", "--kind", "code", "-n", "1", "--lang", lang, EDITOR=editor.program)
    shown = quiz.answer("", "AttributeError")
    quiz.answer("", syntax)
    quiz.answer("", axis)
    quiz.answer("", right)
    assert quiz.finish() == 0
    assert ("1 of 1 right." if lang == "en" else "1문제 중 1문제를") in quiz.text
    assert editor.seen(1).startswith("#| softmax/write-softmax#")
    assert editor.seen(1).endswith("import torch\n\ndef softmax(x):\n    ...")
    second, third, fourth = map(editor.seen, (2, 3, 4))
    line = second.splitlines().index("    return x.missing") + 1
    assert raised.format(line=line) in shown
    assert f"#| {raised.format(line=line)}" in second
    assert second.endswith(f"\n{RAISES}")
    assert syntax in third
    assert "AttributeError" not in third
    assert axis in fourth
    assert fourth.endswith(f"\n{TRANSPOSED}")
    saved = [(each["answer"], each["is_right"], each["misconception"], each["helped"]) for each in answers()]
    assert saved == [(RAISES, 0, "", 0), (TRANSPOSED, 0, "first-axis", 1), (RIGHT, 1, "", 1)]


def test_giving_up_on_code_shows_a_solution_and_counts_once(screen, editor, answers):
    """An editor that changes nothing, or fails, is no answer; s after a failing try is that try.

    What was written before the editor failed is not graded yet, so it is when nothing is added to it.
    """
    editor(2, TRANSPOSED)
    (Path(editor.program).parent / "exit2").write_text("3")
    quiz = screen("quiz", "softmax", "--kind", "code", "-n", "1", VISUAL=editor.program, EDITOR="false")
    quiz.answer("", "Nothing was changed")
    failed = quiz.answer("", "did not end well")
    assert "(exit code 3)" in failed
    assert f"VISUAL={editor.program}" in failed.replace("\r\n", "")
    quiz.answer("print(1)", "press Enter alone")
    quiz.answer("", "s shows the answer")
    quiz.answer("", "Nothing was changed")
    shown = quiz.answer("s", "0 of 1 right.")
    assert "powers / powers.sum" in shown
    assert "Not right." not in shown
    assert quiz.finish() == 0
    assert [each["answer"] for each in answers()] == [TRANSPOSED]


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_without_an_editor_a_line_says_what_to_do(lang, screen):
    """And the session goes on."""
    quiz = screen("quiz", "softmax", "--kind", "code", "-n", "1", "--lang", lang)
    shown = quiz.answer("", "--watch answer.py")
    assert "export EDITOR=nano" in shown
    quiz.answer("q", "Nothing was answered." if lang == "en" else "답한 문제가 없습니다.")
    assert quiz.finish() == 0


@pytest.mark.parametrize(("lang", "said"), [("en", "skip it (s)"), ("ko", "s로 건너뛰세요")])
def test_without_an_editor_an_exam_goes_on(lang, said, screen, tmp_path):
    """Nobody is told to hand in."""
    exam = ["--exam", "5", "--report", str(tmp_path / "report.md")]
    quiz = screen("quiz", "softmax", "--kind", "code", "-n", "1", *exam, "--lang", lang)
    assert "(q)" not in quiz.answer("", said)
    quiz.answer("s", "0 of 1 right." if lang == "en" else "1문제 중 0문제를")
    assert quiz.finish() == 0


def test_ctrl_c_while_code_runs_keeps_the_text(screen, editor, answers):
    """It stops the grading only, and the same text can be graded again."""
    editor(1, "def softmax(x):\n    while True:\n        pass\n")
    quiz = screen("quiz", "softmax", "--kind", "code", "-n", "1", EDITOR=editor.program)
    quiz.answer("", "at work")
    time.sleep(1)
    quiz.process.send_signal(signal.SIGINT)
    quiz.read_until("Grading was stopped")
    editor(2, RIGHT)
    quiz.answer("", "1 of 1 right.")
    assert editor.seen(2).endswith("        pass\n")
    assert quiz.finish() == 0
    assert [each["answer"] for each in answers()] == [RIGHT]


@pytest.mark.parametrize("colours", ["truecolor", "standard"])
def test_code_is_shown_whole_on_any_background(colours):
    """Long lines fold; plain names have the terminal's own colour, and none is nearly white."""
    from rich.console import Console

    from dlcheck.quiz.terminal import Terminal

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=40, color_system=colours)
    Terminal(console, "en", print).code("def f(x):\n    return " + " + ".join(f"plain_{n}" for n in range(20)))
    shown = out.getvalue()
    assert all(f"plain_{n}" in shown for n in range(20))
    assert set(re.findall(r"\x1b\[([\d;]*)m", shown)) <= {"0", "49", "35;49", "36;49"}
