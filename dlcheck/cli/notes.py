"""`dlcheck notes`: what became of the statements of study notes, the bundled ones and one's own."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from dlcheck.cli.options import LangOption, language
from dlcheck.errors import DlcheckError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dlcheck.api import Claim, Lang
    from dlcheck.engine.outcome import Outcome
    from dlcheck.notes.check import Checked
    from dlcheck.notes.statements import Note

SHOW = "show"


class _ShowByDefault(TyperGroup):
    """`dlcheck notes 004` is `dlcheck notes show 004`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # typer has no public name for this context
        if not args or (args[0] not in self.commands and args[0] not in ctx.help_option_names):
            args = [SHOW, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=_ShowByDefault, no_args_is_help=False)


class Format(StrEnum):
    TEXT = "text"
    MARKDOWN = "markdown"
    HTML = "html"


def _complete_notes(incomplete: str) -> Iterator[tuple[str, str]]:
    """Ids of notes that begin with what is typed, with their titles."""
    from dlcheck.notes.statements import bundled

    for note in bundled():
        if note.id.startswith(incomplete):
            yield note.id, note.title(language(None))


@app.callback()
def command() -> None:
    """Say which statements of study notes hold, by what was measured on this machine.

    `dlcheck notes [NOTE]` is short for `dlcheck notes show [NOTE]`.
    """


@app.command(SHOW)
def show(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NOTE", help="Only this one, with its claims.", autocompletion=_complete_notes),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Write JSON (docs/json.md).")] = False,
    lang: LangOption = None,
) -> None:
    """Show every statement of the five notes with its live verdict.

    \b
    ✓  holds
    ~  holds only if ...
    ✗  does not hold as written
    ?  open: a claim behind it did not come out as expected
    …  not measured on this machine yet
    -  cannot be run: history, or taste
    ·  not covered yet

    Verdicts come from what `dlcheck verify` has saved, on the device cpu; nothing runs.
    """
    from dlcheck.notes.standing import judge_notes
    from dlcheck.notes.statements import bundled
    from dlcheck.plugins import load
    from dlcheck.report.text import console

    notes = _chosen(bundled(), name)
    catalogue = load()
    tied = {claim for note in notes for statement in note.statements for claim in statement.ties}
    judged = judge_notes(notes, _outcomes(claim for claim in catalogue.claims if claim.id in tied))
    if json:
        from dlcheck import output
        from dlcheck.notes.listing import document
        from dlcheck.report import contract

        told = {**contract.head(catalogue), "device": "cpu", **document(judged)}
        output.write(contract.encode(told), output.STDOUT)
        return
    from dlcheck.notes.listing import print_notes

    print_notes(console(), judged, language(lang))


@app.command("check")
def check_note(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Your note: text or Markdown, in UTF-8.")],
    style: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.TEXT,
    output: Annotated[str, typer.Option(metavar="FILE|-", help="Where to; - is standard output.")] = "-",
    lang: LangOption = None,
) -> None:
    """Judge a note of your own: your lines, with verdicts beside them.

    A line is judged when a comment names its claim, at its end or alone on the next line:

    \b
    - Self-attention alone does not see order. <!-- dlcheck: transformer/without-positions-order-is-invisible -->

    For other lines the claims of the closest wording are suggested; that is no verdict. Exits with 1 when a comment
    names a claim that does not exist.
    """
    from dlcheck.notes.check import check, mentioned
    from dlcheck.notes.document import parse, read
    from dlcheck.plugins import load

    _check_output(file, output)
    lines = parse(read(file))
    catalogue = load()
    checked = check(lines, catalogue.claims)
    outcomes = _outcomes(mentioned(checked))
    _write(checked, outcomes, catalogue.claims, file=file, style=style, output=output, lang=language(lang))
    raise typer.Exit(1 if any(each.unknown for each in checked) else 0)


def _chosen(notes: list[Note], name: str | None) -> list[Note]:
    """Raises DlcheckError when the name is that of no note."""
    chosen = [note for note in notes if name in (None, note.id)]
    if not chosen:
        ids = [note.id for note in notes]
        near = did_you_mean(str(name), [*ids, "check"])
        raise DlcheckError(f"no note {name!r}: expected one of {', '.join(ids)}.{near}")
    return chosen


def _outcomes(claims: Iterable[Claim]) -> dict[str, Outcome | None]:
    """What saved trials say of each claim."""
    from dlcheck.engine import recall
    from dlcheck.engine.store import Store
    from dlcheck.report.text import console

    with Store.default(notice=console(stderr=True).print) as store:
        return {claim.id: recall(claim, device="cpu", store=store) for claim in claims}


def _check_output(file: Path, output: str) -> None:
    """Raises DlcheckError when nothing can be written there, or the note itself would be replaced."""
    from dlcheck.output import STDOUT, check_writable

    check_writable(output)
    if output != STDOUT and Path(output).exists() and Path(output).samefile(file):
        raise DlcheckError(f"cannot write to {output}: it is the note itself, expected another file")


def _write(
    checked: list[Checked],
    outcomes: dict[str, Outcome | None],
    claims: list[Claim],
    *,
    file: Path,
    style: Format,
    output: str,
    lang: Lang,
) -> None:
    from dlcheck.notes import words, writers
    from dlcheck.notes.remarks import remarked, summary
    from dlcheck.output import STDOUT, write
    from dlcheck.report.text import console, put, styled

    note = remarked(checked, outcomes, [claim.id for claim in claims], lang)
    closing = summary(checked, lang) or [words.NO_STATEMENTS(lang).format(file=file.name)]
    if style is Format.TEXT and output == STDOUT:
        out = console()
        for line in writers.text(note, closing):
            put(out, line, indent=4)
        return
    if style is Format.TEXT:
        content = "".join(f"{line.plain}\n" for line in writers.text(note, closing)).encode("utf-8", "replace")
    elif style is Format.MARKDOWN:
        content = writers.markdown(note, closing)
    else:
        content = writers.page(note, closing, file.name, lang)
    write(content, output)
    if output != STDOUT:
        put(console(stderr=True), styled(words.WRITTEN(lang).format(file=output)))
