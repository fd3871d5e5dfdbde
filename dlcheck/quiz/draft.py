"""A code answer as a file to edit: a block of comments with the question, and what failed, above the student's text."""

from __future__ import annotations

import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from dlcheck.api import Lang, Text
from dlcheck.quiz.variant import Variant
from dlcheck.report.text import styled

MARK = "#| "
"""Each line of the block begins so: what is written there is not part of the answer."""
COLUMNS = 88
LINE = (re.compile(r"^Line (\d+)\b"), re.compile(r"^(\d+)(?=번째 줄)"))
"""Where the texts about an answer name one of its lines, in both languages."""


def block(variant: Variant, lang: Lang, failed: Sequence[str] = ()) -> str:
    """Lines of comment. failed: what the last try came to."""
    shown = [f"{variant.name}#{variant.seed}", *_folded(variant.ask(lang))]
    for reason in failed:
        shown += ["", *_folded(reason)]
    return "".join(f"{MARK}{line}".rstrip() + "\n" for line in shown)


def _folded(words: str) -> Iterator[str]:
    console = Console(width=COLUMNS)
    for line in words.splitlines():
        yield from (part.plain.rstrip() for part in styled(line).wrap(console, COLUMNS))


def apart(page: str) -> tuple[str, str]:
    """The block at the top of a file, which may be empty, and the student's own text."""
    lines = page.splitlines(keepends=True)
    height = next((number for number, line in enumerate(lines) if not line.startswith(MARK.strip())), len(lines))
    return "".join(lines[:height]), "".join(lines[height:])


def moved(text: Text, lines: int) -> Text:
    """A text about an answer that stands below so many lines."""
    en, ko = LINE
    return Text(
        en.sub(lambda found: f"Line {int(found[1]) + lines}", text.en),
        ko.sub(lambda found: str(int(found[1]) + lines), text.ko),
    )


class Draft:
    """A code answer between two visits to the editor."""

    def __init__(self, variant: Variant, lang: Lang) -> None:
        self.variant = variant
        self.lang = lang
        self.text: str = variant.question.stub  # type: ignore[attr-defined]  # of questions of this kind
        self._failed: str = self.text  # the stub is no answer
        self._block = block(variant, lang)

    def failed(self, reasons: Sequence[Text]) -> list[Text]:
        """Of this text: shown above it from now on. The same, with lines counted as the editor counts them."""
        self._failed = self.text
        height = 0
        for _ in range(3):  # a number of more digits may fold into one more line
            told = [moved(reason, height) for reason in reasons]
            self._block = block(self.variant, self.lang, [reason(self.lang) for reason in told])
            height = self._block.count("\n")
        return told

    def edit(self, editor: str) -> bool:
        """Open it; whether the text is another one than what failed. Raises OSError or CalledProcessError when the
        editor fails, and ValueError when it is no command."""
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, f"{self.variant.question.id}.py")
            file.write_text(self._block + self.text, encoding="utf-8")
            try:
                subprocess.run([*shlex.split(editor), str(file)], check=True)
            finally:
                self.text = apart(file.read_text(encoding="utf-8", errors="replace"))[1]
        return self.text != self._failed
