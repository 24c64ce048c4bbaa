"""Spearman's rank correlation under weights: a value that occurs w times counts w times, ties share their mean rank."""

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.ranking import Floats
from artasyn.eval.metrics.ratio import ratio

__all__ = ["spearman"]


def spearman(x: Floats, y: Floats, *, weights: Floats) -> Floats:
    """Return the correlation of `x` and `y`, `(n,)` each, under each of the weights `(B, n)`, whole numbers.

    nan where one of them does not vary.
    """
    total = weights.sum(1, keepdims=True)
    a, b = (_ranks(values, weights) - (total + 1) / 2 for values in (x, y))
    product = (weights * a * b).sum(1)
    spread = (weights * a * a).sum(1) * (weights * b * b).sum(1)
    # squares of half ranks are exact: what does not vary sums to zero
    return ratio(product, np.sqrt(spread))


def _ranks(values: Floats, weights: Floats) -> Floats:
    """Return each value's mean rank among all copies, `(B, n)`, from 1."""
    _, level = np.unique(values, return_inverse=True)
    at_level = _summed(weights, level)
    below = np.cumsum(at_level, axis=1) - at_level
    return np.asarray((below + (at_level + 1) / 2)[:, level])


def _summed(weights: Floats, level: NDArray[np.intp]) -> Floats:
    order = np.argsort(level, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(level[order]) > 0])
    return np.asarray(np.add.reduceat(weights[:, order], starts, axis=1))
