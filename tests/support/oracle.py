"""What every comparison of a reference model with an oracle needs: checked signatures, devices, and how close is equal.

Tests import it as `oracle`.
"""

import importlib
import sys
from types import ModuleType
from typing import NamedTuple

import pytest
import torch
from jaxtyping import install_import_hook
from torch import Tensor


def checked(name: str) -> ModuleType:
    """A copy of the module whose every call checks the shapes and dtypes in its signature; other tests keep theirs."""
    parent, _, attribute = name.rpartition(".")
    package = importlib.import_module(parent)
    imported, held = sys.modules.pop(name, None), vars(package).get(attribute)
    with install_import_hook(name, "beartype.beartype"):
        copy = importlib.import_module(name)
    del sys.modules[name]
    if imported is None:
        delattr(package, attribute)
    else:
        sys.modules[name] = imported
        setattr(package, attribute, held)
    return copy


class Where(NamedTuple):
    """A device, a precision, and how far two orders of the same sums may be apart."""

    device: str
    dtype: torch.dtype
    tolerance: float


def at(*places: Where) -> pytest.MarkDecorator:
    """Runs a test with `where` at each of these places. Without a CUDA device, those on one are skipped."""
    on_gpu = [
        pytest.mark.cuda,
        pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device here"),
    ]
    parameters = [
        pytest.param(
            place,
            id=f"{place.device}-{str(place.dtype).removeprefix('torch.')}",
            marks=on_gpu if place.device == "cuda" else (),
        )
        for place in places
    ]
    return pytest.mark.parametrize("where", parameters)


def close(got: Tensor | None, expected: Tensor | None, where: Where, scale: Tensor | None = None) -> None:
    """Norm of the difference over norm of what is expected, or of `scale`, is within the tolerance of the place."""
    assert got is not None
    assert expected is not None
    assert got.dtype == expected.dtype == where.dtype
    assert got.device.type == where.device
    error = torch.linalg.vector_norm(got - expected) / torch.linalg.vector_norm(expected if scale is None else scale)
    assert error.item() <= where.tolerance
