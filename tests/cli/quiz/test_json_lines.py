"""The quiz over pipes: docs/json.md is what happens, and nothing that comes in loses anything."""

import json
import re
import threading

import pytest

from documented import DOCS

PAGE = (DOCS / "json.md").read_text(encoding="utf-8").partition("# The quiz over JSON lines")[2]
DUE = re.compile(r'"due": "[^"]*"')
RIGHT = {  # with --seed 1
    "name-the-divisor": "온도",
    "equal-logits": "10%",
    "raised-logits": 1,
    "temperature-decides": "false",
    "entropy-in-order": "3 2 1",
    "losses-of-tokens": "2 5",
    "write-softmax": "def softmax(x):\n    return (x - x.logsumexp(-1, keepdim=True)).exp()\n",
    "winners": "1 2",
    "squared-error-when-wrong": "1",
}


def documented(heading: str) -> set[str]:
    """The fields in the table under this line."""
    return set(re.findall(r"^\| `(\w+)` \|", PAGE.partition(f"{heading}\n\n|")[2].partition("\n\n")[0], re.M))


def test_the_documented_session_goes_as_documented(pipe):
    """Line by line; only the times are others."""
    command = re.search(r"`dlcheck (quiz softmax .*) --json-lines` goes", PAGE)
    transcript = re.search(r"```text\n(.*?)```", PAGE, re.S)
    session = pipe(*command[1].split())
    for line in transcript[1].splitlines():
        if line.startswith("< "):
            session.process.stdin.write(line[2:] + "\n")
            session.process.stdin.flush()
        else:
            said = session.process.stdout.readline().rstrip("\n")
            assert DUE.sub("", said) == DUE.sub("", line.removeprefix("> "))
    assert session.process.wait() == 0


def test_every_kind_is_answered_right_with_the_documented_fields(pipe, with_claims, answers):
    """Nine questions, one of each kind; code by the sandbox, and each saved under its name and seed."""
    session = pipe("quiz", "softmax", "-n", "9", "--seed", "1")
    asked = []
    for _ in range(9):
        question = session.hear()
        asked.append(question)
        fields = documented("A question:") - (set() if question["kind"] == "code" else {"stub", "function"})
        assert set(question) == fields
        graded = session.say({"answer": RIGHT[question["name"].removeprefix("softmax/")]})
        assert graded["right"], graded
        assert set(graded) == documented("An answer that was graded:")
        assert bool(graded["sandbox"]) == (question["kind"] == "code")
    end = session.hear()
    assert (end["type"], end["answered"], end["right"]) == ("end", 9, 9)
    assert len({question["kind"] for question in asked}) == 9
    saved = [(each["question"], each["seed"], each["is_right"]) for each in answers()]
    assert saved == [(question["name"], question["seed"], 1) for question in asked]


def test_code_that_fails_says_why(pipe):
    """reason and misconception; no second try, for every answer is final."""
    session = pipe("quiz", "softmax", "--kind", "code", "-n", "1")
    question = session.hear()
    assert (question["function"], "..." in question["stub"]) == ("softmax", True)
    graded = session.say({"answer": "def softmax(x):\n    return x.softmax(0)\n"})
    assert (graded["right"], graded["misconception"]) == (False, "first-axis")
    assert graded["reason"]["en"].startswith("Expected ")
    assert "기대한 값" in graded["reason"]["ko"]
    assert session.hear()["type"] == "end"


@pytest.mark.parametrize(
    "line",
    [
        "",
        "ten",
        "1",
        '"answer"',
        "[]",
        "{}",
        '{"command": "stop"}',
        '{"answer": null}',
        '{"answer": ["1"]}',
        "[" * 9999,
    ],
)
def test_a_line_that_is_no_object_of_ours_is_an_error(line):
    """Each kind of nonsense by itself; the next test has them in a session."""
    from dlcheck.quiz.json_lines import _said

    with pytest.raises((ValueError, KeyError, TypeError, RecursionError)):
        _said(json.loads(line))


def test_a_malformed_line_loses_nothing(pipe, answers):
    """An error for each, and the question stands; bytes that are no UTF-8 and half characters are no exception."""
    session = pipe("quiz", "softmax", "--kind", "text", "--kind", "shape", "-n", "2", "--seed", "1")
    session.hear()
    for line in ("", "ten", '{"answer": null}', '{"command": "stop"}', "[" * 2000):
        assert session.say(line)["type"] == "error"
    session.process.stdin.buffer.write(b'{"answer": "\xff"}\n')
    assert session.say({"command": "hint"})["type"] == "error"
    assert session.hear() == {"type": "hint", "hint": None}
    assert session.say('{"answer": "\\ud800"}')["right"] is False
    batch, tokens = re.search(r"\((\d), (\d), ", session.hear()["ask"]["en"]).groups()
    assert session.say({"answer": "9" * 5000})["type"] == "again"
    assert session.say({"answer": f"{batch}x{tokens}"})["right"] is True
    assert session.hear()["answered"] == 2
    assert [each["answer"] for each in answers()] == ["?", f"{batch}x{tokens}"]


def test_an_exam_tells_nothing_before_its_end(pipe):
    """No graded lines and no hints; the end has them all, and the time is up when it is."""
    session = pipe("quiz", "softmax", "--kind", "text", "--kind", "number", "-n", "2", "--exam", "30", "--seed", "1")
    assert 0 < session.hear()["seconds_left"] <= 1800
    assert session.say({"command": "hint"})["why"]["en"] == "Not during an exam."
    assert session.say({"answer": "temperature"})["type"] == "question"
    end = session.say({"command": "quit"})
    assert (end["type"], end["answered"], end["answers"][0]["right"]) == ("end", 1, True)


def test_an_answer_after_the_end_of_an_exam_does_not_count(pipe, answers):
    session = pipe("quiz", "softmax", "--kind", "text", "--exam", "0.01", "--seed", "1")
    session.hear()
    over = threading.Event()
    over.wait(0.7)  # 0.01 minutes are 0.6 s: waiting longer does no harm
    assert session.say({"answer": "temperature"})["answered"] == 0
    assert answers() == []


def test_kill_9_between_answer_and_next_prompt_keeps_the_answer(pipe, answers):
    """And the next session goes on behind it."""
    first = pipe("quiz", "softmax", "--kind", "text", "--kind", "number", "-n", "2")
    asked = first.hear()["name"]
    first.say({"answer": "7"})
    first.process.kill()
    first.process.wait()
    assert [each["question"] for each in answers()] == [asked]
    second = pipe("quiz", "softmax", "--kind", "text", "--kind", "number", "-n", "2")
    assert second.hear()["name"] != asked


def test_two_sessions_at_once_keep_all_answers(pipe, answers):
    """Turn by turn, on one file."""
    both = [pipe("quiz", "softmax", "--kind", "number", "--kind", "text", "-n", "2") for _ in range(2)]
    for _ in range(2):
        for session in both:
            session.hear()
        for number, session in enumerate(both):
            assert session.say({"answer": f"{number}"})["type"] == "graded"
    assert [session.hear()["type"] for session in both] == ["end", "end"]
    assert len(answers()) == 4
