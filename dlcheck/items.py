"""Claims as tests of pytest: `pytest --dlcheck` (the option is in `pytest_dlcheck`).

A claim is measured while its item is set up, where pytest calls what goes wrong an error, and judged while it runs.
"""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from dlcheck.api import Claim, Lang
from dlcheck.cli.options import Language, language
from dlcheck.engine import decisions
from dlcheck.engine.devices import default_jobs
from dlcheck.engine.outcome import Outcome
from dlcheck.engine.store import Store
from dlcheck.engine.watcher import Watcher
from dlcheck.errors import DlcheckError
from dlcheck.plugins import Fault, load
from dlcheck.report.evidence import evidence, verdict_line, weak_line
from dlcheck.report.results import Grade, grade
from dlcheck.report.text import clean
from dlcheck.rules import Verdict

NAME = "dlcheck"
"""Node ids are `dlcheck::topic/claim`."""
DEVICE = "cpu"
VERDICT, WEAK = "verdict", "weak"
"""Properties of a test's report, which pytest also writes to JUnit XML."""


class Claims:
    """The part of the plugin that is there when claims were asked for."""

    def __init__(self, claims: Sequence[Claim], faults: Sequence[Fault]) -> None:
        self.claims = claims
        self.faults = faults
        self.referee = Referee()
        self.verdicts: set[str] = set()

    @classmethod
    def named(cls, names: Sequence[str]) -> Claims:
        """Raises pytest.UsageError when a name means nothing."""
        catalogue = load()
        try:
            lost = catalogue.lost(names)
        except DlcheckError as error:
            raise pytest.UsageError(f"--dlcheck: {clean(str(error))}") from None
        left = [name for name in names if name not in lost]
        claims = catalogue.select(left) if left or not names else []
        return cls(claims, catalogue.faults_behind(names))

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """The claims are there beside the files, so that -k, --lf and others choose among them too."""
        report = yield
        if isinstance(collector, pytest.Session):
            report.result.append(Group.from_parent(collector, name=NAME, nodeid=NAME, claims=self))
        return report

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Claims last and together: while another test runs nobody looks after the workers."""
        items.sort(key=lambda item: isinstance(item, ClaimItem))

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        wanted = [item.claim for item in session.items if isinstance(item, ClaimItem)]
        worker = getattr(session.config, "workerinput", None)  # a process of pytest-xdist
        self.referee = Helper(worker["testrunuid"]) if worker else Referee(wanted)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What is skipped is skipped at the experiment, and not here."""
        report = yield
        if isinstance(item, ClaimItem) and report.skipped and isinstance(report.longrepr, tuple):
            file, line, _ = item.reportinfo()
            report.longrepr = str(file), (line or 0) + 1, report.longrepr[2]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Also of the processes of pytest-xdist."""
        if report.when == "call":
            self.verdicts.update(str(value) for name, value in report.user_properties if name == VERDICT)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """What is open is never silent, also without -rs, and neither is a control that has hardly bitten."""
        skipped = [each for each in terminalreporter.stats.get("skipped", []) if each.nodeid.startswith(f"{NAME}::")]
        if skipped:
            terminalreporter.section("claims that were not decided")
        for report in skipped:
            told = report.longrepr[2].removeprefix("Skipped: ")
            terminalreporter.line(f"{report.nodeid.removeprefix(f'{NAME}::')}: {told}")
        passed = terminalreporter.stats.get("passed", [])
        if weak := [line for each in passed for name, line in each.user_properties if name == WEAK]:
            terminalreporter.section("claims with a weak control")
        for line in weak:
            terminalreporter.line(line)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Skips are green in pytest. A claim that stayed open is not, and neither are claims none of which ran."""
        self.referee.close()
        is_open = Verdict.INCONCLUSIVE in self.verdicts or self.verdicts == {Verdict.SKIPPED}
        if session.exitstatus == pytest.ExitCode.OK and is_open:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


