"""`dlcheck quiz` and `dlcheck review`: questions, graded by what the reference models show."""

from __future__ import annotations

import random
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlcheck.api import Lang
from dlcheck.cli.options import LangOption, complete_topics, language
from dlcheck.errors import DlcheckError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from dlcheck.quiz.course import Course
    from dlcheck.quiz.picking import Pick
    from dlcheck.quiz.session import Answered, Face
    from dlcheck.quiz.variant import Variant


class Kind(StrEnum):
    CHOICE = "choice"
    MULTIPLE = "multiple"
    TRUTH = "truth"
    NUMBER = "number"
    SHAPE = "shape"
    ORDERING = "ordering"
    TEXT = "text"
    PREDICTION = "prediction"
    CODE = "code"


Topics = Annotated[
    list[str] | None,
    typer.Argument(metavar="[TOPIC]...", help="Default: all that have questions.", autocompletion=complete_topics),
]
JsonLinesOption = Annotated[
    bool, typer.Option("--json-lines", help="One JSON object per line, out and in, for other programs (docs/json.md).")
]


def _require_sandbox(is_required: bool) -> None:
    """Raises DlcheckError where bubblewrap does not work."""
    if is_required:
        from dlcheck.quiz.sandbox import require

        require()


RequireSandboxOption = Annotated[
    bool,
    typer.Option(
        "--require-sandbox",
        callback=_require_sandbox,
        help="Refuse to begin where bubblewrap cannot contain code answers (see: dlcheck doctor).",
    ),
]


def quiz(
    topics: Topics = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many questions to ask.")] = 10,
    kinds: Annotated[list[Kind] | None, typer.Option("--kind", help="Only this kind; may be repeated.")] = None,
    difficulty: Annotated[int | None, typer.Option(min=1, max=3, help="Only this difficulty.")] = None,
    lang: LangOption = None,
    seed: Annotated[int | None, typer.Option(help="The same questions and variants each time.")] = None,
    exam: Annotated[
        float | None, typer.Option(metavar="MINUTES", min=0.01, help="No hints, and no feedback before the end.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Where the report of an exam goes; default: here.")] = None,
    watch: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Answer one code question in this file, graded each time it is saved."),
    ] = None,
    json_lines: JsonLinesOption = False,
    require_sandbox: RequireSandboxOption = False,
) -> None:
    """Answer questions; the reference model computes the grade.

    What is due for review comes first, then new questions. Every answer is saved at once.
    """
    if watch:
        _check_watch(exam, json_lines, kinds or [])
        kinds = [Kind.CODE]
    _check_report(report, exam, json_lines)
    from dlcheck.quiz.course import Course
    from dlcheck.quiz.picking import candidates, in_turn, with_required

    with Course.open(topics or []) as course:
        # A stated seed asks the same questions of everybody, whatever they have answered before.
        due, known = (course.memory.due(), course.memory.known()) if seed is None else ({}, set[str]())
        order = in_turn(candidates(course.banks, kinds or (), difficulty), due, random.Random(seed))
        spoken = language(lang)
        if watch:
            _watch(course, order, seed, watch, spoken)
            return
        picks = with_required(order, known, count, course.leave_out)
        done = _hold(course, picks, spoken, seed=seed, minutes=exam, json_lines=json_lines)
        if exam and done and not json_lines:
            _report(done, len(picks), report, spoken)


def review(
    topics: Topics = None,
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many questions to ask at most.")] = 20,
    lang: LangOption = None,
    json_lines: JsonLinesOption = False,
    require_sandbox: RequireSandboxOption = False,
) -> None:
    """Answer what is due for review, across topics: each time a new variant of the question."""
    from dlcheck.quiz.course import Course
    from dlcheck.quiz.picking import candidates, only_due
    from dlcheck.quiz.words import NOTHING_DUE, NOTHING_YET
    from dlcheck.report.text import console, put, styled
    from dlcheck.report.words import moment

    with Course.open(topics or []) as course:
        due = course.memory.due()
        picks = only_due(candidates(course.banks), due)[:count]
        if not picks and not json_lines:
            spoken = language(lang)
            said = NOTHING_DUE(spoken).format(day=moment(min(due.values()))) if due else NOTHING_YET(spoken)
            put(console(), styled(said), indent=0)
            return
        _hold(course, picks, language(lang), json_lines=json_lines)


