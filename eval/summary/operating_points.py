"""What the run does at each of the thresholds that were frozen in it, and its verdicts counted."""

from typing import Any

import numpy as np

from artasyn.eval.metrics.bootstrap import draw
from artasyn.eval.metrics.overlap import dice, weighted_mean
from artasyn.eval.metrics.ratio import ratio
from artasyn.eval.scoring.recalibrate import PlaceThresholds
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.estimates import at_threshold, share_of
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["confusion", "operating_points", "recalibrated"]


def operating_points(
    table: ScoredImages, thresholds: Thresholds | PlaceThresholds, *, pixel_only: bool, first: int = 0
) -> dict[str, list[dict[str, Any]]]:
    """Return figures at every further threshold of the run, or of a place; empty lists for runs that froze none.

    `first` is the number of the first of these pixel thresholds among all that marks were counted at.
    """
    pixel = [
        {"rule": rule, "threshold": round(value, 6)} | _pixel_point(table, k)
        for k, (rule, value) in enumerate(thresholds.pixel_at.items(), start=first)
    ]
    image = [] if pixel_only else [_image_point(table, *pair) for pair in thresholds.image_at.items()]
    return {"pixel": pixel, "image": image}


def recalibrated(
    table: ScoredImages, frozen: Thresholds, place: PlaceThresholds, *, pixel_only: bool
) -> dict[str, Any]:
    """Return the same at the thresholds of a place, and what they were learnt from and assume."""
    points = operating_points(table, place, pixel_only=pixel_only, first=len(frozen.pixel_at))
    counts = {"normal": place.normal, "unlabelled": place.unlabelled, "left_out": dict(place.left_out)}
    return {"store": place.store, **counts, "assumption": _assumption(place), **points}


def _assumption(place: PlaceThresholds) -> str:
    if not place.unlabelled:
        return "All of these images are labelled normal."
    return (
        f"{place.unlabelled} of these images have no label and are taken as normal: where some show disease, the "
        "thresholds lie too high, and less is marked and called abnormal than the rules say."
    )


def confusion(table: ScoredImages, threshold: float) -> dict[str, int]:
    """Count the images by label and by verdict at the frozen image threshold."""
    called, abnormal = table.score("run") >= threshold, table.cases.abnormal
    pairs = {
        "abnormal_called_abnormal": called & abnormal,
        "abnormal_called_normal": ~called & abnormal,
        "normal_called_abnormal": called & ~abnormal,
        "normal_called_normal": ~called & ~abnormal,
    }
    return {name: int(np.count_nonzero(chosen)) for name, chosen in pairs.items()}


def _image_point(table: ScoredImages, rule: str, threshold: float) -> dict[str, Any]:
    figures = at_threshold(table, threshold)
    plain = {name: figure.to_dict() for name, figure in figures.items()}
    return {"rule": rule, "threshold": round(threshold, 6), **plain}


def _pixel_point(table: ScoredImages, k: int) -> dict[str, Any]:
    annotated, normal = table.cases.annotated, ~table.cases.abnormal
    lungs = normal & table.has_lungs
    tp, fp, fn, marked, inside = table.points[:, k].T
    means = {
        "dice_mean": (dice(tp, fp, fn), annotated),
        "share_of_lungs": (ratio(inside, table.areas[:, 1]), lungs),
    }
    point = {
        name: draw(
            lambda w, values=values[chosen]: {"": weighted_mean(values, weights=w)},  # type: ignore[misc]
            table.weights[:, chosen],
        )[""].to_dict()
        for name, (values, chosen) in means.items()
        if chosen.any()
    }
    with_a_mark = {"images_with_a_mark": share_of(table, marked > 0, among=normal).to_dict()}
    return point | with_a_mark if normal.any() else point
