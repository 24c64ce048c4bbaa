"""Smooth random fields: the material that every kind of opacity is made of."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["fractal_noise", "smooth_noise"]


def smooth_noise(
    shape: tuple[int, int], cell: tuple[float, float], *, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Draw a smooth field of mean 0 and deviation 1; `cell` is its grain in pixels along rows and columns."""
    rows, columns = (int(np.ceil(n / max(c, 1.0))) + 3 for n, c in zip(shape, cell, strict=True))
    lattice = rng.standard_normal((rows, columns), dtype=np.float32)
    zoom = [max(c, 1.0) for c in cell]
    shift = rng.random(2)
    # Cubic interpolation of a random lattice at a random phase, so that the lattice shows nowhere.
    matrix = np.array([[1 / zoom[1], 0, 1 + shift[1]], [0, 1 / zoom[0], 1 + shift[0]]])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    field = cv2.warpAffine(lattice, matrix, shape[::-1], flags=flags, borderMode=cv2.BORDER_REFLECT)
    return np.asarray(field / 0.76, dtype=np.float32)


def fractal_noise(
    shape: tuple[int, int], cell: float, *, octaves: int, gain: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Add `octaves` smooth fields, each half as coarse and `gain` times as strong as the one before."""
    weights = gain ** np.arange(octaves)
    total = np.zeros(shape, np.float32)
    for octave, weight in enumerate(weights / np.sqrt((weights**2).sum())):
        size = cell / 2**octave
        total += np.float32(weight) * smooth_noise(shape, (size, size), rng=rng)
    return total
