"""The figures of a report, each with its interval: image level, pixel level, normal images."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Draws, Weights, count_groups, draw, draws_of
from artasyn.eval.metrics.overlap import pooled_dice, weighted_mean, weighted_median
from artasyn.eval.metrics.own_pairs import between_groups, own_pairs
from artasyn.eval.metrics.ranking import (
    Floats,
    aupimo,
    aupro,
    auroc,
    average_precision,
    counts_per_level,
    sensitivity_at_specificity,
)
from artasyn.eval.scoring.image_statistics import MASKS, SCORES
from artasyn.eval.scoring.pixel_pool import Pooled
from artasyn.eval.scoring.results import ScoredImages

__all__ = [
    "Figures",
    "at_threshold",
    "image_level",
    "on_normals",
    "overlap",
    "pixel_ranking",
    "separation",
    "share_of",
]

Figures = dict[str, Draws]

ROWS = 32
"""Resamples whose pixels are ranked at once."""


def image_level(table: ScoredImages, method: str) -> Figures:
    """Rank abnormal images against normal ones by a method's score."""
    scores, abnormal = table.score(method), table.cases.abnormal
    own = own_pairs(scores, abnormal, table.groups)

    def statistic(weights: Floats) -> dict[str, Floats]:
        counts = counts_per_level(scores, abnormal, weights=weights)
        return {
            "auroc": between_groups(*counts, own, weights=weights),
            "average_precision": average_precision(*counts),
            "sensitivity_at_95_specificity": sensitivity_at_specificity(*counts),
        }

    figures = draw(statistic, table.weights, groups=_smaller_class(table.weights, abnormal), counted=True)
    if _mostly_mixed(table.groups, abnormal):
        precision = figures["average_precision"]
        figures["average_precision"] = replace(precision, resampled=np.full_like(precision.resampled, np.nan))
    return figures


def separation(table: ScoredImages, among: NDArray[np.bool_]) -> Draws:
    """Return the AUROC of the run's score among some images alone, for less work than all of `image_level`."""
    scores, abnormal = table.score(SCORES[0])[among], table.cases.abnormal[among]
    weights = table.weights[:, among]
    own = own_pairs(scores, abnormal, table.groups[among])

    def statistic(weights: Floats) -> dict[str, Floats]:
        counts = counts_per_level(scores, abnormal, weights=weights)
        return {"": between_groups(*counts, own, weights=weights)}

    return draw(statistic, weights, groups=_smaller_class(weights, abnormal), counted=True)[""]


def _smaller_class(weights: Weights, abnormal: NDArray[np.bool_]) -> int:
    """Return how many groups the smaller class has."""
    return min(count_groups(weights[:, abnormal]), count_groups(weights[:, ~abnormal]))


def _mostly_mixed(groups: NDArray[np.intp], abnormal: NDArray[np.bool_]) -> bool:
    """Tell whether most groups hold both classes, as radiographs with their synthetic opacities do.

    Resamples of average precision then lie beside the figure, not about it (research/coverage.py): no interval.
    """
    return 2 * len(np.intersect1d(groups[abnormal], groups[~abnormal])) > len(np.unique(groups))


def at_threshold(table: ScoredImages, threshold: float) -> Figures:
    """Return sensitivity, specificity and predictive values at the image threshold that the run brought with it."""
    called, abnormal = table.score(SCORES[0]) >= threshold, table.cases.abnormal
    right = called == abnormal
    return {
        "sensitivity": share_of(table, right, among=abnormal),
        "specificity": share_of(table, right, among=~abnormal),
        "ppv": share_of(table, right, among=called),
        "npv": share_of(table, right, among=~called),
    }


def share_of(table: ScoredImages, chosen: NDArray[np.bool_], *, among: NDArray[np.bool_]) -> Draws:
    """Return the share of the images `among` some that are `chosen`, `(n,)` each."""
    values = chosen[among].astype(np.float64)
    return draw(lambda w: {"": weighted_mean(values, weights=w)}, table.weights[:, among], counted=True)[""]


def overlap(table: ScoredImages, method: str, *, among: NDArray[np.bool_] | None = None) -> Figures:
    """Compare a method's marked area with the truth, on the annotated images `among` some or all."""
    chosen = table.cases.annotated if among is None else table.cases.annotated & among
    chosen = chosen & table.available(method)
    dice, iou = table.dice(method)[chosen], table.iou(method)[chosen]
    tp, fp, fn = table.counts[chosen, MASKS.index(method), :3].T

    def statistic(weights: Floats) -> dict[str, Floats]:
        return {
            "dice_mean": weighted_mean(dice, weights=weights),
            "dice_median": weighted_median(dice, weights=weights),
            "iou_mean": weighted_mean(iou, weights=weights),
            "dice_pooled": pooled_dice(tp, fp, fn, weights=weights),
        }

    return draw(statistic, table.weights[:, chosen])


def pixel_ranking(pooled: Pooled, *, normal_groups: int = 0) -> Figures:
    """Rank the pixels of the annotated images by an anomaly map.

    Where there are `normal_groups` of normal images, the same with their pixels beside, and AUPIMO, whose false
    positives are theirs alone.
    """
    best = pooled.dice.max(-1) / np.where(pooled.images > 0, pooled.images, np.nan)
    used = pooled.at_used_levels()
    among = _by_rows(_ranked, used) | {"oracle_dice": best}
    figures = {name: draws_of(values, groups=pooled.groups) for name, values in among.items()}
    if not normal_groups:
        return figures
    groups = min(pooled.groups, normal_groups)
    beside = _by_rows(_ranked_with_normals, used)
    return figures | {name: draws_of(values, groups=groups) for name, values in beside.items()}


def _by_rows(ranked: Callable[[Pooled], dict[str, Floats]], used: Pooled) -> dict[str, Floats]:
    """Rank some resamples at a time: what lies near the processor takes half of the time."""
    starts = range(0, len(used.images), ROWS)
    parts = [ranked(used.rows(slice(first, first + ROWS))) for first in starts]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _ranked(used: Pooled) -> dict[str, Floats]:
    return {
        "pixel_auroc": auroc(used.positives, used.negatives),
        "pixel_average_precision": average_precision(used.positives, used.negatives),
        "aupro_30": aupro(used.regions, used.negatives),
    }


def _ranked_with_normals(used: Pooled) -> dict[str, Floats]:
    theirs, both = used.normal, used.negatives + used.normal
    return {
        "pixel_auroc_with_normals": auroc(used.positives, both),
        "pixel_average_precision_with_normals": average_precision(used.positives, both),
        "aupro_30_with_normals": aupro(used.regions, both),
        "aupimo": aupimo(used.recalls, theirs, low=1e-5, high=1e-4),
        "aupimo_wide": aupimo(used.recalls, theirs, low=1e-3, high=1e-1),
    }


def on_normals(table: ScoredImages, method: str, *, among: NDArray[np.bool_] | None = None) -> Figures:
    """Return how much of the normal images, and of their lungs, a method marks."""
    normal = ~table.cases.abnormal & table.available(method)
    normal = normal if among is None else normal & among
    lungs = normal & table.has_lungs
    image, lung = table.marked_share(method), table.marked_share_of_lungs(method)
    of_image = draw(
        lambda w: {"share_of_image": weighted_mean(image[normal], weights=w)}, table.weights[:, normal]
    )
    of_lungs = draw(
        lambda w: {"share_of_lungs": weighted_mean(lung[lungs], weights=w)}, table.weights[:, lungs]
    )
    return of_image | {"images_with_a_mark": share_of(table, image > 0, among=normal)} | of_lungs
