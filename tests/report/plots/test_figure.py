"""The SVG of a plot: small, sound, coloured by classes, whatever was measured."""

import math
import re
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from dlcheck.api import Curve
from dlcheck.engine.outcome import Outcome
from dlcheck.report.plots.figure import svg
from dlcheck.report.plots.picture import panels
from dlcheck.report.plots.sheet import WIDTH
from dlcheck.report.plots.svg import INKS, MARKERS, UNIT, definitions
from dlcheck.rules import at_least, equals, exceeds, growth

Decided = Callable[..., Outcome]
SIZES = [10.0, 20.0, 40.0, 80.0, 160.0]


class Elements(HTMLParser):
    def __init__(self, drawn: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(drawn)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def drawings(outcome: Outcome) -> list[str]:
    return [svg(panel.pictures, "p0", {}) for panel in panels(outcome, "cpu") if panel.pictures]


@pytest.fixture
def comparison(decided: Decided) -> Outcome:
    curves = [Curve("loss", [float(step) for step in range(40)], [[0.9**step for step in range(40)]] * 8)]
    own = {"a": [3.0, 2.0, 9.0, 4.0, 2.5, 3.5, 5.0, 6.0], "b": [1.0] * 8}
    return decided(exceeds("a", "b", by=1.0), own, {"a": [1.0] * 8, "b": [1.0] * 8}, curves)


def test_a_plot_is_small(comparison: Outcome) -> None:
    """Curves, pairs and strip of eight seeds together; matplotlib's own backend needs forty times as much."""
    assert all(len(drawn) < 3000 for drawn in drawings(comparison))


def test_a_plot_is_described_by_its_caption(comparison: Outcome) -> None:
    """A reader who does not see it is told what stands there."""
    assert all(re.match(r"<svg [^>]*role=img aria-labelledby=p0>", drawn) for drawn in drawings(comparison))


def test_arms_share_their_axes(comparison: Outcome) -> None:
    """Pairs and strip of the control refer to the axes of the claim's, which alone has curves."""
    frames: dict[str, str] = {}
    arms = zip("ab", panels(comparison, "cpu"), strict=True)
    own, control = (svg(panel.pictures, name, frames) for name, panel in arms)
    assert re.findall(r"<g id=(\S+)>", own) == ["a-0", "a-1", "a-2"]
    assert re.findall(r"<use href=#(\S+) />", control) == ["a-1", "a-2"]
    assert "<text" not in control
    assert "<path" in control


def test_a_plot_has_no_style_of_its_own(comparison: Outcome) -> None:
    """Nothing that the page's policy would refuse, and no colour that dark mode could not change."""
    for drawn in drawings(comparison):
        assert "style" not in drawn
        assert not re.search("#[0-9a-f]{3}", drawn)
        assert not any(ink in drawn for ink in INKS)


def test_every_marker_of_a_plot_is_defined(comparison: Outcome) -> None:
    """Once for the whole page."""
    used = set(re.findall(r"class=(mk\d+)", "".join(drawings(comparison))))
    assert used
    assert used <= set(re.findall(r'id="(mk\d+)"', definitions()))
    assert len(MARKERS) == definitions().count("<marker ")


def test_a_plot_stays_in_its_box(comparison: Outcome) -> None:
    """No text and no path begins outside."""
    for drawn in drawings(comparison):
        for tag, found in Elements(drawn).found:
            if tag == "text":
                assert 0 <= int(found["x"] or -1) <= UNIT * WIDTH
            for x in re.findall(r"M(-?\d+)", found.get("d") or ""):
                assert 0 <= int(x) <= UNIT * WIDTH


@pytest.mark.parametrize(
    "values",
    [[0.0] * 8, [math.inf] * 8, [math.nan] * 8, [-math.inf, 1.0] * 4, [1e308, -1e308] * 4, [1e-320] * 8],
    ids=str,
)
def test_every_measurement_can_be_drawn(decided: Decided, values: list[float]) -> None:
    """A run that diverged is drawn at the end of the axis; no coordinate is NaN."""
    curves = [Curve("loss", [0.0, 1.0], [[value, value] for value in values])]
    for rule in (at_least("a", 1.0), exceeds("a", "b", by=0.5)):
        outcome = decided(rule, {"a": values, "b": [1.0] * 8}, {"a": [1.0] * 8, "b": values}, curves)
        for drawn in drawings(outcome):
            assert "nan" not in drawn
            assert "inf" not in drawn


def test_sizes_whose_measure_vanished_can_be_drawn(decided: Decided) -> None:
    """A zero has no place on a logarithmic axis and stands at its end."""
    numbers = {"y": [[1.0, 0.0, 4.0, 1.0, 2.0]] * 8, "x": [SIZES] * 8}
    assert len(drawings(decided(growth("y", against="x", power=1.0, within=0.1), numbers, numbers))) == 2


def test_names_from_plugins_are_escaped(decided: Decided) -> None:
    """A measure may be called anything."""
    name = '<script>alert("&")</script>\x1b[31m'
    rule = equals(name, 0.0, atol=1e-9)
    for drawn in drawings(decided(rule, {name: [0.0] * 8}, {name: [1.0] * 8})):
        assert "<script" not in drawn
        assert "\x1b" not in drawn
        assert "&lt;script&gt;" in drawn


def test_without_matplotlib_the_error_names_the_extra() -> None:
    """One line that says what to install."""
    without = "import sys; sys.modules['matplotlib'] = None; import dlcheck.report.plots.figure"
    done = subprocess.run([sys.executable, "-c", without], capture_output=True, text=True)
    assert "DlcheckError: expected matplotlib" in done.stderr
    assert "pip install 'dlcheck[report]'" in done.stderr
