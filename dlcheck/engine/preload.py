"""What the fork server imports once, so that each fresh worker has torch after milliseconds instead of a second.

Imported by the fork server alone. It never touches CUDA, which does not survive a fork.
"""

from __future__ import annotations

import atexit
import gc
import os
import warnings

from dlcheck.engine.processes import adopt_orphans, gather_in_huge_pages, kill_descendants

# Two threads per process on two busy cores were measured to be many times slower than one; torch reads these at import.
os.environ.update(
    OMP_NUM_THREADS="1", MKL_NUM_THREADS="1", OMP_WAIT_POLICY="PASSIVE", CUBLAS_WORKSPACE_CONFIG=":4096:8"
)
os.setsid()  # a terminal that is closed takes the supervisor; this process stays to clear up, then ends too
adopt_orphans()
atexit.register(kill_descendants)  # it ends when the supervisor is gone, however that went; workers skip this
warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")

import torch  # noqa: E402  # after the variables above

import dlcheck.engine.worker  # noqa: E402, F401 - the same, and imported to be there

torch.set_num_threads(1)
gc.collect()
gc.freeze()  # workers do not look through all of torch for garbage, which would copy its pages
gather_in_huge_pages()
