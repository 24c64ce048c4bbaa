"""Lesions of phantoms: clouds of spheres, and fluid, in place of air. Nothing here is used by the engine."""

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.seeds import generator
from artasyn.synth.sources.phantom.chest import Chest, Field, soft
from artasyn.synth.sources.phantom.params import Lesion

__all__ = ["lost_air"]

SPHERES = {"consolidation": 110, "haze": 160, "nodules": 4}


def lost_air(chest: Chest, lesion: Lesion) -> Field:
    """Return the share of the air along each ray that a lesion takes, (H, W), 0 to 1; its own lung alone."""
    lost = _fluid(chest, lesion) if lesion.kind == "effusion" else 1 - np.exp(-_cloud(chest, lesion))
    return np.asarray(lesion.density * lost * (chest.sides == lesion.side), np.float32)


def _cloud(chest: Chest, lesion: Lesion) -> Field:
    """Return the thickness of a cloud of spheres, in units in which 2 is nearly opaque."""
    rng = generator(lesion.seed, "phantom", 0, stage="lesion")
    count = SPHERES[lesion.kind]
    row, column = _centre(chest, lesion)
    total = np.zeros((chest.size, chest.size), np.float32)
    if lesion.kind == "nodules":
        places, radii = rng.normal(0, 0.07, (count, 2)), lesion.size * rng.uniform(0.7, 1.3, count)
        places[0], strength = 0, 2.5
    else:
        places = rng.normal(0, 0.55 * lesion.size, (count, 2)) * (1.2, 1.0)
        radii = lesion.size * rng.uniform(0.1, 0.35, count)
        strength = 0.6
    for (down, across), radius in zip(places, radii, strict=True):
        _add_sphere_(total, row + down, column + across, radius, strength)
    blurred = cv2.GaussianBlur(total, (0, 0), (0.002 if lesion.kind == "nodules" else 0.01) * chest.size)
    return np.asarray(blurred, np.float32)


def _add_sphere_(total: Field, row: float, column: float, radius: float, strength: float) -> None:
    """Add to `total` the thickness of a sphere, `strength` at its centre."""
    size = total.shape[0]
    top, left = (max(0, int((x - radius) * size)) for x in (row, column))
    bottom, right = (min(size, int(max(0, (x + radius) * size)) + 2) for x in (row, column))
    if bottom <= top or right <= left:
        return
    rows = ((np.arange(top, bottom) + 0.5) / size - row) / radius
    columns = ((np.arange(left, right) + 0.5) / size - column) / radius
    chord = np.sqrt(np.clip(1 - rows[:, None] ** 2 - columns**2, 0, 1))
    total[top:bottom, left:right] += np.float32(strength) * chord.astype(np.float32)


def _centre(chest: Chest, lesion: Lesion) -> tuple[float, float]:
    """Return (row, column) in shares of the side, from the upper left corner."""
    p = chest.params
    along = np.asarray(0.08 + 0.84 * lesion.height, np.float32)
    row = p.apex + float(along) * (p.dome - p.apex)
    wall = float(chest.wall(along))
    inner = p.mediastinum + 0.02
    sign = -1 if lesion.side == 1 else 1
    column = sign * (inner + lesion.across * max(wall - inner - 0.02, 0.02))
    return row, column + p.centre + p.tilt * (row - 0.5)


def _fluid(chest: Chest, lesion: Lesion) -> NDArray[np.float32]:
    """Return fluid at the base whose surface rises along the chest wall."""
    p = chest.params
    wall = np.maximum(chest.wall(chest.along), np.float32(1e-3))
    outward = np.clip(np.abs(chest.column) / wall, 0, 1)
    surface = p.dome + 0.5 * p.recess - lesion.size * (0.35 + 0.65 * outward**3)
    return soft(chest.row - surface, 0.04)
