"""A user's own note against the claims: those that its lines name, and for other lines those that come closest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dlcheck.api import Claim
from dlcheck.notes.document import Line


@dataclass(frozen=True)
class Checked:
    """A line of a note.

    named: the claims that its comment names.  unknown: names in it that no claim has.
    close: for a line that names none, (sentence, closest claims) of each sentence with any, the closest first.
    """

    line: Line
    named: tuple[Claim, ...] = ()
    unknown: tuple[str, ...] = ()
    close: tuple[tuple[str, tuple[Claim, ...]], ...] = ()


def check(lines: Sequence[Line], claims: Sequence[Claim]) -> list[Checked]:
    """Every line of the note, in order."""
    known = {claim.id: claim for claim in claims}
    close = _closest({sentence for line in lines for sentence in line.sentences}, claims)
    return [
        Checked(
            line,
            named=tuple(known[name] for name in line.marks if name in known),
            unknown=tuple(name for name in line.marks if name not in known),
            close=() if line.marks else tuple((each, close[each]) for each in line.sentences if close[each]),
        )
        for line in lines
    ]


def mentioned(checked: Iterable[Checked]) -> list[Claim]:
    """All claims that are named or suggested, each once."""
    found = (claim for each in checked for claim in (*each.named, *(one for _, near in each.close for one in near)))
    return list({claim.id: claim for claim in found}.values())


def _closest(sentences: Iterable[str], claims: Sequence[Claim]) -> Mapping[str, tuple[Claim, ...]]:
    distinct = sorted(sentences)
    if not distinct or not claims:
        return dict.fromkeys(distinct, ())
    from dlcheck.notes.suggest import Suggester  # scikit-learn takes a second

    return dict(zip(distinct, Suggester(claims).closest(distinct), strict=True))
