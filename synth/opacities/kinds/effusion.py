"""Kind `effusion`: fluid that gathers at the base, dense below, with a meniscus rising along the chest wall."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, smooth_noise
from artasyn.synth.opacities.fields.regions import side_share, top_share
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["EffusionParams", "Fluid", "draw_effusion", "render_effusion"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fluid:
    """Fluid of one side; `meniscus` and `softness` in shares of the lung's height."""

    side: int
    share: float
    meniscus: float
    softness: float
    top_density: float
    base_density: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EffusionParams:
    """Fluid of the affected sides."""

    fluids: tuple[Fluid, ...]


def draw_effusion(lungs: Lungs, request: Request, *, rng: np.random.Generator) -> EffusionParams:
    """Draw fluid levels; density at the base 0.45 (a thin layer) to 1 (deep)."""
    sides = [side for side in request.sides if side in lungs.sides]
    return EffusionParams(fluids=tuple(_draw_fluid(side, request, rng=rng) for side in sides))


def render_effusion(params: EffusionParams, lungs: Lungs) -> Field:
    """Fill the bases; alpha in [0, 1]."""
    alpha = np.zeros(lungs.shape, np.float32)
    for fluid in params.fluids:
        height, lateral = lungs.coordinates(fluid.side)
        rng = generator(fluid.seed, "", 0, stage="fluid")
        wave = np.float32(0.02) * smooth_noise(lungs.shape, (60 * lungs.unit,) * 2, rng=rng)
        # Fluid climbs the chest wall, steeply at the very rim, and a little at the mediastinum.
        aside = (lateral - np.float32(0.35)) / np.float32(0.65)
        climb = np.float32(fluid.meniscus) * (aside**2 + np.float32(1.5) * np.clip(aside, 0, 1.2) ** 12)
        score = height + climb + wave
        depth = np.clip((height - 0.4) / 0.6, 0, 1)
        density = np.float32(fluid.top_density) + np.float32(fluid.base_density - fluid.top_density) * depth
        level = top_share(score, lungs, side=fluid.side, share=fluid.share, softness=fluid.softness)
        alpha += density * level
    return alpha


def _draw_fluid(side: int, request: Request, *, rng: np.random.Generator) -> Fluid:
    base = float(min((0.45 + 0.55 * request.severity) * rng.uniform(0.9, 1.05), 1))
    return Fluid(
        side=side,
        share=min(side_share(request, rng=rng), 0.75),
        meniscus=float(rng.uniform(0.05, 0.4)),
        softness=float(rng.uniform(0.15, 0.6)),
        top_density=float(base * rng.uniform(0.3, 0.8)),
        base_density=base,
        seed=int(rng.integers(2**31)),
    )