def _hold(
    course: Course,
    picks: Sequence[Pick],
    lang: Lang,
    *,
    seed: int | None = None,
    minutes: float | None = None,
    json_lines: bool = False,
) -> list[Answered]:
    """Ask the questions, and tell the score."""
    from dlcheck.quiz.session import Session

    with _solving_ahead() as solve_ahead:
        face = _face(lang, minutes, json_lines, solve_ahead)
        session = Session(course.variants(picks, seed), course.memory, face, exam=minutes is not None)
        try:
            session.run()
        except KeyboardInterrupt:  # the same as leaving: all answers are saved
            print()
        face.close(session.done)
    return session.done


def _face(lang: Lang, minutes: float | None, json_lines: bool, solve_ahead: Callable[[Variant], object]) -> Face:
    if json_lines:
        from dlcheck.quiz.json_lines import JsonLines

        return JsonLines(minutes and minutes * 60)
    from dlcheck.quiz.terminal import ExamTerminal, Terminal
    from dlcheck.report.text import console

    if minutes is None:
        return Terminal(console(), lang, solve_ahead)
    return ExamTerminal(console(), lang, solve_ahead, minutes * 60)


def _check_watch(exam: float | None, json_lines: bool, kinds: Sequence[Kind]) -> None:
    """Raises DlcheckError for options that do not go with --watch, and when watchfiles is missing."""
    from dlcheck.quiz.watch import import_watchfiles

    if exam or json_lines or set(kinds) - {Kind.CODE}:
        raise DlcheckError("--watch is for one code question: leave out --exam, --json-lines and other kinds")
    import_watchfiles()


def _check_report(report: Path | None, exam: float | None, json_lines: bool) -> None:
    """Before the first question: who has sat an exam is to have its report. Raises DlcheckError."""
    from dlcheck.output import check_writable

    if report and (exam is None or json_lines):
        raise DlcheckError("--report is for --exam on a terminal: add --exam MINUTES, or leave out --report")
    if report and report.exists():
        raise DlcheckError(f"{report} is there already: expected --report to name a new file")
    if exam and not json_lines:
        check_writable(str(report or "dlcheck-exam.md"))


def _watch(course: Course, picks: Sequence[Pick], seed: int | None, file: Path, lang: Lang) -> None:
    from dlcheck.quiz.terminal import WatchTerminal
    from dlcheck.quiz.watch import Watch, chosen
    from dlcheck.report.text import console

    with _solving_ahead() as solve_ahead:
        face = WatchTerminal(console(), lang, solve_ahead, file)
        done = Watch(chosen(course, picks, seed, file), course.memory, face, file).run()
        for answered in done:
            if answered.grade and answered.grade.right:
                face.graded(answered)
        face.close(done)


@contextmanager
def _solving_ahead() -> Iterator[Callable[[Variant], object]]:
    """Solves while the student reads: torch alone takes more than a second to load. What fails is told with the grade.

    Who leaves waits for what is in the middle: Python aborts when it ends while another thread is within torch.
    """
    from concurrent.futures import ThreadPoolExecutor

    def solve(variant: Variant) -> None:
        import torch  # noqa: F401  # for whichever question comes next

        if variant.question.oracle:
            _ = variant.solution

    beside = ThreadPoolExecutor(1)
    try:
        yield lambda variant: beside.submit(solve, variant)
    finally:
        beside.shutdown(cancel_futures=True)


def _report(done: Sequence[Answered], count: int, path: Path | None, lang: Lang) -> None:
    """The exam as a file, which never replaces another."""
    from dlcheck.quiz.exam import write_report
    from dlcheck.quiz.words import REPORT
    from dlcheck.report.text import console, put, styled

    put(console(), styled(REPORT(lang).format(path=write_report(done, count, path, lang))), indent=0)
