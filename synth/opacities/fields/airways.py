"""Streaks along bronchi and vessels, from the hilum outwards: drawn at random, or given as branches."""

from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field

__all__ = ["Airway", "draw_airways", "render_airways"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Airway:
    """A polyline of (row, column) pixels with its calibre at the start, in pixels."""

    path: tuple[tuple[float, float], ...]
    calibre: float


def draw_airways(lungs: Lungs, side: int, *, trunks: int, rng: np.random.Generator) -> tuple[Airway, ...]:
    """Draw `trunks` airways from the hilum outwards, each with up to two branches."""
    outward = -1.0 if side == 1 else 1.0
    hilum = lungs.hilum(side)
    airways = []
    for _ in range(trunks):
        angle = rng.uniform(-0.9, 1.3)
        trunk = _walk(hilum, angle, outward, steps=int(rng.integers(5, 9)), unit=lungs.unit, rng=rng)
        calibre = float(rng.uniform(1.4, 2.6) * lungs.unit)
        airways.append(Airway(path=trunk, calibre=calibre))
        for start in trunk[2 : 2 + int(rng.integers(3))]:
            turned = angle + rng.choice([-1, 1]) * rng.uniform(0.4, 0.8)
            branch = _walk(start, turned, outward, steps=4, unit=lungs.unit, rng=rng)
            airways.append(Airway(path=branch, calibre=0.7 * calibre))
    return tuple(airways)


def render_airways(airways: tuple[Airway, ...], lungs: Lungs) -> Field:
    """Return 1 along the airways, 0 elsewhere, with soft walls."""
    canvas = np.zeros(lungs.shape, np.float32)
    for airway in airways:
        points = np.array(airway.path)[:, ::-1]
        for i, (start, end) in enumerate(pairwise(points)):
            width = max(1, round(airway.calibre * (1 - 0.1 * i)))
            # Sixteenths of a pixel, so that a streak does not jump with its rounding.
            ends = [tuple(int(v) for v in np.round(p * 16)) for p in (start, end)]
            cv2.line(canvas, ends[0], ends[1], (1.0,), width, cv2.LINE_8, 4)
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.8 * lungs.unit), dtype=np.float32)


def _walk(
    start: tuple[float, float],
    angle: float,
    outward: float,
    *,
    steps: int,
    unit: float,
    rng: np.random.Generator,
) -> tuple[tuple[float, float], ...]:
    """Walk from `start`; angle 0 points outward, pi / 2 down."""
    path = [start]
    for _ in range(steps):
        angle += rng.normal(0, 0.12)
        step = rng.uniform(6, 10) * unit
        row, column = path[-1]
        path.append((float(row + step * np.sin(angle)), float(column + outward * step * np.cos(angle))))
    return tuple(path)
