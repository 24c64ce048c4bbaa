"""Box figures the slow way: pixel by pixel, threshold by threshold, image by image."""

from collections.abc import Sequence

import numpy as np

__all__ = ["reference_ap", "reference_froc", "reference_iou"]

Box = Sequence[float]
Scored = list[tuple[float, Box]]


def reference_iou(a: Box, b: Box) -> float:
    """Count the pixels in both boxes and in either; for boxes of whole numbers."""
    one, other = _pixels(a), _pixels(b)
    return len(one & other) / len(one | other) if one | other else 0.0


def reference_froc(images: list[tuple[Scored, list[Box]]], *, rate: float) -> float:
    """Try every score as the threshold; marks are (score, (x, y)). Return the best share of boxes found."""
    best, boxes = 0.0, sum(len(truth) for _, truth in images)
    for threshold in {score for marks, _ in images for score, _ in marks}:
        found = false = 0
        for marks, truth in images:
            kept = [place for score, place in marks if score >= threshold]
            found += sum(any(_holds(box, place) for place in kept) for box in truth)
            false += sum(not any(_holds(box, place) for box in truth) for place in kept)
        if false <= rate * len(images):
            best = max(best, found / boxes)
    return best


def reference_ap(images: list[tuple[Scored, list[Box]]], *, least: float) -> float:
    """Walk down all drawn boxes by score, match each greedily, and sum precision at each find; distinct scores."""
    ranked = sorted(
        ((score, i, box) for i, (drawn, _) in enumerate(images) for score, box in drawn), reverse=True
    )
    used: set[tuple[int, int]] = set()
    hits, total, targets = 0, 0.0, sum(len(truth) for _, truth in images)
    for rank, (_, i, box) in enumerate(ranked, start=1):
        overlaps = [
            (reference_iou(box, truth), k) for k, truth in enumerate(images[i][1]) if (i, k) not in used
        ]
        best, k = max(overlaps, key=lambda pair: (pair[0], -pair[1]), default=(-1.0, 0))
        if best >= least:
            used.add((i, k))
            hits += 1
            total += hits / rank
    return total / targets if targets else float(np.nan)


def _holds(box: Box, place: Sequence[float]) -> bool:
    x, y, width, height = box
    return x <= place[0] <= x + width and y <= place[1] <= y + height


def _pixels(box: Box) -> set[tuple[int, int]]:
    x, y, width, height = map(int, box)
    return {(i, j) for i in range(x, x + width) for j in range(y, y + height)}
