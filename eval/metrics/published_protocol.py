"""The published evaluator's arithmetic, for comparison only; its faults are kept on purpose.

As published (Cao et al., WACV 2026, code of the authors): a residual r counts as marked from max(0.03, 0.2 max r)
on, the maximum being that of its test batch; a diseased image without a mask is compared with an all-ones mask; the
image score is the mean of r squared; where there are more diseased images than normal ones, the loader starts again
from the first diseased image after as many as there are normals, so that some are never scored and some are
scored twice. The batches there are shuffled; here a batch is one image, so that the figures can be had again.
"""

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.overlap import dice
from artasyn.eval.metrics.ranking import auroc, average_precision, counts_per_level

__all__ = ["published_counts", "published_figures", "visited"]

FLOOR, SHARE = 0.03, 0.2


def published_counts(
    anomaly: NDArray[np.float32], truth: NDArray[np.bool_], *, truth_known: bool
) -> NDArray[np.float64]:
    """Return the mean square of an anomaly map, and true positives, false positives, false negatives."""
    marked = anomaly >= max(FLOOR, SHARE * float(anomaly.max()))
    truth = truth if truth_known else np.ones_like(truth)
    both = np.count_nonzero(marked & truth)
    counts = [both, np.count_nonzero(marked) - both, np.count_nonzero(truth) - both]
    return np.array([np.square(anomaly, dtype=np.float64).mean(), *counts])


def visited(abnormal: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the images that the published loader reads, repeats included."""
    normal, diseased = np.flatnonzero(~abnormal), np.flatnonzero(abnormal)
    if not normal.size:
        return diseased
    index = np.arange(len(normal), len(normal) + len(diseased)) % len(normal)  # the published slip
    return np.concatenate([normal, diseased[index]])


def published_figures(
    official: NDArray[np.float64], abnormal: NDArray[np.bool_]
) -> dict[str, float | int | None]:
    """Return the published figures from `published_counts` of every image, `(n, 4)`.

    Dice is the mean over images of 2 TP / (2 TP + FP + FN), images with nothing to find and nothing marked left out.
    """
    seen = visited(abnormal)
    score, tp, fp, fn = official[seen].T
    counts = counts_per_level(score, abnormal[seen], weights=np.ones((1, len(seen))))
    defined = tp + fp + fn > 0
    figures = {
        "auroc": auroc(*counts)[0],
        "average_precision": average_precision(*counts)[0],
        "dice": dice(tp, fp, fn)[defined].mean() if defined.any() else np.nan,
    }
    rounded = {key: round(float(x), 6) if np.isfinite(x) else None for key, x in figures.items()}
    distinct = len(np.unique(seen))
    return {**rounded, "visited": len(seen), "distinct": distinct, "never_scored": len(abnormal) - distinct}
