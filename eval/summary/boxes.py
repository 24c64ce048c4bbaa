"""Figures against readers' boxes: where the map points, which boxes it finds, and at what cost of false marks."""

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Weights, count_groups, draw, draws_of
from artasyn.eval.metrics.overlap import dice, weighted_mean
from artasyn.eval.metrics.ranking import Floats, detection_precision, sensitivity_at_rate, tail
from artasyn.eval.metrics.ratio import ratio
from artasyn.eval.scoring.box_statistics import OVERLAPS
from artasyn.eval.scoring.image_statistics import MAPS, MASKS
from artasyn.eval.scoring.pixel_pool import pool, sum_levels
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.estimates import Figures, pixel_ranking

__all__ = ["box_level", "filled_boxes", "froc_curve"]

FALSE_MARKS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""False marks an image at which FROC is read, as in LUNA16 (Setio et al. 2017)."""


def box_level(table: ScoredImages) -> Figures:
    """Return the run's figures on boxes; marks and drawn boxes count on images with boxes and on normal ones."""
    boxed = table.cases.boxed
    hit, energy = table.boxes[boxed, 1:3].T
    weights = table.weights[:, boxed]
    pointing = draw(lambda w: {"pointing_game": weighted_mean(hit, weights=w)}, weights, counted=True)
    inside = draw(lambda w: {"energy_inside": weighted_mean(energy, weights=w)}, weights)
    return pointing | inside | _froc(table) | _drawn(table)


def filled_boxes(table: ScoredImages) -> dict[str, Figures]:
    """Return pixel figures of every method with the filled boxes as the truth."""
    boxed, figures = table.cases.boxed, dict[str, Figures]()
    for name in MASKS:
        chosen = boxed & table.available(name)
        values = dice(*table.box_counts[chosen, MASKS.index(name), :3].T)
        if chosen.any():
            figures[name] = draw(
                lambda w, values=values: {"dice_mean": weighted_mean(values, weights=w)},  # type: ignore[misc]
                table.weights[:, chosen],
            )
    maps = MAPS if table.has_lungs.any() else MAPS[:1]
    methods = [MAPS.index(name) for name in maps]
    sums = pool(table.journal, boxed, table.weights, methods=methods, truth="box_")
    for name, pooled in zip(maps, sums, strict=True):
        ranked = pixel_ranking(pooled)
        figures[name] = figures.get(name, {}) | {k: v for k, v in ranked.items() if k != "oracle_dice"}
    return figures


def froc_curve(table: ScoredImages) -> list[list[float]]:
    """Return (false marks an image, share of the boxes found) from the highest mark down."""
    found, false, boxes, images = _marks(table, table.weights[:1])
    x, y = tail(false)[0, ::-1] / images[0], tail(found)[0, ::-1] / boxes[0]
    kept = np.flatnonzero(np.r_[True, (np.diff(x) > 0) | (np.diff(y) > 0)])
    return [[round(float(x[k]), 6), round(float(y[k]), 6)] for k in kept if x[k] <= FALSE_MARKS[-1]]


def _marks(table: ScoredImages, weights: Weights) -> tuple[Floats, Floats, Floats, Floats]:
    """Return boxes by their highest mark and false marks, `(B, LEVELS)`, and the number of boxes and images, `(B,)`."""
    chosen = _searched(table)
    found, false = (
        sum_levels(table.journal, name, weights, chosen=chosen) for name in ("box_found", "false_marks")
    )
    boxes = weights[:, chosen].astype(float) @ table.boxes[chosen, 0]
    return found, false, boxes, weights[:, chosen].sum(1, dtype=float)


def _froc(table: ScoredImages) -> Figures:
    found, false, boxes, images = _marks(table, table.weights)
    rates = np.array([sensitivity_at_rate(found, false, boxes, images, rate=rate) for rate in FALSE_MARKS])
    groups = count_groups(table.weights[:, table.cases.boxed])
    frozen = table.weights[:, _searched(table)].astype(float) @ table.boxes[_searched(table), 3:]
    recall, cost = ratio(frozen[:, 0], boxes), ratio(frozen[:, 1], images)
    named = {"froc_mean": rates.mean(0), "box_recall": recall}
    named |= {f"froc_{rate:g}": rates[k] for k, rate in enumerate(FALSE_MARKS)}
    shares = {name: draws_of(column, groups=groups, counted=True) for name, column in named.items()}
    return shares | {"false_marks_an_image": draws_of(cost, groups=groups)}


def _drawn(table: ScoredImages) -> Figures:
    chosen, figures = _searched(table), Figures()
    boxes = table.weights[:, chosen].astype(float) @ table.boxes[chosen, 0]
    groups = count_groups(table.weights[:, table.cases.boxed])
    for k, overlap in enumerate(OVERLAPS):
        true, false = (
            sum_levels(table.journal, name, table.weights, chosen=chosen, part=k)
            for name in ("drawn_true", "drawn_false")
        )
        precision = detection_precision(true, false, boxes)
        figures[f"box_ap_{overlap:g}"] = draws_of(precision, groups=groups, counted=True)
    return figures


def _searched(table: ScoredImages) -> NDArray[np.bool_]:
    return np.asarray(table.cases.boxed | ~table.cases.abnormal)
