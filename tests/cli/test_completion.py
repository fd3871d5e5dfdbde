"""Completion, asked the way a shell asks."""

import pytest


@pytest.mark.parametrize(
    ("words", "offered", "left_out"),
    [
        ("dlcheck verify t", "toy", "toy/two-is-two"),
        ("dlcheck verify toy/two", "toy/two-is-two", "toy/heads-win"),
        ("dlcheck show toy/h", "toy/heads-win", "toy/two-is-two"),
        ("dlcheck list to", "toy", "transformer"),
        ("dlcheck ver", "verify", "list"),
    ],
)
def test_topics_and_claims_are_completed_in_bash(words, offered, left_out, dlcheck):
    """Topics first, claims once a topic is typed."""
    done = dlcheck(_DLCHECK_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=str(words.count(" ")))
    assert offered in done.stdout.split()
    assert left_out not in done.stdout.split()


def test_zsh_is_told_the_statements(dlcheck):
    """Shells that show descriptions get the statement with the id."""
    words = "dlcheck show toy/two"
    done = dlcheck(_DLCHECK_COMPLETE="complete_zsh", _TYPER_COMPLETE_ARGS=words)
    assert "toy/two-is-two" in done.stdout
    assert "Two is two." in done.stdout
