"""What a person sees while claims are verified: plain lines for a file, a moving picture of the rest on a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from dlcheck.api import Claim, Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.engine.watcher import Watcher
from dlcheck.report import words
from dlcheck.report.details import Fields, declaration, measurements
from dlcheck.report.lines import arm_words, finished
from dlcheck.report.numbers import clock
from dlcheck.report.progress import Measuring, Progress
from dlcheck.report.text import put, styled

SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


class Lines(Watcher):
    """The lines of each claim that is decided, for good. explain: its evidence below.  verbose: why cells run."""

    def __init__(self, console: Console, lang: Lang, device: str, *, explain: bool = False, verbose: bool = False):
        self.console, self.lang, self.device = console, lang, device
        self.explain, self.verbose = explain, verbose
        self.audits: list[tuple[str, bool]] = []
        """For each saved cell that was measured again, its claim's id and whether it came out the same."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        pass

    def planned(self, claims: Sequence[Claim], expected_seconds: Mapping[str, float]) -> None:
        many = words.STATEMENTS(len(claims), self.lang)
        what = words.VERIFYING(self.lang).format(claims=many, device=self.device)
        put(self.console, styled(what))

    def started(self, claim: Claim, arm: str, why: str) -> None:
        if self.verbose and why:
            put(self.console, styled(f"  {claim.id} · {arm_words(arm, self.lang)}: {why}"))

    def decided(self, outcome: Outcome) -> None:
        for line in finished(outcome, self.lang):
            put(self.console, line)
        if self.explain:
            rows = declaration(outcome.claim, self.lang) + measurements(outcome, self.lang)
            self.console.print(Fields(rows, indent=2))
            self.console.print()

    def audited(self, claim: Claim, arm: str, same: bool) -> None:
        self.audits.append((claim.id, same))

    def notice(self, message: str) -> None:
        put(self.console, styled("! ", message))


class Quiet(Lines):
    """Says only what the user has to know."""

    def planned(self, claims: Sequence[Claim], expected_seconds: Mapping[str, float]) -> None:
        pass

    def decided(self, outcome: Outcome) -> None:
        pass


class Screen(Lines):
    """The same lines, and below them the claims that are being measured, as many as the terminal has room for."""

    def __init__(
        self, console: Console, lang: Lang, device: str, *, jobs: int, explain: bool = False, verbose: bool = False
    ):
        super().__init__(console, lang, device, explain=explain, verbose=verbose)
        self.state = Progress(jobs)
        self._live = Live(get_renderable=self.picture, console=console, refresh_per_second=5, transient=True)

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._live.stop()

    def planned(self, claims: Sequence[Claim], expected_seconds: Mapping[str, float]) -> None:
        super().planned(claims, expected_seconds)
        self.state.plan(claims, expected_seconds)

    def started(self, claim: Claim, arm: str, why: str) -> None:
        super().started(claim, arm, why)
        self.state.start(claim, arm)

    def progress(self, claim: Claim, arm: str, done: int, total: int) -> None:
        self.state.step(claim, arm, done, total)

    def finished(self, claim: Claim, arm: str, seeds: int, seconds: float, cached: bool) -> None:
        self.state.finish(claim, arm, seeds)

    def decided(self, outcome: Outcome) -> None:
        self.state.decide(outcome.claim)
        super().decided(outcome)

    def picture(self) -> Group:
        """The running claims, two lines each, and the state of the whole run."""
        if not self.state.total:
            return Group()
        room = max(1, (self.console.height - 3) // 2)
        rows = [line for measuring in self.state.running[:room] for line in self._measuring(measuring)]
        return Group(*rows, self._whole())

    def _measuring(self, measuring: Measuring) -> list[Text]:
        done, total = measuring.seeds()
        spent = self.state.clock() - measuring.since
        arms = ", ".join(arm_words(arm, self.lang) for arm in list(measuring.running))
        timing = words.OF_ABOUT(self.lang).format(
            time=clock(spent, self.lang), expected=clock(measuring.expected_seconds, self.lang)
        )
        spinner = SPINNER[int(self.state.clock() * 5) % len(SPINNER)]
        told = " · ".join([words.SEEDS(f"{done}/{total}", self.lang), timing, arms])
        return [
            one_line((f"{spinner} ", "cyan"), measuring.claim.statement(self.lang)),
            one_line("  ", *bar(measuring.share, 20 if self.console.width >= 80 else 10), "  ", told),
        ]

    def _whole(self) -> Text:
        state, lang = self.state, self.lang
        told = [
            words.DECIDED(lang).format(done=state.decided, total=state.total),
            words.ELAPSED(lang).format(time=clock(state.elapsed, lang)),
        ]
        if state.to_go >= 1:
            told.append(words.TO_GO(lang).format(time=clock(state.to_go, lang)))
        return one_line(("  " + " · ".join(told), "bold"))


def one_line(*parts: str | tuple[str, str]) -> Text:
    """Parts on a line that is cut, never wrapped: a moving picture must keep its height."""
    line = styled(*parts)
    line.no_wrap, line.overflow = True, "ellipsis"
    return line


def bar(share: float, width: int) -> list[tuple[str, str]]:
    """A bar that reads without colour too: heavy for what is done, light for the rest."""
    full = round(width * share)
    return [("━" * full, "green"), ("─" * (width - full), "")]
