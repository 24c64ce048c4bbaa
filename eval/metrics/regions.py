"""Per-region overlap: each connected true region counts the same, however small."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from artasyn.eval.metrics.histogram import LEVELS
from artasyn.eval.metrics.overlap import exact

__all__ = ["region_shares"]

EIGHT_CONNECTED = np.ones((3, 3), bool)


def region_shares(levels: NDArray[np.int16], truth: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return, at each level, the shares of the true regions' pixels found there, summed over regions.

    `(H, W)`, `(H, W)` -> `(LEVELS,)`, which sums to the number of 8-connected regions
    (rounded as `exact` says).
    """
    labels, _ = ndimage.label(truth, structure=EIGHT_CONNECTED)
    inside = labels[truth]
    areas = np.bincount(inside)
    shares = np.bincount(levels[truth], weights=1.0 / areas[inside], minlength=LEVELS)
    return exact(shares.astype(np.float64))
