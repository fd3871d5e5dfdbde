"""The contract of what experiments return."""

import math
import subprocess
import sys
from enum import IntEnum

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.errors import ClaimError
from dlcheck.measured import plain
from dlcheck.rules import at_least, count, exceeds, growth

RULE = at_least("gap", 1.0)


@given(st.lists(st.floats() | st.integers() | st.booleans(), min_size=1))
def test_python_numbers_come_back_as_they_are(values: list[float]) -> None:
    """Every number is kept, not-a-number and infinities included, and so is its kind: integers stay integers."""
    kept = plain({"gap": values}, RULE, len(values))["gap"]
    assert all(k == v or (math.isnan(k) and math.isnan(v)) for k, v in zip(kept, values, strict=True))
    assert [type(k) for k in kept] == [float if isinstance(v, float) else int for v in values]


@pytest.mark.parametrize(
    "values",
    [
        torch.tensor([1.5, 2.5], dtype=torch.bfloat16),
        torch.tensor([1.5, 2.5], dtype=torch.float64, requires_grad=True),
        [torch.tensor(1.5), torch.tensor(2.5)],
        np.array([1.5, 2.5]),
        [np.float32(1.5), np.float64(2.5)],
        (1.5, 2.5),
    ],
    ids=["bfloat16", "requires_grad", "scalars", "array", "numpy scalars", "tuple"],
)
def test_tensors_and_arrays_become_plain_floats(values: object) -> None:
    """Whatever holds the numbers, the store gets Python floats."""
    kept = plain({"gap": values}, RULE, 2)["gap"]
    assert kept == [1.5, 2.5]
    assert [type(x) for x in kept] == [float, float]


@pytest.mark.parametrize("values", [torch.tensor([3]), np.array([3]), [np.int64(3)], [IntEnum("E", {"A": 3}).A]])
def test_counts_stay_integers(values: object) -> None:
    """A count from a tensor, an array or an enumeration is a plain int, which the count rule asks for."""
    kept = plain({"built": values, "derived": [3]}, count("built", "derived"), 1)
    assert type(kept["built"][0]) is int
    assert count("built", "derived").judge(kept).verdict == "verified"


@pytest.mark.parametrize("yes", [True, np.True_, torch.tensor(True)])
def test_yes_and_no_are_one_and_zero(yes: object) -> None:
    """A measure may be a yes or no."""
    assert plain({"gap": [yes, False]}, RULE, 2) == {"gap": [1, 0]}
    assert type(plain({"gap": [yes]}, RULE, 1)["gap"][0]) is int


def test_a_sweep_is_one_list_per_seed() -> None:
    """A growth law gets a list over sizes for each seed, from a tensor of shape (seeds, sizes) too."""
    rule = growth("seconds", against="size", power=2, within=0.1)
    sizes = torch.arange(1.0, 6.0).expand(2, 5)
    kept = plain({"seconds": (sizes**2).tolist(), "size": sizes}, rule, 2)
    assert kept["size"] == [[1, 2, 3, 4, 5]] * 2
    assert rule.judge(kept).effect == pytest.approx(2)


def test_measures_beyond_the_rule_are_kept() -> None:
    """What the rule does not read is there for the reader."""
    assert plain({"gap": [1.0], "loss": [2.0]}, RULE, 1)["loss"] == [2.0]


class Loud:
    def __repr__(self) -> str:
        return "first line\nsecond line " + "x" * 1000


@pytest.mark.parametrize(
    ("numbers", "expected", "got"),
    [
        (None, "expected a dict", "None"),
        ([1.0, 2.0], "expected a dict", "[1.0, 2.0] (list)"),
        ({3: [1.0, 2.0]}, "named by strings", "3 (int)"),
        ({}, "expected a measure 'gap'", "got none"),
        ({"gaps": [1.0, 2.0]}, "expected a measure 'gap'", "Did you mean gaps?"),
        ({"gap": 1.0}, "a list of 2, one number per seed", "1.0 (float); @per_seed"),
        ({"gap": torch.tensor(1.0)}, "a list of 2", "Tensor"),
        ({"gap": "12"}, "a list of 2", "'12' (str)"),
        ({"gap": {0: 1.0, 1: 2.0}}, "a list of 2", "(dict)"),
        ({"gap": [1.0, 2.0, 3.0]}, "expected 2 numbers", "got 3"),
        ({"gap": [1.0, "2.0"]}, "expected numbers", "'2.0' (str)"),
        ({"gap": [1.0, None]}, "expected numbers", "None (NoneType)"),
        ({"gap": [1.0, 1j]}, "expected numbers", "(complex)"),
        ({"gap": [1.0, Loud()]}, "expected numbers", "first line"),
        ({"gap": [[1.0], [2.0]]}, "expected one number for each seed", "[1.0] (list)"),
        ({"gap": [1.0, 2.0], "other": [[[1.0]], 2.0]}, "'other': expected numbers", "[1.0] (list)"),
    ],
)
def test_a_broken_contract_is_one_line(numbers: object, expected: str, got: str) -> None:
    """Each way to break the contract is told in one short line: what was expected and what was got."""
    with pytest.raises(ClaimError) as caught:
        plain(numbers, RULE, 2)
    message = str(caught.value)
    assert expected in message
    assert got in message
    assert "\n" not in message
    assert len(message) < 250


def test_a_growth_law_refuses_single_numbers() -> None:
    """Without sizes there is no slope."""
    with pytest.raises(ClaimError, match="a list of numbers over sizes"):
        plain({"t": [1.0], "n": [1.0]}, growth("t", against="n", power=1, within=0.1), 1)


def test_a_missing_arm_is_named() -> None:
    """A comparison needs both of its measures."""
    with pytest.raises(ClaimError, match="expected a measure 'b', got 'a'"):
        plain({"a": [1.0]}, exceeds("a", "b", by=1), 1)


def test_no_library_is_imported() -> None:
    """The supervisor may use it without paying for torch."""
    code = "import sys, dlcheck.measured; assert not {'torch', 'numpy', 'scipy', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
