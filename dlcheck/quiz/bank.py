"""A bank of questions: a YAML file with one document for each, under a first one that states format and topic.

Documents are found by their separators and the head of each (id, kind, difficulty) by its lines, so that a bank of
thousands opens at once; a question is parsed and checked when it is asked for. Nothing in the file is executed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dlcheck.errors import DlcheckError, did_you_mean

if TYPE_CHECKING:  # pydantic takes its time to import, and a list of questions does without
    from dlcheck.quiz.base import Question

SEPARATOR = re.compile(r"^---[ \t]*$\n?", re.MULTILINE)
HEAD = re.compile(r"^(id|kind|difficulty):[ \t]*([\w-]+)", re.MULTILINE)


@dataclass(frozen=True)
class Problem:
    """Something to mend in a bank. line and column count from 1."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class BankError(DlcheckError):
    """Questions that cannot be read; `problems` has all of them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        more = f" (and {len(problems) - 1} more: dlcheck bank test shows all)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}")
        self.problems = problems


@dataclass(frozen=True)
class Entry:
    """A question that has not been parsed. line: how many lines of the file stand before its document."""

    path: str
    line: int
    text: str

    @cached_property
    def head(self) -> dict[str, str]:
        return dict(reversed(HEAD.findall(self.text)))

    @property
    def id(self) -> str:
        return self.head.get("id", "")

    def line_of(self, key: str) -> int:
        """Where a key of the head stands in the file, counted from 1."""
        match = re.search(rf"^{key}:", self.text, re.MULTILINE)
        return self.line + 1 + self.text.count("\n", 0, match.start() if match else 0)

    def parse(self) -> Question:
        """Raises BankError with all that is wrong with it."""
        from pydantic import ValidationError

        from dlcheck.quiz.question import KINDS

        data = self.load()
        stated = data.get("kind") if isinstance(data, dict) else None
        if stated not in KINDS:
            message = f"expected a kind ({', '.join(KINDS)}), got {stated}.{did_you_mean(str(stated), KINDS)}"
            raise BankError([Problem(self.path, self.line_of("kind"), 1, message)])
        try:
            return KINDS[stated].model_validate(data)
        except ValidationError as error:
            raise BankError([self._problem(data, each) for each in error.errors()]) from None

    def load(self) -> Any:
        """The document, with the positions of its keys. Raises BankError where it is no YAML."""
        from ruamel.yaml import YAML
        from ruamel.yaml.error import MarkedYAMLError
        from ruamel.yaml.reader import ReaderError

        try:
            return YAML(typ="rt").load(self.text)
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line, column = (mark.line, mark.column) if mark else (0, 0)
            why = (error.problem or "").splitlines()
            raise BankError([self._at(line, column, f"expected YAML: {why[0] if why else error}")]) from None
        except ReaderError as error:
            before = self.text[: error.position].split("\n")
            message = f"expected YAML: the character U+{ord(self.text[error.position]):04X} is not allowed"
            raise BankError([self._at(len(before) - 1, len(before[-1]), message)]) from None

    def _at(self, line: int, column: int, message: str) -> Problem:
        return Problem(self.path, self.line + line + 1, column + 1, message)

    def _problem(self, data: Any, error: Mapping[str, Any]) -> Problem:
        """The problem that pydantic found, where it stands in the file."""
        from ruamel.yaml.comments import CommentedMap, CommentedSeq

        node: Any = data
        line, column = 0, 0
        for step in error["loc"]:
            if isinstance(node, CommentedMap) and step in node:
                line, column = node.lc.key(step)
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line, column = node.lc.item(step)
            else:
                continue
            node = node[step]
        return self._at(line, column, _said(error))


@dataclass(frozen=True)
class Bank:
    """The questions of one topic, by id, in the order of the file."""

    topic: str
    path: str
    entries: Mapping[str, Entry]

    @classmethod
    def open(cls, topic: str, resource: str) -> Bank:
        """resource: `package/file.yaml`.

        Raises DlcheckError for a file that cannot be read, BankError for one without the head it should have.
        """
        package, _, name = resource.partition("/")
        try:
            file = files(package).joinpath(name)
            text = file.read_text(encoding="utf-8")
        except (OSError, ModuleNotFoundError, UnicodeDecodeError) as error:
            got = error.strerror if isinstance(error, OSError) else "bytes that are not UTF-8"
            got = f"no package {error.name}" if isinstance(error, ModuleNotFoundError) else got
            raise DlcheckError(f"topic {topic!r}: expected its questions in {resource}, got {got}") from None
        return cls.read(topic, str(file), text)

    @classmethod
    def read(cls, topic: str, path: str, text: str) -> Bank:
        header, *documents = _documents(path, text)
        _check_header(header, topic)
        entries: dict[str, Entry] = {}
        problems = []
        for entry in documents:
            if not entry.id or entry.id in entries:
                got = f"{entry.id!r} a second time" if entry.id else "none"
                problems.append(
                    Problem(path, entry.line + 1, 1, f"expected an id of its own for each question, got {got}")
                )
            entries[entry.id] = entry
        if problems:
            raise BankError(problems)
        return cls(topic, path, entries)

    def problems(self) -> list[Problem]:
        """Everything that is wrong with the form of the bank, all at once."""
        found: list[Problem] = []
        for entry in self.entries.values():
            try:
                question = entry.parse()
            except BankError as error:
                found += error.problems
                continue
            for needed in question.requires:
                if needed == question.id:
                    message = "requires: a question cannot require itself"
                    found.append(Problem(self.path, entry.line_of("requires"), 1, message))
                elif needed not in self.entries:
                    message = f"requires: no question {needed!r}.{did_you_mean(needed, self.entries)}"
                    found.append(Problem(self.path, entry.line_of("requires"), 1, message))
        return found


def _documents(path: str, text: str) -> list[Entry]:
    """The text between separators; empty documents are left out, comments before the first one too."""
    entries, start, line = [], 0, 0
    for end, after in [*(match.span() for match in SEPARATOR.finditer(text)), (len(text), len(text))]:
        document = text[start:end]
        if re.search(r"^[^#\s]", document, re.MULTILINE):
            entries.append(Entry(path, line, document))
        line += text.count("\n", start, after)
        start = after
    return entries or [Entry(path, 0, "")]


def _check_header(header: Entry, topic: str) -> None:
    from pydantic import ValidationError

    from dlcheck.quiz.base import Header

    data = header.load()
    try:
        stated = Header.model_validate(data)
    except ValidationError as error:
        problem = Problem(header.path, 1, 1, f"expected a first document with format: 1 and topic: {topic}, then ---")
        raise BankError([problem]) from error
    if stated.topic != topic:
        raise BankError([Problem(header.path, 1, 1, f"expected topic: {topic}, got {stated.topic}")])


def _said(error: Mapping[str, Any]) -> str:
    """What was expected and what was got, in a line."""
    kind, got, field = error["type"], error["input"], str((*error["loc"], "")[len(error["loc"]) - 1])
    if kind == "extra_forbidden":
        return f"expected a known field, got {field!r}.{did_you_mean(field, set(_fields()))}"
    if kind == "missing":
        return f"expected a field {field!r}, got none"
    if kind == "value_error":
        return str(error["ctx"]["error"])
    return f"{error['msg']}, got {str(got)[:60]!r}"


def _fields() -> Iterator[str]:
    from dlcheck.quiz.base import Strict

    models = [Strict]
    for model in models:
        models += model.__subclasses__()
        yield from model.model_fields
