"""What a student waits for: the first question, a grade, one question out of ten thousand, the grade of code.

`python benchmarks/bench_quiz.py`. Progress and trials go to an empty folder; medians of wall times, in seconds.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch reads it

import pty
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROUNDS = 9
CODE_ROUNDS = 5
FIRST_PROMPT, GRADE, PICK, CODE = 0.5, 0.05, 1.0, 3.0
QUESTIONS = 10_000
QUESTION = """\
---
id: q{number}
kind: number
difficulty: {difficulty}
vary: {{n: [{number}, 2, 3]}}
oracle: square
compare: {{relative: 0.01}}
wrong:
  doubled: {{en: "Twice {{n}} is no square.", ko: "{{n}}의 두 배는 제곱이 아니다."}}
requires: [{requires}]
ask: {{en: "What is {{n}} squared?", ko: "{{n}}의 제곱은?"}}
explain: {{en: "{{n}} times {{n}} is {{right}}.", ko: "{{n}} 곱하기 {{n}}은 {{right}}이다."}}
"""
PICK_ONE = f"""
import random, time
from dlcheck.quiz.bank import Bank
from dlcheck.quiz.picking import candidates, in_turn, with_required
bank = Bank.open("big", "big_bank/big.yaml")
due = {{f"big/q{{number}}": number for number in range({QUESTIONS} // 2)}}  # half of them are due for review
picks = in_turn(candidates([bank]), due, random.Random(0), now={QUESTIONS} / 4)
[pick] = with_required(picks, set(), 1, print)
pick.entry.parse()
"""


def measure() -> list[tuple[str, float, float]]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DLCHECK_HOME": folder, "DLCHECK_LANG": "en"}
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # or our sources are compiled each time
        grades = list(_grades())
        return [
            ("`dlcheck quiz`, cold, until the first question is on screen, seconds", _first_prompt(), FIRST_PROMPT),
            ("a non-code answer graded, its oracle included: median of all questions, seconds", median(grades), GRADE),
            ("the slowest of them; in a session its oracle runs while the question is read", max(grades), GRADE),
            ("an answer about a claim graded, from saved trials, seconds", _grade_of_claim(), GRADE),
            (f"a bank of {QUESTIONS:,} questions opened and one picked, cold, seconds", _pick(Path(folder)), PICK),
            ("a code answer graded, the sandbox being tried out first, seconds", _code(), CODE),
        ]


def _first_prompt() -> float:
    """On a terminal, over as many seeds as rounds: each begins with another question."""
    _until_first_question(0)  # byte code and the disk's cache
    return median(_until_first_question(seed) for seed in range(ROUNDS))


def _until_first_question(seed: int) -> float:
    ours, theirs = pty.openpty()
    began = time.perf_counter()
    quiz = subprocess.Popen(
        [sys.executable, "-m", "dlcheck", "quiz", "transformer", "--seed", str(seed)],
        stdin=theirs, stdout=theirs, stderr=theirs,
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while b"?" not in seen.partition(b"1/10")[2]:  # the header, then the question itself
            seen += os.read(ours, 1 << 16)
        return time.perf_counter() - began
    finally:
        quiz.kill()
        quiz.wait()
        os.close(ours)


def _grades() -> Iterator[float]:
    """Of every question with an oracle, in all topics: the first grade of a new variant, after another of its kind."""
    from dlcheck.plugins import load
    from dlcheck.quiz.bank import Bank
    from dlcheck.quiz.course import topics_with_questions
    from dlcheck.quiz.live import LiveTopic
    from dlcheck.quiz.variant import Variant

    catalogue = load()
    for topic in topics_with_questions(catalogue, []):
        live = LiveTopic(topic, catalogue)
        for entry in Bank.open(topic.name, topic.questions).entries.values():
            question = entry.parse()
            if question.oracle and question.kind != "code":
                first, variant = (Variant(topic.name, question, seed, live) for seed in (0, 1))
                typed = question.typed(first.solution.right, list(first.options))  # and torch is imported
                began = time.perf_counter()
                variant.grade(variant.read(typed))
                yield time.perf_counter() - began


def _grade_of_claim() -> float:
    _once("truth")  # the claim runs, and its trials are saved
    return median(_once("truth") for _ in range(ROUNDS))


def _once(kind: str) -> float:
    """One answer to the first question of a kind on transformers, on a new variant."""
    from dlcheck.plugins import load
    from dlcheck.quiz.bank import Bank
    from dlcheck.quiz.course import topics_with_questions
    from dlcheck.quiz.live import LiveTopic
    from dlcheck.quiz.variant import Variant

    catalogue = load()
    [topic] = topics_with_questions(catalogue, ["transformer"])
    entries = Bank.open(topic.name, topic.questions).entries.values()
    question = next(entry for entry in entries if entry.head["kind"] == kind).parse()
    variant = Variant(topic.name, question, 0, LiveTopic(topic, catalogue))
    typed = getattr(question, "solution", "1")
    began = time.perf_counter()
    variant.grade(variant.read(typed))
    return time.perf_counter() - began


def _pick(folder: Path) -> float:
    """A process of its own each time, from its start to its end."""
    (folder / "big_bank").mkdir()
    (folder / "big_bank" / "__init__.py").touch()
    (folder / "big_bank" / "big.yaml").write_text("format: 1\ntopic: big\n" + "".join(_questions()), encoding="utf-8")
    command = [sys.executable, "-c", PICK_ONE]
    took = []
    for _ in range(ROUNDS + 1):
        began = time.perf_counter()
        subprocess.run(command, env=os.environ | {"PYTHONPATH": str(folder)}, check=True)
        took.append(time.perf_counter() - began)
    return median(took[1:])


def _questions() -> Iterator[str]:
    for number in range(QUESTIONS):
        requires = f"q{number - 1}" if number % 10 else ""
        yield QUESTION.format(number=number, difficulty=1 + number % 3, requires=requires)


def _code() -> float:
    from dlcheck.quiz import sandbox

    def cold() -> float:
        sandbox.level.cache_clear()
        return _once("code")

    cold()  # torch, in this process
    return median(cold() for _ in range(CODE_ROUNDS))


if __name__ == "__main__":
    for what, seconds, limit in measure():
        print(f"{what:80} {seconds:.3f} (at most {limit})")
