"""Do normal images of this store score as those of the training did? Frozen thresholds hold only where they do."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import FEWEST_GROUPS
from artasyn.eval.metrics.proportion import wilson
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.estimates import share_of
from artasyn.eval.summary.subgroups import attribute_groups, in_order
from artasyn.train.scoring.thresholds import FEWEST_NORMALS, Thresholds

__all__ = ["shift"]

SHOWN = (0.25, 0.5, 0.75, 0.95)
"""Quantiles of the normal images' scores that are told."""


def shift(table: ScoredImages, thresholds: Thresholds) -> dict[str, Any]:
    """Return the scores of normal images: the training's held-out ones, this store's, and those of each of its parts.

    `warning` is a text where clearly more of them are called abnormal than of the training's, `too_few` one where that
    cannot be told; else empty.
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
    training = _training(thresholds)
    too_few = _too_few(rows[0], thresholds.normal_images)
    return {
        "expected_called_abnormal": round(expected, 6),
        "training": training,
        "rows": rows,
        "too_few": too_few,
        "warning": "" if too_few else _warning(rows[0], training, expected),
    }


def _row(
    table: ScoredImages, thresholds: Thresholds, column: str, value: str, among: NDArray[np.bool_]
) -> dict[str, Any]:
    scores = table.score("run")[among]
    share = share_of(table, table.score("run") >= thresholds.image, among=among)
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


def _too_few(here: dict[str, Any], held_out: int) -> str:
    """Return why the two cannot be compared; empty where they can."""
    if held_out >= FEWEST_NORMALS and here["called_abnormal"]["low"] is not None:
        return ""
    return (
        f"Too few to say whether normal images score here as in training: {here['images']} here, {held_out} held "
        f"out in training. Needed: {FEWEST_GROUPS} patients here, {FEWEST_NORMALS} held-out images."
    )


def _warning(here: dict[str, Any], training: dict[str, Any], expected: float) -> str:
    """Return a sentence where the intervals of the shares called abnormal, here and in training, lie apart."""
    called, held_out = here["called_abnormal"], training["images"]
    if called["low"] <= wilson(expected, held_out)[1]:
        return ""
    return (
        f"More normal images are called abnormal than in training: {100 * called['value']:.0f} % (95 % interval "
        f"{100 * called['low']:.0f} % to {100 * called['high']:.0f} %) of the {here['images']} of this store, "
        f"{100 * expected:.0f} % of the {held_out} held out in training, at the same frozen threshold. "
        f"{_quantiles(here, training)}"
        "So the frozen threshold does not do here what it was chosen for, and scores cannot be compared with those of "
        "other stores. With normal images of this place, --recalibrate learns thresholds that fit it."
    )


def _quantiles(here: dict[str, Any], training: dict[str, Any]) -> str:
    """Return the scores of both, middle against middle and upper quarter against upper quarter."""
    if not training["quantiles"]:
        return ""
    (middle, upper), (middle_then, upper_then) = (
        (side["quantiles"]["0.5"], side["quantiles"]["0.75"]) for side in (here, training)
    )
    return (
        f"Half of the scores lie above {middle:.2f} here and {middle_then:.2f} in training, "
        f"a quarter above {upper:.2f} and {upper_then:.2f}. "
    )
