"""Smooth random fields: the material that every kind of opacity is made of."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Field", "blur", "fractal_noise", "smooth_noise"]

Field = NDArray[np.float32]

DEVIATION = 0.857
"""Standard deviation of a lattice of white noise once it is interpolated cubically, over all phases."""


def smooth_noise(shape: tuple[int, int], cell: tuple[float, float], *, rng: np.random.Generator) -> Field:
    """Draw a smooth field of mean 0 and deviation 1; `cell` is its grain in pixels along rows and columns."""
    # A coarse field is drawn on a half or a quarter of the pixels a side: enlarging it costs a tenth of drawing it.
    shrink = 4 if min(cell) >= 12 else 2 if min(cell) >= 5 else 1
    small = -(-shape[0] // shrink), -(-shape[1] // shrink)
    field = _lattice_noise(small, (max(cell[0] / shrink, 1.0), max(cell[1] / shrink, 1.0)), rng=rng)
    return field if shrink == 1 else np.asarray(cv2.resize(field, shape[::-1]), dtype=np.float32)


def fractal_noise(
    shape: tuple[int, int], cell: float, *, octaves: int, gain: float, rng: np.random.Generator
) -> Field:
    """Add `octaves` smooth fields, each half as coarse and `gain` times as strong as the one before; deviation 1."""
    weights = gain ** np.arange(octaves)
    total = np.zeros(shape, np.float32)
    for octave, weight in enumerate(weights / np.sqrt((weights**2).sum())):
        size = cell / 2**octave
        total += np.float32(weight) * smooth_noise(shape, (size, size), rng=rng)
    return total


def _lattice_noise(shape: tuple[int, int], cell: tuple[float, float], *, rng: np.random.Generator) -> Field:
    """Interpolate a random lattice cubically at a random phase, so that the lattice shows nowhere."""
    rows, columns = (int(np.ceil(n / c)) + 4 for n, c in zip(shape, cell, strict=True))
    lattice = rng.standard_normal((rows, columns), dtype=np.float32) / np.float32(DEVIATION)
    shift = 1 + rng.random(2)
    matrix = np.array([[1 / cell[1], 0, shift[1]], [0, 1 / cell[0], shift[0]]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(lattice, matrix, shape[::-1], flags=flags), dtype=np.float32)


def blur(field: Field, sigma: float) -> Field:
    """Blur with a Gaussian; a wide one on a smaller grid, which changes nothing visible and costs a tenth."""
    if sigma <= 4:
        return np.asarray(cv2.GaussianBlur(field, (0, 0), sigma), dtype=np.float32)
    half = (field.shape[1] + 1) // 2, (field.shape[0] + 1) // 2
    small = blur(np.asarray(cv2.resize(field, half, interpolation=cv2.INTER_AREA)), sigma / 2)
    return np.asarray(cv2.resize(small, field.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)
