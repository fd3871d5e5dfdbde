"""Where numbers stand on an axis, and which numbers stand beside it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcheck.report.plots.scale import Scale

ANY = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=8)


@given(values=ANY, log=st.sampled_from([True, False, None]))
def test_every_axis_can_be_drawn(values: list[float], log: bool | None) -> None:
    """Whatever was measured: finite ends in order, at least two numbers beside it, everything has a place on it."""
    scale = Scale.over(values, log=log)
    assert math.isfinite(scale.low)
    assert math.isfinite(scale.high)
    assert scale.low < scale.high
    assert not scale.log or scale.low > 0
    assert 2 <= len(scale.ticks(4)) <= 4
    assert all(0.0 <= scale.place(value) <= 1.0 for value in [*values, math.nan, math.inf, -math.inf])


@given(values=st.lists(st.floats(min_value=1e-30, max_value=1e30), min_size=1, max_size=8), log=st.booleans())
def test_what_was_measured_is_on_the_axis_in_order(values: list[float], log: bool) -> None:
    """A larger number never stands left of a smaller one, and none stands beyond an end."""
    scale = Scale.over(values, log=log)
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert all(scale.holds(value) for value in values)


@pytest.mark.parametrize(
    ("low", "high", "log", "ticks"),
    [
        (0.0, 1.0, False, [0.0, 0.5, 1.0]),
        (-0.3, 0.31, False, [-0.2, 0.0, 0.2]),
        (0.5, 2000.0, True, [1.0, 10.0, 100.0, 1000.0]),
        (1e-13, 2.0, True, [1e-13, 1e-9, 1e-5, 0.1]),
        (1.5, 6.0, True, [2.0, 5.0]),
    ],
)
def test_numbers_beside_an_axis_are_round(low: float, high: float, log: bool, ticks: list[float]) -> None:
    """Steps of 1, 2 or 5; whole powers of ten on a logarithmic axis."""
    assert Scale(low, high, log).ticks(4) == pytest.approx(ticks)


def test_what_differs_by_orders_of_magnitude_is_shown_on_a_logarithmic_axis() -> None:
    """Unless something is not positive."""
    assert Scale.over([0.01, 100.0]).log
    assert not Scale.over([0.5, 2.0]).log
    assert not Scale.over([0.0, 100.0]).log
