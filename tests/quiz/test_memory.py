"""An answer is saved whole or not at all, whatever happens next; what is due follows from all answers."""

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from dlcheck.errors import DlcheckError
from dlcheck.quiz.memory import Memory, Review

NOW = 1_800_000_000.0
DAY = 86400.0


@pytest.fixture
def memory(tmp_path):
    with Memory(tmp_path / "progress.sqlite3") as memory:
        yield memory


def review(question="toy/a", is_right=True, at=NOW, **more):
    return Review(question, 7, at, "2", is_right, **more)


def test_what_was_answered_right_comes_later_than_what_was_wrong(memory):
    for day in range(3):
        memory.save(review("toy/right", at=NOW + day * DAY))
        memory.save(review("toy/wrong", is_right=False, at=NOW + day * DAY))
        memory.save(review("toy/helped", at=NOW + day * DAY, helped=True))
    due = memory.due()
    assert due["toy/wrong"] < due["toy/helped"] < due["toy/right"]
    assert list(due) == ["toy/wrong", "toy/helped", "toy/right"]
    assert memory.known() == {"toy/right", "toy/helped"}


def test_answers_come_back_as_they_were_saved(tmp_path):
    said = review(misconception="한글", seconds=1.5)
    with Memory(tmp_path / "p.sqlite3") as memory:
        memory.save(said)
    with Memory(tmp_path / "p.sqlite3") as memory:
        assert memory.reviews() == [said]


def test_a_move_to_another_machine_keeps_answers_and_schedule(memory, tmp_path):
    for at, right in ((NOW, True), (NOW + DAY, False), (NOW + 2 * DAY, True)):
        memory.save(review(is_right=right, at=at))
    document = json.loads(memory.export())
    with Memory(tmp_path / "other.sqlite3") as other:
        assert other.restore(document) == 3
        assert other.restore(document) == 0
        assert (other.reviews(), other.due()) == (memory.reviews(), memory.due())


@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        {"format": 1, "reviews": [{"question": "toy/a"}]},
        {"format": 1, "reviews": [{**review().__dict__, "answered": "yesterday"}]},
        {"format": 1, "reviews": [{**review().__dict__, "answered": float("nan")}]},
        {"format": 1, "reviews": [{**review().__dict__, "answered": 1e300}]},
        {"format": 1, "reviews": [{**review().__dict__, "answered": -1e300}]},
        {"format": 1, "reviews": [{**review().__dict__, "answered": 10**400}]},
        {"format": 1, "reviews": [{**review().__dict__, "seconds": float("inf")}]},
        {"format": 1, "reviews": [{**review().__dict__, "seed": 10**30}]},
        {"format": 1, "reviews": [{**review().__dict__, "seed": 1.5}]},
        {"format": 1, "reviews": [{**review().__dict__, "is_right": "yes"}]},
        {"format": 1, "reviews": [{**review().__dict__, "helped": {}}]},
        {"format": 1, "reviews": [{**review().__dict__, "question": "no topic"}]},
        {"format": 1, "reviews": [{**review().__dict__, "question": "toy/\ud800"}]},
        {"format": 1, "reviews": [{**review().__dict__, "answer": "\ud800"}]},
        {"format": 1, "reviews": 3},
        {"format": 9, "reviews": []},
    ],
)
def test_a_faulty_import_changes_nothing(memory, document):
    memory.save(review())
    before = memory.reviews(), memory.due()
    with pytest.raises(DlcheckError, match="expected"):
        memory.restore(document)
    assert (memory.reviews(), memory.due()) == before


def test_a_reset_forgets_one_topic_and_no_other(memory):
    for question in ("toy/a", "toys/a", "other/a"):
        memory.save(review(question))
    assert memory.reset(["toy"]) == 1
    assert set(memory.due()) == {"toys/a", "other/a"}
    assert memory.reset(["TOYS", "t_ys", "%"]) == 0  # a name, not a pattern
    assert memory.reset() == 2


def test_a_disk_that_is_full_loses_nothing_that_was_saved(memory):
    memory.save(review())
    pages = memory._connection.execute("PRAGMA page_count").fetchone()[0]
    memory._connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DlcheckError, match=r"cannot save progress in .*what was saved before is safe"):
        memory.save(review("toy/" + "b" * 100_000))
    assert [each.question for each in memory.reviews()] == ["toy/a"]
    assert set(memory.due()) == {"toy/a"}


