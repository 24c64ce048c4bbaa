"""Baselines without training: predictions that a useful network must beat."""

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.histogram import level_of

__all__ = ["brighter_half", "intensity_levels", "mean_intensity"]

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

GREY_LEVELS = level_of(np.arange(256, dtype=np.float32) / np.float32(255))
"""Level of each grey value, `(256,)`."""


def brighter_half(image: Image, lungs: Mask) -> Mask:
    """Mark the pixels of the lung field brighter than its median; none where there is no lung."""
    if not lungs.any():
        return np.zeros_like(lungs)
    return np.asarray(lungs & (image > np.median(image[lungs])))


def intensity_levels(image: Image, lungs: Mask) -> NDArray[np.int16]:
    """Return the levels of the grey values taken as an anomaly map in [0, 1], 0 outside the lungs."""
    return GREY_LEVELS[np.where(lungs, image, 0)]


def mean_intensity(image: Image) -> float:
    """Return the mean grey value in [0, 1] as an image score."""
    return float(image.mean(dtype=np.float64) / 255)
