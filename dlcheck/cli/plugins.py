"""`dlcheck plugins`: what is installed, and what is wrong with it."""

from __future__ import annotations


def command() -> None:
    """List plugins with their versions and faults."""
    from dlcheck.plugins import load
    from dlcheck.report.listing import print_plugins
    from dlcheck.report.text import console

    print_plugins(console(), load().plugins)
