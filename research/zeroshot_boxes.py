"""Protocol c: do the marks of a run lie in the boxes that radiologists drew?"""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from artasyn.data_manifests.images.decode import read_image
from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.eval.inference import infer
from artasyn.train.runs.run import Run, open_run
from artasyn.train.scoring.thresholds import predicted_mask
from research.zeroshot_table import Interval, Row

__all__ = ["judge_boxes"]

LEAST_MARK = 0.0005
"""BurnedIn smaller than this share of the image are specks and count nowhere."""

Box = tuple[float, float, float, float]
"""Left, top, width, height, in shares of the image's sides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What one image came to."""

    boxes: int
    found: int
    """Boxes in which the centre of a mark lies."""
    pointed: bool
    """Whether the highest value of the anomaly map lies in a box."""
    false_marks: int
    """BurnedIn whose centre lies in no box."""


def judge_boxes(data: Path, runs: Sequence[Path], *, recipe: str, minutes: float) -> list[Row]:
    """Return one line a run, in the order of the seeds."""
    boxes = _read_boxes(data)
    rows = []
    for seed, path in enumerate(runs):
        run = open_run(path)
        judged = [_judge(run, data / name, boxes[name]) for name in sorted(boxes)]
        rows.append(Row(recipe=recipe, protocol="c", seed=seed, minutes=minutes, figures=_figures(judged)))
    return rows


def _read_boxes(data: Path) -> dict[str, list[Box]]:
    """Return every image's boxes; those read as normal have none."""
    drawn = json.loads((data / "boxes.json").read_text())
    with (data / "index.csv").open(newline="") as file:
        names = [row["file"] for row in csv.DictReader(file)]
    return {
        name: [tuple(side / 1024 for side in box["box_xywh"]) for box in drawn.get(name, [])]
        for name in names
    }


def _judge(run: Run, path: Path, boxes: Sequence[Box]) -> Judged:
    anomaly, _ = infer(run, squeeze_to(read_image(path), run.size))
    labels, count = ndimage.label(predicted_mask(anomaly, run.thresholds.pixel), structure=np.ones((3, 3)))
    areas = np.bincount(labels.ravel(), minlength=count + 1)
    large = [i for i in range(1, count + 1) if areas[i] >= LEAST_MARK * labels.size]
    centres = [_share(centre, anomaly) for centre in ndimage.center_of_mass(labels > 0, labels, large)]
    row, column = divmod(int(anomaly.argmax()), anomaly.shape[1])
    peak = _share((row, column), anomaly)
    return Judged(
        boxes=len(boxes),
        found=sum(any(_inside(centre, box) for centre in centres) for box in boxes),
        pointed=any(_inside(peak, box) for box in boxes),
        false_marks=sum(not any(_inside(centre, box) for box in boxes) for centre in centres),
    )


def _share(place: Sequence[float], anomaly: NDArray[np.float32]) -> tuple[float, float]:
    """Return row and column as shares of the sides."""
    return (place[0] + 0.5) / anomaly.shape[0], (place[1] + 0.5) / anomaly.shape[1]


def _inside(place: tuple[float, float], box: Box) -> bool:
    left, top, width, height = box
    return top <= place[0] <= top + height and left <= place[1] <= left + width


def _figures(judged: Sequence[Judged]) -> dict[str, Interval]:
    """Return the figures with bootstrap intervals over images."""
    sick = np.array([(j.pointed, j.found, j.boxes) for j in judged if j.boxes], np.float64)
    false = np.array([j.false_marks for j in judged], np.float64)
    rng = np.random.default_rng(0)
    drawn = sick[rng.integers(len(sick), size=(1000, len(sick)))]  # (R, images, 3)
    others = false[rng.integers(len(false), size=(1000, len(false)))]
    return {
        "pointing": _interval(sick[:, 0].mean(), drawn[:, :, 0].mean(axis=1)),
        "box_recall": _interval(
            sick[:, 1].sum() / sick[:, 2].sum(), drawn[:, :, 1].sum(axis=1) / drawn[:, :, 2].sum(axis=1)
        ),
        "false_marks": _interval(false.mean(), others.mean(axis=1)),
    }


def _interval(value: float, draws: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(draws, [0.025, 0.975])
    return round(float(value), 4), round(float(low), 4), round(float(high), 4)
