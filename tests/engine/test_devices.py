"""Which device a run uses, and what is said when it is not here."""

from __future__ import annotations

import pytest
import torch

from dlcheck.engine import devices
from dlcheck.errors import DlcheckError

no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:-1", "CUDA", "", "cpu:0", "cuda:0\n"])
def test_unknown_names_are_told_with_the_known_ones(name):
    """In one line."""
    with pytest.raises(DlcheckError, match="expected auto, cpu, cuda, cuda:N or mps") as caught:
        devices.resolve(name)
    assert "\n" not in str(caught.value)


@no_gpu
@pytest.mark.parametrize("name", ["cuda", "cuda:1"])
def test_cuda_that_is_not_here_is_one_line_with_a_remedy(name):
    """What was asked for, what torch sees, what to do."""
    with pytest.raises(DlcheckError, match=r"is not here: .* sees 0 CUDA devices; use --device cpu") as caught:
        devices.resolve(name)
    assert "\n" not in str(caught.value)


@no_gpu
def test_auto_is_the_cpu_where_nothing_else_is():
    """Also on a machine with a driver and no GPU."""
    assert devices.resolve("auto") == devices.resolve("cpu") == "cpu"


def test_auto_asks_torch_only_where_there_is_a_driver(monkeypatch):
    """And takes the first GPU that torch sees."""
    monkeypatch.setattr(devices, "_looks_like_cuda", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert devices.resolve("auto") == "cuda:0"
    assert devices.resolve("cuda") == "cuda:0"
    assert devices.resolve("cuda:1") == "cuda:1"
    with pytest.raises(DlcheckError, match="sees 2 CUDA devices"):
        devices.resolve("cuda:2")


def test_jobs_are_cores_on_the_cpu_and_two_on_an_accelerator():
    """At least one, at most what this process may use."""
    cores = devices.default_jobs("cpu")
    assert cores >= 1
    assert devices.default_jobs("cuda:0") == min(2, cores)
