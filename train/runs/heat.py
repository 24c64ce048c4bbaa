"""The colours of an anomaly map, by one rule in every picture of a run."""

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray

__all__ = ["INFERNO", "heat", "heat_index", "heat_top"]

INFERNO = (np.asarray(colormaps["inferno"](np.arange(256)))[:, :3] * 255).round().astype(np.uint8)
"""RGB `(256, 3)` from black to light yellow, told apart by every kind of colour vision."""


def heat(anomaly: NDArray[np.floating], *, top: float) -> NDArray[np.uint8]:
    """Colour a map `(H, W)` -> RGB `(H, W, 3)`; 0 is black, `top` and above the brightest yellow.

    `top` belongs to a data set or a run, never to an image: scaled one by one, every normal image looks abnormal.
    """
    return np.asarray(INFERNO[heat_index(anomaly, top=top, shades=len(INFERNO))])


def heat_index(anomaly: NDArray[np.floating], *, top: float, shades: int) -> NDArray[np.uint8]:
    """Return which of at most 256 `shades`, evenly spaced from 0 to `top`, is nearest to each pixel."""
    return np.rint(np.clip(np.asarray(anomaly, np.float64) / top, 0, 1) * (shades - 1)).astype(np.uint8)


def heat_top(threshold: float) -> float:
    """Return the top of a run's colours: its pixel threshold lies in the middle; at most 1."""
    return min(1.0, 2 * threshold)
