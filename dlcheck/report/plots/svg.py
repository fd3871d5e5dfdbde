"""A matplotlib backend that writes small SVG: one element per artist, classes instead of colours, whole numbers.

matplotlib's own backend spells out every style and every marker, which makes a plot of eight seeds 15 kB; here it is
about one. The page's style sheet gives the classes their colours, so that a plot follows light, dark and print.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.path import Path

from dlcheck.report.markup import escaped_line

INKS = {"#0072b2": "a", "#d55e00": "b", "#009e73": "c", "#000000": "i", "#808080": "g"}
"""Colours that figures may use (Okabe and Ito 2008, for every kind of colour vision), with the letter of their class:
`sa` strokes and `fa` fills with the first. Grey hairlines and black texts have no class."""
MARKERS = {
    "o": ("a", '<circle r="6.5"/>'),
    "x": ("b", '<path d="M-5-5 5 5M-5 5 5-5"/>'),
    "D": ("b", '<path d="M0-7 7 0 0 7-7 0z"/>'),
    "d": ("i", '<path d="M0-7 7 0 0 7-7 0z"/>'),
    "|": ("i", '<path d="M0-6V6"/>'),
    "<": ("a", '<path d="M-5 0 5-5V5z"/>'),
    ">": ("a", '<path d="M5 0-5-5V5z"/>'),
    "[": ("b", '<path d="M-5 0 5-5V5z"/>'),
    "]": ("b", '<path d="M5 0-5-5V5z"/>'),
}
"""By the letter that the sheet gives it, a marker's colour and shape; the page has each of them once."""
FILLED = "od<>"
UNIT = 2
"""So many units of the drawing are a pixel: small whole numbers are short."""
ROUGHLY = 0.6
"""A line may pass its points by so many pixels."""
NEAR = 4
"""Markers of one kind that are closer, in these units, look like one."""
HAIRLINE = 0.8
"""The stroke width, in pixels, that the style sheet takes for granted."""


def definitions() -> str:
    """What every plot of a page refers to; `.mk0` and so on draw the first marker at each point of a path."""
    markers = "".join(
        f'<marker id="mk{n}" viewBox="-9 -9 18 18" markerWidth="18" markerHeight="18" markerUnits="userSpaceOnUse" '
        f'class="{f"f{ink}" if letter in FILLED else f"s{ink}"}">{shape}</marker>'
        for n, (letter, (ink, shape)) in enumerate(MARKERS.items())
    )
    return f'<svg class="away" aria-hidden="true"><defs>{markers}</defs></svg>'


def marker_style() -> str:
    """The classes of `definitions`."""
    return "".join(f".mk{n}{{marker:url(#mk{n});stroke:none}}" for n in range(len(MARKERS)))


class Renderer(RendererBase):
    """Collects the elements of one figure, width by height pixels at 72 dpi."""

    def __init__(self, width: float, height: float) -> None:
        super().__init__()
        self.width, self.height = width, height
        self.elements: list[str] = []

    def get_canvas_width_height(self) -> tuple[float, float]:
        return self.width, self.height

    def points_to_pixels(self, points: float) -> float:  # type: ignore[override]  # at 72 dpi they are the same
        return points

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Any, rgbFace: Any = None) -> None:
        drawn = path.transformed(transform)
        drawn.simplify_threshold = ROUGHLY
        if outline := self._outline(drawn.cleaned(remove_nans=True, simplify=rgbFace is None)):
            self.elements.append(f'<path{_classes(gc, rgbFace)}{_width(gc)} d="{outline}"/>')

    def mark(self, letter: str, points: Iterable[tuple[float, float]]) -> None:
        """A marker at each point, in pixels; where several would hide each other, one."""
        places = list({(x // NEAR, y // NEAR): (x, y) for x, y in (self._place(*point) for point in points)}.values())
        outline = "M" + " ".join(map(_numbers, places)) + ("h0" if len(places) == 1 else "")
        self.elements.append(f'<path class=mk{list(MARKERS).index(letter)} d="{outline}"/>')

    def write(self, said: str, at: tuple[float, float], anchor: str, colour: str) -> None:
        """A text; at: pixels from the lower left corner.  anchor: "s" or "e" where that is its start or end."""
        x, y = self._place(*at)
        ink = "" if INKS[colour] == "i" else f"f{INKS[colour]}"
        classes = _attribute(ink, anchor)
        self.elements.append(f"<text{classes} x={x} y={y}>{escaped_line(said)}</text>")

    def _place(self, x: float, y: float) -> tuple[int, int]:
        return round(UNIT * float(x)), round(UNIT * (self.height - float(y)))

    def _outline(self, path: Path) -> str:
        """Absolute starts, then steps from point to point; a start without a step is left out."""
        said: list[str] = []
        here, starts = (0, 0), False
        for code, point in zip(np.asarray(path.codes).tolist(), np.asarray(path.vertices).tolist(), strict=True):
            if code == Path.CLOSEPOLY:
                said.append("z")
            elif code == Path.MOVETO:
                here, starts = self._place(*point), True
            elif code == Path.LINETO and (there := self._place(*point)) != here:
                said.append(f"M{_numbers(here)}" if starts else "")
                said.append(_step(there[0] - here[0], there[1] - here[1]))
                here, starts = there, False
        return "".join(said)


def _numbers(pair: tuple[int, int]) -> str:
    return f"{pair[0]}{pair[1]:d}" if pair[1] < 0 else f"{pair[0]} {pair[1]}"


def _step(x: int, y: int) -> str:
    """A step to the side, up or down, or both."""
    return f"v{y}" if x == 0 else f"h{x}" if y == 0 else f"l{_numbers((x, y))}"


def _classes(gc: GraphicsContextBase, face: Any) -> str:
    """Stroke, fill, dashes and translucence."""
    fill = f"f{_ink(face)}" if face is not None else ""
    stroke = f"s{_ink(gc.get_rgb())}" if not fill else ""
    faint = "q" if gc.get_alpha() < 1 or (face is not None and len(face) > 3 and face[3] < 1) else ""
    dashes = "d" if stroke and gc.get_dashes()[1] is not None else ""
    return _attribute("" if stroke == "sg" else stroke, fill, faint, dashes)


def _attribute(*classes: str) -> str:
    found = " ".join(filter(None, classes))
    return f' class="{found}"' if " " in found else f" class={found}" if found else ""


def _ink(colour: Sequence[float]) -> str:
    """KeyError for a colour that the style sheet does not know."""
    return INKS["#" + "".join(f"{round(255 * part):02x}" for part in colour[:3])]


def _width(gc: GraphicsContextBase) -> str:
    width = gc.get_linewidth()
    return "" if width in (0, HAIRLINE) else f" stroke-width={round(UNIT * width, 1):g}"
