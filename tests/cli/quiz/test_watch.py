"""`--watch FILE`: each save is graded, and nothing that somebody wrote is replaced."""

import re
import signal

import pytest

STUB = "import torch\n\ndef softmax(x):\n    ...\n"
TRANSPOSED = "def softmax(x):\n    return x.softmax(0)\n"
RAISES = "def softmax(x):\n    return x.missing\n"
RIGHT = "def softmax(x):\n    return (x - x.logsumexp(-1, keepdim=True)).exp()\n"
SAID = {
    "en": ["graded each time you save", "raised AttributeError", "That is the first axis.", "Right.", "not right yet"],
    "ko": ["저장할 때마다 채점", "AttributeError", "그것은 첫 번째 축이다.", "맞았습니다.", "아직 맞지 않은"],
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "answer.py"


def leave(quiz) -> None:
    quiz.process.send_signal(signal.SIGINT)
    assert quiz.finish() == 0
    assert "Traceback" not in quiz.whole


@pytest.mark.parametrize("lang", ["ko"])
def test_each_save_is_graded_until_it_is_right(lang, screen, file, answers):
    """Written in place and by putting another file there, as editors do; lines are the file's; one answer is kept."""
    begin, raised, axis, right, _ = SAID[lang]
    quiz = screen("quiz", "softmax", "--watch", str(file), "--lang", lang)
    quiz.read_until(begin)
    block, stub = re.fullmatch(r"((?:#\|[^\n]*\n)+)(.*)", file.read_text(encoding="utf-8"), re.S).groups()
    assert (block.startswith("#| softmax/write-softmax#"), stub) == (True, STUB)
    file.write_text(block + RAISES, encoding="utf-8")
    quiz.read_until(raised)
    line = block.count("\n") + 2
    assert (f"Line {line} " if lang == "en" else f"{line}번째 줄") in quiz.text
    other = file.with_name("other")
    other.write_text(block + TRANSPOSED, encoding="utf-8")
    other.replace(file)
    quiz.read_until(axis)
    file.write_text(block + RIGHT, encoding="utf-8")
    quiz.read_until(right)
    assert quiz.finish() == 0
    assert [(each["answer"], each["is_right"], each["helped"]) for each in answers()] == [(RIGHT, 1, 1)]


@pytest.mark.parametrize("lang", ["en"])
def test_ctrl_c_keeps_the_last_try_and_the_same_command_goes_on(lang, screen, file, answers):
    """As a wrong answer; what is there when it begins again is graded again, as the same variant."""
    quiz = screen("quiz", "softmax", "--watch", str(file), "--lang", lang)
    quiz.read_until(SAID[lang][0])
    first = file.read_text(encoding="utf-8").splitlines()[0]
    file.write_text(f"{first}\n{TRANSPOSED}", encoding="utf-8")
    quiz.read_until(SAID[lang][2])
    leave(quiz)
    assert SAID[lang][4] in quiz.whole
    assert "powers / powers.sum" not in quiz.whole
    [saved] = answers()
    assert (saved["answer"], saved["is_right"], saved["misconception"]) == (TRANSPOSED, 0, "first-axis")
    again = screen("quiz", "softmax", "--watch", str(file), "--lang", lang)
    again.read_until(SAID[lang][2])
    leave(again)
    assert first.endswith(f"#{answers()[1]['seed']}")
    assert file.read_text(encoding="utf-8") == f"{first}\n{TRANSPOSED}"


def test_leaving_before_anything_was_graded_saves_nothing(screen, file, answers):
    """A stub is no answer, and neither is what is not Python."""
    quiz = screen("quiz", "softmax", "--watch", str(file))
    quiz.read_until("Ctrl-C ends.")
    file.write_text("def softmax(x:\n", encoding="utf-8")
    quiz.read_until("this is not Python")
    leave(quiz)
    assert "Nothing was answered." in quiz.whole
    assert answers() == []


def test_a_file_of_the_student_is_graded_and_never_replaced(screen, file):
    """Whatever is in it, comments that look like ours included."""
    mine = f"#| echo: false\nVERY = 'precious'\n{RIGHT}"
    file.write_text(mine, encoding="utf-8")
    quiz = screen("quiz", "softmax", "--watch", str(file))
    quiz.read_until("Right.")
    assert quiz.finish() == 0
    assert file.read_text(encoding="utf-8") == mine


def test_a_file_that_is_solved_stays(screen, file, ran):
    """The same command again refuses and says what to do; changed since, the file is an answer like any other."""
    quiz = screen("quiz", "softmax", "--watch", str(file))
    quiz.read_until("Ctrl-C ends.")
    solved = file.read_text(encoding="utf-8").replace(STUB, RIGHT)
    file.write_text(solved, encoding="utf-8")
    quiz.read_until("Right.")
    assert quiz.finish() == 0
    again = ran("quiz", "softmax", "--watch", str(file))
    assert (again.returncode, again.stdout, again.stderr.count("\n")) == (2, "", 1)
    assert "is your right answer to softmax/write-softmax, and stays: give another file, or delete it" in again.stderr
    assert file.read_text(encoding="utf-8") == solved
    file.write_text(f"{solved}# more\n", encoding="utf-8")
    more = screen("quiz", "softmax", "--watch", str(file))
    more.read_until("Right.")
    assert more.finish() == 0
    assert file.read_text(encoding="utf-8") == f"{solved}# more\n"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--exam", "5"], "leave out --exam, --json-lines and other kinds"),
        (["--json-lines"], "leave out --exam"),
        (["--kind", "choice"], "leave out --exam"),
        (["--difficulty", "3"], "no question asks for code here"),
    ],
    ids=" ".join,
)
def test_what_does_not_go_with_watching_is_told(arguments, said, ran, file):
    done = ran("quiz", "softmax", "--watch", str(file), *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_a_file_for_another_topic_is_told(ran, file):
    file.write_text("#| lstm/write-cell#7\nx = 1\n", encoding="utf-8")
    told = ran("quiz", "softmax", "--watch", str(file)).stderr
    assert "is an answer to lstm/write-cell, which is not asked here" in told


def test_without_watchfiles_the_extra_is_named(ran, file, site, tmp_path):
    """As where it was not installed."""
    (tmp_path / "none").mkdir()
    (tmp_path / "none/watchfiles.py").write_text("raise ImportError")
    done = ran("quiz", "softmax", "--watch", str(file), PYTHONPATH=f"{tmp_path}/none:{site}")
    assert done.returncode == 2
    assert done.stderr == "dlcheck: --watch needs watchfiles: pip install 'dlcheck[watch]'\n"
