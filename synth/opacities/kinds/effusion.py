"""Kind `effusion`: fluid at the base: a level with a meniscus that hides the costophrenic angle, or a soft veil."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, smooth_noise
from artasyn.synth.opacities.fields.regions import side_share, top_share
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["EffusionParams", "Fluid", "draw_effusion", "effusion_room", "render_effusion"]

NARROW = 0.16
"""Distance from the chest wall at which a meniscus has fallen to 1 / e, in shares of the lung's width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fluid:
    """Fluid of one side."""

    side: int
    share: float
    """Covered share of the lung."""
    meniscus: float
    """How high the fluid climbs along the chest wall, as a share of the lung's height."""
    softness: float
    """Width of its upper edge, as a share of the lung's height."""
    top_density: float
    base_density: float
    """Alpha up to 40 % of the way from apex to base, and at the base; between them it rises."""
    seed: int
    erect: bool = False
    """A level with a meniscus that hides the costophrenic angle; else a veil of the base, as in one lying down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EffusionParams:
    """Fluid of the affected sides."""

    fluids: tuple[Fluid, ...]


def draw_effusion(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> EffusionParams:
    """Draw fluid levels, or veils, the same on both sides; density at the base 0.45 (a thin layer) to 1 (deep)."""
    erect = bool(rng.random() < request.erect)
    return EffusionParams(
        fluids=tuple(_draw_fluid(side, request, erect=erect, rng=rng) for side in request.sides)
    )


def render_effusion(params: EffusionParams, lungs: Lungs) -> Field:
    """Fill the bases; alpha in [0, 1]."""
    alpha = np.zeros(lungs.shape, np.float32)
    for fluid in params.fluids:
        height, _ = lungs.coordinates(fluid.side)
        rng = generator(fluid.seed, "", 0, stage="fluid")
        wave = np.float32(0.02) * smooth_noise(lungs.shape, (60 * lungs.unit,) * 2, rng=rng)
        score = height + np.float32(fluid.meniscus) * _climb(fluid, lungs) + wave
        depth = np.clip((height - 0.4) / 0.6, 0, 1)
        density = np.float32(fluid.top_density) + np.float32(fluid.base_density - fluid.top_density) * depth
        field = lungs.recess(fluid.side) if fluid.erect else lungs.extent(fluid.side)
        level = top_share(
            score, lungs, side=fluid.side, share=fluid.share, softness=fluid.softness, within=field
        )
        alpha += density * level
    return alpha


def effusion_room(params: EffusionParams, lungs: Lungs) -> Field:
    """Return where the fluid may lie: in erect patients it fills the recess below the lung field too."""
    rooms = [lungs.recess(fluid.side) for fluid in params.fluids if fluid.erect]
    return np.asarray(np.maximum.reduce([lungs.whole, *rooms]), dtype=np.float32)


def _climb(fluid: Fluid, lungs: Lungs) -> Field:
    """Return how far fluid climbs above its level, in shares of its meniscus."""
    _, lateral = lungs.coordinates(fluid.side)
    if fluid.erect:
        medial = np.exp(-np.maximum(lateral, 0) / np.float32(NARROW))
        lateral_rise = np.exp(-lungs.from_wall(fluid.side) / np.float32(NARROW))
        return np.asarray(lateral_rise + np.float32(0.3) * medial, dtype=np.float32)
    # Along the chest wall, steeply at the very rim, and a little at the mediastinum.
    aside = (lateral - np.float32(0.35)) / np.float32(0.65)
    return np.asarray(aside**2 + np.float32(1.5) * np.clip(aside, 0, 1.2) ** 12, dtype=np.float32)


def _draw_fluid(side: int, request: Request, *, erect: bool, rng: np.random.Generator) -> Fluid:
    base = float(min((0.45 + 0.55 * request.severity) * rng.uniform(0.9, 1.05), 1))
    return Fluid(
        side=side,
        share=min(side_share(request, rng=rng), 0.6 if erect else 0.75),
        meniscus=float(rng.uniform(0.15, 0.45) if erect else rng.uniform(0.05, 0.4)),
        softness=float(rng.uniform(0.08, 0.3) if erect else rng.uniform(0.15, 0.6)),
        top_density=float(base * (rng.uniform(0.6, 0.95) if erect else rng.uniform(0.3, 0.8))),
        base_density=base,
        seed=int(rng.integers(2**31)),
        erect=erect,
    )
