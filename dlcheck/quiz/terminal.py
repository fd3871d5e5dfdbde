"""The quiz in a terminal: a question in clear type, numbered options, and what the model showed after the answer."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console

from dlcheck.api import Lang, Text
from dlcheck.errors import DlcheckError
from dlcheck.quiz import words
from dlcheck.quiz.code import Code
from dlcheck.quiz.exam import score
from dlcheck.quiz.session import Answered, Command, TimeIsUp
from dlcheck.quiz.variant import Variant
from dlcheck.report.text import put, styled
from dlcheck.report.words import moment

COMMANDS = {"h": Command.HINT, "c": Command.CODE, "s": Command.SKIP, "q": Command.QUIT}
COMMANDS_KO = {"ㅗ": "h", "ㅊ": "c", "ㄴ": "s", "ㅂ": "q"}
"""The same keys while the keyboard is set to Korean."""
WIDEST = 100
"""Columns: longer lines are hard to read."""


class Terminal:
    """A face with colours. on_first_prompt: called once, as soon as there is something to read."""

    keys = words.KEYS

    def __init__(self, console: Console, lang: Lang, on_first_prompt: Callable[[], None]) -> None:
        self.console = console
        self.lang = lang
        self.on_first_prompt: Callable[[], None] | None = on_first_prompt
        console.width = min(console.width, WIDEST)

    def ask(self, variant: Variant, number: int, count: int) -> None:
        question = variant.question
        stars = "●" * question.difficulty + "○" * (3 - question.difficulty)
        self.console.print()
        put(self.console, styled((f"{number}/{count} · {variant.name} · {stars}", "dim")), indent=0)
        for line in variant.ask(self.lang).splitlines():
            put(self.console, styled((line, "bold")), indent=0)
        if self.on_first_prompt:
            self.on_first_prompt()
            self.on_first_prompt = None
        for key, text in enumerate(variant.options.values(), 1):
            put(self.console, styled("  ", (f"{key}", "bold cyan"), f"  {text(self.lang)}"), indent=5)
        if isinstance(question, Code):
            self.code(question.stub)
        more = f" ({words.COLON(self.lang)})" if question.kind == "text" else ""
        prompt = words.PROMPTS[question.kind](self.lang)
        put(self.console, styled((f"{prompt} · {self.keys(self.lang)}{more}", "dim")), indent=0)

    def listen(self, variant: Variant) -> str | Command:
        """A command is one letter; where a letter may be an answer, with a colon before."""
        typed = self._read_line()
        word = typed.strip().casefold()
        word = COMMANDS_KO.get(word.lstrip(":"), word.lstrip(":")) if word[:1] == ":" or word in COMMANDS_KO else word
        is_command = word in COMMANDS and (variant.question.kind != "text" or typed.lstrip().startswith(":"))
        if is_command:
            return COMMANDS[word]
        return edited(variant.question) if isinstance(variant.question, Code) else typed

    def _read_line(self) -> str:
        return input("> ")

    def again(self, why: Text) -> None:
        put(self.console, styled((why(self.lang), "yellow")), indent=0)

    def hint(self, text: Text | None) -> None:
        put(self.console, styled((text or words.NO_HINT)(self.lang)), indent=0)

    def code(self, source: str) -> None:
        from rich.syntax import Syntax  # with a lexer for each language, and most questions show no code

        self.console.print(Syntax(source, "python", background_color="default"))

    def graded(self, answered: Answered) -> None:
        """What the answer was worth, what the model showed, and why."""
        variant, grade = answered.variant, answered.grade
        if grade is None:
            put(self.console, styled((words.SKIPPED(self.lang), "yellow")), indent=0)
        elif grade.right:
            put(self.console, styled(("✓ ", "green"), (words.RIGHT(self.lang), "bold green")))
        else:
            put(self.console, styled(("✗ ", "red"), (words.WRONG(self.lang), "bold red")))
            for reason in filter(None, (grade.reason, variant.feedback(grade))):
                put(self.console, styled("  ", reason(self.lang)))
            self._answer(variant)
        for text in filter(None, (variant.evidence, variant.explanation)):
            put(self.console, styled("  ", text(self.lang)))
        if grade and grade.sandbox:
            put(self.console, styled("  ", (words.SANDBOX(self.lang).format(level=grade.sandbox(self.lang)), "dim")))
        for claim in variant.question.verifies[:1]:
            put(self.console, styled("  ", (words.VERIFY(self.lang).format(claim=claim), "dim")))
        if answered.due:
            day = moment(answered.due.timestamp())
            put(self.console, styled("  ", (words.DUE(self.lang).format(day=day), "dim")))

    def close(self, done: Sequence[Answered]) -> None:
        said = f"{score(done, self.lang)} {words.SAVED(self.lang)}" if done else words.NOTHING_ANSWERED(self.lang)
        self.console.print()
        put(self.console, styled((said, "bold")), indent=0)

    def _answer(self, variant: Variant) -> None:
        if variant.question.kind == "code":
            self.code(variant.right(self.lang))
        else:
            put(self.console, styled("  ", words.ANSWER(self.lang).format(answer=variant.right(self.lang))))


class ExamTerminal(Terminal):
    """The same for an exam of so many seconds: the time that is left is on screen, and its end interrupts."""

    keys = words.EXAM_KEYS

    def __init__(self, console: Console, lang: Lang, on_first_prompt: Callable[[], None], seconds: float) -> None:
        super().__init__(console, lang, on_first_prompt)
        self.ends = time.monotonic() + seconds

    def _read_line(self) -> str:
        """Raises TimeIsUp."""
        before = signal.signal(signal.SIGALRM, lambda *_: self._tick())
        try:
            self._tick()
            signal.setitimer(signal.ITIMER_REAL, 1.0, 1.0)
            return input(f"{self._left()} > ")
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, before)

    def _tick(self) -> None:
        if time.monotonic() >= self.ends:
            raise TimeIsUp
        if sys.stdout.isatty():
            sys.stdout.write(f"\x1b7\r{self._left()}\x1b8")  # keep the cursor, write over the old time, go back
            sys.stdout.flush()

    def _left(self) -> str:
        seconds = max(0, round(self.ends - time.monotonic()))
        return f"{seconds // 60:02}:{seconds % 60:02}"


def edited(question: Code) -> str:
    """What the student's editor leaves of the stub. Raises DlcheckError when there is no editor."""
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"{question.id}.py")
        file.write_text(question.stub, encoding="utf-8")
        try:
            subprocess.run([*shlex.split(editor), str(file)], check=True)
        except (OSError, subprocess.CalledProcessError) as error:
            raise DlcheckError(f"cannot run the editor {editor!r} ({error}); set EDITOR, or use --watch FILE") from None
        return file.read_text(encoding="utf-8")
