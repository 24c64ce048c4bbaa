"""A few of many, evenly spaced."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["evenly_spaced"]


def evenly_spaced(total: int, count: int) -> NDArray[np.intp]:
    """Return up to `count` of the numbers 0 to `total` - 1, both ends among them, rising."""
    return np.unique(np.linspace(0, total - 1, min(count, total)).round().astype(np.intp))
