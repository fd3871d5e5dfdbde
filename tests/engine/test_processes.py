"""What the engine asks of the operating system, asked of it."""

import platform
import subprocess
import sys
from pathlib import Path

import pytest

from dlcheck.engine.processes import LINUX

KERNEL = tuple(int(part) for part in platform.release().split(".")[:2]) if LINUX else (0, 0)
HUGE_PAGES = Path("/sys/kernel/mm/transparent_hugepage")
GATHER = """
from pathlib import Path
from dlcheck.engine.processes import gather_in_huge_pages

def huge_kib():
    [line] = [each for each in Path("/proc/self/smaps_rollup").read_text().splitlines() if "AnonHugePages" in each]
    return int(line.split()[1])

written = bytearray(b"x" * (64 << 20))
before = huge_kib()
gather_in_huge_pages()
assert written == b"x" * (64 << 20)
print(huge_kib() - before)
"""


@pytest.mark.skipif(KERNEL < (6, 1) or not HUGE_PAGES.exists(), reason="huge pages are gathered on Linux 6.1 and later")
def test_memory_that_was_written_is_gathered_in_huge_pages_and_keeps_its_contents():
    said = subprocess.run([sys.executable, "-c", GATHER], check=True, capture_output=True, text=True).stdout
    assert int(said) > 32 << 10
