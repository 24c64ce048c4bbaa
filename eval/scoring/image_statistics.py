"""What is kept of one scored image: pixel counts and histograms, never the map itself."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.histogram import LEVELS, histogram, level_of
from artasyn.eval.metrics.overlap import pixel_counts
from artasyn.eval.metrics.published_protocol import published_counts
from artasyn.eval.metrics.regions import region_shares
from artasyn.eval.scoring.baselines import brighter_half, intensity_map, mean_intensity

__all__ = ["MAPS", "MASKS", "SCORES", "Sample", "observe"]

SCORES = ("run", "mean_intensity")
"""Methods that give an image score."""

MASKS = ("run", "human_lungs", "found_lungs", "brighter_half")
"""Methods that mark an area; those of the lungs mark nothing where the store knows no lungs."""

MAPS = ("run", "intensity")
"""Methods that give an anomaly map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One image as the store has it and what the run says of it, all `(H, W)`."""

    image: NDArray[np.uint8]
    human_lungs: NDArray[np.bool_]
    """A human's lung mask; empty where there is none."""
    found_lungs: NDArray[np.bool_]
    """The lung field found without labels; empty where there is none."""
    truth: NDArray[np.bool_]
    """Empty on normal images."""
    truth_known: bool
    """False on abnormal images without a mask: nothing is compared there."""
    anomaly: NDArray[np.float32]
    """The run's anomaly map in [0, 1]."""
    score: float
    """The run's image score."""

    @property
    def lungs(self) -> NDArray[np.bool_]:
        """The human's lung mask, or the found one where there is none."""
        return self.human_lungs if self.human_lungs.any() else self.found_lungs


def observe(sample: Sample, *, threshold: float) -> dict[str, NDArray[Any]]:
    """Return the sufficient statistics of one image at the run's pixel threshold.

    `scores` (S,); `counts` (M, 5): true positive, false positive, false negative, marked, marked inside the
    lungs, all 0 for the first three where the truth is unknown; `areas` (6,): image, lungs, truth, truth inside
    the lungs, human lungs, found lungs; `positives`, `negatives` (P, LEVELS) pixels; `regions` (P, LEVELS);
    `official` (4,).
    """
    masks = _masks(sample, threshold)
    levels = [level_of(m) for m in (sample.anomaly, intensity_map(sample.image, sample.lungs))]
    areas = [sample.image.size, sample.lungs.sum(), sample.truth.sum(), (sample.truth & sample.lungs).sum()]
    areas += [sample.human_lungs.sum(), sample.found_lungs.sum()]
    known = sample.truth_known
    empty = np.zeros(LEVELS)
    return {
        "scores": np.array([sample.score, mean_intensity(sample.image)], np.float64),
        "counts": np.array([_counts(mask, sample) for mask in masks], np.int64),
        "areas": np.array(areas, np.int64),
        "positives": np.array([histogram(v[sample.truth]) if known else empty for v in levels], np.int32),
        "negatives": np.array([histogram(v[~sample.truth]) if known else empty for v in levels], np.int32),
        "regions": np.array([region_shares(v, sample.truth) if known else empty for v in levels]),
        "official": published_counts(sample.anomaly, sample.truth, truth_known=known),
    }


def _masks(sample: Sample, threshold: float) -> list[NDArray[np.bool_]]:
    marked = sample.anomaly >= np.float64(threshold)
    return [marked, sample.human_lungs, sample.found_lungs, brighter_half(sample.image, sample.lungs)]


def _counts(mask: NDArray[np.bool_], sample: Sample) -> list[int]:
    compared = pixel_counts(mask, sample.truth) if sample.truth_known else (0, 0, 0)
    return [*compared, int(mask.sum()), int((mask & sample.lungs).sum())]
