"""Kind `ground_glass`: a veil through which vessels and ribs remain visible."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.regions import (
    Region,
    draw_regions,
    draw_unevenness,
    mottle,
    render_region,
)
from artasyn.synth.opacities.fields.request import Request

__all__ = ["GroundGlassParams", "draw_ground_glass", "render_ground_glass"]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundGlassParams:
    """Regions, their density, and how uneven the veil is; `grain` and `depth` as in `mottle`."""

    regions: tuple[Region, ...]
    densities: tuple[float, ...]
    """Alpha of each region before it is mottled."""
    grain: float
    depth: float
    seed: int


def draw_ground_glass(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> GroundGlassParams:
    """Draw large regions with wide edges; density 0.22 (faint) to 0.72 (dense)."""
    regions = draw_regions(request, grain=(40, 90), softness=(0.8, 2.0), rng=rng)
    density = 0.22 + 0.5 * request.severity
    return GroundGlassParams(
        regions=regions,
        densities=tuple(float(density * rng.uniform(0.75, 1.15)) for _ in regions),
        grain=float(rng.uniform(9, 28)),
        depth=draw_unevenness(density, rng=rng),
        seed=int(rng.integers(2**31)),
    )


def render_ground_glass(params: GroundGlassParams, lungs: Lungs) -> Field:
    """Spread the veil over its regions; alpha in [0, 1]."""
    veil = np.zeros(lungs.shape, np.float32)
    for region, density in zip(params.regions, params.densities, strict=True):
        veil += np.float32(density) * render_region(region, lungs)
    return veil * mottle(lungs, grain=params.grain, depth=params.depth, seed=params.seed)
