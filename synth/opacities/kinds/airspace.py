"""Kind `airspace`: a lung filled in three dimensions; what a ray meets of the filling adds up to the opacity.

A lung is taken as a body whose thickness rises from its rim. In it a smooth random score, with preferences for the
pleura, the hilum, the base or the back, is filled where it is highest. Alpha is the filled share of each ray's lung.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.noise_bank import GRAIN, SIDE, VOLUMES, cut_noise
from artasyn.synth.opacities.fields.regions import ramp, side_share
from artasyn.synth.opacities.fields.request import Request

__all__ = ["AirspaceParams", "Filling", "draw_airspace", "render_airspace"]

GRID = 128
"""Longer side of the grid on which lungs are filled, in cells: two pixels of a 256-pixel image each."""
PLANES = 12
"""Planes of the body from front to back."""
MARGIN = 12
"""Cells about a lung in which its filling goes on."""
THICKNESS = 90.0
"""Depth of the body, in pixels of a 256-pixel image."""
ROUND = 30.0
"""Distance from the rim at which a lung has its full thickness, in pixels of a 256-pixel image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filling:
    """What is filled of one lung; preferences in deviations of the noise."""

    side: int
    share: float
    """Filled share of the lung's volume."""
    grain: float
    """Size of the lumps, in pixels of a 256-pixel image."""
    softness: float
    """Width of the filling's edge, in deviations of the noise."""
    basal: float
    pleural: float
    perihilar: float
    dorsal: float
    volume: int
    start: tuple[float, float, float]
    """Where in the noise bank it is cut from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AirspaceParams:
    """Fillings of the affected lungs, and how much of the air a filled place has lost."""

    fillings: tuple[Filling, ...]
    density: float


def draw_airspace(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> AirspaceParams:
    """Draw one filling a lung, with preferences in common; density 0.45 (faint) to 1 (dense)."""
    pleural, perihilar = rng.uniform(-0.3, 1.6), rng.uniform(-0.3, 1.2)
    dorsal, grain = rng.uniform(-0.4, 1.2), np.exp(rng.uniform(np.log(9), np.log(34)))
    return AirspaceParams(
        fillings=tuple(
            Filling(
                side=side,
                share=float(np.clip(0.15 + 0.75 * side_share(request, rng=rng), 0.1, 0.95)),
                grain=float(grain),
                softness=float(rng.uniform(0.3, 1.0)),
                basal=float(0.9 * request.basal),
                pleural=float(pleural),
                perihilar=float(perihilar),
                dorsal=float(dorsal),
                volume=int(rng.integers(VOLUMES)),
                start=(float(rng.uniform(0, SIDE)), float(rng.uniform(0, SIDE)), float(rng.uniform(0, SIDE))),
            )
            for side in request.sides
        ),
        density=float(min((0.45 + 0.6 * request.severity) * rng.uniform(0.85, 1.1), 1)),
    )


def render_airspace(params: AirspaceParams, lungs: Lungs) -> Field:
    """Fill the lungs and add up along the rays; alpha in [0, 1]."""
    alpha = np.zeros(lungs.shape, np.float32)
    for filling in params.fillings:
        alpha += _filled_share(filling, lungs) * lungs.extent(filling.side)
    return np.asarray(np.clip(np.float32(params.density) * alpha, 0, 1), dtype=np.float32)


def _filled_share(filling: Filling, lungs: Lungs) -> Field:
    """Return the filled share of each ray's lung, carried on beyond the lung field."""
    body = _Body(lungs, filling.side)
    scores = _scores(filling, body)
    inside = np.concatenate([score[plane] for score, plane in zip(scores, body.planes, strict=True)])
    rank = min(int((1 - filling.share) * inside.size), inside.size - 1)
    edge = np.partition(inside, rank)[rank]
    filled, met = np.zeros(body.shape, np.float32), np.zeros(body.shape, np.float32)
    for score, plane in zip(scores, body.planes, strict=True):
        filled += ramp((score - edge) / np.float32(filling.softness) + np.float32(0.5)) * plane
        met += plane
    # Beyond the lung field the nearest rays go on: a lung does not end at the heart's border.
    near = cv2.GaussianBlur(filled, (0, 0), 3) / np.maximum(
        cv2.GaussianBlur(met, (0, 0), 3), np.float32(1e-3)
    )
    share = np.zeros(body.whole, np.float32)
    share[body.box] = np.where(met > 0, filled / np.maximum(met, 1), near)
    return np.asarray(cv2.resize(share, lungs.shape[::-1], interpolation=cv2.INTER_LINEAR), dtype=np.float32)


