"""A code answer in a file of the student's own, which is graded each time it is saved."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlcheck.errors import DlcheckError
from dlcheck.quiz.base import Grade, Unreadable
from dlcheck.quiz.course import Course
from dlcheck.quiz.draft import MARK, apart, block, moved
from dlcheck.quiz.memory import Memory
from dlcheck.quiz.picking import Pick
from dlcheck.quiz.session import Answered, save
from dlcheck.quiz.terminal import WatchTerminal
from dlcheck.quiz.variant import Variant

NAME = re.compile(rf"^{re.escape(MARK)}([\w/-]+)#(\d+)$", re.MULTILINE)
LOOK_MS = 1000
"""How often to look at the file where the system does not tell of changes, as on some network file systems."""


def import_watchfiles() -> None:
    """Raises DlcheckError when it is not installed."""
    try:
        import watchfiles  # noqa: F401 - whether it is there
    except ImportError:
        raise DlcheckError("--watch needs watchfiles: pip install 'dlcheck[watch]'") from None


def chosen(course: Course, picks: Sequence[Pick], seed: int | None, file: Path) -> Variant:
    """The question that the file was begun for, else the first. Raises DlcheckError, also where it is answered."""
    if not picks:
        raise DlcheckError("--watch: no question asks for code here")
    page = _read(file)
    if begun := NAME.match(page):
        name, number = begun[1], int(begun[2])
        is_done = any(
            (each.question, each.seed, each.answer, each.is_right) == (name, number, apart(page)[1], True)
            for each in course.memory.reviews()
        )
        if is_done:
            raise DlcheckError(f"{file} is your right answer to {name}, and stays: give another file, or delete it")
        return _of(course, picks, name, number, file)
    found = next((made for pick in picks for made in course.variants([pick], seed)), None)
    if found is None:
        raise DlcheckError("--watch: none of the questions that ask for code can be read")
    return found


def _of(course: Course, picks: Sequence[Pick], name: str, seed: int, file: Path) -> Variant:
    pick = next((pick for pick in picks if pick.name == name), None)
    if pick is None:
        raise DlcheckError(f"{file} is an answer to {name}, which is not asked here; give another file, or its topic")
    return Variant(pick.bank.topic, pick.entry.parse(), seed, course.live(pick.bank.topic))


@dataclass
class Watch:
    """file: begun with the stub when there is nothing in it; what somebody wrote there is never replaced."""

    variant: Variant
    memory: Memory
    face: WatchTerminal
    file: Path
    _graded: list[tuple[str, Grade]] = field(default_factory=list)

    def run(self) -> list[Answered]:
        """Until the answer is right, or Ctrl-C. The last thing that was graded is kept, and nothing before it."""
        self._begin()
        self.face.ask(self.variant, 1, 1)
        began = time.monotonic()
        try:
            for page in _versions(self.file):
                self._look(page)
                if self._graded and self._graded[-1][1].right:
                    break
        except KeyboardInterrupt:
            self.face.interrupted()
        if not self._graded:
            return []
        typed, grade = self._graded[-1]
        return [save(self.memory, self.variant, typed, grade, helped=len(self._graded) > 1, began=began)]

    def _begin(self) -> None:
        """Raises DlcheckError when the file cannot be written."""
        if _read(self.file).strip():
            return
        try:
            self.file.write_text(f"{block(self.variant, self.face.lang)}{_stub(self.variant)}\n", encoding="utf-8")
        except OSError as error:
            raise DlcheckError(f"cannot write the stub to {self.file} ({error.strerror})") from None

    def _look(self, page: str) -> None:
        """Grade what is in the file, if it is an answer at all."""
        above, text = apart(page)
        height = above.count("\n")
        if text.strip() in ("", _stub(self.variant).strip()):
            return
        try:
            with self.face.waiting():
                grade = self.variant.grade(self.variant.read(text))
        except Unreadable as unreadable:
            self.face.again(moved(unreadable.text, height))
            return
        self._graded.append((text, grade))  # before it is shown: nobody sees a grade that is then forgotten
        if not grade.right:
            self.face.failing(self.variant, grade, height)


def _versions(file: Path) -> Iterator[str]:
    """What is in the file, now and whenever it has changed. Editors put a new file in its place: look at the folder."""
    from watchfiles import watch

    seen = None
    for _ in watch(file.parent, watch_filter=None, recursive=False, rust_timeout=LOOK_MS, yield_on_timeout=True):
        page = _read(file)
        if page != seen:
            seen = page
            yield page


def _read(file: Path) -> str:
    """Empty where there is none. Raises DlcheckError for what cannot be read."""
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise DlcheckError(f"cannot read {file} ({error.strerror})") from None


def _stub(variant: Variant) -> str:
    stub: str = variant.question.stub  # type: ignore[attr-defined]  # of questions of this kind
    return stub
