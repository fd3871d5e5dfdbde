"""Writes docs/mutants.md from the bugs of tests/mutants: `python docs/make_mutants.py`."""

import runpy
from itertools import groupby
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = """\
# Mutants

Do the claims watch the reference models? Each row below is a plausible bug. `pytest tests/mutants` puts it into a copy
of the topic's `model.py` and runs the claim beside it, which then comes out otherwise than expected; without the bug it
comes out as expected. One claim is named for each bug, a cheap one; others may notice it, too.

This page is written by `python docs/make_mutants.py`, and a test compares it.

| topic | mutants killed | by so many claims |
| --- | ---: | ---: |
"""


def page() -> str:
    """The page as it ought to be."""
    mutants = runpy.run_path(str(HERE.parent / "tests" / "mutants" / "conftest.py"))["mutants"]()
    topics = [(topic, list(bugs)) for topic, bugs in groupby(mutants, key=topic_of)]
    counts = [f"| [{topic}](#{topic}) | {len(bugs)} | {len({bug.claim for bug in bugs})} |\n" for topic, bugs in topics]
    return HEAD + "".join(counts) + "".join(section(topic, bugs) for topic, bugs in topics)


def topic_of(mutant: Any) -> str:
    """As it is called on the command line."""
    return str(mutant.package.removeprefix("dlcheck_"))


def section(topic: str, bugs: list[Any]) -> str:
    """One topic's table: the bug, and the claim that turns red."""
    rows = [f"| {bug.bug} | `{topic}/{bug.claim.partition('.')[2].replace('_', '-')}` |\n" for bug in bugs]
    source = f"[the patches](../tests/mutants/{topic}.py)"
    return (
        f"\n## {topic}\n\n{len(rows)} bugs: {source}.\n\n| bug | claim that turns red |\n| --- | --- |\n{''.join(rows)}"
    )


if __name__ == "__main__":
    (HERE / "mutants.md").write_text(page(), encoding="utf-8")
