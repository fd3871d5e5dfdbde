"""Where dlcheck keeps what it saves."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def home() -> Path:
    """The folder of saved trials and progress: `DLCHECK_HOME`, else the user's data directory."""
    return Path(os.environ.get("DLCHECK_HOME") or platformdirs.user_data_dir("dlcheck", appauthor=False))
