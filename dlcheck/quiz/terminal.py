"""The quiz in a terminal: a question in clear type, numbered options, and what the model showed after the answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console

from dlcheck.api import Lang, Text
from dlcheck.quiz import words
from dlcheck.quiz.base import Grade, Question
from dlcheck.quiz.claims import Prediction
from dlcheck.quiz.code import Code
from dlcheck.quiz.draft import Draft, moved
from dlcheck.quiz.exam import score
from dlcheck.quiz.options import Options
from dlcheck.quiz.session import Answered, Command, TimeIsUp
from dlcheck.quiz.values import ShortText, normal
from dlcheck.quiz.variant import Variant
from dlcheck.report.text import Part, put, styled
from dlcheck.report.words import moment

if TYPE_CHECKING:
    from rich.syntax import SyntaxTheme

with suppress(ImportError):
    import readline  # noqa: F401  # `input` edits lines with it: without, erasing a Korean letter leaves half of it

COMMANDS = {"h": Command.HINT, "c": Command.CODE, "s": Command.SKIP, "q": Command.QUIT}
COMMANDS_KO = {"ㅗ": "h", "ㅊ": "c", "ㄴ": "s", "ㅂ": "q"}
"""The same keys while the keyboard is set to Korean."""
WIDEST = 100
"""Columns: longer lines are hard to read."""


class Terminal:
    """A face with colours. while_reading: called with each question as soon as there is something to read."""

    keys = words.KEYS
    no_editor = words.NO_EDITOR

    def __init__(self, console: Console, lang: Lang, while_reading: Callable[[Variant], object]) -> None:
        self.console = console
        self.lang = lang
        self.while_reading = while_reading
        self.count = 0
        self._draft: Draft | None = None
        self._shown: Answered | None = None
        console.width = min(console.width, WIDEST)

    def ask(self, variant: Variant, number: int, count: int) -> None:
        question = variant.question
        self.count = count
        self._draft = Draft(variant, self.lang) if isinstance(question, Code) else None
        stars = "●" * question.difficulty + "○" * (3 - question.difficulty)
        self._put("")
        self._put((f"{number}/{count} · {variant.name} · {stars}", "dim"))
        self._put("")
        for line in variant.ask(self.lang).splitlines():
            self._put((line, "bold"))
        self._put("")
        self.while_reading(variant)
        self._options(variant)
        self._prompt(variant)

    def _options(self, variant: Variant) -> None:
        """What there is to choose from, or to begin with."""
        with self.waiting():
            options = variant.options.values()
        for key, text in enumerate(options, 1):
            self._put("  ", (f"{key}", "bold cyan"), f"  {text(self.lang)}", indent=5)
        if isinstance(variant.question, Code):
            self.code(variant.question.stub)
        if options or isinstance(variant.question, Code):
            self._put("")

    def _prompt(self, variant: Variant) -> None:
        """What can be typed."""
        kind, keys = variant.question.kind, self.keys(self.lang)
        self._put((words.PROMPTS[kind](self.lang), "cyan"))
        self._put((":" + keys.replace(" · ", " · :") if _is_letter_a_term(variant.question) else keys, "dim"))

    def _put(self, *parts: Part, indent: int = 0) -> None:
        put(self.console, styled(*parts), indent=indent)

    def listen(self, variant: Variant) -> str | Command:
        """A command is one letter; where that letter may be an answer, with a colon before."""
        while True:
            typed = self._read_line()
            if command := _command(typed, with_colon=_is_letter_a_term(variant.question)):
                return command
            if self._draft is None:
                return typed
            if typed.strip():
                self._say(words.ENTER)
            elif self._edit(self._draft):
                return self._draft.text

    def _read_line(self) -> str:
        return input("> ")

    def _edit(self, draft: Draft) -> bool:
        """Whether there is something new to grade."""
        variable = next(filter(os.environ.get, ("VISUAL", "EDITOR")), None)
        if not variable:
            self._say(self.no_editor, topic=draft.variant.topic)
            return False
        editor = os.environ[variable]
        try:
            is_new = draft.edit(editor)
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            self._say(words.EDITOR_FAILED, why=_said_by(error)(self.lang), variable=variable, editor=editor)
            return False
        if not is_new:
            self._say(words.UNCHANGED)
        return is_new

    def again(self, why: Text) -> None:
        """The editor shows it too: that is where the student looks next."""
        if self._draft and why not in (words.NOT_IN_EXAM, words.STOPPED):
            [why] = self._draft.failed([why])
        self._say(why)

    def _say(self, text: Text, **fields: object) -> None:
        said = text(self.lang).format(**fields) if fields else text(self.lang)
        self._put((said, "yellow"))

    def waiting(self) -> AbstractContextManager[object]:
        return self.console.status(styled((words.GRADING(self.lang), "dim")))

    def try_again(self, answered: Answered) -> bool:
        """Code is run to be mended."""
        if self._draft is None:
            return False
        self._wrong(answered)
        self._shown = answered
        self._put("")
        self._put((words.TRY_AGAIN(self.lang), "cyan"))
        return True

    def hint(self, text: Text | None) -> None:
        self._put((text or words.NO_HINT)(self.lang))

    def code(self, source: str) -> None:
        from rich.syntax import Syntax  # with a lexer for each language, and most questions show no code

        theme = _theme()
        self.console.print(Syntax(source, "python", theme=theme, background_color="default", word_wrap=True))

    def graded(self, answered: Answered) -> None:
        """What the answer was worth, what the model showed, and why."""
        variant, grade = answered.variant, answered.grade
        if grade is None:
            self._put((words.SKIPPED(self.lang), "yellow"))
        elif grade.right:
            self._put("")
            self._put(("✓ ", "green"), (words.RIGHT(self.lang), "bold green"))
        elif answered is not self._shown:
            self._wrong(answered)
        if not (grade and grade.right):
            self._answer(variant)
        if variant.evidence:
            self._put("  ", ("▸ ", "cyan"), variant.evidence(self.lang), indent=4)
        self._put("  ", variant.explanation(self.lang), indent=2)
        self._put("")
        self._more(answered)

    def broken(self, variant: Variant, why: str) -> None:
        self._say(words.BROKEN, why=why)

    def _more(self, answered: Answered) -> None:
        """Where to look, and when it comes again."""
        if answered.grade and answered.grade.sandbox:
            level = answered.grade.sandbox(self.lang)
            self._put("  ", (words.SANDBOX(self.lang).format(level=level), "dim"), indent=2)
        for claim in answered.variant.question.verifies[:1]:
            self._put_command("  ", words.VERIFY(self.lang), f"dlcheck verify {claim}")
        if answered.due:
            day = moment(answered.due.timestamp())
            self._put("  ", (words.DUE(self.lang).format(day=day), "dim"), indent=2)

    def _put_command(self, indent: str, said: str, command: str) -> None:
        """The command on a line of its own where it does not fit beside the words: it is there to be copied."""
        one = f"{indent}{said} {command}"
        for line in [one] if cell_len(one) <= self.console.width else [f"{indent}{said}", f"{indent}{command}"]:
            self.console.print(styled((line, "dim")), soft_wrap=True)

    def _wrong(self, answered: Answered) -> None:
        assert answered.grade
        reasons = _reasons(answered.variant, answered.grade)
        self._put_wrong(self._draft.failed(reasons) if self._draft else reasons)

    def _put_wrong(self, reasons: Sequence[Text], when: str = "") -> None:
        """What fails, and what it confuses."""
        self._put("")
        self._put((when, "dim"), ("✗ ", "red"), (words.WRONG(self.lang), "bold red"))
        for reason in reasons:
            self._put("  ", (reason(self.lang), "yellow"), indent=2)

    def close(self, done: Sequence[Answered]) -> None:
        said = f"{score(done, self.lang)} {words.SAVED(self.lang)}" if done else words.NOTHING_ANSWERED(self.lang)
        self._put("")
        self._put((said, "bold"))

    def _answer(self, variant: Variant) -> None:
        """The right one, with its number where it has one."""
        question, shown = variant.question, variant.right(self.lang)
        if isinstance(question, Code):
            self.code(shown)
            return
        if isinstance(question, Options | Prediction):
            shown = f"{question.typed(variant.solution.right, list(variant.options))} · {shown}"
        self._put("  ", (words.ANSWER(self.lang).format(answer=shown), "bold"), indent=2)


class ExamTerminal(Terminal):
    """The same for an exam of so many seconds: the time that is left is on screen, and its end interrupts."""

    keys = words.EXAM_KEYS
    no_editor = words.NO_EDITOR_IN_EXAM

    def __init__(
        self, console: Console, lang: Lang, while_reading: Callable[[Variant], object], seconds: float
    ) -> None:
        super().__init__(console, lang, while_reading)
        self.ends = time.monotonic() + seconds

    def listen(self, variant: Variant) -> str | Command:
        """Raises TimeIsUp, also for code that comes out of the editor too late."""
        said = super().listen(variant)
        self._check_time()
        return said

    def close(self, done: Sequence[Answered]) -> None:
        is_over = time.monotonic() >= self.ends
        said = [words.TIME_IS_UP(self.lang)] * is_over + [score(done, self.lang, self.count)]
        self._put("")
        self._put((" ".join(said), "bold"))

    def _read_line(self) -> str:
        before = signal.signal(signal.SIGALRM, lambda *_: self._tick())
        try:
            self._tick()
            signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
            return input(f"{self._left()} > ")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)

    def _tick(self) -> None:
        self._check_time()
        if sys.stdout.isatty():
            sys.stdout.write(f"\x1b7\r{self._left()}\x1b8")  # keep the cursor, write over the old time, go back
            sys.stdout.flush()

    def _check_time(self) -> None:
        if time.monotonic() >= self.ends:
            raise TimeIsUp

    def _left(self) -> str:
        seconds = max(0, round(self.ends - time.monotonic()))
        return f"{seconds // 60:02}:{seconds % 60:02}"


class WatchTerminal(Terminal):
    """The same for code in a file of the student's own. Nothing is read from the keyboard."""

    def __init__(self, console: Console, lang: Lang, while_reading: Callable[[Variant], object], file: Path) -> None:
        super().__init__(console, lang, while_reading)
        self.file = file

    def _prompt(self, variant: Variant) -> None:
        self._put((words.WATCHING(self.lang).format(file=self.file), "cyan"))

    def again(self, why: Text) -> None:
        self._put("")
        self._put((f"{_now()} ", "dim"), (why(self.lang), "yellow"))

    def failing(self, variant: Variant, grade: Grade, height: int) -> None:
        """height: of the block above the answer, in lines."""
        self._put_wrong([moved(reason, height) for reason in _reasons(variant, grade)], f"{_now()} ")

    def interrupted(self) -> None:
        self.console.print()

    def close(self, done: Sequence[Answered]) -> None:
        """A try that failed goes on another time, so its answer is not shown."""
        if not (done and done[0].grade and not done[0].grade.right):
            super().close(done)
            return
        topic = done[0].variant.topic
        self._put((words.GO_ON_WATCHING(self.lang).format(topic=topic, file=self.file), "bold"))


