"""The plots of a claim in characters: told apart by their shapes, so that a pipe and a terminal without colour do."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from statistics import median
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from dlcheck.api import Lang
from dlcheck.engine.outcome import Arm, Outcome
from dlcheck.report.lines import GOOD, OPEN, arm_words, padded
from dlcheck.report.numbers import round_number
from dlcheck.report.plots.picture import Curves, Law, Points, Strip, panels
from dlcheck.report.plots.scale import Scale
from dlcheck.report.text import clean, styled

WIDEST, NARROWEST = 64, 24
"""Columns of an axis."""
HEIGHT, ENDS = 8, 9
"""Lines of a chart, and columns for the numbers left of it."""
ARMS = "●○×+#"
"""What draws the claim's own points, and those of its controls."""
WON, LOST = ("●", GOOD[1]), ("○", OPEN[1])


class Layout(NamedTuple):
    """Columns for names, and for the axis. With no columns for names they stand on lines of their own."""

    names: int
    axis: int


def plot(outcome: Outcome, device: str, lang: Lang, width: int) -> list[Text]:
    """What the rule judged, an axis for all arms, and above it a chart where the claim is about a curve.

    width: columns there are. Empty when nothing was measured, and for a rule that counts.
    """
    found = [panel for panel in panels(outcome, device) if panel.pictures]
    strips = [(panel.arm, each) for panel in found for each in panel.pictures if isinstance(each, Strip)]
    charts = [(panel.arm, each) for panel in found for each in panel.pictures if isinstance(each, Law | Curves)]
    layout = _layout([_name(panel.arm, lang) for panel in found], width)
    return [*_chart(charts, lang, layout), *_strips(strips, lang, layout)]


def _layout(names: Sequence[str], width: int) -> Layout:
    longest = max(map(cell_len, names), default=0) + 2
    beside = width - longest - 4
    return Layout(longest, min(WIDEST, beside)) if beside >= NARROWEST else Layout(0, max(8, min(WIDEST, width - 4)))


def _name(arm: Arm, lang: Lang) -> str:
    return clean(arm_words(arm.name, lang))


def _strips(strips: Sequence[tuple[Arm, Strip]], lang: Lang, layout: Layout) -> Iterator[Text]:
    for arm, strip in strips:
        if not layout.names:
            yield styled(_name(arm, lang))
        row = Text.assemble(padded(_name(arm, lang), layout.names) if layout.names else "", _row(strip, layout.axis))
        row.rstrip()
        yield row
    if strips:
        _, last = strips[-1]
        yield from _ticks(last.scale, last.label, layout)


def _row(strip: Strip, columns: int) -> Text:
    """Dots where the claim wants the seeds, a dashed bar at the margin, the interval as a line, and the seeds."""
    row = [(" ", "")] * columns
    low, high = (_column(strip.scale, end, columns) for end in strip.target)
    row[low : high + 1] = [("·", "")] * (high + 1 - low)
    for end in filter(math.isfinite, strip.target):
        row[_column(strip.scale, end, columns)] = ("┊", "")
    if strip.interval:
        first, last = (_column(strip.scale, end, columns) for end in strip.interval)
        row[first : last + 1] = [("─", "")] * (last + 1 - first)
    for value, won in sorted(zip(strip.values, strip.won, strict=True), key=lambda seed: seed[1]):
        row[_column(strip.scale, value, columns)] = _seed(strip.scale, value, won)
    return Text.assemble(*row)


def _seed(scale: Scale, value: float, won: bool) -> tuple[str, str]:
    shape, style = WON if won else LOST
    return ("<" if value < scale.low else shape if scale.holds(value) else ">"), style


def _chart(charts: Sequence[tuple[Arm, Law | Curves]], lang: Lang, layout: Layout) -> Iterator[Text]:
    """The first of what the arms have in common, the median over seeds at each place; nothing for several series."""
    if not charts:
        return
    _, first = charts[0]
    same = [(arm, each) for arm, each in charts if type(each) is type(first) and _title(each) == _title(first)]
    if any(isinstance(each, Curves) and len(each.series) > 1 for _, each in same):
        return
    side = max(layout.names, ENDS)
    columns = layout.axis - (side - layout.names)
    grid = [[" "] * columns for _ in range(HEIGHT)]
    for shape, (_, each) in reversed(list(zip(ARMS, same, strict=False))):
        for x, y in _medians(each.seeds if isinstance(each, Law) else each.series[0]):
            grid[HEIGHT - 1 - _column(first.y, y, HEIGHT)][_column(first.x, x, columns)] = shape
    legend = "  ".join(f"{shape} {_name(arm, lang)}" for shape, (arm, _) in zip(ARMS, same, strict=False))
    yield styled(f"{_title(first)}:  {legend}")
    for row, line in enumerate(grid):
        yield styled(_beside(first.y, row).rjust(side - 1) + "│" + "".join(line).rstrip())
    yield from _ticks(first.x, first.names[0] if isinstance(first, Law) else "", Layout(side, columns))
    yield Text()


def _title(picture: Law | Curves) -> str:
    return picture.names[1] if isinstance(picture, Law) else picture.name


def _medians(seeds: Sequence[Points]) -> Points:
    at: dict[float, list[float]] = {}
    for x, y in (point for seed in seeds for point in seed):
        at.setdefault(x, []).append(math.inf if math.isnan(y) else y)
    return [(x, median(ys)) for x, ys in at.items()]


def _beside(scale: Scale, row: int) -> str:
    """The numbers left of a chart: its ends."""
    return {0: round_number(scale.high), HEIGHT - 1: round_number(scale.low)}.get(row, "")


def _ticks(scale: Scale, label: str, layout: Layout) -> Iterator[Text]:
    """The numbers below an axis, as many as have room, and what they are."""
    line = ""
    for tick in scale.ticks(4):
        said = round_number(tick)
        start = max(0, _column(scale, tick, layout.axis) - len(said) // 2)
        if start > len(line) or not line:
            line = line.ljust(start) + said
    yield styled(" " * layout.names + line)
    if label:
        said = clean(label)
        room = layout.axis if cell_len(said) <= layout.axis else layout.names + layout.axis
        said = said if cell_len(said) <= room else set_cell_size(said, room - 1) + "…"
        yield styled(" " * (layout.names if room == layout.axis else 0) + said)


def _column(scale: Scale, value: float, columns: int) -> int:
    return round(scale.place(value) * (columns - 1))
