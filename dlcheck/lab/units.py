"""Single units of a rectifier net: which of them no example drives, and how many linear pieces they make."""

from __future__ import annotations

from jaxtyping import Bool, Float
from torch import Tensor


def never_active(pre_activations: Float[Tensor, "*seeds N units"]) -> Bool[Tensor, "*seeds units"]:
    """Units whose pre-activation is above 0 for none of the N examples: with ReLU, they are dead on these examples.

    A pre-activation that is not a number drives nothing.
    """
    return ~(pre_activations > 0).any(dim=-2)


def linear_pieces(pre_activations: Float[Tensor, "points units"]) -> int:
    """The number of linear regions that a walk along a line crosses, from what all units see at points in a row.

    Where the set of active units stays the same, a ReLU net is one affine map (Montúfar et al. 2014, section 2.2).
    Regions that lie between two neighbouring points are missed: take the points close enough.
    """
    active = pre_activations > 0
    return 1 + int((active[1:] != active[:-1]).any(dim=1).sum())
