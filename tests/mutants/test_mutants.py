"""The claims watch the reference models themselves: each bug turns one of them red, and without bugs all are green."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Decide = Callable[[str, str, Path], tuple[str, str]]


def test_a_bug_turns_a_claim_red(mutant: Any, mutated: Callable[[Any], Path], decide: Decide) -> None:
    """The verdict is another one than the claim's author expects; a crash would not count."""
    verdict, expected = decide(mutant.package, mutant.claim, mutated(mutant))
    assert verdict != expected


def test_without_bugs_it_is_green(watching: tuple[str, str], plugins: Path, decide: Decide) -> None:
    """The same claim with the sound model has the verdict that is expected."""
    verdict, expected = decide(*watching, plugins)
    assert verdict == expected
