"""What is said beside a line of a user's note: verdicts of the claims it names, or the closest claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dlcheck.api import Claim, Lang
from dlcheck.errors import similar
from dlcheck.notes import words
from dlcheck.notes.check import Checked
from dlcheck.notes.listing import verify
from dlcheck.notes.standing import Outcomes, Standing
from dlcheck.report.lines import BAD, BROKEN, GOOD, MARKS, OPEN
from dlcheck.report.text import clean
from dlcheck.report.words import VERDICTS
from dlcheck.rules import Verdict

CLOSE = ("≈", "cyan")
OF_A_CLAIM = {**MARKS, Verdict.VERIFIED: GOOD, Verdict.REFUTED: BAD}
EXCERPT = 40
"""Characters of a sentence that are repeated, where its line has several."""


@dataclass(frozen=True)
class Remark:
    """One remark: a symbol with its style, what is said, the claim's statement and id.

    about: the beginning of the sentence that this remark and those behind it are about, where the line has several.
    """

    mark: tuple[str, str]
    said: str
    statement: str = ""
    claim: str = ""
    about: str = ""

    @property
    def is_suggestion(self) -> bool:
        return self.mark == CLOSE


@dataclass(frozen=True)
class Remarked:
    """A line of the note as it stands, its line end, and the remarks beside it."""

    text: str
    end: str
    remarks: tuple[Remark, ...]


def remarked(checked: Sequence[Checked], outcomes: Outcomes, known: Sequence[str], lang: Lang) -> list[Remarked]:
    """The note, line by line. known: ids of all claims, to tell what an unknown name might have meant."""
    return [Remarked(each.line.text, each.line.end, tuple(_remarks(each, outcomes, known, lang))) for each in checked]


def summary(checked: Sequence[Checked], lang: Lang) -> list[str]:
    """The closing sentences: how many lines were judged, how many only got suggestions, and how to have one judged."""
    named = sum(bool(each.named) for each in checked)
    unknown = sum(len(each.unknown) for each in checked)
    close = sum(bool(each.close) for each in checked)
    counted = ((words.NAMED, named), (words.MENTIONS_UNKNOWN, unknown), (words.SUGGESTED, close))
    told = [sentence(n, lang) for sentence, n in counted if n]
    if close:
        first = next(near[0] for each in checked for _, near in each.close)
        told.append(words.TO_NAME(lang).format(example=f"<!-- dlcheck: {first.id} -->"))
    return told


def _remarks(each: Checked, outcomes: Outcomes, known: Sequence[str], lang: Lang) -> Iterator[Remark]:
    for name in each.unknown:
        near = ", ".join(similar(name, known))
        more = words.NEAR(lang).format(ids=near) if near else ""
        yield Remark(BROKEN, words.UNKNOWN(lang).format(id=name, near=more))
    for claim in each.named:
        remark = _of_a_claim(claim, outcomes, lang)
        measure = "" if outcomes.get(claim.id) else f": {verify(claim.id)}"
        yield replace(remark, said=f"{remark.said}{measure}")
    for sentence, closest in each.close:
        for number, claim in enumerate(closest):
            is_first_of_several = number == 0 and len(each.line.sentences) > 1
            about = _excerpt(sentence) if is_first_of_several else ""
            yield replace(_of_a_claim(claim, outcomes, lang), mark=CLOSE, about=about)


def _of_a_claim(claim: Claim, outcomes: Outcomes, lang: Lang) -> Remark:
    outcome = outcomes.get(claim.id)
    if outcome is None:
        mark, said = OPEN, words.STANDINGS[Standing.NOT_MEASURED](lang)
    else:
        mark = OF_A_CLAIM[outcome.verdict]
        said = words.VERDICTS.get(outcome.verdict, VERDICTS[outcome.verdict])(lang)
    return Remark(mark, said, clean(claim.statement(lang)), claim.id)


def _excerpt(sentence: str) -> str:
    return sentence if len(sentence) <= EXCERPT else f"{sentence[: EXCERPT - 1].rstrip()}…"