class Referee(Watcher):
    """Decides all claims of a session in one run of the engine, which goes on when the next outcome is asked for."""

    def __init__(self, claims: Sequence[Claim] = ()) -> None:
        self._claims = claims
        self._outcomes: dict[str, Outcome] = {}
        self._store: Store | None = None
        self._run: Generator[Outcome, None, None] | None = None
        self.notices: list[str] = []

    def outcome(self, claim: Claim) -> Outcome:
        """What came of it, once it is decided."""
        if self._run is None:
            self._run = self.decide(self._claims, default_jobs(DEVICE))
        while claim.id not in self._outcomes:
            decided = next(self._run)
            self._outcomes[decided.claim.id] = decided
        return self._outcomes[claim.id]

    def decide(self, claims: Sequence[Claim], jobs: int) -> Generator[Outcome, None, None]:
        self._store = self._store or Store.default(notice=self.notice)
        return decisions(claims, device=DEVICE, jobs=jobs, store=self._store, watcher=self)

    def notice(self, message: str) -> None:
        self.notices.append(message)

    def close(self) -> None:
        """Kill what still runs, after -x."""
        if self._run:
            self._run.close()
        if self._store:
            self._store.close()


class Helper(Referee):
    """In a process of pytest-xdist: others decide other claims at the same time, so this one decides one by one."""

    def __init__(self, run: str) -> None:
        super().__init__()
        self._lock = Path(tempfile.gettempdir()) / f"dlcheck-{run}.lock"

    def outcome(self, claim: Claim) -> Outcome:
        with self._turn(alone=claim.rule.timing):
            (outcome,) = self.decide([claim], jobs=1)
        return outcome

    @contextmanager
    def _turn(self, alone: bool) -> Iterator[None]:
        """A claim that measures durations waits for those of other processes, and they for it."""
        with open(self._lock, "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
            yield

    def close(self) -> None:
        super().close()
        self._lock.unlink(missing_ok=True)


class Group(pytest.Collector):
    """Collects the claims, and the plugins that cannot be loaded."""

    def __init__(self, *, claims: Claims, **fields: object) -> None:
        super().__init__(**fields)  # type: ignore[arg-type]  # pytest's own, passed on by from_parent
        self._claims = claims

    def collect(self) -> Iterator[pytest.Item]:
        for fault in self._claims.faults:
            yield BrokenPlugin.from_parent(self, name=fault.plugin, fault=fault)
        for claim in self._claims.claims:
            yield ClaimItem.from_parent(self, name=claim.id, claim=claim, claims=self._claims)


class ClaimItem(pytest.Item):
    """One claim."""

    def __init__(self, *, claim: Claim, claims: Claims, **fields: object) -> None:
        super().__init__(**fields)  # type: ignore[arg-type]  # pytest's own, passed on by from_parent
        self.claim = claim
        self._claims = claims
        self._outcome: Outcome | None = None

    def setup(self) -> None:
        """Measure; pytest calls it an error, not a failure, when that does not work."""
        referee = self._claims.referee
        self._outcome = referee.outcome(self.claim)
        self.user_properties.append((VERDICT, self._outcome.verdict.value))
        if self._outcome.weak:
            self.user_properties.append((WEAK, weak_line(self._outcome, _lang())))
        while referee.notices:
            self.add_report_section("setup", "dlcheck", clean(referee.notices.pop(0)))
        if grade(self._outcome) is Grade.ERROR:
            self._fail(self._outcome)

    def runtest(self) -> None:
        assert self._outcome is not None
        match grade(self._outcome):
            case Grade.SKIPPED:
                pytest.skip(verdict_line(self._outcome, _lang()))
            case Grade.FAILURE:
                self._fail(self._outcome)

    def _fail(self, outcome: Outcome) -> None:
        pytest.fail(f"{verdict_line(outcome, _lang())}\n\n{evidence(outcome, _lang())}", pytrace=False)

    def reportinfo(self) -> tuple[str, int, str]:
        file, line = self.claim.location
        return file, line - 1, self.name


class BrokenPlugin(pytest.Item):
    """A plugin behind the names asked for that cannot be loaded."""

    def __init__(self, *, fault: Fault, **fields: object) -> None:
        super().__init__(**fields)  # type: ignore[arg-type]  # pytest's own, passed on by from_parent
        self.fault = fault

    def setup(self) -> None:
        pytest.fail(clean(f"plugin {self.fault.plugin}: {self.fault.reason}; {self.fault.remedy}"), pytrace=False)

    def runtest(self) -> None:
        """It does not come to that."""


def _lang() -> Lang:
    chosen = os.environ.get("DLCHECK_LANG")
    return language(Language(chosen) if chosen in tuple(Language) else None)
