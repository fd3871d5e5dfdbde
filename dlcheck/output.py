"""Where results go: standard output, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from dlcheck.errors import DlcheckError

STDOUT = "-"


def check_writable(target: str) -> None:
    """Find out before anything runs, not after it. Raises DlcheckError."""
    path = Path(target)
    if target == STDOUT:
        return
    if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise DlcheckError(f"cannot write to {target}: expected a file in an existing, writable folder")


def write(content: bytes, target: str) -> None:
    """To standard output for "-"; else to the file, which is replaced whole or not at all.

    Raises DlcheckError when it cannot be written; BrokenPipeError when nobody reads standard output any more.
    """
    path = Path(target)
    try:
        if target == STDOUT:
            sys.stdout.buffer.write(content)
            sys.stdout.flush()
        elif path.exists() and not path.is_file():
            path.write_bytes(content)  # a pipe or a device cannot be replaced
        else:
            _replace(path.resolve(), content)  # of a link, what it points to
    except BrokenPipeError:
        raise
    except OSError as error:
        where = "standard output" if target == STDOUT else target
        raise DlcheckError(f"cannot write to {where} ({error.strerror})") from error


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