def _now() -> str:
    return time.strftime("%H:%M:%S")


def _reasons(variant: Variant, grade: Grade) -> list[Text]:
    return [text for text in (grade.reason, variant.remark(grade)) if text]


def _theme() -> SyntaxTheme:
    """Readable on white and on black: the terminal's own colour for most, none that is nearly white or black."""
    from rich.style import Style
    from rich.syntax import ANSISyntaxTheme

    colours = {
        ("Comment",): Style(dim=True),
        ("Keyword",): Style(color="magenta"),
        ("Operator", "Word"): Style(color="magenta"),
        ("Literal", "String"): Style(color="green"),
        ("Literal", "Number"): Style(color="cyan"),
    }
    return ANSISyntaxTheme(colours)


def _said_by(error: Exception) -> Text:
    """Why an editor failed, without Python's own way of putting it."""
    if isinstance(error, subprocess.CalledProcessError):
        code = error.returncode
        return Text(words.EXIT_CODE.en.format(code=code), words.EXIT_CODE.ko.format(code=code))
    said = (isinstance(error, OSError) and error.strerror) or str(error)
    return Text(said, said)


def _is_letter_a_term(question: Question) -> bool:
    """Whether one of the letters for commands is something that this question accepts."""
    terms = question.accept.values() if isinstance(question, ShortText) else []
    return any(normal(letter) in each.spellings for each in terms for letter in (*COMMANDS, *COMMANDS_KO))


def _command(typed: str, *, with_colon: bool) -> Command | None:
    word = typed.strip().casefold()
    if with_colon and not word.startswith(":"):
        return None
    word = word.lstrip(":")
    return COMMANDS.get(COMMANDS_KO.get(word, word))