def _scores(filling: Filling, body: "_Body") -> list[Field]:
    cell = max(filling.grain / body.cell, 1.0)
    noise = cut_noise(
        body.shape,
        cell=cell,
        depth=PLANES,
        step=THICKNESS / PLANES / body.cell,
        volume=filling.volume,
        start=tuple(np.add(filling.start, np.multiply(body.origin, GRAIN / cell)).tolist()),
    )
    base = np.float32(filling.basal) * (body.height - np.float32(0.5)) * 2
    back = np.linspace(-1, 1, PLANES, dtype=np.float32) * np.float32(filling.dorsal)
    return [
        slab
        + base
        + back[k]
        + np.float32(filling.pleural) * body.pleural(k)
        - np.float32(filling.perihilar) * body.from_hilum(k)
        for k, slab in enumerate(noise)
    ]


class _Body:
    """One lung as a stack of planes on the coarse grid, cut out with a margin for its hidden part."""

    def __init__(self, lungs: Lungs, side: int) -> None:
        scale = GRID / max(lungs.shape)
        cells = max(1, round(lungs.shape[1] * scale)), max(1, round(lungs.shape[0] * scale))
        own = cv2.resize(lungs.labels, cells, interpolation=cv2.INTER_NEAREST) == side
        self.whole = (cells[1], cells[0])
        self.cell = 1 / (scale * lungs.unit)
        """Size of a cell, in pixels of a 256-pixel image."""
        self.box, own = _cut_out(own)
        self.shape = (own.shape[0], own.shape[1])
        self.origin = (0, self.box[0].start, self.box[1].start)
        """Plane, row and column of its first cell: noise is cut at the same place whatever the box."""
        rim = cv2.distanceTransform(np.pad(own.astype(np.uint8), 1), cv2.DIST_L2, 5)[1:-1, 1:-1]
        self.rim = rim.astype(np.float32) * np.float32(self.cell)
        near = np.clip(self.rim / ROUND, 0, 1)
        self.half = np.sqrt(1 - (1 - near) ** 2)  # half of the thickness, a quarter circle up from the rim
        self.at = np.linspace(-1, 1, PLANES, dtype=np.float32)
        self.planes = [(np.abs(at) <= np.maximum(self.half, 0.1)) & own for at in self.at]
        rows, columns = np.nonzero(own)
        top, bottom, left, right = rows.min(), rows.max() + 1, columns.min(), columns.max() + 1
        down = np.arange(self.shape[0], dtype=np.float32)[:, None]
        across = np.arange(self.shape[1], dtype=np.float32)[None, :]
        self.height = (down - top) / max(bottom - top, 1)
        inner = right if side == 1 else left
        self.hilum = np.hypot((self.height - 0.45) * 1.4, (across - inner) / max(right - left, 1))

    def pleural(self, plane: int) -> Field:
        """Return 1 at the surface of the lung falling to -1 in its depth."""
        to_wall = np.minimum(self.rim / 18, (self.half - np.abs(self.at[plane])) * (THICKNESS / 2 / 18))
        return np.asarray(1 - 2 * np.clip(to_wall, 0, 1), dtype=np.float32)

    def from_hilum(self, plane: int) -> Field:
        """Return the distance from the hilum: about -1 at it, 1 and more far away."""
        return np.asarray(2 * np.hypot(self.hilum, np.float32(0.5 * self.at[plane])) - 1, dtype=np.float32)


def _cut_out(own: NDArray[np.bool_]) -> tuple[tuple[slice, slice], NDArray[np.bool_]]:
    """Return the box about a lung, with a margin, and the lung in it; a lung lost to the grid is one cell."""
    if not own.any():
        own = own.copy()
        own[own.shape[0] // 2, own.shape[1] // 2] = True
    rows, columns = np.nonzero(own)
    box = (
        slice(max(int(rows.min()) - MARGIN, 0), int(rows.max()) + MARGIN + 1),
        slice(max(int(columns.min()) - MARGIN, 0), int(columns.max()) + MARGIN + 1),
    )
    return box, own[box]