def test_a_file_of_a_newer_dlcheck_is_left_alone(tmp_path):
    connection = sqlite3.connect(tmp_path / "p.sqlite3")
    connection.execute("PRAGMA user_version = 9")
    connection.close()
    with pytest.raises(DlcheckError, match="expected version 1, got 9 of a newer dlcheck; upgrade"):
        Memory(tmp_path / "p.sqlite3")


def test_what_is_no_database_is_told_in_a_line(tmp_path):
    (tmp_path / "p.sqlite3").write_bytes(b"x" * 4096)
    with pytest.raises(DlcheckError, match=r"cannot keep progress in .*; set DLCHECK_HOME"):
        Memory(tmp_path / "p.sqlite3")


def damaged(path):
    """A file that SQLite opens, with noise where answers and schedules are."""
    with Memory(path) as memory:
        for number in range(300):
            memory.save(review(f"toy/{number}"))
    content = bytearray(path.read_bytes())
    content[2 * 4096 :] = os.urandom(len(content) - 2 * 4096)
    path.write_bytes(content)
    return Memory(path)


@pytest.mark.parametrize("ask", ["due", "reviews", "known", "retention", "export", "reset"])
def test_a_file_that_is_damaged_within_is_told_in_a_line(tmp_path, ask):
    with damaged(tmp_path / "p.sqlite3") as memory, pytest.raises(DlcheckError, match=r"p\.sqlite3 .*malformed"):
        getattr(memory, ask)()


def test_a_schedule_that_cannot_be_read_follows_from_the_answers(memory):
    """As after an update of fsrs that has another form of it."""
    for day in range(2):
        memory.save(review(at=NOW + day * DAY))
    before = memory.due(), memory.retention()
    memory._connection.execute("UPDATE cards SET card = '{}', due = 0")
    memory.save(review("toy/b", at=NOW))
    assert memory.retention()["toy/a"] == pytest.approx(before[1]["toy/a"], rel=1e-3)
    memory._connection.execute("UPDATE cards SET card = '{}'")
    memory.save(review(at=NOW + 2 * DAY))
    assert memory.due()["toy/a"] > before[0]["toy/a"]


def _begin(path, number, barrier, told):
    barrier.wait()
    try:
        _answer(path, f"toy/{number}", 3)
    except DlcheckError as error:
        told.put(str(error))


def test_first_sessions_at_once_make_one_file(tmp_path):
    """They all find no file, and wait for the one that makes it."""
    context = multiprocessing.get_context("spawn")
    barrier, told = context.Barrier(6), context.Queue()
    for attempt in range(5):
        path = tmp_path / f"{attempt}.sqlite3"
        sessions = [context.Process(target=_begin, args=(path, number, barrier, told)) for number in range(6)]
        for each in sessions:
            each.start()
        for each in sessions:
            each.join()
        with Memory(path) as memory:
            assert len(memory.reviews()) == 18, told.get(timeout=1)


def _answer(path, name, times):
    with Memory(path) as memory:
        for number in range(times):
            memory.save(review(name, at=NOW + number))


def test_two_sessions_at_once_lose_no_answer(tmp_path):
    path = tmp_path / "p.sqlite3"
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_answer, args=(path, "toy/same", 30)) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    with Memory(path) as memory:
        assert len(memory.reviews()) == 60


ANSWERING = """
import sys, time
from pathlib import Path
from dlcheck.quiz.memory import Memory, Review
with Memory(Path(sys.argv[1])) as memory:
    for number in range(10_000):
        memory.save(Review(f"toy/{number}", 1, time.time(), "1", True))
        print(number, flush=True)
"""


def test_kill_9_after_an_answer_keeps_it(tmp_path):
    path = tmp_path / "p.sqlite3"
    session = subprocess.Popen([sys.executable, "-c", ANSWERING, str(path)], stdout=subprocess.PIPE, text=True)
    said = [session.stdout.readline() for _ in range(5)]
    os.kill(session.pid, signal.SIGKILL)
    session.wait()
    session.stdout.close()
    with Memory(path) as memory:
        kept = {each.question for each in memory.reviews()}
        assert {f"toy/{each.strip()}" for each in said} <= kept
        assert kept == set(memory.due())  # the answer and its schedule are one transaction
        began = time.monotonic()
        memory.save(review("toy/after"))
        assert time.monotonic() - began < 10  # the dead session holds no lock
