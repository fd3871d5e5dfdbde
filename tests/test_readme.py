"""The README says what is so: its commands parse, its screen shows claims that exist, its files are there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer

from dlcheck.cli import app
from dlcheck.plugins import load

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"`dlcheck ([^`]+)`", README)
SCREEN = re.search(r"^```text\n(.*?)^```", README, re.M | re.S)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_parses(command: str) -> None:
    """Each `dlcheck ...` of the README is accepted by the command line, options and names included."""
    group = typer.main.get_command(app)
    name, *arguments = shlex.split(command)
    with group.make_context("dlcheck", [name, *arguments]) as context:
        found = group.get_command(context, name)  # type: ignore[attr-defined]  # the root command is a group
        found.make_context(name, list(arguments), parent=context)  # it empties the list that it is given
    names = [word for word in arguments if word == "transformer" or "/" in word]
    load().select(names)


def test_screen_shows_claims_as_they_stand() -> None:
    """The claims on the README's screen exist, with the verdict that is expected of each."""
    assert SCREEN is not None
    expected = {claim.id: claim.expect.value for claim in load().select(["transformer"])}
    shown = re.findall(r"^  (verified|refuted, as expected) [^✓]*(transformer/[\w-]+)", SCREEN.group(1), re.M)
    assert len(shown) >= 4
    assert {claim: verdict.partition(",")[0] for verdict, claim in shown}.items() <= expected.items()
    counted = [len(expected), *(list(expected.values()).count(verdict) for verdict in ("verified", "refuted"))]
    assert [int(n) for n in re.findall(r"\d+", SCREEN.group(1).strip().splitlines()[-1])] == counted


def test_linked_files_exist() -> None:
    """No link of the README leads nowhere."""
    for link in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / link).exists(), link
