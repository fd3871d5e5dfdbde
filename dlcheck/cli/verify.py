"""`dlcheck verify`: run experiments and decide claims."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dlcheck.cli.options import (
    JsonOption,
    JunitOption,
    LangOption,
    QuietOption,
    SarifOption,
    SummaryOption,
    complete_names,
    language,
)
from dlcheck.cli.outputs import Outputs
from dlcheck.errors import DlcheckError

if TYPE_CHECKING:
    from rich.console import Console

    from dlcheck.api import Claim, Lang
    from dlcheck.engine.outcome import Outcome
    from dlcheck.engine.plan import Plan, Shard
    from dlcheck.engine.pool import Engine
    from dlcheck.engine.store import Store
    from dlcheck.engine.watcher import Watcher
    from dlcheck.plugins import Catalogue, Fault
    from dlcheck.report.live import Lines


class EngineName(StrEnum):
    LOCAL = "local"
    RAY = "ray"


EXIT_CODES = """\
Exit codes:

\b
0  every verdict is the expected one
1  a verdict is not the expected one, or a control reached it too (vacuous)
2  the command line is wrong
3  a claim is inconclusive at its seed limit, or everything was skipped
4  an error, an interruption, a broken plugin behind a name, or an audit
   that measured other numbers than were saved
"""


Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="NAME...",
        help="A topic, a TOPIC/CLAIM or a glob, such as transformer, transformer/quadratic-memory or '*/*mask*'.",
        autocompletion=complete_names,
    ),
]
All = Annotated[bool, typer.Option("--all", help="Verify every claim that is installed.")]
Device = Annotated[
    str, typer.Option(help="auto, cpu, cuda, cuda:N or mps. Verdicts hold for the device they were reached on.")
]
Jobs = Annotated[int | None, typer.Option(min=1, help="Processes at once; default: one per core.")]
OnEngine = Annotated[
    EngineName, typer.Option(help="Run experiments on this machine or on a Ray cluster (docs/distributed.md).")
]
Address = Annotated[
    str | None,
    typer.Option(metavar="HOST:PORT", help="The Ray cluster's head; default: $RAY_ADDRESS or this machine's."),
]
Fresh = Annotated[bool, typer.Option("--fresh", help="Measure again what is saved already.")]
Audit = Annotated[
    bool, typer.Option("--audit", help="Measure some of what is saved again, the oldest first, and compare.")
]
Epoch = Annotated[int, typer.Option(min=0, max=2**63 - 1, help="Draw seeds that no other epoch has seen.")]
SeedsMax = Annotated[
    int | None, typer.Option(min=1, help="At most so many seeds per claim and control; default: the rule's.")
]
OfRun = Annotated[
    str | None,
    typer.Option(metavar="I/N", help="Only part I of N, divided by cost; dlcheck merge puts them together."),
]
Explain = Annotated[
    bool, typer.Option("--explain", help="Show what is measured, the rule and all numbers of every claim.")
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say why experiments run again.")]


def command(
    names: Names = None,
    everything: All = False,
    device: Device = "cpu",
    jobs: Jobs = None,
    engine: OnEngine = EngineName.LOCAL,
    address: Address = None,
    fresh: Fresh = False,
    audit: Audit = False,
    epoch: Epoch = 0,
    seeds_max: SeedsMax = None,
    shard: OfRun = None,
    lang: LangOption = None,
    json: JsonOption = None,
    junit: JunitOption = None,
    summary: SummaryOption = None,
    sarif: SarifOption = None,
    explain: Explain = False,
    verbose: Verbose = False,
    quiet: QuietOption = False,
) -> None:
    """Decide claims by running their experiments.

    What was measured before is taken from the store. Each claim ends with one of these:

    \b
    ✓  as expected (of a popular misconception: refuted)
    ✗  not as expected, or a control came out like the claim itself
    ?  not enough evidence at the seed limit
    !  something broke
    -  skipped: it does not run on this device
    """
    from dlcheck.engine.outcome import exit_code
    from dlcheck.engine.plan import Shard, share
    from dlcheck.engine.store import Store
    from dlcheck.plugins import load
    from dlcheck.report.contract import versions
    from dlcheck.report.results import Results
    from dlcheck.report.text import console, styled

    catalogue = load()
    patterns = _patterns(names or [], everything, catalogue)
    claims = _select(catalogue, patterns, notice=lambda said: console(stderr=True).print(styled(said)))
    outputs = Outputs(json, junit, summary, sarif)
    spoken, out = language(lang), console(stderr=outputs.on_stdout)
    where, workers, cluster = _engine(engine, address, device, jobs)
    if audit:
        _check_audit(fresh, where)
    part = Shard.parse(shard) if shard is not None else None
    asked = {"device": where, "epoch": epoch, "seeds_max": seeds_max}
    plan = _plan(claims, part, asked) if outputs.wanted else None
    claims = share(claims, part) if part else claims
    watcher = _watcher(out, spoken, where, jobs=workers, explain=explain, verbose=verbose, quiet=quiet)
    settings = {**asked, "jobs": workers, "engine": cluster, "fresh": fresh, "audit": audit}
    with watcher, Store.default(notice=watcher.notice) as store:
        outcomes, interrupted = _run(claims, settings, store, watcher)
    faults = catalogue.faults_behind(patterns)
    if audit:
        faults += _audit_faults(watcher.audits, catalogue)
    code = 4 if faults else exit_code(outcomes) or (3 if audit and not watcher.audits else 0)
    if plan:  # before words that nobody may be there to read
        outputs.write(Results(plan, versions(catalogue), outcomes, faults, code, interrupted), spoken)
    _close(out, outcomes, faults, spoken, interrupted, watcher.audits if audit else None)
    raise typer.Exit(code)


def _check_audit(fresh: bool, device: str) -> None:
    """Raises DlcheckError for what an audit does not go with."""
    if fresh or device != "cpu":
        got = "--fresh, which measures everything again" if fresh else f"--device {device}, where rounding may differ"
        raise DlcheckError(f"--audit compares saved numbers to the last bit: expected to go without {got}")


def _audit_faults(audits: Sequence[tuple[str, bool]], catalogue: Catalogue) -> list[Fault]:
    """A claim that an audit has measured otherwise depends on something that nobody knows of: that is a fault."""
    from dlcheck.plugins import Fault

    plugins = {topic.name: topic.plugin for topic in catalogue.topics}
    topics = {claim: claim.partition("/")[0] for claim, same in audits if not same}
    reason = "{claim} measures other numbers than were saved, though all that it is known to depend on is the same"
    remedy = "find what else its numbers depend on, then measure it again with --fresh"
    return [Fault(plugins[topic], reason.format(claim=claim), remedy, topic) for claim, topic in topics.items()]


def _plan(claims: Sequence[Claim], part: Shard | None, asked: dict[str, Any]) -> Plan:
    """Made before anything runs, since source may be edited meanwhile; of all claims, also those of other shards."""
    from dlcheck.engine.plan import make_plan
    from dlcheck.engine.remembered import remembering
    from dlcheck.home import home

    with remembering(home()):
        return make_plan(claims, **asked, shard=part)


def _engine(name: EngineName, address: str | None, device: str, jobs: int | None) -> tuple[str, int, Engine | None]:
    """The resolved device, how many processes there are at once, and where, if not here. Raises DlcheckError."""
    from dlcheck.engine import devices

    if name is EngineName.RAY:
        from dlcheck.engine import ray_pool

        where = ray_pool.resolve(device)
        cluster = ray_pool.RayPool(address, jobs, where)
        return where, cluster.jobs, cluster
    if address is not None:
        raise DlcheckError(f"--address {address}: expected to go with --engine ray")
    where = devices.resolve(device)
    return where, jobs or devices.default_jobs(where), None


def _patterns(names: list[str], everything: bool, catalogue: Catalogue) -> list[str]:
    """The names to verify; none means all of them. Raises DlcheckError unless either names or --all are given."""
    if bool(names) == everything:
        topics = ", ".join(topic.name for topic in catalogue.topics) or "none is installed"
        got = "both" if names else "neither"
        raise DlcheckError(f"expected topics or claims to verify, or --all, got {got}. Topics: {topics}")
    return names


def _select(catalogue: Catalogue, patterns: list[str], notice: Callable[[str], None]) -> list[Claim]:
    """The claims that the patterns name. A pattern lost to a broken plugin leaves the others working.

    Raises PluginError when all are lost, DlcheckError when one names nothing.
    """
    lost = catalogue.lost(patterns)
    left = [pattern for pattern in patterns if pattern not in lost]
    if patterns and not left:
        raise lost[patterns[0]]
    for reason in lost.values():
        notice(f"! {reason}")
    return catalogue.select(left)


def _watcher(out: Console, lang: Lang, device: str, *, jobs: int, explain: bool, verbose: bool, quiet: bool) -> Lines:
    from dlcheck.report.live import Lines, Quiet, Screen

    if quiet:
        return Quiet(out, lang, device)
    if out.is_terminal:
        return Screen(out, lang, device, jobs=jobs, explain=explain, verbose=verbose)
    return Lines(out, lang, device, explain=explain, verbose=verbose)


def _run(
    claims: Sequence[Claim], settings: dict[str, Any], store: Store, watcher: Watcher
) -> tuple[list[Outcome], bool]:
    """The outcomes, and whether the user stopped the run."""
    from dlcheck.engine import Interrupted, verify

    try:
        return verify(claims, **settings, store=store, watcher=watcher), False
    except Interrupted as stopped:
        return stopped.outcomes, True


def _close(
    out: Console,
    outcomes: Sequence[Outcome],
    faults: Sequence[Fault],
    lang: Lang,
    interrupted: bool,
    audits: Sequence[tuple[str, bool]] | None,
) -> None:
    """The end of what the user reads: the summary, what an audit found, and how to go on."""
    from dlcheck.report.summary import print_end
    from dlcheck.report.text import put, styled
    from dlcheck.report.words import AUDITED, INTERRUPTED, NOTHING_AUDITED

    print_end(out, outcomes, faults, lang, interrupted=interrupted)
    if audits is not None:
        same = sum(same for _, same in audits)
        told = AUDITED(lang).format(n=len(audits), same=same) if audits else NOTHING_AUDITED(lang)
        put(out, styled(told), indent=0)
    if interrupted:
        again = shlex.join(["dlcheck", *(word for word in sys.argv[1:] if word != "--fresh")])
        put(out, styled(INTERRUPTED(lang).format(command=again)), indent=0)
