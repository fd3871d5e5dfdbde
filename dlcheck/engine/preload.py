"""What the fork server imports once, so that each fresh worker has torch after milliseconds instead of a second.

Imported by the fork server alone. It never touches CUDA, which does not survive a fork.
"""

from __future__ import annotations

import ctypes
import os
import sys
import warnings

# Two threads per process on two busy cores were measured to be many times slower than one; torch reads these at import.
os.environ.update(
    OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", CUBLAS_WORKSPACE_CONFIG=":4096:8"
)

if sys.platform == "linux":
    PR_SET_CHILD_SUBREAPER = 36
    # Grandchildren that outlive their worker become children of this process, where the supervisor finds them.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")

import torch  # after the variables above

import dlcheck.engine.worker  # noqa: F401

torch.set_num_threads(1)
