"""Choose the frozen thresholds on held-out synthetic studies, from streamed counts: memory does not grow.

Pure arithmetic in numpy. A pixel is marked where its map value is >= the threshold.
"""

import math

import numpy as np
from numpy.typing import NDArray

from artasyn.train.scoring.thresholds import ThresholdConfig, Thresholds

__all__ = ["ThresholdCurves", "image_points", "marked_shares", "pixel_points"]

BINS = 1000
"""Thresholds tried: 1 / BINS, 2 / BINS, ... (BINS - 1) / BINS."""
PARTS = (0.4, 0.6, 0.8, 1.0)
"""Shares of `false_positives` at which weights are judged: one threshold alone is a matter of luck where it is low."""
PIXEL_POINTS = (0.01, 0.02, 0.05)
"""Shares of the lung field marked on normal images at which further pixel thresholds are frozen."""
IMAGE_POINTS = (0.90, 0.95)
"""Specificities at which further image thresholds are frozen."""
QUANTILES = 101
"""Quantiles of the held-out normal images' scores that a run keeps: 0, 1, ... 100 %."""
EDGES = (np.arange(BINS) / BINS).astype(np.float32)


class ThresholdCurves:
    """Counts, at every threshold, over the images seen so far."""

    def __init__(self) -> None:
        self._dice = np.zeros(BINS)
        self._marked = np.zeros(BINS)
        self._scores: dict[bool, list[float]] = {False: [], True: []}

    def add_synthetic(
        self, anomaly_map: NDArray[np.float32], mask: NDArray[np.bool_], *, score: float
    ) -> None:
        """Take in an image with a non-empty mask; both `(H, W)`, the map in [0, 1]."""
        bins = _bins(anomaly_map)
        hits = _at_or_above(bins[mask])
        marked = _at_or_above(bins.ravel())
        self._dice += 2 * hits / (marked + int(mask.sum()))
        self._scores[True].append(score)

    def add_normal(self, anomaly_map: NDArray[np.float32], lungs: NDArray[np.bool_], *, score: float) -> None:
        """Take in a normal image; marked pixels count inside its lung field (everywhere if it has none)."""
        self._marked += marked_shares(anomaly_map, lungs)
        self._scores[False].append(score)

    def mean_dice(self) -> NDArray[np.float64]:
        """Return the mean Dice over the synthetic images, at thresholds k / BINS; index 0 marks everything."""
        return self._dice / max(1, len(self._scores[True]))

    def quality(self, config: ThresholdConfig) -> float:
        """Return how good the weights are that gave these maps: mean Dice at thresholds that mark up to the share.

        Without a share it is the best mean Dice, less what is marked on normal images, which Dice leaves out.
        """
        dice, marked = self.mean_dice(), self.mean_marked()
        if not config.false_positives:
            best = _best(dice)
            return float(dice[best] - marked[best])
        chosen = [_lowest(marked, part * config.false_positives) for part in PARTS]
        return float(np.mean([0.0 if k is None else dice[k] for k in chosen]))

    def mean_marked(self) -> NDArray[np.float64]:
        """Return the mean share of the lung field marked on the normal images, at the same thresholds."""
        return self._marked / max(1, len(self._scores[False]))

    def choose(self, config: ThresholdConfig) -> Thresholds:
        """Return the frozen thresholds. Needs at least one synthetic and one normal image."""
        dice, marked = self.mean_dice(), self.mean_marked()
        best = _best(dice)
        chosen, rule = _chosen(dice, marked, config)
        normal, synthetic = np.array(self._scores[False]), np.array(self._scores[True])
        image = _image_threshold(normal, config.specificity)
        return Thresholds(
            pixel=chosen / BINS,
            image=image,
            rule=rule,
            held_out_dice=float(dice[chosen]),
            best_dice_pixel=best / BINS,
            best_dice=float(dice[best]),
            false_positives=float(marked[chosen]),
            sensitivity=float(np.mean(synthetic >= image)),
            specificity=float(np.mean(normal < image)),
            synthetic_images=len(synthetic),
            normal_images=len(normal),
            pixel_at=pixel_points(marked) | {"cautious": max(chosen, best) / BINS},
            image_at=image_points(normal),
            normal_scores=tuple(np.quantile(normal, np.linspace(0, 1, QUANTILES)).tolist()),
        )


def marked_shares(anomaly_map: NDArray[np.float32], lungs: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the share of the lung field (of the image without one) marked at thresholds k / BINS, `(BINS,)`."""
    bins = _bins(anomaly_map)
    inside = bins[lungs] if lungs.any() else bins.ravel()
    return _at_or_above(inside) / inside.size


def pixel_points(marked: NDArray[np.float64]) -> dict[str, float]:
    """Return the lowest threshold for each of the shares marked, from the mean of `marked_shares` over normal images.

    It is the highest of all where none marks as little.
    """
    found = {share: _lowest(marked, share) for share in PIXEL_POINTS}
    return {f"marked_{share:g}": (BINS - 1 if k is None else k) / BINS for share, k in found.items()}


def image_points(normal: NDArray[np.float64]) -> dict[str, float]:
    """Return the lowest threshold for each specificity, from the scores of normal images, at least one."""
    return {f"specificity_{part:g}": _image_threshold(normal, part) for part in IMAGE_POINTS}


def _best(dice: NDArray[np.float64]) -> int:
    return 1 + int(np.argmax(dice[1:]))


def _lowest(marked: NDArray[np.float64], share: float) -> int | None:
    """Return the first threshold that marks no more than the share: of those, it marks the most; None without one."""
    low = np.flatnonzero(marked[1:] <= share)
    return 1 + int(low[0]) if len(low) else None


def _chosen(
    dice: NDArray[np.float64], marked: NDArray[np.float64], config: ThresholdConfig
) -> tuple[int, str]:
    """Return the pixel threshold, and what it was chosen for."""
    share = config.false_positives
    if not share:
        return _best(dice), "best mean Dice"
    if (chosen := _lowest(marked, share)) is not None:
        return chosen, f"at most {100 * share:g} % of the lung field marked on normal images"
    return BINS - 1, f"the highest: none marks as little as {share:g} of the lung field on normal images"


def _image_threshold(normal: NDArray[np.float64], specificity: float) -> float:
    """Return the lowest score below which at least this share of the normal images lies; above all, if it must be."""
    ordered = np.sort(normal)
    steps = np.append(np.unique(ordered), np.nextafter(ordered[-1], np.inf))
    needed = math.ceil(specificity * len(ordered) - 1e-9)
    return float(steps[np.searchsorted(ordered, steps) >= needed][0])


def _bins(anomaly_map: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the largest k with k / BINS <= value, compared in float32 as maps are; four times as fast as a search."""
    near = np.minimum((anomaly_map * np.float32(BINS)).astype(np.intp), BINS - 1)
    near -= anomaly_map < EDGES[near]
    above = np.minimum(near + 1, BINS - 1)
    return np.where(anomaly_map >= EDGES[above], above, near)


def _at_or_above(bins: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return how many values lie at or above each threshold, `(BINS,)`."""
    counts = np.bincount(bins, minlength=BINS)
    return np.cumsum(counts[::-1])[::-1].astype(np.float64)
