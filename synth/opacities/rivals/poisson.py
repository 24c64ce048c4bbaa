"""Poisson image editing: rebuild a box of an image from prescribed differences between its pixels."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dstn, idstn

__all__ = ["rebuild", "row_and_column_steps"]

Values = NDArray[np.float64]


def row_and_column_steps(box: Values) -> tuple[Values, Values]:
    """Return the steps of a box (n + 2, m + 2) that touch its inner pixels: (n + 1, m) down and (n, m + 1) across."""
    return np.diff(box[:, 1:-1], axis=0), np.diff(box[1:-1], axis=1)


def rebuild(box: Values, down: Values, across: Values) -> Values:
    """Return the inner pixels (n, m) whose steps are nearest to those given, the rim of `box` (n + 2, m + 2) held.

    Solves 4 u - sum of the four neighbours = divergence with Dirichlet values by a sine transform (DST-I).
    """
    right = -np.diff(down, axis=0) - np.diff(across, axis=1)
    right[0] += box[0, 1:-1]
    right[-1] += box[-1, 1:-1]
    right[:, 0] += box[1:-1, 0]
    right[:, -1] += box[1:-1, -1]
    rows, columns = (2 * np.cos(np.pi * np.arange(1, n + 1) / (n + 1)) for n in right.shape)
    return np.asarray(idstn(dstn(right, type=1) / (4 - rows[:, None] - columns), type=1))
