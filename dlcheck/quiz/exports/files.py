"""Writing a file whole or not at all, and archives whose bytes depend on nothing but what is in them."""

from __future__ import annotations

import io
import os
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from dlcheck.errors import DlcheckError

STDOUT = "-"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)
"""The first moment that a zip file can state."""


def check_writable(target: str) -> None:
    """Find out before oracles run, not after. Raises DlcheckError."""
    path = Path(target)
    if target == STDOUT:
        return
    if path.is_dir() or not os.access(path if path.exists() else path.absolute().parent, os.W_OK):
        raise DlcheckError(f"cannot write to {target}: expected a file in an existing, writable folder")


def write(content: bytes, target: str) -> None:
    """To standard output for "-"; else to the file, which is replaced whole or not at all."""
    path = Path(target)
    if target == STDOUT:
        sys.stdout.buffer.write(content)
        sys.stdout.flush()
    elif path.exists() and not path.is_file():
        path.write_bytes(content)  # a pipe or a device cannot be replaced
    else:
        _replace(path.resolve(), content)  # of a link, what it points to


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        os.replace(draft, path)
    except OSError as error:
        raise DlcheckError(f"cannot write to {path}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)


def archive(files: Mapping[str, bytes]) -> bytes:
    """A zip file: the same bytes for the same files, whenever it is made."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as packed:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content)
    return made.getvalue()
