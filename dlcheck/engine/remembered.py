"""Fingerprints kept between runs: to make those of five topics takes longer than to judge their trials.

They are good for as long as everything they were made from stands: whether a file or folder has changed is told by its
size and its times (`source.signature`).
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from dlcheck import output
from dlcheck.engine import fingerprint, source
from dlcheck.errors import DlcheckError


@contextmanager
def remembering(folder: Path) -> Iterator[None]:
    """Inside this block fingerprints that still stand are not made again, and new ones are kept in the folder."""
    path = folder / "fingerprints.json"
    if not fingerprint.known:
        _recall(path)
    before = len(fingerprint.known)
    yield
    if len(fingerprint.known) != before:
        _keep(path)


def _recall(path: Path) -> None:
    """Take over what `_keep` wrote, if all of it still stands. What does not, or cannot be read, is made anew."""
    with suppress(OSError, ValueError, LookupError, TypeError, AttributeError):
        saved = json.loads(path.read_bytes())
        known = {tuple(key.split(":")): made for key, made in saved["fingerprints"].items()}
        if _stands(saved):
            source.seen.update((Path(file), tuple(before)) for file, before in saved["files"].items())
            source.tops.update((top, (file, folders)) for top, (file, folders) in saved["tops"].items())
            source.claimed.update(saved["claimed"])
            fingerprint.known.update(known)


def _stands(saved: dict[str, Any]) -> bool:
    """Whether everything is found in the same place, and is as it was."""
    return (
        saved["python"] == platform.python_version()
        and saved["plugins"] == sorted(source.plugin_modules())
        and all(source.signature(Path(file)) == tuple(before) for file, before in saved["files"].items())
        and all(source.locate(top) == (file, folders) for top, (file, folders) in saved["tops"].items())
        and all(source.version(package) == version for package, version in saved["versions"].items())
    )


def _keep(path: Path) -> None:
    """Write all fingerprints down. Where that fails, the next run makes them anew."""
    for maker in (fingerprint.__file__, source.__file__):
        source.note(Path(maker))
    kept = {
        "python": platform.python_version(),
        "plugins": sorted(source.plugin_modules()),
        "claimed": sorted(source.claimed),
        "files": {str(file): signature for file, signature in source.seen.items()},
        "tops": source.tops,
        "versions": source.versions,
        "fingerprints": {":".join(key): made for key, made in fingerprint.known.items()},
    }
    with suppress(DlcheckError):
        output.write(json.dumps(kept).encode(), str(path))
