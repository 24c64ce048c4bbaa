"""What is kept of one scored image: pixel counts and histograms, never the map itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.boxes import fill_boxes
from artasyn.eval.metrics.histogram import LEVELS, histogram, level_of
from artasyn.eval.metrics.overlap import pixel_counts
from artasyn.eval.metrics.published_protocol import published_counts
from artasyn.eval.metrics.regions import region_areas, region_shares
from artasyn.eval.scoring.baselines import brighter_half, intensity_levels, mean_intensity
from artasyn.eval.scoring.box_statistics import box_statistics, finding_statistics
from artasyn.train.scoring.threshold_curves import marked_shares
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["MAPS", "MASKS", "SCORES", "Sample", "image_statistics", "normal_statistics"]

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
    map_level: float = float("nan")
    """Level of the map as the network predicts it, before pretrained features move it; no statistic is made of it."""
    boxes: NDArray[np.float64] | None = None
    """`(k, 4)`, x, y, width, height in pixels; None where the store has no boxes at all."""
    findings: NDArray[np.bool_] | None = None
    """`(F, H, W)`: the mask of each finding of the store; None where it names none."""

    @property
    def lungs(self) -> NDArray[np.bool_]:
        """The human's lung mask, or the found one where there is none."""
        return self.human_lungs if self.human_lungs.any() else self.found_lungs


def image_statistics(
    sample: Sample, *, threshold: float, points: Sequence[float] = ()
) -> dict[str, NDArray[Any]]:
    """Return the sufficient statistics of one image at the run's pixel threshold.

    `scores` (S,); `counts` (M, 5): true positive, false positive, false negative, marked, marked inside the
    lungs, all 0 for the first three where the truth is unknown; `areas` (6,): image, lungs, truth, truth inside
    the lungs, human lungs, found lungs; `positives`, `negatives` (P, LEVELS) pixels; `regions` (P, LEVELS);
    `official` (4,); `points` (len(points), 5): as `counts`, of the run at further pixel thresholds. Where the store has
    boxes, `box_statistics` as well, and under `box_counts`, `box_positives`, `box_negatives` and `box_regions` the same
    against filled boxes; where it names findings, `finding_statistics`.
    """
    masks = _masks(sample, threshold)
    levels = [level_of(sample.anomaly), intensity_levels(sample.image, sample.lungs)]
    lungs, truth = sample.lungs, sample.truth
    counted = (lungs, truth, truth & lungs, sample.human_lungs, sample.found_lungs)
    areas = [sample.image.size, *map(np.count_nonzero, counted)]  # `sum` takes some twenty times as long
    known = sample.truth_known
    return {
        "scores": np.array([sample.score, mean_intensity(sample.image)], np.float64),
        "counts": _counts(masks, truth if known else None, lungs),
        "areas": np.array(areas, np.int64),
        **_ranked(levels, truth if known else None),
        "points": _counts(
            [predicted_mask(sample.anomaly, point) for point in points], truth if known else None, lungs
        ).reshape(-1, 5),
        "official": published_counts(sample.anomaly, truth, truth_known=known),
        **_boxed(sample, masks, levels, threshold),
        **_found(sample, masks[0]),
    }


def normal_statistics(sample: Sample) -> dict[str, NDArray[Any]]:
    """Return what thresholds are learnt from: `score` () and `marked` (BINS,), see `marked_shares`."""
    return {
        "score": np.array(sample.score, np.float64),
        "marked": marked_shares(sample.anomaly, sample.lungs),
    }


def _masks(sample: Sample, threshold: float) -> list[NDArray[np.bool_]]:
    marked = predicted_mask(sample.anomaly, threshold)
    return [marked, sample.human_lungs, sample.found_lungs, brighter_half(sample.image, sample.lungs)]


def _counts(
    masks: list[NDArray[np.bool_]], truth: NDArray[np.bool_] | None, lungs: NDArray[np.bool_]
) -> NDArray[np.int64]:
    compared = [(0, 0, 0) if truth is None else pixel_counts(mask, truth) for mask in masks]
    rows = [
        (*counts, np.count_nonzero(mask), np.count_nonzero(mask & lungs))
        for counts, mask in zip(compared, masks, strict=True)
    ]
    return np.array(rows, np.int64)


def _ranked(levels: list[NDArray[np.int16]], truth: NDArray[np.bool_] | None) -> dict[str, NDArray[Any]]:
    """Return the histograms of every map inside and outside the truth; zeros where it is not known."""
    if truth is None:
        empty = np.zeros((len(levels), LEVELS), np.int32)
        return {"positives": empty, "negatives": empty, "regions": empty.astype(np.float64)}
    inside, areas = [v[truth] for v in levels], region_areas(truth)
    positives = np.array([histogram(v) for v in inside], np.int32)
    everywhere = np.array([histogram(v) for v in levels], np.int32)
    return {
        "positives": positives,
        "negatives": everywhere - positives,
        "regions": np.array([region_shares(v, areas) for v in inside]),
    }


def _boxed(
    sample: Sample, masks: list[NDArray[np.bool_]], levels: list[NDArray[np.int16]], threshold: float
) -> dict[str, NDArray[Any]]:
    if sample.boxes is None:
        return {}
    filled = fill_boxes(sample.boxes, sample.image.shape)
    against = {"counts": _counts(masks, filled, sample.lungs), **_ranked(levels, filled)}
    facts = box_statistics(sample.anomaly, sample.boxes, threshold=threshold)
    return facts | {f"box_{name}": values for name, values in against.items()}


def _found(sample: Sample, marked: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    if sample.findings is None:
        return {}
    return finding_statistics(sample.anomaly, marked, sample.findings)
