"""Fixed score levels for pixels, so that any number of images fits in one small histogram.

Levels are even in the logit, fine near 0 and 1 where residuals and saturated probabilities live, and start
anew at each 8-bit grey value, so that grey images keep their order. They never depend on the data: histograms of
different images, blocks and runs add up exactly.
"""

import numpy as np
from numpy.typing import NDArray

__all__ = ["EDGES", "LEVELS", "histogram", "level_of"]

STEPS = 65535
"""Values are rounded to this many steps first; a level is a range of steps."""

GRID = 1400
"""Points of the logit grid; those that round to the same step merge."""


def _edges() -> NDArray[np.int64]:
    """Return the first step of each level, ascending; 0 and 1 have levels of their own."""
    reach = np.log(STEPS - 1.0)
    grid = 1.0 / (1.0 + np.exp(-np.linspace(-reach, reach, GRID)))
    return np.unique(np.r_[np.arange(256) * (STEPS // 255), np.rint(grid * STEPS).astype(np.int64)])


_FIRST_STEP = _edges()

EDGES: NDArray[np.float64] = _FIRST_STEP / STEPS
"""Lowest value of each level, `(LEVELS,)`, from 0 to 1."""

LEVELS = len(EDGES)
"""Number of levels."""

_LEVEL_OF_STEP = (np.searchsorted(_FIRST_STEP, np.arange(STEPS + 1), side="right") - 1).astype(np.int16)


def level_of(values: NDArray[np.floating]) -> NDArray[np.int16]:
    """Return the level of each value in [0, 1]; values outside are clipped."""
    steps = np.clip(values, 0.0, 1.0)
    steps *= np.float32(STEPS)
    return np.asarray(_LEVEL_OF_STEP[np.rint(steps, out=steps).astype(np.int64)])


def histogram(levels: NDArray[np.int16]) -> NDArray[np.int64]:
    """Count the pixels at each level, `(LEVELS,)`."""
    return np.bincount(levels.ravel(), minlength=LEVELS)
