"""How well a marked area covers the true one: pixel counts first, then one-line formulas.

Convention for an empty truth: 1 where the prediction is empty too, else 0.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from artasyn.eval.metrics.ranking import Floats
from artasyn.eval.metrics.ratio import ratio

__all__ = ["dice", "exact", "iou", "pixel_counts", "pooled_dice", "weighted_mean", "weighted_median"]

EXACT_STEPS = 2.0**30


def pixel_counts(predicted: NDArray[np.bool_], truth: NDArray[np.bool_]) -> tuple[int, int, int]:
    """Count true positives, false positives and false negatives of one image."""
    both = int(np.count_nonzero(predicted & truth))
    return both, int(np.count_nonzero(predicted)) - both, int(np.count_nonzero(truth)) - both


def dice(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike) -> Floats:
    """Return 2 TP / (2 TP + FP + FN), and 1 where truth and prediction are both empty."""
    hit = 2 * np.asarray(tp, float)
    return ratio(hit, hit + np.asarray(fp, float) + np.asarray(fn, float), empty=1.0)


def iou(tp: ArrayLike, fp: ArrayLike, fn: ArrayLike) -> Floats:
    """Return TP / (TP + FP + FN), and 1 where truth and prediction are both empty."""
    hit = np.asarray(tp, float)
    return ratio(hit, hit + np.asarray(fp, float) + np.asarray(fn, float), empty=1.0)


def pooled_dice(tp: Floats, fp: Floats, fn: Floats, *, weights: Floats) -> Floats:
    """Return the Dice of all images' pixels taken together ("micro"): `(n,)` each, weights `(B, n)` -> `(B,)`.

    It is nan where all weights are 0, as a mean over no image is.
    """
    together = dice(weights @ tp, weights @ fp, weights @ fn)
    return np.where(weights.sum(-1) > 0, together, np.nan)


def weighted_mean(values: Floats, *, weights: Floats) -> Floats:
    """Return the mean of `(n,)` values under each of `(B, n)` weights; nan where all weights are 0."""
    return ratio(weights @ exact(values), weights.sum(-1))


def weighted_median(values: Floats, *, weights: Floats) -> Floats:
    """Return the median of `(n,)` values, each repeated as often as its whole-number weight says."""
    if not values.size:
        return np.full(len(weights), np.nan)
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[:, order], axis=-1)
    total = reached[:, -1]
    # the two middle ones of an even count; the same one twice of an odd count
    lower = (reached < np.floor((total + 1) / 2)[:, None]).sum(-1)
    upper = (reached < np.ceil((total + 1) / 2)[:, None]).sum(-1)
    ordered = np.append(values[order], np.nan)
    middle = (ordered[np.minimum(lower, len(values))] + ordered[np.minimum(upper, len(values))]) / 2
    return np.where(total > 0, middle, np.nan)


def exact(values: Floats) -> Floats:
    """Round to multiples of 2**-30: sums with whole-number weights are then exact, in any order, on any machine.

    True up to 2**23 values of size 1; without it the last bits depend on how BLAS cuts the sum.
    """
    return np.asarray(np.rint(values * EXACT_STEPS) / EXACT_STEPS)
