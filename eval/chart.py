"""Small line and point charts as inline SVG; colours come from the page's style sheet by class name."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

__all__ = ["Axes", "Mark", "band", "bars", "chart", "dots", "line"]

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
    parts = []
    for x, low, high in points:
        (left, bottom), (_, top) = axes.place(x, low), axes.place(x, high)
        parts.append(
            Markup('<line class="bar {}" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                kind, left, left, bottom, top
            )
        )
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


def _grid(axes: Axes) -> list[Markup]:
    """Draw five lines each way with their numbers."""
    parts = []
    for k in range(5):
        share = k / 4
        (x0, x1), (y0, y1) = axes.x_range, axes.y_range
        x, y = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
        left, bottom = axes.place(x, y0)
        _, level = axes.place(x0, y)
        parts.append(
            Markup('<line class="grid" x1="{0}" x2="{0}" y1="{1}" y2="{2}"/>').format(left, TOP, bottom)
        )
        parts.append(
            Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(
                LEFT, WIDTH - RIGHT, level, level
            )
        )
        parts.append(
            Markup('<text class="tick" x="{}" y="{}" text-anchor="middle">{}</text>').format(
                left, bottom + 14, _tick(x)
            )
        )
        parts.append(
            Markup('<text class="tick" x="{}" y="{}" text-anchor="end">{}</text>').format(
                LEFT - 6, level + 3.5, _tick(y)
            )
        )
    return parts


def _labels(axes: Axes) -> Markup:
    middle = TOP + (HEIGHT - TOP - BOTTOM) / 2
    across = Markup('<text class="axis" x="{}" y="{}" text-anchor="middle">{}</text>').format(
        LEFT + (WIDTH - LEFT - RIGHT) / 2, HEIGHT - 8, axes.x
    )
    up = Markup(
        '<text class="axis" transform="translate(12 {}) rotate(-90)" text-anchor="middle">{}</text>'
    ).format(middle, escape(axes.y))
    return across + up


def _tick(value: float) -> str:
    return f"{value:.3g}"
