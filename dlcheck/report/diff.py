"""Two runs compared: verdicts that changed, effects that moved, claims that came or went, and other conditions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from rich.text import Text

from dlcheck.api import Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.report import words
from dlcheck.report.merge import conditions
from dlcheck.report.numbers import effect
from dlcheck.report.results import Results
from dlcheck.report.text import Part, styled
from dlcheck.rules import Equals, Judgement


class Kind(StrEnum):
    VERDICT = "verdict"
    MOVED = "moved"
    GONE = "gone"
    NEW = "new"


@dataclass(frozen=True)
class Change:
    """What is different about one claim. unexplained: although all that it is known to depend on is the same."""

    kind: Kind
    id: str
    old: Outcome | None
    new: Outcome | None
    unexplained: bool = False


@dataclass(frozen=True)
class Difference:
    """changes: of claims, in the order of the new run.  conditions: name -> old and new, where they differ.

    same: how many claims are in both and did not change.
    """

    changes: list[Change]
    conditions: dict[str, tuple[object, object]]
    same: int

    @property
    def matters(self) -> bool:
        """Other conditions and new claims alone do not; a claim that is gone can no longer fail, so it does."""
        return any(change.kind is not Kind.NEW for change in self.changes)


def compare(old: Results, new: Results) -> Difference:
    """Raises nothing: any two runs can be compared."""
    before, after = ({each.claim.id: each for each in results.outcomes} for results in (old, new))
    changes, same = [], 0
    for claim in {**after, **before}:
        if kind := _kind(before.get(claim), after.get(claim)):
            same_plan = old.plan.claims.get(claim) == new.plan.claims.get(claim)
            unexplained = same_plan and kind in (Kind.VERDICT, Kind.MOVED)
            changes.append(Change(kind, claim, before.get(claim), after.get(claim), unexplained))
        else:
            same += 1
    then, now = ({"shard": run.plan.shard, **conditions(run)} for run in (old, new))
    differing = {name: (then.get(name), now.get(name)) for name in {**then, **now} if then.get(name) != now.get(name)}
    return Difference(changes, differing, same)


def _kind(old: Outcome | None, new: Outcome | None) -> Kind | None:
    if old is None:
        return Kind.NEW
    if new is None:
        return Kind.GONE
    if old.verdict is not new.verdict:
        return Kind.VERDICT
    return Kind.MOVED if _moved(old, new) else None


def _moved(old: Outcome, new: Outcome) -> bool:
    """Whether the two intervals have no point in common. An error within its tolerance may be any."""
    if isinstance(new.claim.rule, Equals) or old.arm.judgement is None or new.arm.judgement is None:
        return False
    before, after = _interval(old.arm.judgement), _interval(new.arm.judgement)
    return before is not None and after is not None and (before[1] < after[0] or after[1] < before[0])


def _interval(judged: Judgement) -> tuple[float, float] | None:
    """A count is exact, and an interval of its own."""
    if judged.interval is None and judged.effect is not None:
        return judged.effect, judged.effect
    return judged.interval


MARKS: dict[Kind, Part] = {
    Kind.VERDICT: ("✗ ", "bold red"),
    Kind.MOVED: ("~ ", "magenta"),
    Kind.GONE: ("- ", "bold red"),
    Kind.NEW: ("+ ", "green"),
}


def lines(difference: Difference, lang: Lang) -> Iterator[Text]:
    """What differs, one thing on each line; the counts at the end."""
    for name, (then, now) in difference.conditions.items():
        yield styled("  ", words.WAS_NOW(lang).format(name=name, old=_or_dash(then), new=_or_dash(now)))
    for change in difference.changes:
        told = f": {_told(change, lang)}"
        reason = f"; {words.UNEXPLAINED(lang)}" if change.unexplained else ""
        yield styled(MARKS[change.kind], (change.id, "bold"), told, reason)
    count = Counter(change.kind for change in difference.changes)
    told = words.DIFFERENT(lang).format(
        changed=count[Kind.VERDICT],
        moved=count[Kind.MOVED],
        gone=count[Kind.GONE],
        new=count[Kind.NEW],
        same=difference.same,
    )
    yield styled(told, style="bold")


def _told(change: Change, lang: Lang) -> str:
    forms = {Kind.VERDICT: words.CHANGED, Kind.MOVED: words.MOVED, Kind.GONE: words.GONE, Kind.NEW: words.NEW}
    verdicts = change.kind is not Kind.MOVED
    return forms[change.kind](lang).format(old=_side(change.old, lang, verdicts), new=_side(change.new, lang, verdicts))


def _side(outcome: Outcome | None, lang: Lang, verdict: bool) -> str:
    """One of the two runs: the effect, behind the verdict where that is what changed."""
    if outcome is None:
        return ""
    judged = outcome.arm.judgement
    shown = effect(judged, outcome.claim.rule, lang) if judged else ""
    if not verdict:
        return shown
    named = words.VERDICTS[outcome.verdict](lang)
    return f"{named} ({shown})" if shown else named


def _or_dash(value: object) -> str:
    return "-" if value is None else str(value)
