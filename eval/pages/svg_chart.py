"""Small line and point charts as inline SVG; colours come from the page's style sheet by class name."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

__all__ = ["Axes", "Mark", "band", "bars", "chart", "dots", "line", "round_ticks"]

WIDTH, HEIGHT = 360, 270
LEFT, RIGHT, TOP, BOTTOM = 46, 12, 12, 42

Mark = Markup
Points = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """What the axes show."""

    x: str
    y: str
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies, in units of the drawing."""
        (x0, x1), (y0, y1) = self.x_range, self.y_range
        across = (x - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)
        up = (y - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + across, 1), round(HEIGHT - BOTTOM - up, 1)


def chart(axes: Axes, marks: Sequence[Mark], *, title: str) -> Markup:
    """Return the whole drawing, with a title for those who do not see it."""
    frame = Markup("").join([*_grid(axes), _labels(axes), *marks])
    return Markup('<svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, title, frame
    )


def line(axes: Axes, points: Points, kind: str) -> Mark:
    """Draw a line of the style sheet's class `kind`."""
    path = " ".join(f"{x},{y}" for x, y in (axes.place(p[0], p[1]) for p in points))
    return Markup('<polyline class="line {}" points="{}"/>').format(kind, path)


def band(axes: Axes, points: Points, kind: str) -> Mark:
    """Fill between low and high of (x, low, high)."""
    edge = [axes.place(x, low) for x, low, _ in points] + [
        axes.place(x, high) for x, _, high in reversed(points)
    ]
    return Markup('<polygon class="band {}" points="{}"/>').format(
        kind, " ".join(f"{x},{y}" for x, y in edge)
    )


def bars(axes: Axes, points: Points, kind: str) -> Mark:
    """Draw an upright interval at each (x, low, high)."""
    parts = [_straight(f"bar {kind}", axes.place(x, low), axes.place(x, high)) for x, low, high in points]
    return Markup("").join(parts)


def dots(axes: Axes, points: Points, kind: str, *, names: Sequence[str] = ()) -> Mark:
    """Draw points; `names` appear under the pointer."""
    parts = []
    for k, point in enumerate(points):
        x, y = axes.place(point[0], point[1])
        name = Markup("<title>{}</title>").format(names[k]) if names else ""
        parts.append(
            Markup('<circle class="dot {}" cx="{}" cy="{}" r="3.2">{}</circle>').format(kind, x, y, name)
        )
    return Markup("").join(parts)


def round_ticks(low: float, high: float) -> list[float]:
    """Return four to six round numbers from `low` to `high`."""
    rough = (high - low) / 5
    power = 10.0 ** math.floor(math.log10(rough))
    step = power * min((s for s in (1, 2, 2.5, 5, 10) if s * power >= 0.85 * rough), default=10)
    first = math.ceil(low / step - 1e-9)
    return [k * step for k in range(first, math.floor(high / step + 1e-9) + 1)]


def _grid(axes: Axes) -> list[Markup]:
    """Draw lines at round numbers."""
    parts = []
    left, bottom = axes.place(axes.x_range[0], axes.y_range[0])
    for x in round_ticks(*axes.x_range):
        across, _ = axes.place(x, axes.y_range[0])
        parts.append(_straight("grid", (across, TOP), (across, bottom)))
        parts.append(_text("tick", (across, bottom + 14), f"{x:.3g}", anchor="middle"))
    for y in round_ticks(*axes.y_range):
        _, up = axes.place(axes.x_range[0], y)
        parts.append(_straight("grid", (left, up), (WIDTH - RIGHT, up)))
        parts.append(_text("tick", (left - 6, up + 3.5), f"{y:.3g}", anchor="end"))
    return parts


def _labels(axes: Axes) -> Markup:
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    across = _text("axis", (LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 8), axes.x, anchor="middle")
    upright = '<text class="axis" transform="translate(12 {}) rotate(-90)" text-anchor="middle">{}</text>'
    return across + Markup(upright).format(middle, axes.y)


def _straight(kind: str, start: tuple[float, float], end: tuple[float, float]) -> Markup:
    drawn = '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>'
    return Markup(drawn).format(kind, *start, *end)


def _text(kind: str, place: tuple[float, float], text: str, *, anchor: str) -> Markup:
    return Markup('<text class="{}" x="{}" y="{}" text-anchor="{}">{}</text>').format(
        kind, *place, anchor, text
    )
