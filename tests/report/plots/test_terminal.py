"""The plot in characters: on any width, in both languages, without colour."""

from collections.abc import Callable
from typing import get_args

import pytest
from rich.cells import cell_len

from dlcheck.api import Curve, Lang
from dlcheck.engine.outcome import Outcome
from dlcheck.report.plots.terminal import plot
from dlcheck.rules import at_least, count, exceeds, growth

Decided = Callable[..., Outcome]
SIZES = [10.0, 20.0, 40.0, 80.0, 160.0]


def lines(outcome: Outcome, width: int = 80, lang: Lang = "en") -> list[str]:
    return [line.plain for line in plot(outcome, "cpu", lang, width)]


@pytest.fixture
def comparison(decided: Decided) -> Outcome:
    curves = [Curve("loss", [0.0, 10.0, 20.0], [[4.0, 2.0, 1.0]] * 8)]
    own = {"a": [3.0] * 8, "b": [1.0] * 8}
    return decided(exceeds("a", "b", by=1.0), own, {"a": [1.0] * 8, "b": [1.0] * 8}, curves)


def test_seeds_stand_on_their_side_of_the_margin(comparison: Outcome) -> None:
    """The claim's seeds beyond the bar, those of the control before it, by their shapes alone."""
    own, control = (line for line in lines(comparison) if "┊" in line)
    assert own.startswith("the claim")
    assert control.startswith("control 'off'")
    assert own.index("┊") < own.index("●")
    assert control.index("○") < control.index("┊")
    assert own.index("┊") == control.index("┊")
    assert lines(comparison)[-1].strip() == "a − b"


def test_a_curve_falls_from_left_to_right(comparison: Outcome) -> None:
    """The medians of the seeds, the largest on top."""
    drawn = [line for line in lines(comparison) if "│" in line]
    columns = [line.index("●") for line in drawn if "●" in line]
    assert len(columns) == 3
    assert columns == sorted(columns)


def test_a_law_is_drawn_over_its_sizes(decided: Decided) -> None:
    """On logarithmic axes a power is a straight line."""
    numbers = {"y": [[x * x for x in SIZES]] * 8, "x": [SIZES] * 8}
    flat = {"y": [[1.0] * 5] * 8, "x": [SIZES] * 8}
    drawn = lines(decided(growth("y", against="x", power=2.0, within=0.1), numbers, flat))
    assert drawn[0] == "y:  ● the claim  ○ control 'off'"
    columns = [line.rindex("●") for line in drawn[1:] if "│" in line and "●" in line]
    assert columns == sorted(columns, reverse=True)
    assert len(columns) == 5


def test_a_curve_with_the_name_of_the_measure_is_no_part_of_the_law(decided: Decided) -> None:
    """It is drawn as a curve of any other name."""
    numbers = {"y": [[x * x for x in SIZES]] * 8, "x": [SIZES] * 8}
    rule = growth("y", against="x", power=2.0, within=0.1)
    same, other = (
        lines(decided(rule, numbers, numbers, [Curve(name, [1.0, 2.0], [[3.0, 4.0]] * 8)])) for name in ("y", "z")
    )
    assert same[0] == "y:  ● the claim"
    assert same[1:] == other[1:]


@pytest.mark.parametrize("width", [20, 40, 60, 160])
@pytest.mark.parametrize("lang", get_args(Lang))
def test_a_plot_fits_its_terminal(comparison: Outcome, width: int, lang: Lang) -> None:
    """Korean names are as wide as they look; only the legend of a chart may be wrapped by the terminal."""
    assert all(cell_len(line) <= width for line in lines(comparison, width, lang) if not line.startswith("loss"))


def test_what_has_no_axis_has_no_plot(decided: Decided) -> None:
    """A count is told by its numbers."""
    assert lines(decided(count("a", "b"), {"a": [3], "b": [3]}, {"a": [3], "b": [4]})) == []


def test_names_from_plugins_are_cleaned(decided: Decided) -> None:
    """No escape sequence reaches the terminal."""
    name = "x\x1b[31m\x07"
    outcome = decided(at_least(name, 1.0), {name: [3.0] * 8}, {name: [0.0] * 8}, controls={"o\x1b[2Jff": {"x": 0.0}})
    assert not any("\x1b" in line or "\x07" in line for line in lines(outcome))
