"""Kind `patchy`: several fluffy patches of different density, scattered over one or both lungs."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, fractal_noise
from artasyn.synth.opacities.fields.regions import draw_place, draw_unevenness, mottle, ramp
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.opacities.fields.window import window_about
from artasyn.synth.seeds import generator

__all__ = ["Patch", "PatchyParams", "draw_patchy", "render_patchy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A fluffy blot; place and radius in pixels."""

    row: float
    column: float
    radius: float
    density: float
    """Alpha at its middle before it is mottled."""
    softness: float
    """Width of its edge, in radii."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatchyParams:
    """Patches, and the seed of the noise that frays them; `grain` and `depth` as in `mottle`."""

    patches: tuple[Patch, ...]
    frayed: float
    """How far a patch reaches farther for one deviation of the noise, in radii."""
    grain: float
    depth: float
    seed: int


def draw_patchy(lungs: Lungs, request: Request, *, rng: np.random.Generator) -> PatchyParams:
    """Draw 2 to 5 patches in each affected lung; density 0.22 (faint) to 0.82 (dense)."""
    density, patches = 0.22 + 0.6 * request.severity, []
    for side in request.sides:
        count = int(rng.integers(2, 6))
        area = lungs.points[side].size * min(request.share, 0.8)
        radius = 1.45 * np.sqrt(area / count / np.pi)
        for _ in range(count):
            place = draw_place(lungs, side, request, rng=rng)
            patches.append(_draw_patch(place, radius, density, rng=rng))
    return PatchyParams(
        patches=tuple(patches),
        frayed=float(rng.uniform(0.35, 0.7)),
        grain=float(rng.uniform(14, 40)),
        depth=draw_unevenness(density, rng=rng),
        seed=int(rng.integers(2**31)),
    )


def render_patchy(params: PatchyParams, lungs: Lungs) -> Field:
    """Lay the patches over each other; alpha in [0, 1]."""
    rng = generator(params.seed, "", 0, stage="patches")
    frays = np.float32(params.frayed) * fractal_noise(
        lungs.shape, 22 * lungs.unit, octaves=3, gain=0.5, rng=rng
    )
    light = np.ones(lungs.shape, np.float32)
    farthest = 1 + max(float(frays.max()), 0.0)
    for patch in params.patches:
        # Beyond this distance no fray reaches.
        reach = int(patch.radius * farthest) + 1
        window, down, across = window_about((patch.row, patch.column), reach, lungs.shape)
        distance: Field = np.hypot(down, across).astype(np.float32)
        inner = (1 - distance / np.float32(patch.radius) + frays[window]) / np.float32(patch.softness)
        light[window] *= 1 - np.float32(min(patch.density, 1)) * ramp(inner.astype(np.float32))
    return (1 - light) * mottle(lungs, grain=params.grain, depth=params.depth, seed=params.seed + 1)


def _draw_patch(
    place: tuple[float, float], radius: float, density: float, *, rng: np.random.Generator
) -> Patch:
    """Draw a patch about a place, larger or smaller than `radius`, denser or fainter than `density`."""
    return Patch(
        row=place[0],
        column=place[1],
        radius=float(radius * rng.uniform(0.6, 1.4)),
        density=float(density * rng.uniform(0.6, 1.2)),
        softness=float(rng.uniform(1.0, 2.2)),
    )
