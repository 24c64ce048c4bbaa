"""Real opacities, and synthetic ones painted where the comparison is fair.

Radiographs of different hospitals can be told apart without looking at any opacity. So synthetic opacities are
painted into radiographs of the *same* source as the real ones: into lungs of diseased radiographs that are at most
35 % affected, and only where the reader marked nothing. Cropped are squares that lie (75 % of them) in an opacity.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.decode import read_image, read_mask
from artasyn.synth.lungs.sides import label_sides
from artasyn.synth.opacities import OpacityConfig, synthesize
from artasyn.synth.seeds import generator

__all__ = ["CROP", "Crops", "MarkedRadiograph", "crops_of", "free_lungs", "paint", "read_radiographs"]

CROP = 48
"""Side of a crop, in pixels of a 256-pixel image."""
FREE_BELOW = 0.35
"""A lung less affected than this is painted into, outside what the reader marked."""

Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class MarkedRadiograph:
    """One radiograph; `mask` is all 0 where nothing was marked."""

    name: str
    image: Grey
    labels: Grey
    mask: Grey


@dataclass
class Crops:
    """Squares of grey values and the radiograph each comes from."""

    pixels: list[Grey] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def read_radiographs(root: Path, cls: str, *, split: str = "") -> list[MarkedRadiograph]:
    """Read the radiographs of a class that `index.csv` (file, cls, split, infection_mask, lung_mask) lists."""
    with (root / "index.csv").open(encoding="utf-8") as lines:
        rows = [r for r in csv.DictReader(lines) if r["cls"] == cls and split in ("", r["split"])]
    return [_radiograph(root, row) for row in rows]


def _radiograph(root: Path, row: dict[str, str]) -> MarkedRadiograph:
    labels = label_sides(read_mask(root / row["lung_mask"]))
    mask = np.zeros_like(labels)
    if row["infection_mask"]:
        mask[read_mask(root / row["infection_mask"]) & (labels > 0)] = 1
    return MarkedRadiograph(row["file"], read_image(root / row["file"]), labels, mask)


def free_lungs(radiographs: Sequence[MarkedRadiograph]) -> list[MarkedRadiograph]:
    """Return what is free of disease: one entry a lung, its labels without the marked part (and 4 pixels about it)."""
    free = []
    for radiograph in radiographs:
        near = cv2.dilate(radiograph.mask, np.ones((9, 9), np.uint8)) > 0
        for side in (1, 2):
            lung = radiograph.labels == side
            if lung.sum() > 2500 and radiograph.mask[lung].mean() < FREE_BELOW:
                rest = np.where(lung & ~near, radiograph.labels, 0).astype(np.uint8)
                free.append(
                    MarkedRadiograph(radiograph.name, radiograph.image, rest, np.zeros_like(radiograph.mask))
                )
    return free


def paint(
    radiographs: Sequence[MarkedRadiograph], config: OpacityConfig, *, seed: int, times: int = 1
) -> list[MarkedRadiograph]:
    """Paint `times` opacities into each radiograph, each a radiograph of its own with the exact mask."""
    painted = []
    for radiograph in radiographs:
        for variant in range(times):
            rng = generator(seed, f"{radiograph.name} {radiograph.labels.argmax()}", variant, stage="realism")
            try:
                opacity = synthesize(radiograph.image, radiograph.labels, rng=rng, config=config)
            except ImageError:
                continue
            mask = opacity.outline * (radiograph.labels > 0)
            painted.append(
                MarkedRadiograph(radiograph.name, opacity.altered, radiograph.labels, mask.astype(np.uint8))
            )
    return painted


def crops_of(
    radiographs: Sequence[MarkedRadiograph],
    region: Callable[[MarkedRadiograph], Any],
    *,
    each: int,
    cover: float = 0.75,
) -> Crops:
    """Crop up to `each` random squares a radiograph that lie in its region."""
    crops, half = Crops(), CROP // 2
    for number, radiograph in enumerate(radiographs):
        inside = np.asarray(region(radiograph), dtype=np.float32)
        share = cv2.boxFilter(inside, -1, (CROP, CROP), borderType=cv2.BORDER_CONSTANT)
        share[:half] = share[-half:] = share[:, :half] = share[:, -half:] = 0
        places = np.argwhere(share >= cover)
        if len(places) < 30:
            continue
        rng = generator(number, radiograph.name, 0, stage="crops")
        for row, column in places[rng.choice(len(places), size=each, replace=False)]:
            crops.pixels.append(radiograph.image[row - half : row + half, column - half : column + half])
            crops.names.append(radiograph.name)
    return crops
