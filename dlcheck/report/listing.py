"""Topics, claims and plugins, printed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from dlcheck.api import Claim, Lang
from dlcheck.plugins import Catalogue, Fault, LoadedTopic, Plugin
from dlcheck.report import words
from dlcheck.report.details import Fields
from dlcheck.report.lines import padded, said
from dlcheck.report.text import put, styled


def print_topics(console: Console, catalogue: Catalogue, chosen: Collection[str], lang: Lang) -> None:
    """Each topic with those of its claims whose ids are chosen."""
    for topic in catalogue.topics:
        claims = [claim for claim in topic.claims if claim.id in chosen]
        if claims:
            _print_topic(console, topic, claims, lang)


def _print_topic(console: Console, topic: LoadedTopic, claims: Sequence[Claim], lang: Lang) -> None:
    counted = words.STATEMENTS(len(claims), lang)
    console.print(styled((f"{topic.title(lang)}", "bold"), f" · {counted}"))
    widest = max(cell_len(claim.id) for claim in claims)
    if not console.is_terminal:  # one line each, for grep
        lines = [styled((padded(claim.id, widest + 2), "bold"), said(claim, lang)) for claim in claims]
        console.print(Text("\n").join(lines), soft_wrap=True)
        return
    if widest * 2 > console.width:
        for claim in claims:
            console.print(styled((claim.id, "bold")))
            console.print(Padding(styled(said(claim, lang)), (0, 0, 0, 4)))
        return
    console.print(Fields([(claim.id, styled(said(claim, lang))) for claim in claims]))


def print_plugins(console: Console, plugins: Sequence[Plugin]) -> None:
    """Name, distribution and version, topics, and under each plugin what is wrong with it."""
    for plugin in plugins:
        symbol = ("✗", "bold red") if plugin.faults else ("✓", "green")
        origin = f"{plugin.distribution} {plugin.version}".strip()
        topics = ", ".join(plugin.topics) or "none"
        put(
            console,
            styled(symbol, " ", (plugin.name, "bold"), f" · {origin} · module {plugin.module} · topics: {topics}"),
        )
        print_faults(console, plugin.faults)
    if not plugins:
        console.print(styled("No plugins are installed: reinstall dlcheck, its topics come with it."))


def print_faults(console: Console, faults: Sequence[Fault]) -> None:
    """What is wrong and how to mend it, two lines for each."""
    for fault in faults:
        where = f"{fault.plugin}, topic {fault.topic}" if fault.topic else fault.plugin
        put(console, styled(("! ", "bold red"), f"plugin {where}: {fault.reason}"))
        put(console, styled("  remedy: ", fault.remedy))


def print_faults_line(console: Console, faults: Sequence[Fault]) -> None:
    """One line that says where the faults are told."""
    if faults:
        names = ", ".join(dict.fromkeys(fault.plugin for fault in faults))
        console.print(styled(("! ", "bold red"), f"broken: {names}. What is wrong with them: dlcheck plugins"))
