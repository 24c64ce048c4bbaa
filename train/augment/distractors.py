"""Distractors: devices and wires over normal and abnormal images alike, never part of the mask.

Drawn into the image and its normal image alike while the mask stays as it is. Networks trained without them mark
ports and pacemakers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

__all__ = ["Distractors", "Ellipse", "Wire", "add_distractors", "draw_distractors"]

CURVE_POINTS = 40
"""Points by which a wire is drawn."""

NUMBERS = 26
"""Uniform numbers drawn for one image, used or not: images stay independent of each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ellipse:
    """A bright ellipse; lengths are shares of the side, the angle is in radians."""

    centre: tuple[float, float]
    """Row and column."""
    radii: tuple[float, float]
    angle: float
    softness: float
    """Width of the edge, as a share of the radius."""
    strength: float
    """Share of the way to white at its heart."""
    hollow: float
    """Radius of the hole in it, as a share of its own; 0 for none."""

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return top, left, bottom and right."""
        (row, column), reach = self.centre, max(self.radii)
        return row - reach, column - reach, row + reach, column + reach

    def veil(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Return the share of the way to white at `(h, 1)` rows and `(1, w)` columns, `(h, w)`."""
        down, across = rows - self.centre[0], columns - self.centre[1]
        cos, sin = math.cos(self.angle), math.sin(self.angle)
        radius = torch.hypot(
            (cos * down + sin * across) / self.radii[0], (cos * across - sin * down) / self.radii[1]
        )
        inside = ((1 - radius) / self.softness).clamp(0, 1)
        if self.hollow:
            inside = inside * ((radius - self.hollow) / self.softness).clamp(0, 1)
        return self.strength * inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """A thin bright curve, as of a catheter or a lead; lengths are shares of the side."""

    points: tuple[tuple[float, float], ...]
    """Rows and columns of the three points of a quadratic Bezier curve."""
    width: float
    strength: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return top, left, bottom and right of its three points, which the curve never leaves."""
        rows, columns = zip(*self.points, strict=True)
        reach = 1.5 * self.width
        return min(rows) - reach, min(columns) - reach, max(rows) + reach, max(columns) + reach

    def veil(self, rows: Tensor, columns: Tensor) -> Tensor:
        """Return the share of the way to white at `(h, 1)` rows and `(1, w)` columns, `(h, w)`."""
        t = torch.linspace(0, 1, CURVE_POINTS)[:, None]
        first, middle, last = (torch.tensor(point) for point in self.points)
        curve = (1 - t) ** 2 * first + 2 * t * (1 - t) * middle + t**2 * last  # (CURVE_POINTS, 2)
        squares = (rows - curve[:, :1, None]) ** 2 + (columns - curve[:, 1:, None]) ** 2
        return self.strength * (1.5 - squares.amin(dim=0).sqrt() / self.width).clamp(0, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Distractors:
    """All that lies over one image."""

    devices: tuple[Ellipse, ...]
    wires: tuple[Wire, ...]


def draw_distractors(count: int, *, devices: float, generator: torch.Generator) -> tuple[Distractors, ...]:
    """Draw for `count` images: devices, and wires, each with chance `devices`."""
    return tuple(_draw(u, devices=devices) for u in torch.rand(count, NUMBERS, generator=generator).tolist())


def _draw(u: list[float], *, devices: float) -> Distractors:
    return Distractors(
        devices=tuple(_device(u[2 + 6 * i : 8 + 6 * i]) for i in range(2) if u[0] < devices / (1 + 2 * i)),
        wires=tuple(_wire(u[14 + 6 * i : 20 + 6 * i]) for i in range(2) if u[1] < devices / (1 + i)),
    )


def _device(u: list[float]) -> Ellipse:
    """Return a small bright disc or ring, as of a port, a pacemaker or an electrode."""
    size = 0.012 + 0.06 * u[2] ** 1.5
    return Ellipse(
        centre=(0.1 + 0.7 * u[0], 0.12 + 0.76 * u[1]),
        radii=(size, size * (0.6 + 0.4 * u[3])),
        angle=math.pi * ((u[3] * 7) % 1),
        softness=0.1 + 0.2 * ((u[4] * 5) % 1),
        strength=0.4 + 0.6 * u[4],
        hollow=0.75 * ((u[5] * 3) % 1) if u[5] < 0.4 else 0.0,
    )


def _wire(u: list[float]) -> Wire:
    rows, columns = (0.05 + 0.9 * u[0], 0.05 + 0.9 * u[2]), (0.1 + 0.8 * u[1], 0.1 + 0.8 * u[3])
    middle = (u[4], u[5])
    return Wire(
        points=((rows[0], columns[0]), middle, (rows[1], columns[1])),
        width=0.003 + 0.008 * ((u[4] * 9) % 1),
        strength=0.15 + 0.6 * ((u[5] * 9) % 1),
    )


def add_distractors(pixels: Tensor, distractors: Sequence[Distractors]) -> Tensor:
    """Return `(B, 2 + K, H, W)` of image, normal image and masks, the first two brightened."""
    result = pixels.clone()
    for image, over in zip(result, distractors, strict=True):
        shapes: list[Ellipse | Wire] = [*over.devices, *over.wires]
        for shape in shapes:
            _brighten_(image[:2], shape)
    return result


def _brighten_(grey: Tensor, shape: Ellipse | Wire) -> None:
    """Lay one shape over `(2, H, W)` in place; only its own box is touched, which is what makes it quick."""
    height, width = grey.shape[1:]
    top, left, bottom, right = shape.box
    first, last = max(0, int(top * height)), max(0, int(bottom * height) + 1)
    start, stop = max(0, int(left * width)), max(0, int(right * width) + 1)
    part = grey[:, first:last, start:stop]
    rows = (torch.arange(part.shape[1]) + first + 0.5) / height
    columns = (torch.arange(part.shape[2]) + start + 0.5) / width
    part += shape.veil(rows[:, None], columns[None, :]).to(part) * (1 - part)
