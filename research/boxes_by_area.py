"""Which boxes of readers a run finds, by their area."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import open_version
from artasyn.eval.metrics.boxes import find_marks
from artasyn.eval.scoring.measure import read_samples
from artasyn.eval.scoring.selection import select_images
from artasyn.train.runs.run import open_run

__all__ = ["boxes_by_area", "mark_boxes", "thirds"]

Floats = NDArray[np.float64]


def boxes_by_area(run_folder: Path, store: str, *, false_marks: float) -> dict[str, str]:
    """Return, for each third of a store's boxes by area, how many of them hold a mark.

    Marks count down to the level at which `false_marks` an image lie in no box, over images with boxes and normal ones.
    """
    run, version = open_run(run_folder), open_version(store)
    cases = select_images(version)
    areas, highest, false, images = [], [], [], 0
    for sample in read_samples(run, version, cases, range(len(cases))):
        boxes = np.zeros((0, 4)) if sample.boxes is None else sample.boxes
        inside, outside = mark_boxes(sample.anomaly, boxes)
        areas.append(boxes[:, 2:].prod(-1) / sample.anomaly.size)
        highest.append(inside)
        false.append(outside)
        images += 1
    ranked = np.sort(np.concatenate(false))[::-1]
    allowed = int(false_marks * images)
    least = float(ranked[allowed]) if allowed < len(ranked) else 0.0
    return thirds(np.concatenate(areas), np.concatenate(highest) > least)


def mark_boxes(anomaly: NDArray[np.float32], boxes: Floats) -> tuple[Floats, Floats]:
    """Return the highest mark in each box, 0 where there is none, and the marks in no box."""
    values, centres = find_marks(anomaly)
    offset = centres[:, None, :] - boxes[None, :, :2]
    inside = ((offset >= 0) & (offset <= boxes[None, :, 2:])).all(-1)
    highest = np.where(inside, values[:, None], 0.0).max(axis=0, initial=0.0)
    return highest, values[~inside.any(axis=1)].astype(np.float64)


def thirds(areas: Floats, found: NDArray[np.bool_]) -> dict[str, str]:
    """Return `found of all` for each third of the boxes, by the range of its areas in per cent of the image."""
    parts = np.array_split(np.argsort(areas, kind="stable"), 3)
    return {
        f"{100 * areas[part].min():.1f}-{100 * areas[part].max():.1f} %": f"{found[part].sum()} of {len(part)}"
        for part in parts
    }
