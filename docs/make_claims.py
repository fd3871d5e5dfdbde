"""Writes docs/claims.md and docs/claims.ko.md, what came of every claim, from the JSON of a run over all of them.

dlcheck verify --all --json results.json && python docs/make_claims.py results.json
"""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from dlcheck.api import Claim, Lang, Text
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.plugins import LoadedTopic, load
from dlcheck.report.lines import said
from dlcheck.report.numbers import clock, effect, seeds
from dlcheck.report.words import verdict_words
from dlcheck.rules import Judgement, Verdict

Json = dict[str, Any]

PAGES: dict[Lang, str] = {"en": "claims.md", "ko": "claims.ko.md"}
HEAD = Text(
    """\
# What came of every claim

([한국어](claims.ko.md))

{summary}

One run on the device {device} with the seeds of epoch {epoch}: Python {python}, torch {torch}, {cpu} of CPU time. The
CPU seconds of a claim are those of its experiment and of all its controls, from whichever run they were measured in.
How verdicts come about and what the seeds are for: [statistics](statistics.md).

This page is written by `python docs/make_claims.py` from the [JSON](json.md) of `dlcheck verify --all`, and a test
compares its statements.
""",
    """\
# 모든 명제의 판정

([English](claims.md))

{summary}

장치 {device}, 에포크 {epoch}의 시드로 실행한 결과다(Python {python}, torch {torch}, CPU 시간 {cpu}). 명제마다 적은
CPU 시간은 본 실험과 모든 대조군을 합한 값이며, 저장해 둔 측정은 처음 실행했을 때 걸린 시간으로 셈했다. 판정 방법과
시드의 쓰임새는 [statistics](statistics.md)에 있다.

이 페이지는 `dlcheck verify --all`의 [JSON](json.md) 결과로 `python docs/make_claims.py`가 만든다. 명제가 지금의
것과 같은지는 테스트가 확인한다.
""",
)
COLUMNS = Text("statement | verdict | effect | seeds | CPU s", "명제 | 판정 | 효과 | 시드 | CPU 초")
TOTAL = Text("{claims} claims, {cpu} of CPU time.", "명제 {claims}개, CPU 시간 {cpu}.")


def page(results: Json, lang: Lang) -> str:
    """The page in one language. Exits unless the run was over all claims as they stand."""
    found = {result["id"]: result for result in results["claims"]}
    stale = [claim.id for topic in bundled() for claim in topic.claims if not is_of(claim, found.get(claim.id))]
    if stale:
        sys.exit(f"expected results of every claim as it stands, got none for {len(stale)}, such as {stale[0]}")
    sections = [section(topic, [(claim, found[claim.id]) for claim in topic.claims], lang) for topic in bundled()]
    told = {"device": results["device"], "epoch": results["epoch"], "summary": results["summary"]["text"][lang]}
    return HEAD(lang).format(**told, **results["versions"], cpu=cpu_time(found.values(), lang)) + "".join(sections)


def bundled() -> list[LoadedTopic]:
    """The topics that come with dlcheck, without what else is installed here."""
    catalogue = load()
    ours = {plugin.name for plugin in catalogue.plugins if plugin.distribution == "dlcheck"}
    return [topic for topic in catalogue.topics if topic.plugin in ours]


def is_of(claim: Claim, result: Json | None) -> bool:
    """Whether it is a result of this claim, with the statement and the expectation that it has now."""
    return result is not None and (Text(**result["statement"]), result["expected"]) == (claim.statement, claim.expect)


def section(topic: LoadedTopic, results: list[tuple[Claim, Json]], lang: Lang) -> str:
    """One topic's table."""
    told = TOTAL(lang).format(claims=len(results), cpu=cpu_time((result for _, result in results), lang))
    rows = [" | ".join(cells(claim, result, lang)) for claim, result in results]
    lines = [COLUMNS(lang), "--- | --- | --- | --- | ---:", *rows]
    return f"\n## {topic.title(lang)}\n\n{told}\n\n" + "".join(f"| {line} |\n" for line in lines)


def cells(claim: Claim, result: Json, lang: Lang) -> list[str]:
    """One row: the words are those of the screen."""
    outcome = decided(claim, result)
    judged = outcome.arm.judgement
    figures = [effect(judged, claim.rule, lang), seeds(judged, lang)] if judged else ["", ""]
    told = [statement(claim, lang), verdict_words(outcome, lang), *map(plain, figures)]
    seconds = f"{result['cpu_seconds']:.1f}"
    return [*told, "<0.1" if seconds == "0.0" else seconds]


def statement(claim: Claim, lang: Lang) -> str:
    """The first cell: what is claimed, whether it is a misconception, and the id."""
    return f"{plain(said(claim, lang))}<br>`{claim.id}`"


def plain(text: str) -> str:
    """With what Markdown would take for its own."""
    return re.sub(r"([|*_<\\])", r"\\\1", text)


def decided(claim: Claim, result: Json) -> Outcome:
    """The outcome behind a result, as far as the page shows it."""
    arm = Arm("")
    if result["effect"] is not None:
        interval = tuple(map(float, result["interval"])) if result["interval"] else None  # "Infinity" is one, too
        figures = result["seeds"], float(result["effect"]), interval, result["unit"], result["wins"]
        arm.judgement = Judgement(Verdict(result["verdict"]), *figures)
    return Outcome(claim, Verdict(result["verdict"]), [arm], result["reason"])


def cpu_time(results: Iterable[Json], lang: Lang) -> str:
    """Of all of them together."""
    return clock(sum(result["cpu_seconds"] for result in results), lang)


if __name__ == "__main__":
    run = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for lang, name in PAGES.items():
        Path(__file__).with_name(name).write_text(page(run, lang), encoding="utf-8")
