"""How well scores rank positives above negatives: counts per score level first, then one-line formulas.

Image scores and pixel histograms both come here as two arrays `(..., L)` of positives and negatives at each of
L ascending score levels; leading axes are bootstrap resamples. scikit-learn scores one weighting at a time,
which is too slow for a thousand resamples of a hundred thousand images; the tests hold both equal.
"""

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.ratio import ratio

__all__ = [
    "Floats",
    "aupimo",
    "aupro",
    "auroc",
    "average_precision",
    "counts_per_level",
    "detection_precision",
    "sensitivity_at_rate",
    "sensitivity_at_specificity",
    "tail",
]

Floats = NDArray[np.float64]

AUPRO_LIMIT = 0.3
"""False-positive rate up to which region overlap is integrated (Bergmann et al. 2021, section 4)."""


def counts_per_level(
    scores: NDArray[np.floating], positive: NDArray[np.bool_], *, weights: Floats
) -> tuple[Floats, Floats]:
    """Count positives and negatives at each distinct score: `(n,)`, `(n,)`, weights `(B, n)` -> two `(B, L)`."""
    if not scores.size:
        return np.zeros((len(weights), 1)), np.zeros((len(weights), 1))
    order = np.argsort(scores, kind="stable")
    ordered = scores[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    weights, positive = weights[:, order], positive[order]
    positives, negatives = weights * positive, weights * ~positive
    if len(starts) == len(scores):
        return positives, negatives
    return np.add.reduceat(positives, starts, axis=1), np.add.reduceat(negatives, starts, axis=1)


def auroc(positives: Floats, negatives: Floats) -> Floats:
    """Return the chance that a positive outranks a negative, ties counting half; nan where one class is empty."""
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    return ratio((positives * below).sum(-1), positives.sum(-1) * negatives.sum(-1))


def average_precision(positives: Floats, negatives: Floats) -> Floats:
    """Return precision averaged over the positives, without interpolation; nan where there is no positive."""
    hits = tail(positives)
    precision = ratio(hits, hits + tail(negatives), empty=0.0)
    return ratio((positives * precision).sum(-1), positives.sum(-1))


def sensitivity_at_specificity(positives: Floats, negatives: Floats, *, specificity: float = 0.95) -> Floats:
    """Return the largest sensitivity of any threshold whose specificity is at least the one asked for.

    A level counts as positive together with all above it; nan where one class is empty.
    """
    total, negative = positives.sum(-1), negatives.sum(-1)
    below = np.cumsum(negatives, axis=-1) - negatives
    # counts are whole numbers: the small allowance undoes rounding of the product only
    allowed = below >= specificity * negative[..., None] - 1e-9
    best = np.where(allowed, tail(positives), 0.0).max(-1)
    return np.where(negative > 0, ratio(best, total), np.nan)


def aupro(regions: Floats, negatives: Floats, *, limit: float = AUPRO_LIMIT) -> Floats:
    """Return the mean region overlap integrated over false-positive rates up to `limit`, divided by `limit`.

    `regions` holds at each level the shares of each true region's pixels, summed over regions, so that it
    sums to their number. Straight lines join the levels (Bergmann et al. 2021); nan without regions or
    negatives.
    """
    overlap = ratio(tail(regions), regions.sum(-1)[..., None])
    rate = ratio(tail(negatives), negatives.sum(-1)[..., None])
    x = np.concatenate([rate, np.zeros_like(rate[..., :1])], axis=-1)[..., ::-1]  # from the top level down
    y = np.concatenate([overlap, np.zeros_like(rate[..., :1])], axis=-1)[..., ::-1]
    left, right = np.minimum(x[..., :-1], limit), np.minimum(x[..., 1:], limit)
    slope = ratio(y[..., 1:] - y[..., :-1], x[..., 1:] - x[..., :-1], empty=0.0)
    middle = y[..., :-1] + slope * (right - left) / 2
    return np.asarray(((right - left) * middle).sum(-1) / limit)


def sensitivity_at_rate(
    found: Floats, false: Floats, targets: Floats, images: Floats, *, rate: float
) -> Floats:
    """Return the largest share of the targets found at no more than `rate` false marks an image (FROC).

    `found` targets by their highest mark, `false` marks: `(B, L)`; `targets`, `images` `(B,)`. A level counts together
    with all above it; 0 where even the highest level costs more; nan without targets.
    """
    allowed = tail(false) <= rate * images[..., None] + 1e-9
    return ratio(np.where(allowed, tail(found), 0.0).max(-1), targets)


def detection_precision(true: Floats, false: Floats, targets: Floats) -> Floats:
    """Return the average precision of finds `(B, L)` when there were `targets` `(B,)` to find; nan without any.

    Without interpolation; what is never found counts as precision 0.
    """
    hits = tail(true)
    precision = ratio(hits, hits + tail(false), empty=0.0)
    return ratio((true * precision).sum(-1), targets)


def aupimo(recalls: Floats, negatives: Floats, *, low: float, high: float) -> Floats:
    """Return the mean recall where `low` to `high` of the normal images' pixels are marked, evenly over the logarithm.

    `recalls` holds at each level the share of each image's truth found there, summed; `negatives` the normal
    images' pixels: `(B, L)`. Between levels the recall is that of the stricter one (Bertoldo et al. 2024, AUPIMO);
    nan without images or without normal pixels.
    """
    recall = ratio(tail(recalls), recalls.sum(-1)[..., None])
    rate = ratio(tail(negatives), negatives.sum(-1)[..., None])
    looser = np.concatenate([np.ones_like(rate[..., :1]), rate[..., :-1]], axis=-1)  # of the level below
    ends = (np.log(np.clip(side, low, high)) for side in (rate, looser))
    first, last = ends
    return np.asarray(((last - first) * recall).sum(-1) / np.log(high / low))


def tail(counts: Floats) -> Floats:
    """Return how many lie at each level or above it."""
    return np.asarray(np.cumsum(counts[..., ::-1], axis=-1)[..., ::-1])
