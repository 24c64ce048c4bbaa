"""The five lobes as a frontal radiograph shows them, and how each shrinks when it loses its air.

A lobe is a polygon of corners (height, laterality): 0 apex to 1 base, and 0 at the mediastinal border of the lung field
at that height to 1 at its outer border; beyond them it runs behind heart and diaphragm or past the lung. Its first
edges are fissures. With the volume lost each corner moves from where it is in health towards where it ends, and a
fissure is bowed into the lobe. Signs after Woodring and Reed, Radiographic manifestations of lobar atelectasis, J
Thorac Imaging 1996.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, blur

__all__ = ["LOBES", "Lobe", "LobeName", "render_lobe"]

LobeName = Literal["right_upper", "right_middle", "right_lower", "left_upper", "left_lower"]
Corner = tuple[float, float]
Points = NDArray[np.float64]

BANDS = (0.03, 0.12, 0.25, 0.4, 0.55, 0.7, 0.8)
"""Heights between which the lung's borders are measured; below, a dome of the diaphragm would pass for the heart."""
STEPS = 24
"""Straight pieces that a bowed fissure is drawn with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lobe:
    """Corners (height, laterality) in health and with all volume lost; `fissures` of its first edges are fissures."""

    side: int
    healthy: tuple[Corner, ...]
    lost: tuple[Corner, ...]
    fissures: int
    softness: tuple[float, float]
    """Range of the width of its border (Gaussian sigma, pixels of a 256-pixel image)."""
    bow: tuple[float, float]
    """Range of the depth of a fissure's curve, as a share of its length."""
    density: float
    """Factor on its density: below 1 where the ray also meets spared lung before or behind it."""


LOBES: Mapping[LobeName, Lobe] = {
    # The minor fissure turns about the hilum: its outer end climbs the chest wall to the apex.
    "right_upper": Lobe(
        side=1,
        healthy=((0.48, 0.0), (0.5, 1.2), (-0.3, 1.2), (-0.3, -1.0), (0.48, -1.0)),
        lost=((0.38, 0.05), (-0.1, 0.7), (-0.3, 0.7), (-0.3, -1.0), (0.38, -1.0)),
        fissures=1,
        softness=(1.5, 4.0),
        bow=(0.05, 0.14),
        density=1.0,
    ),
    # Minor and major fissure approach each other: a wedge on the right heart border, its tip outward.
    "right_middle": Lobe(
        side=1,
        healthy=((0.46, 0.0), (0.6, 1.2), (1.0, 0.2), (1.0, -1.0), (0.46, -1.0)),
        lost=((0.6, 0.0), (0.74, 0.4), (0.86, 0.0), (0.86, -1.0), (0.6, -1.0)),
        fissures=2,
        softness=(2.5, 6.0),
        bow=(0.05, 0.12),
        density=0.9,
    ),
    # The major fissure turns inward and down: a triangle on the medial base with a steep outer border.
    "right_lower": Lobe(
        side=1,
        healthy=((0.32, 0.4), (0.85, 1.4), (1.3, 1.5), (1.3, -1.0), (0.32, -1.0)),
        lost=((0.42, 0.12), (0.92, 0.5), (1.3, 0.6), (1.3, -1.0), (0.42, -1.0)),
        fissures=1,
        softness=(2.0, 5.0),
        bow=(0.01, 0.06),
        density=1.0,
    ),
    # The lobe falls forward against the chest wall: a veil from the hilum, over apex and heart border, without an edge.
    "left_upper": Lobe(
        side=2,
        healthy=((0.95, 0.3), (0.6, 1.3), (-0.3, 1.3), (-0.3, -1.0), (0.95, -1.0)),
        lost=((0.72, 0.1), (0.0, 0.9), (-0.3, 0.9), (-0.3, -1.0), (0.72, -1.0)),
        fissures=1,
        softness=(9.0, 16.0),
        bow=(0.02, 0.1),
        density=0.85,
    ),
    # As the right lower lobe, mostly behind the heart.
    "left_lower": Lobe(
        side=2,
        healthy=((0.32, 0.4), (0.85, 1.4), (1.3, 1.5), (1.3, -1.0), (0.32, -1.0)),
        lost=((0.42, 0.18), (0.92, 0.55), (1.3, 0.65), (1.3, -1.0), (0.42, -1.0)),
        fissures=1,
        softness=(2.0, 5.0),
        bow=(0.01, 0.06),
        density=1.0,
    ),
}


def render_lobe(
    name: LobeName, lungs: Lungs, *, volume_lost: float, bow: float, shift: Corner, softness: float
) -> Field:
    """Return 1 in a lobe that lost a share of its volume, 0 outside it, within the lung and its hidden part.

    `bow` is the depth of a fissure's curve as a share of its length; `shift` moves the ends of the fissures, in
    shares of the lung's height and width.
    """
    lobe = LOBES[name]
    corners = np.array(lobe.healthy) + volume_lost * (np.array(lobe.lost) - np.array(lobe.healthy))
    corners[: lobe.fissures + 1] += shift
    points = _pixels(corners, lungs, lobe.side)
    middle = points.mean(axis=0)
    edges = [_bowed(points[k], points[k + 1], middle, bow) for k in range(lobe.fissures)]
    outline = np.concatenate([*edges, points[lobe.fissures :]])
    drawn = np.zeros(lungs.shape, np.float32)
    cv2.fillPoly(drawn, [np.round(outline * 16).astype(np.int32)], (1.0,), cv2.LINE_8, 4)
    # An airless lobe is as thick behind heart and diaphragm as beside them: its hidden part is made up for.
    return blur(drawn, softness * lungs.unit) * np.minimum(3 * lungs.extent(lobe.side), 1)


def _pixels(corners: Points, lungs: Lungs, side: int) -> Points:
    """Return (x, y) of corners (height, laterality)."""
    top, bottom, left, right = lungs.boxes[side]
    heights, columns = (
        (lungs.points[side] // lungs.shape[1] - top) / (bottom - top),
        (lungs.points[side] % lungs.shape[1]),
    )
    bands = [columns[(heights >= low) & (heights < high)] for low, high in pairwise(BANDS)]
    ends = np.array([np.quantile(band, (0.02, 0.98)) if band.size else (left, right) for band in bands])
    inner, outer = (ends[:, 1], ends[:, 0]) if side == 1 else (ends[:, 0], ends[:, 1])
    at = [(low + high) / 2 for low, high in pairwise(BANDS)]
    here = [np.interp(corners[:, 0], at, border) for border in (inner, outer)]
    across = here[0] + corners[:, 1] * (here[1] - here[0])
    return np.stack([across, top + corners[:, 0] * (bottom - top)], axis=1)


def _bowed(start: Points, end: Points, middle: Points, bow: float) -> Points:
    """Return points (x, y) from `start` up to but not `end` on a parabola whose middle bends towards `middle`."""
    along = end - start
    across = np.array([along[1], -along[0]])
    across *= np.sign(across @ (middle - start)) or 1.0
    t = np.linspace(0, 1, STEPS, endpoint=False)[:, None]
    return np.asarray(start + t * along + 4 * bow * t * (1 - t) * across)
