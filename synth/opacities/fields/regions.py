"""Smooth regions that take a stated share of a lung: the ground on which most kinds are built."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, fractal_noise
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = [
    "Region",
    "draw_place",
    "draw_regions",
    "draw_unevenness",
    "mottle",
    "ramp",
    "render_region",
    "side_share",
    "top_share",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """The part of one lung where a smooth random score is highest; `basal` and `peripheral` as in `ExtentConfig`."""

    side: int
    share: float
    """Covered share of the lung."""
    basal: float
    peripheral: float
    grain: float
    """Size of the region's bays and islands, in pixels of a 256-pixel image."""
    softness: float
    """Width of the edge, in deviations of the score."""
    seed: int


def draw_regions(
    request: Request,
    *,
    grain: tuple[float, float],
    softness: tuple[float, float],
    rng: np.random.Generator,
) -> tuple[Region, ...]:
    """Draw one region in each affected lung, its `grain` and `softness` from these ranges.

    The two differ in extent but share the preferences of place.
    """
    return tuple(
        Region(
            side=side,
            share=side_share(request, rng=rng),
            basal=request.basal,
            peripheral=request.peripheral,
            grain=float(rng.uniform(*grain)),
            softness=float(rng.uniform(*softness)),
            seed=int(rng.integers(2**31)),
        )
        for side in request.sides
    )


def side_share(request: Request, *, rng: np.random.Generator) -> float:
    """Vary the requested share from lung to lung."""
    return float(np.clip(request.share * np.exp(rng.normal(0, 0.3)), 0.03, 1))


def render_region(region: Region, lungs: Lungs) -> Field:
    """Return 1 in the region falling softly to 0 at the rim of the stated share."""
    rng = generator(region.seed, "", 0, stage="region")
    height, lateral = lungs.coordinates(region.side)
    score = fractal_noise(lungs.shape, region.grain * lungs.unit, octaves=2, gain=0.5, rng=rng)
    score += np.float32(2 * region.basal) * (height - 0.5) + np.float32(2 * region.peripheral) * (
        lateral - 0.5
    )
    return top_share(score, lungs, side=region.side, share=region.share, softness=region.softness)


def top_share(
    score: Field, lungs: Lungs, *, side: int, share: float, softness: float, within: Field | None = None
) -> Field:
    """Return 1 where `score` is among the highest `share` of one lung, 0 elsewhere, with a soft edge.

    The share is that of the visible lung; its hidden part, or what lies `within`, follows the same score.
    """
    inside = score.ravel()[lungs.points[side]]
    rank = int((1 - share) * (inside.size - 1))
    edge = np.partition(inside, rank)[rank] - (softness if share >= 1 else 0)
    # The rim of the share is where an opacity is still just seen, so that the mask covers about the share.
    return ramp((score - edge) / softness + np.float32(0.2)) * (
        lungs.extent(side) if within is None else within
    )


def ramp(x: Field) -> Field:
    """Rise smoothly from 0 at x = 0 to 1 at x = 1."""
    t = np.clip(x, 0, 1).astype(np.float32, copy=False)
    rise = 3 - 2 * t
    rise *= t
    rise *= t
    return rise


def mottle(lungs: Lungs, *, grain: float, depth: float, seed: int) -> Field:
    """Return an uneven texture between 1 - depth and 1; `grain` in pixels of a 256-pixel image."""
    rng = generator(seed, "", 0, stage="mottle")
    lumps = fractal_noise(lungs.shape, grain * lungs.unit, octaves=2, gain=0.6, rng=rng)
    return 1 - np.float32(depth) * ramp(lumps * np.float32(0.34) + np.float32(0.5))


def draw_unevenness(density: float, *, rng: np.random.Generator) -> float:
    """Draw the depth of a mottle: faint opacities are uneven, dense ones even, as little air is left in them."""
    return float(rng.uniform(0.3, 0.85) * (1 - 0.6 * min(density, 1)))


def draw_place(lungs: Lungs, side: int, request: Request, *, rng: np.random.Generator) -> tuple[float, float]:
    """Draw (row, column) of a pixel of one lung, preferring the base and the rim as the request says."""
    flat = lungs.points[side]
    candidates = np.array([divmod(int(flat[i]), lungs.shape[1]) for i in rng.integers(flat.size, size=16)])
    height, lateral = lungs.coordinates(side)
    liking = request.basal * height[candidates[:, 0], 0] + request.peripheral * lateral[0, candidates[:, 1]]
    weights = np.exp(2.5 * (liking - liking.max()))
    row, column = candidates[rng.choice(16, p=weights / weights.sum())]
    return float(row), float(column)
