"""Dead units and linear pieces, counted where they can be counted by hand."""

import math

import torch

from dlcheck.lab import units


def test_a_unit_is_dead_when_no_example_drives_it() -> None:
    """One example above 0 is enough to be alive; 0 itself is not above, and not-a-number drives nothing."""
    seen = torch.tensor([[-1.0, -1.0, 0.0, math.nan], [-2.0, 0.1, -3.0, -1.0]])
    assert units.never_active(seen).tolist() == [True, False, True, True]


def test_seeds_have_units_of_their_own() -> None:
    """With an axis of seeds in front each seed's examples count for that seed."""
    seen = torch.tensor([[[1.0, -1.0]], [[-1.0, 1.0]]])
    assert units.never_active(seen).tolist() == [[False, True], [True, False]]


def test_kinks_cut_a_line_into_pieces() -> None:
    """n units with kinks at n places make n + 1 pieces; two at one place make no piece between them."""
    x = torch.linspace(0, 1, 1001)[:, None]
    assert units.linear_pieces(x - torch.tensor([0.1, 0.25, 0.5])) == 4
    assert units.linear_pieces(x - torch.tensor([0.3, 0.3])) == 2
    assert units.linear_pieces(x + 1) == 1
