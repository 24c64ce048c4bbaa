"""Do normal images of this store score as those of the training did? Frozen thresholds hold only where they do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import draw
from artasyn.eval.metrics.overlap import weighted_mean
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.subgroups import attribute_groups, in_order
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["shift"]

SHOWN = (0.25, 0.5, 0.75, 0.95)
"""Quantiles of the normal images' scores that are told."""


def shift(table: ScoredImages, thresholds: Thresholds) -> dict[str, Any]:
    """Return the scores of normal images: the training's held-out ones, this store's, and those of each of its parts.

    `warning` is a sentence where clearly more of them are called abnormal than of the training's; else empty.
    """
    normal = ~table.cases.abnormal
    if not normal.any():
        return {}
    rows = [_row(table, thresholds, "all", "", normal)]
    for column, values in attribute_groups(table).items():
        parts = [(value, normal & (values == value)) for value in in_order(values[normal])]
        if len(parts) > 1:  # a column in which normal images do not differ, such as the label, tells nothing
            rows += [_row(table, thresholds, column, value, among) for value, among in parts]
    expected = 1 - thresholds.specificity
    report = {"expected_called_abnormal": round(expected, 6), "training": _training(thresholds), "rows": rows}
    return report | {"warning": _warning(rows[0]["called_abnormal"], expected)}


def _row(
    table: ScoredImages, thresholds: Thresholds, column: str, value: str, among: NDArray[np.bool_]
) -> dict[str, Any]:
    scores = table.score("run")[among]
    called = (scores >= thresholds.image).astype(np.float64)
    share = draw(lambda w: {"": weighted_mean(called, weights=w)}, table.weights[:, among])[""]
    return {
        "column": column,
        "value": value,
        "images": int(np.count_nonzero(among)),
        "quantiles": {f"{part:g}": round(float(np.quantile(scores, part)), 6) for part in SHOWN},
        "called_abnormal": share.to_dict(),
    }


def _training(thresholds: Thresholds) -> dict[str, Any]:
    """Return the same of the training's held-out normal images; no quantiles in runs that kept none."""
    kept = np.array(thresholds.normal_scores)
    quantiles = {f"{part:g}": round(float(np.quantile(kept, part)), 6) for part in SHOWN} if kept.size else {}
    return {"images": thresholds.normal_images, "quantiles": quantiles}


def _warning(called: dict[str, Any], expected: float) -> str:
    if called["low"] is None or called["low"] <= expected:
        return ""
    return (
        f"Normal images of this store score higher than those of the training: {called['value']:.0%} of them are "
        f"called abnormal at the frozen threshold, {expected:.0%} of the training's. Sensitivity and specificity at "
        "that threshold, and scores beside those of other stores, mean something else here. "
        "With normal images of this place, --recalibrate learns thresholds that fit it."
    )
