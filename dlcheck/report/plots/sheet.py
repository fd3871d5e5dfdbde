"""A pair of matplotlib axes to draw plot after plot on, each written as a fragment of SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple, Self

from dlcheck.errors import DlcheckError
from dlcheck.report.numbers import round_number
from dlcheck.report.plots.scale import Scale

try:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D
    from matplotlib.patches import Rectangle

    from dlcheck.report.plots.svg import HAIRLINE, INKS, Renderer
except ImportError as missing:
    raise DlcheckError(
        f"expected matplotlib, which draws the plots, got: {missing}. Install it: pip install 'dlcheck[report]'"
    ) from missing

FIRST, SECOND, THIRD, INK, QUIET = INKS
WIDTH = 340.0
SIDE, LEFT = 14.0, 46.0
"""Pixels beside an axis, and left of one that has numbers there."""
LINE = 14.0
"""Pixels for a line of text: names above, numbers below, and below these what they are."""
MANY_TICKS, FEW_TICKS = 4, 3

Point = tuple[float, float]


class Drawn(NamedTuple):
    """A plot as elements of SVG: its axes, what was measured, and its height in pixels."""

    frame: str
    inside: str
    height: float


class Sheet:
    """Used again for each plot on axes of its kind, because making axes costs more than drawing on them.

    For the same reason its artists and texts are placed directly: matplotlib's own ticks and text layout would take
    three quarters of the time.
    """

    def __init__(self, x_log: bool, y_log: bool | None) -> None:
        self.figure = Figure(dpi=72)
        self.figure.patch.set_visible(False)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_axis_off()
        self.axes.set_xscale("log" if x_log else "linear")
        self.axes.set_yscale("log" if y_log else "linear")
        self.left = SIDE if y_log is None else LEFT
        self.height = 0.0
        self.frame = ""
        self.artists: list[Artist] = []
        self.marks: list[tuple[str, list[Point]]] = []
        self.texts: list[tuple[str, Point, str, str]] = []

    @classmethod
    @cache
    def of(cls, x_log: bool, y_log: bool | None = None) -> Self:
        """One whose axes are logarithmic or not; None: nothing stands left of it."""
        return cls(x_log, y_log)

    def begin(self, above: int, rows: float, below: int) -> None:
        """A new plot with so many lines of text above and below, and so many pixels between."""
        over, under = LINE * above + 6, LINE * below + 6
        self.height = over + rows + under
        self.figure.set_size_inches(WIDTH / 72, self.height / 72)
        room = (WIDTH - self.left - SIDE) / WIDTH
        self.axes.set_position((self.left / WIDTH, under / self.height, room, rows / self.height))

    def framed(self) -> None:
        """What was drawn so far are the axes; what follows was measured."""
        self.frame = self._drawn()

    def end(self) -> Drawn:
        return Drawn(self.frame, self._drawn(), self.height)

    def _drawn(self) -> str:
        """The elements of what was drawn since the last call: areas, lines, marks, texts."""
        renderer = Renderer(WIDTH, self.height)
        for artist in sorted(self.artists, key=Artist.get_zorder):
            artist.draw(renderer)
            artist.remove()
        for letter, points in self.marks:
            renderer.mark(letter, points)
        for text in self.texts:
            renderer.write(*text)
        for drawn in (self.artists, self.marks, self.texts):
            drawn.clear()
        return "".join(renderer.elements)

    def horizontal(self, scale: Scale, bottom: float, top: float, label: str = "") -> None:
        """The axis with its numbers, what they are, and the limits upwards."""
        ticks = scale.ticks(MANY_TICKS)
        self.axes.set_xlim(scale.low, scale.high)
        self.axes.set_ylim(bottom, top)
        grid = [((scale.low, bottom), (scale.high, bottom)), *(((tick, bottom), (tick, top)) for tick in ticks)]
        self.lines(grid, QUIET)
        for tick in ticks:
            self.text(
                round_number(tick),
                self._pixels(tick, bottom),
                (0, -LINE + 1),
            )
        if label:
            self.text(
                label,
                ((self.left + WIDTH - SIDE) / 2, 0),
                (0, 6),
            )

    def vertical(self, x: Scale, y: Scale) -> None:
        """After `horizontal`: numbers on the left."""
        ticks = y.ticks(FEW_TICKS)
        self.lines([((x.low, tick), (x.high, tick)) for tick in ticks], QUIET)
        for tick in ticks:
            self.text(round_number(tick), self._pixels(x.low, tick), (-5, -4), "e")

    def above(self, said: str, colour: str = INK, *, right: bool = False) -> None:
        """Words over one of the upper corners."""
        self.text(said, (WIDTH - SIDE if right else self.left, self.height), (0, -LINE), "e" if right else "s", colour)

    def text(self, said: str, at: Point, offset: Point, anchor: str = "", colour: str = INK) -> None:
        """at, offset: in pixels from the lower left corner."""
        self.texts.append((said, (at[0] + offset[0], at[1] + offset[1]), anchor, colour))

    def lines(self, ends: Sequence[tuple[Point, Point]], colour: str, **style: Any) -> None:
        """All of them as one artist, with gaps between."""
        self.line([point for start, end in ends for point in (start, end, (math.nan, math.nan))], colour, **style)

    def line(self, points: Sequence[Point], colour: str, width: float = HAIRLINE, **style: Any) -> None:
        self._add(Line2D(*zip(*points, strict=True), color=colour, linewidth=width, **style))

    def zone(self, low: float, high: float) -> None:
        """Shaded, from the bottom to the top."""
        bottom, top = self.axes.get_ylim()
        self._add(Rectangle((low, bottom), high - low, top - bottom, color=THIRD, alpha=0.5, linewidth=0))

    def dots(self, points: Sequence[Point], letter: str) -> None:
        """letter: of a marker."""
        if points:
            self.marks.append((letter, [self._pixels(*point) for point in points]))

    def _add(self, artist: Artist) -> None:
        self.artists.append(self.axes.add_artist(artist))

    def _pixels(self, x: float, y: float) -> Point:
        across, up = self.axes.transData.transform((x, y))
        return float(across), float(up)
