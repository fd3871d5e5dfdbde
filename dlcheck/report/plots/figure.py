"""Pictures drawn with matplotlib, as one inline SVG for each arm of a claim."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from dlcheck.report.plots.picture import Curves, Law, Pairs, Picture, Points, Strip
from dlcheck.report.plots.scale import Scale
from dlcheck.report.plots.sheet import FIRST, INK, QUIET, SECOND, THIRD, WIDTH, Drawn, Sheet
from dlcheck.report.plots.svg import UNIT

CHART, ROW, CLOSE_ROW = 110.0, 9.0, 4.0
"""Pixels of a chart, and of one seed where each has a row."""
LETTERS = 52
"""As many columns of text as surely fit on the width."""


def svg(pictures: Sequence[Picture], name: str, frames: dict[str, str]) -> str:
    """The pictures, one below the other. name: the id of the element whose text describes them.

    frames: axes that stand on the page already, with their ids. They are referred to, because the arms of a claim share
    theirs; those that are new are added.
    """
    parts, top = [], 0.0
    for place, picture in enumerate(pictures):
        drawn = _draw(picture)
        whole = _once(drawn.frame, f"{name}-{place}", frames) + drawn.inside
        parts.append(f'<g transform="translate(0 {round(UNIT * top)})">{whole}</g>' if top else whole)
        top += drawn.height
    box = f"0 0 {round(UNIT * WIDTH)} {round(UNIT * top)}"
    return f'<svg viewBox="{box}" role=img aria-labelledby={name}>{"".join(parts)}</svg>'


def _once(frame: str, name: str, frames: dict[str, str]) -> str:
    known = frames.setdefault(frame, name)
    return f"<g id={name}>{frame}</g>" if known == name else f"<use href=#{known} />"


def _draw(picture: Picture) -> Drawn:
    match picture:
        case Strip():
            return _strip(picture)
        case Pairs():
            return _pairs(picture)
        case Law():
            return _law(picture)
        case Curves():
            return _curves(picture)


def _strip(strip: Strip) -> Drawn:
    """A disc for each seed that won, a cross for one that lost; under them the interval with the middle."""
    scale, rows = strip.scale, len(strip.values)
    sheet, top = Sheet.of(scale.log), rows + 4.0
    sheet.begin(0, CLOSE_ROW * max(8, rows) + 14, 2)
    sheet.horizontal(scale, 0, top, _fitting(strip.label))
    sheet.zone(*(_clip(scale, end) for end in strip.target))
    for end in filter(math.isfinite, strip.target):
        sheet.line([(end, 0), (end, top)], INK, linestyle="--")
    sheet.framed()
    heights = [rows + 3.0 - row for row in range(rows)]
    for wins, inside, under, over in ((True, "o", "<", ">"), (False, "x", "[", "]")):
        seeds = [(x, y) for x, y, won in zip(strip.values, heights, strip.won, strict=True) if won is wins]
        sheet.dots([(x, y) for x, y in seeds if scale.holds(x)], inside)
        sheet.dots([(scale.low, y) for x, y in seeds if x < scale.low], under)
        sheet.dots([(scale.high, y) for x, y in seeds if x > scale.high], over)
    if strip.interval:
        sheet.line([(_clip(scale, end), 1.5) for end in strip.interval], INK, width=2.4)
    if strip.middle is not None:
        sheet.dots([(_clip(scale, strip.middle), 1.5)], "d")
    return sheet.end()


def _pairs(pairs: Pairs) -> Drawn:
    """A row for each seed: a disc and a diamond with a line between them, and a tick where the disc has to be."""
    scale, rows = pairs.scale, len(pairs.values)
    sheet = Sheet.of(scale.log)
    sheet.begin(1, ROW * rows, 1)
    sheet.horizontal(scale, 0, rows)
    first, second = (_fitting(name, LETTERS // 2 - 3) for name in pairs.names)
    sheet.above(f"● {first}", FIRST)
    sheet.above(f"◇ {second}", SECOND, right=True)
    sheet.framed()
    placed = [(_clip(scale, a), _clip(scale, b), rows - row - 0.5) for row, (a, b) in enumerate(pairs.values)]
    sheet.lines([((a, y), (b, y)) for a, b, y in placed], QUIET)
    needed = [(x, y) for x, (_, _, y) in zip(pairs.needed, placed, strict=True) if scale.holds(x)]
    sheet.dots(needed, "|")
    sheet.dots([(b, y) for _, b, y in placed], "D")
    sheet.dots([(a, y) for a, _, y in placed], "o")
    return sheet.end()


def _law(law: Law) -> Drawn:
    """Every seed's points, the line of the median slope, and dashed those of the ends of its interval."""
    sheet = Sheet.of(law.x.log, law.y.log)
    sheet.begin(1, CHART, 2)
    sheet.horizontal(law.x, law.y.low, law.y.high, _fitting(law.names[0]))
    sheet.vertical(law.x, law.y)
    sheet.above(_fitting(law.names[1]))
    sheet.framed()
    points = {point for seed in law.seeds for point in _inside(law.y, seed)}
    sheet.dots(sorted(points), "o")
    for index, fit in enumerate(law.fits):
        sheet.line(_inside(law.y, fit), SECOND, width=1.6 if index == 0 else 0.8, linestyle="--" if index else "-")
    return sheet.end()


def _curves(curves: Curves) -> Drawn:
    """A line for each seed; a colour for each series."""
    sheet = Sheet.of(curves.x.log, curves.y.log)
    sheet.begin(1, CHART, 1)
    sheet.horizontal(curves.x, curves.y.low, curves.y.high)
    sheet.vertical(curves.x, curves.y)
    sheet.above(_fitting(curves.name))
    sheet.framed()
    colours = (FIRST, SECOND, THIRD, QUIET) * len(curves.series)
    for seeds, colour in zip(curves.series, colours, strict=False):
        through = [point for seed in seeds for point in (*_inside(curves.y, seed), (math.nan, math.nan))]
        sheet.line(through, colour, width=1.0)
    return sheet.end()


def _inside(scale: Scale, points: Points) -> Points:
    """What lies beyond an end of the axis upwards stands at that end."""
    return [(x, _clip(scale, y)) for x, y in points]


def _clip(scale: Scale, value: float) -> float:
    return scale.high if math.isnan(value) else min(max(value, scale.low), scale.high)


def _fitting(words: str, columns: int = LETTERS) -> str:
    return words if cell_len(words) <= columns else set_cell_size(words, columns - 1).rstrip() + "…"
