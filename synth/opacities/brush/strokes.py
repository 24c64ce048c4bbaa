"""Kind `brush`: strokes of a textured brush, the opacity of the paper (ART-ASyn, texture-based synthesis)."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.brush.layers import compose_layers
from artasyn.synth.opacities.brush.stamps import ANGLES, LEVELS, SIZES, StampBank, stamp_bank
from artasyn.synth.opacities.brush.tips import tip_digest
from artasyn.synth.opacities.config import BrushConfig
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["BrushParams", "Stroke", "draw_brush", "render_brush", "stroke_stamps"]

SAMPLES = 100
"""Points at which a stroke's curve is sampled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A quadratic Bezier curve (row, column; pixels)."""

    start: tuple[float, float]
    control: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class BrushParams:
    """All strokes of one drawing; what has no words here is as in `BrushConfig`."""

    strokes: tuple[Stroke, ...]
    stamps_seed: int
    """Seed of all stamps' places and jitter."""
    tip: int
    """Number of the procedural tip; -1: the file."""
    file: str
    file_digest: str
    widths: tuple[float, ...]
    spacing: float
    width_jitter: tuple[float, float]
    strengths: tuple[float, ...]
    """Opacity levels from which stamps choose."""
    stroke_opacity: float
    density: float
    cells: int
    cells_seed: int


def draw_brush(lungs: Lungs, request: Request, *, rng: np.random.Generator) -> BrushParams:
    """Draw numbers of strokes, their curves and the tip; at least one lung gets a stroke."""
    brush = request.brush
    counts = [0]
    while not sum(counts):
        counts = [_draw_count(brush, rng=rng) for _ in lungs.sides]
    strokes = [
        _draw_stroke(lungs, side, bend=brush.bend * lungs.unit, rng=rng)
        for side, count in zip(lungs.sides, counts, strict=True)
        for _ in range(count)
    ]
    return BrushParams(
        strokes=tuple(strokes),
        stamps_seed=int(rng.integers(2**31)),
        tip=-1 if brush.file else int(rng.integers(brush.tips)),
        file=brush.file,
        file_digest=tip_digest(Path(brush.file)) if brush.file else "",
        widths=brush.widths,
        spacing=brush.spacing,
        width_jitter=brush.width_jitter,
        strengths=_strength_levels(brush),
        stroke_opacity=brush.stroke_opacity,
        density=float(np.interp(request.severity, (0, 1), brush.density)),
        cells=brush.cells,
        cells_seed=int(rng.integers(2**31)),
    )


def render_brush(params: BrushParams, lungs: Lungs) -> Field:
    """Stamp all strokes and lay the six layers over each other; alpha in [0, 1]."""
    raw = 1 - np.exp(_paint(params, lungs))
    alpha = compose_layers(raw, cells=params.cells, seed=params.cells_seed, unit=lungs.unit)
    return np.float32(params.density) * alpha


def stroke_stamps(params: BrushParams, *, unit: float) -> list[list[NDArray[np.int64]]]:
    """Return each stroke's layers of stamps as rows (row, column, width level, turn, strength level)."""
    rng = generator(params.stamps_seed, "", 0, stage="stamps")
    curves = _curve_points(params.strokes)
    lengths = np.hypot(*np.moveaxis(np.diff(curves, axis=1), 2, 0)).sum(axis=1)
    spacings = params.spacing * unit * np.array(params.widths)
    counts = np.clip(lengths[:, None] / spacings, 1, SAMPLES).astype(np.int64)
    order = np.argsort(rng.random((*counts.shape, SAMPLES)), axis=2)
    levels = rng.integers(0, (SIZES, ANGLES, LEVELS), size=(*counts.shape, SAMPLES, 3))
    pixels = np.round(curves).astype(np.int64)
    return [
        [
            np.concatenate([pixels[s][order[s, k, :n]], levels[s, k, :n]], axis=1)
            for k, n in enumerate(counts[s].tolist())
        ]
        for s in range(len(params.strokes))
    ]


def _curve_points(strokes: tuple[Stroke, ...]) -> NDArray[np.float64]:
    """Sample all curves, `(strokes, SAMPLES, 2)` rows and columns."""
    corners = np.array([(s.start, s.control, s.end) for s in strokes])
    t = np.linspace(0, 1, SAMPLES)
    weights = np.stack([(1 - t) ** 2, 2 * t * (1 - t), t**2])
    return np.asarray(np.einsum("kt,skd->std", weights, corners))


def _draw_count(brush: BrushConfig, *, rng: np.random.Generator) -> int:
    if rng.random() < brush.no_stroke_probability:
        return brush.stroke_counts[0]
    return int(rng.choice(brush.stroke_counts[1:]))


