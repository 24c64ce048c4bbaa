"""Points of the curves that a report draws, thinned to what a screen can show."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.spacing import evenly_spaced
from artasyn.eval.metrics.bootstrap import FEWEST_GROUPS
from artasyn.eval.metrics.histogram import EDGES, LEVELS
from artasyn.eval.metrics.ranking import Floats, counts_per_level, tail
from artasyn.eval.scoring.pixel_pool import Pooled
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.estimates import share_of

__all__ = ["calibration", "precision_recall", "roc", "thresholds"]

MOST_POINTS = 300

MOST_PARTS = 10
"""Of a calibration, in so many equal parts of the images; fewer where a part would be too small for an interval."""


def roc(table: ScoredImages, method: str) -> list[list[float]]:
    """Return (false-positive rate, sensitivity) from (0, 0) to (1, 1)."""
    positives, negatives = _counts(table, method)
    x, y = tail(negatives) / max(1.0, negatives.sum()), tail(positives) / max(1.0, positives.sum())
    return _points(np.r_[x, 0.0][::-1], np.r_[y, 0.0][::-1])


def precision_recall(table: ScoredImages, method: str) -> list[list[float]]:
    """Return (sensitivity, precision) from the highest score down."""
    positives, negatives = _counts(table, method)
    hits, false = tail(positives), tail(negatives)
    return _points((hits / max(1.0, positives.sum()))[::-1], (hits / (hits + false))[::-1])


def calibration(table: ScoredImages) -> list[dict[str, Any]]:
    """Return, for equal parts of the images by score, the share that is abnormal; patients are drawn whole."""
    order = np.argsort(table.score("run"), kind="stable")
    parts = np.array_split(order, np.clip(len(order) // FEWEST_GROUPS, 1, MOST_PARTS))
    return [_calibration_point(table, np.sort(part)) for part in parts]


def thresholds(pooled: Pooled) -> list[dict[str, float | None]]:
    """Return, at each level, the mean Dice of the annotated images and the share of normal images marked."""
    normal_pixels = pooled.normal[0]
    marked = tail(normal_pixels) / max(1.0, normal_pixels.sum())
    dice = pooled.dice[0] / max(1.0, float(pooled.images[0]))
    return [
        {
            "threshold": _round(EDGES[k]),
            "dice_mean": _round(dice[k]),
            "share_of_normal_image": _round(marked[k]),
        }
        for k in evenly_spaced(LEVELS, MOST_POINTS)
    ]


def _calibration_point(table: ScoredImages, part: NDArray[np.intp]) -> dict[str, Any]:
    among = np.zeros(len(table.cases), bool)
    among[part] = True
    drawn = share_of(table, table.cases.abnormal, among=among).to_dict()
    return {
        "images": len(part),
        "groups": drawn["groups"],
        "score": _round(table.score("run")[part].mean()),
        "abnormal": drawn["value"],
        "low": drawn["low"],
        "high": drawn["high"],
    }


def _counts(table: ScoredImages, method: str) -> tuple[Floats, Floats]:
    ones = np.ones((1, len(table.cases)))
    positives, negatives = counts_per_level(table.score(method), table.cases.abnormal, weights=ones)
    return positives[0], negatives[0]


def _points(x: Floats, y: Floats) -> list[list[float]]:
    return [[_round(x[k]), _round(y[k])] for k in evenly_spaced(len(x), MOST_POINTS)]


def _round(value: Any) -> float:
    return round(float(value), 6)
