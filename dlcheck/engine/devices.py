"""Which device a run uses. Torch is asked only on machines that look as if they had an accelerator."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path

from dlcheck.errors import DlcheckError

KNOWN = "auto, cpu, cuda, cuda:N or mps"


def resolve(device: str) -> str:
    """A torch device string. Raises DlcheckError when the device is unknown or not here.

    "auto" is CUDA where there is a GPU, else the CPU, where equality claims have their float64 referee.
    """
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?|mps", device):
        raise DlcheckError(f"unknown device {device!r}: expected {KNOWN}")
    if device == "cpu" or (device == "auto" and not _looks_like_cuda()):
        return "cpu"
    import torch

    count = torch.cuda.device_count()
    if device == "auto":
        return "cuda:0" if count else "cpu"
    if device == "mps":
        if not torch.backends.mps.is_available():
            raise DlcheckError(
                f"device 'mps' is not here: torch {torch.__version__} finds no Apple GPU; use --device cpu"
            )
        return "mps"
    index = int(device.partition(":")[2] or 0)
    if index >= count:
        raise DlcheckError(
            f"device {device!r} is not here: torch {torch.__version__} sees {count} CUDA devices; use --device cpu"
        )
    return f"cuda:{index}"


def saved_under(device: str) -> str:
    """The name that trials of a device have, which need not be here. Raises DlcheckError when it is unknown."""
    if not re.fullmatch(r"cpu|cuda(:\d+)?|mps", device):
        raise DlcheckError(f"unknown device {device!r}: expected cpu, cuda, cuda:N or mps")
    return "cuda:0" if device == "cuda" else device


def default_jobs(device: str) -> int:
    """Worker processes at once: one per core the process may use; two on an accelerator, which they share."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores if device == "cpu" else min(2, cores)


def _looks_like_cuda() -> bool:
    """Without importing torch, which takes more than a second: is there an NVIDIA driver at all?"""
    return platform.system() == "Windows" or any(
        Path(trace).exists() for trace in ("/dev/nvidiactl", "/dev/dxg", "/proc/driver/nvidia/version")
    )
