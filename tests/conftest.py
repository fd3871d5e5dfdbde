"""Hypothesis draws the same examples on every machine, and no test depends on how fast that machine is."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("dlcheck", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("dlcheck")


PluginDir = Callable[..., dict[str, str]]
"""`plugin_dir(name, source)` -> environment variables."""


@pytest.fixture
def plugin_dir(tmp_path: Path) -> PluginDir:
    """Install a plugin of one module, as an installer would; returns the environment in which dlcheck finds it.

    The store of measurements is a fresh one below the test's own folder, and the language is English.
    """

    def write(name: str, source: str) -> dict[str, str]:
        site = tmp_path / "site"
        metadata = site / f"{name}_dist-1.2.dist-info"
        metadata.mkdir(parents=True)
        (site / f"{name}_plugin.py").write_text(source, encoding="utf-8")
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-dist\nVersion: 1.2\n")
        (metadata / "entry_points.txt").write_text(f"[dlcheck]\n{name} = {name}_plugin\n")
        ours = {"PYTHONPATH": str(site), "DLCHECK_HOME": str(tmp_path / "home"), "DLCHECK_LANG": "en"}
        left_out = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHONIOENCODING")
        return {**{k: v for k, v in os.environ.items() if k not in left_out}, "OMP_NUM_THREADS": "1", **ours}

    return write
