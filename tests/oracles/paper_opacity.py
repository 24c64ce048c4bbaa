"""The published opacity, step by step and slowly, as the measure of the fast one.

Every stamp is scaled, turned and laid over the whole canvas; Voronoi cells are found by looking at every seed.
`draw_stamps` draws freely from the text's ranges; `replay_stamps` takes the stamps of a record of the fast painter.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from artasyn.synth.opacities import OpacityRecord
from artasyn.synth.opacities.brush.layers import cell_centres
from artasyn.synth.opacities.brush.stamps import ANGLES, SIZES
from artasyn.synth.opacities.brush.strokes import stroke_stamps
from artasyn.synth.opacities.brush.tips import procedural_tip

__all__ = ["Stamp", "draw_stamps", "oracle_opacity", "replay_stamps"]

Field = NDArray[np.float64]
Grey = NDArray[np.uint8]


@dataclass(frozen=True)
class Stamp:
    """One impression of the tip: centre and width in pixels, angle in degrees."""

    row: float
    column: float
    width: float
    degrees: float
    strength: float


def draw_stamps(labels: Grey, *, rng: np.random.Generator) -> list[list[Stamp]]:
    """Draw strokes and stamps for a 256 x 256 image as the paper's numbers say, one list a stroke."""
    counts = [0, 0]
    while not sum(counts):
        counts = [
            0 if rng.random() < 0.2 else int(rng.choice([1, 2, 3, 4, 10, 11, 12, 13, 14])) for _ in counts
        ]
    strokes = []
    for side, count in zip((1, 2), counts, strict=True):
        lung = np.argwhere(labels == side)
        strokes += [_draw_stroke(lung, rng=rng) for _ in range(count if len(lung) else 0)]
    return strokes


def _draw_stroke(lung: NDArray[np.int64], *, rng: np.random.Generator) -> list[Stamp]:
    start, end = lung[rng.integers(len(lung), size=2)].astype(float)
    control = (start + end) / 2 + rng.uniform(-30, 30, size=2)
    t = np.linspace(0, 1, 100)[:, None]
    curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * control + t**2 * end
    length = float(np.sqrt((np.diff(curve, axis=0) ** 2).sum(axis=1)).sum())
    stamps = []
    for width in (80.0, 50.0):
        count = min(100, max(1, int(length / (0.05 * width))))
        for row, column in curve[rng.choice(100, size=count, replace=False)]:
            strength = rng.uniform(0.07, 0.3) * rng.uniform(0.67, 1.0)
            stamps.append(Stamp(row, column, width * rng.uniform(0.3, 1), rng.uniform(0, 360), strength))
    return stamps


def replay_stamps(record: OpacityRecord, *, unit: float = 1.0) -> list[list[Stamp]]:
    """Return the stamps that the fast painter lays for this record."""
    params = record.kinds[0].params
    factors = np.linspace(*params.width_jitter, SIZES)
    return [
        [
            Stamp(row, column, brush * unit * factors[width], 360 * turn / ANGLES, params.strengths[level])
            for stamps, brush in zip(layers, params.widths, strict=True)
            for row, column, width, turn, level in stamps.tolist()
        ]
        for layers in stroke_stamps(params, unit=unit)
    ]


def oracle_opacity(
    image: Grey, labels: Grey, strokes: list[list[Stamp]], *, tip: int, cells_seed: int
) -> tuple[Grey, Grey, Grey]:
    """Return altered image, alpha and mask of a 256 x 256 image."""
    raw = _paint(image.shape, strokes, procedural_tip(tip))
    soft = ndimage.gaussian_filter(raw, 8, mode="mirror")
    crystal = _crystallise(raw, cell_centres(image.shape, cells=500, seed=cells_seed))
    soft_crystal = ndimage.gaussian_filter(crystal, 3, mode="mirror")
    alpha = np.zeros(image.shape)
    for layer in (0.4 * raw, soft, 0.5 * crystal, 0.5 * soft_crystal, 0.5 * crystal, soft):
        alpha = _over(layer, alpha)
    widened = ndimage.binary_dilation(labels > 0, np.ones((7, 7))).astype(float)
    lung_gate = ndimage.gaussian_filter(widened, 5, mode="mirror", truncate=3.0)
    gated = np.clip(alpha * lung_gate * (0.5 + 0.5 * image / 255) * 1.5, 0, 1)
    alpha8 = np.rint(gated * 255).astype(np.uint8)
    return _blend(image, alpha8, np.percentile(image, 85)), alpha8, (alpha8 > 80).astype(np.uint8)


def _paint(shape: tuple[int, ...], strokes: list[list[Stamp]], tip: NDArray[np.float32]) -> Field:
    drawing = np.zeros(shape)
    for stroke in strokes:
        layer = np.zeros(shape)
        for stamp in stroke:
            layer = _over(stamp.strength * _impression(shape, stamp, tip), layer)
        drawing = _over(0.95 * layer, drawing)
    return drawing


def _over(top: Field, below: Field) -> Field:
    """Composite two layers of one colour."""
    return top + below * (1 - top)


def _impression(shape: tuple[int, ...], stamp: Stamp, tip: NDArray[np.float32]) -> Field:
    scale = stamp.width / tip.shape[1]
    size = max(1, round(tip.shape[1] * scale)), max(1, round(tip.shape[0] * scale))
    small = cv2.resize(tip, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    middle = (small.shape[1] - 1) / 2, (small.shape[0] - 1) / 2
    cosine, sine = np.cos(np.radians(stamp.degrees)), np.sin(np.radians(stamp.degrees))
    turn = np.array([[cosine, sine], [-sine, cosine]])
    offset = np.array(middle[::-1]) - turn @ (stamp.row, stamp.column)
    return np.asarray(ndimage.affine_transform(small.astype(float), turn, offset, shape, order=1))


def _crystallise(field: Field, centres: NDArray[np.int64]) -> Field:
    rows, columns = np.mgrid[: field.shape[0], : field.shape[1]]
    centres = np.unique(centres, axis=0)
    nearest, cell = np.full(field.shape, np.inf), np.zeros(field.shape, np.int64)
    for number, (row, column) in enumerate(centres):
        distance = (rows - row) ** 2 + (columns - column) ** 2
        cell[distance < nearest] = number
        nearest = np.minimum(nearest, distance)
    return np.asarray(ndimage.mean(field, cell, np.arange(len(centres))))[cell]


def _blend(image: Grey, alpha: Grey, colour: float) -> Grey:
    weight = alpha / 255
    painted = np.rint(image * (1 - weight) + colour * weight)
    return np.maximum(image, painted.astype(np.uint8))
