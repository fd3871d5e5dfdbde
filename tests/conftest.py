"""Hypothesis draws the same examples on every machine, and no test depends on how fast that machine is."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dlcheck", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dlcheck")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # a job in the background; our tests press Ctrl-C
    signal.signal(signal.SIGINT, signal.default_int_handler)


Environment = dict[str, str]


@pytest.fixture(scope="session")
def plugin_dir() -> Callable[[str, str, Path], Environment]:
    """`plugin_dir(name, source, folder)` installs a plugin of one module below the folder, as an installer would.

    Returns the environment in which dlcheck finds it, with a store of its own there, in English.
    """

    def write(name: str, source: str, folder: Path) -> Environment:
        metadata = folder / "site" / f"{name}_dist-1.2.dist-info"
        metadata.mkdir(parents=True)
        (folder / "site" / f"{name}_plugin.py").write_text(source, encoding="utf-8")
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(f"[dlcheck]\n{name} = {name}_plugin\n")
        decided_here = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING", "LC_ALL", "LC_MESSAGES")
        return {
            **{name: value for name, value in os.environ.items() if name not in decided_here},
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(folder / "site"),
            "DLCHECK_HOME": str(folder / "home"),
            "DLCHECK_LANG": "en",
        }

    return write
