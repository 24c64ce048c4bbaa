"""Hila and the vessels that branch from them, thinner towards the pleura."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom.bones import stroke_
from artasyn.synth.sources.phantom.chest import Chest, Field

__all__ = ["vessels"]

TRUNKS, GENERATIONS, STEPS = 8, 3, 6
CALIBRE = 0.0095
"""Of a trunk, in shares of the image side."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vessel:
    """One vessel and how often it still branches; lengths in shares of the image side."""

    start: tuple[float, float]
    """(column, row)."""
    angle: float
    """Radians below the outward horizontal."""
    side: int
    """-1 the patient's right lung, 1 the left."""
    calibre: float
    length: float
    left: int


def vessels(chest: Chest) -> Field:
    """Return the attenuation that vessels and hila add, (H, W)."""
    p, size = chest.params, chest.size
    rng = generator(p.seed, "phantom", 0, stage="vessels")
    canvas = np.zeros((size, size), np.uint8)
    hila = np.zeros((size, size), np.float32)
    for side in (-1, 1):
        row, column = p.apex + 0.47 * (p.dome - p.apex) - 0.012 * (side > 0), side * (p.mediastinum + 0.045)
        for angle in np.linspace(-1.3, 1.5, TRUNKS) + rng.normal(0, 0.2, TRUNKS):
            start = column + p.centre + p.tilt * (row - 0.5), row + rng.normal(0, 0.02)
            trunk = Vessel(
                start=start, angle=float(angle), side=side, calibre=CALIBRE, length=0.1, left=GENERATIONS
            )
            _branch_(canvas, trunk, rng=rng)
        across, down = (chest.column - column) / 0.028, (chest.row - row) / 0.055
        hila += np.exp(-(across**2) - down**2)
    lines = cv2.GaussianBlur(canvas.astype(np.float32), (0, 0), max(0.6, 0.003 * size)) / np.float32(255)
    grain = np.asarray(
        cv2.resize(rng.standard_normal((48, 48), np.float32), (size, size), interpolation=cv2.INTER_CUBIC)
    )
    inside = np.clip(chest.air / np.float32(0.4), 0, 1)
    return np.asarray((p.vessels * (0.14 * lines + 0.1 * hila) + 0.008 * grain) * inside, np.float32)


def _branch_(canvas: NDArray[np.uint8], vessel: Vessel, *, rng: np.random.Generator) -> None:
    """Draw into `canvas` one vessel and those that branch from it."""
    steps = np.cumsum(rng.normal(0, 0.12, STEPS)) + vessel.angle
    ahead = (
        np.stack([vessel.side * np.cos(steps), np.sin(steps)], axis=1).cumsum(axis=0) * vessel.length / STEPS
    )
    curve = np.concatenate([np.zeros((1, 2)), ahead]) + vessel.start
    thickness = vessel.calibre * canvas.shape[0]
    # A vessel thinner than a pixel is drawn fainter, not thinner.
    value = 255 * vessel.calibre / CALIBRE * min(1.0, max(thickness, 0.5))
    stroke_(canvas, curve, thickness, int(np.clip(value, 25, 255)))
    for turn in (-1, 1) if vessel.left else ():
        following = Vessel(
            start=(float(curve[-1, 0]), float(curve[-1, 1])),
            angle=float(steps[-1] + turn * rng.uniform(0.1, 0.6)),
            side=vessel.side,
            calibre=0.68 * vessel.calibre,
            length=vessel.length * rng.uniform(0.55, 1.0),
            left=vessel.left - 1,
        )
        _branch_(canvas, following, rng=rng)