def _draw_stroke(lungs: Lungs, side: int, *, bend: float, rng: np.random.Generator) -> Stroke:
    flat = lungs.points[side]
    start, end = (divmod(int(flat[i]), lungs.shape[1]) for i in rng.integers(flat.size, size=2))
    shift = rng.uniform(-bend, bend, size=2)
    control = (start[0] + end[0]) / 2 + shift[0], (start[1] + end[1]) / 2 + shift[1]
    return Stroke(start=start, control=(float(control[0]), float(control[1])), end=end)


@functools.lru_cache(maxsize=8)
def _strength_levels(brush: BrushConfig) -> tuple[float, ...]:
    """Return mid-quantiles of opacity times flow: few enough to keep ready-made stamps of each."""
    low, high = brush.opacity_jitter
    flow = np.linspace(*brush.flow_jitter, 101)
    products = np.outer(np.linspace(low, high, 101), flow).ravel()
    return tuple(float(q) for q in np.quantile(products, (np.arange(LEVELS) + 0.5) / LEVELS).round(4))


def _paint(params: BrushParams, lungs: Lungs) -> Field:
    """Return the log-transmittance of all strokes."""
    # A tip is 168 pixels wide: much beyond 256-pixel images it has nothing finer to show, and stamps fill memory.
    zoom = min(1.0, 1.5 / lungs.unit)
    unit = lungs.unit * zoom
    shape = round(lungs.shape[0] * zoom), round(lungs.shape[1] * zoom)
    banks = [_bank(params, width * unit) for width in params.widths]
    strokes = _placed(stroke_stamps(_zoomed(params, zoom), unit=unit), banks)
    corners = np.array([stroke.window for stroke in strokes])
    margin = max(0, -int(corners[:, :2].min()), int((corners[:, 2:] - shape).max()))
    total, own = np.zeros((2, shape[0] + 2 * margin, shape[1] + 2 * margin), np.float32)
    for stroke in strokes:
        _paint_stroke_(total, own, stroke, margin=margin, opacity=params.stroke_opacity)
    painted = total[margin : margin + shape[0], margin : margin + shape[1]]
    return painted if zoom == 1 else np.asarray(cv2.resize(painted, lungs.shape[::-1]), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class _Placed:
    """One stroke: its stamps, their boxes, and the box of all; first row and column, those beyond the last."""

    stamps: list[Field]
    boxes: list[list[int]]
    window: list[int]


def _placed(strokes: list[list[NDArray[np.int64]]], banks: list[StampBank]) -> list[_Placed]:
    """Look up all stamps of all strokes at once, which costs as much as one stroke's."""
    layers = [stamps for stroke in strokes for stamps in stroke]
    rows = np.concatenate(layers)
    layer = np.repeat(np.arange(len(layers)) % len(banks), [len(stamps) for stamps in layers])
    first = np.cumsum([0] + [sum(map(len, stroke)) for stroke in strokes])
    number = (rows[:, 2] * ANGLES + rows[:, 3]) * LEVELS + rows[:, 4] + layer * len(banks[0].stamps)
    known = [stamp for bank in banks for stamp in bank.stamps]
    boxes = np.concatenate([bank.boxes for bank in banks])[number] + np.tile(rows[:, :2], 2)
    lows = np.minimum.reduceat(boxes[:, :2], first[:-1])
    windows = np.concatenate([lows, np.maximum.reduceat(boxes[:, 2:], first[:-1])], axis=1)
    stamps, corners = [known[n] for n in number.tolist()], boxes.tolist()
    return [
        _Placed(stamps[start:end], corners[start:end], window)
        for start, end, window in zip(first[:-1].tolist(), first[1:].tolist(), windows.tolist(), strict=True)
    ]


def _zoomed(params: BrushParams, zoom: float) -> BrushParams:
    def scaled(point: tuple[float, float]) -> tuple[float, float]:
        return point[0] * zoom, point[1] * zoom

    strokes = (
        Stroke(start=scaled(s.start), control=scaled(s.control), end=scaled(s.end)) for s in params.strokes
    )
    return params if zoom == 1 else replace(params, strokes=tuple(strokes))


def _bank(params: BrushParams, width: float) -> StampBank:
    widths = tuple(float(w) for w in width * np.linspace(*params.width_jitter, SIZES))
    return stamp_bank(params.tip, params.file, params.file_digest, widths, params.strengths)


def _paint_stroke_(total: Field, own: Field, stroke: _Placed, *, margin: int, opacity: float) -> None:
    """Add one stroke's log-transmittance to `total`; `own`, of its shape, is all 0 before and after."""
    for stamp, (r0, c0, r1, c1) in zip(stroke.stamps, stroke.boxes, strict=True):
        cv2.accumulate(stamp, own[margin + r0 : margin + r1, margin + c0 : margin + c1])
    top, left, bottom, right = (margin + corner for corner in stroke.window)
    part = own[top:bottom, left:right]
    light = np.expm1(part, out=part)
    light *= np.float32(opacity)
    total[top:bottom, left:right] += np.log1p(light, out=light)
    part[:] = 0
