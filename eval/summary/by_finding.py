"""The run's figures on each finding that readers named, by boxes or by masks."""

from typing import Any

import numpy as np

from artasyn.eval.metrics.bootstrap import draw
from artasyn.eval.metrics.overlap import dice, iou, weighted_mean
from artasyn.eval.metrics.ranking import Floats
from artasyn.eval.scoring.results import ScoredImages
from artasyn.eval.summary.estimates import separation

__all__ = ["by_finding"]


def by_finding(table: ScoredImages) -> list[dict[str, Any]]:
    """Return hit rate (pointing game), mean IoU and Dice on the images that show it, and AUROC against the normal ones.

    A run marks no finding by name: what it marks for another finding of the same image lowers IoU and Dice.
    """
    return [_part(table, k, finding) for k, finding in enumerate(table.cases.annotations.findings)]


def _part(table: ScoredImages, k: int, finding: str) -> dict[str, Any]:
    shown = table.cases.abnormal & table.cases.annotations.has(finding)
    hit, tp, fp, fn = table.findings[shown, k].T

    def figures(weights: Floats) -> dict[str, Floats]:
        return {
            "iou_mean": weighted_mean(iou(tp, fp, fn), weights=weights),
            "dice_mean": weighted_mean(dice(tp, fp, fn), weights=weights),
        }

    among = shown | ~table.cases.abnormal
    weights = table.weights[:, shown]
    found = draw(lambda w: {"hit_rate": weighted_mean(hit, weights=w)}, weights, counted=True)
    found |= draw(figures, weights)
    if shown.any() and not table.cases.abnormal.all():
        found |= {"auroc_against_normals": separation(table, among)}
    named = {name: figure.to_dict() for name, figure in found.items()}
    return {"finding": finding, "images": int(np.count_nonzero(shown)), **named}
