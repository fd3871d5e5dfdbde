"""The option `pytest --dlcheck`. Nothing of dlcheck is imported by a pytest run that does not ask for it."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("dlcheck", "claims about deep learning").addoption(
        "--dlcheck",
        nargs="*",
        metavar="NAME",
        help="Run claims too, each as a test: topics, TOPIC/CLAIM or globs; all that are installed if none is named. "
        "Files come before this option.",
    )


def pytest_configure(config: pytest.Config) -> None:
    names = config.getoption("--dlcheck")
    if names is not None:
        from dlcheck.items import Claims

        config.pluginmanager.register(Claims.named(names), "dlcheck-claims")
