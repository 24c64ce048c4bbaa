"""Distractors: devices and wires over normal and abnormal images alike, never part of the mask.

Drawn into the image and its normal image alike while the mask stays as it is. Networks trained without them mark
ports and pacemakers.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from artasyn.train.augment.chosen import Chosen

__all__ = ["Distractors", "Ellipse", "Wire", "add_distractors", "draw_distractors", "plan_distractors"]

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


def plan_distractors(distractors: Sequence[Distractors], side: int) -> Chosen:
    """Rasterise those of each image: `(side, side)`, the share of the way to white."""
    veils = [_veil(over, side) for over in distractors]
    there = [veil is not None for veil in veils]
    drawn = [veil for veil in veils if veil is not None]
    planes = torch.stack(drawn) if drawn else torch.empty(0, side, side)
    return Chosen(torch.nonzero(torch.tensor(there)).flatten(), planes)


def add_distractors(pixels: Tensor, veils: Chosen) -> Tensor:
    """Return `(B, 2 + K, H, W)` of image, normal image and masks, the first two brightened."""
    if not veils:
        return pixels
    grey, result = pixels[veils.places, :2], pixels.clone()
    result[veils.places, :2] = grey + veils.numbers[:, None] * (1 - grey)
    return result


def _veil(over: Distractors, side: int) -> Tensor | None:
    shapes: list[Ellipse | Wire] = [*over.devices, *over.wires]
    if not shapes:
        return None
    veil = torch.zeros(side, side)
    for shape in shapes:
        _brighten_(veil, shape)
    return veil


def _brighten_(veil: Tensor, shape: Ellipse | Wire) -> None:
    """Lay one shape over `(H, W)` in place; only its own box is touched, which is what makes it quick."""
    height, width = veil.shape
    top, left, bottom, right = shape.box
    first, last = max(0, int(top * height)), max(0, int(bottom * height) + 1)
    start, stop = max(0, int(left * width)), max(0, int(right * width) + 1)
    part = veil[first:last, start:stop]
    rows = (torch.arange(part.shape[0]) + first + 0.5) / height
    columns = (torch.arange(part.shape[1]) + start + 0.5) / width
    part += shape.veil(rows[:, None], columns[None, :]) * (1 - part)
