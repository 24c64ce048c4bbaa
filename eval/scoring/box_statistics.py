"""What is kept of one image of a store with boxes or with findings: counts and histograms, never the map itself."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.boxes import (
    draw_boxes,
    energy_inside,
    fill_boxes,
    find_marks,
    intersections,
    match_boxes,
    pointing,
)
from artasyn.eval.metrics.histogram import LEVELS, histogram, level_of
from artasyn.eval.metrics.overlap import pixel_counts
from artasyn.train.scoring.thresholds import predicted_mask

__all__ = ["OVERLAPS", "box_statistics", "finding_statistics"]

OVERLAPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.75)
"""Intersections over union at which a drawn box counts as a find."""

Map = NDArray[np.float32]
Boxes = NDArray[np.float64]


def box_statistics(anomaly: Map, boxes: Boxes, *, threshold: float) -> dict[str, NDArray[Any]]:
    """Return what a map says of an image's boxes `(k, 4)`, normal images without any included.

    `boxes` (5,): number, pointing game, energy inside, and at or above `threshold` boxes found and marks in no box;
    `box_found` (LEVELS,): boxes by the highest mark in them; `false_marks` (LEVELS,): marks in no box; `drawn_true`,
    `drawn_false` (len(OVERLAPS), LEVELS): boxes drawn from the map, by their highest value.
    """
    filled = fill_boxes(boxes, (anomaly.shape[0], anomaly.shape[1]))
    facts = (pointing(anomaly, filled), energy_inside(anomaly, filled)) if len(boxes) else (0.0, 0.0)
    marks = _marks(anomaly, boxes)
    frozen = [np.count_nonzero(predicted_mask(values, threshold)) for values in marks]
    found, false = (_counts(level_of(values)) for values in marks)
    drawn, values = draw_boxes(anomaly, threshold=threshold)
    overlaps, levels = intersections(drawn, boxes), level_of(values)
    matched = [match_boxes(overlaps, values, least=least) for least in OVERLAPS]
    return {
        "boxes": np.array([len(boxes), *facts, *frozen], np.float64),
        "box_found": found,
        "false_marks": false,
        "drawn_true": np.array([_counts(levels[hit]) for hit in matched]),
        "drawn_false": np.array([_counts(levels[~hit]) for hit in matched]),
    }


def finding_statistics(
    anomaly: Map, marked: NDArray[np.bool_], masks: NDArray[np.bool_]
) -> dict[str, NDArray[np.float64]]:
    """Return `findings` (F, 4): pointing game, true positives, false positives, false negatives of each mask.

    All 0 for a finding that the image does not show.
    """
    rows = [
        (pointing(anomaly, mask), *pixel_counts(marked, mask)) if mask.any() else (0.0, 0, 0, 0)
        for mask in masks
    ]
    return {"findings": np.array(rows, np.float64).reshape(-1, 4)}


def _marks(anomaly: Map, boxes: Boxes) -> tuple[Map, Map]:
    """Return the values of the highest mark in each box that has one, and of the marks in no box."""
    values, centres = find_marks(anomaly)
    offset = centres[:, None, :] - boxes[None, :, :2]
    inside = ((offset >= 0) & (offset <= boxes[None, :, 2:])).all(-1)  # (K, k)
    highest = np.where(inside, values[:, None], -1.0).max(axis=0, initial=-1.0)
    return highest[highest > 0], values[~inside.max(axis=1, initial=False)]


def _counts(levels: NDArray[np.int16]) -> NDArray[np.int32]:
    return histogram(levels).astype(np.int32) if levels.size else np.zeros(LEVELS, np.int32)
