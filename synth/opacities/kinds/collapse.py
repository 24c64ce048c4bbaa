"""Kind `collapse`: a lobe without air, denser and smaller, towards which its fissure is drawn (lobar atelectasis)."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lobes import LOBES, LobeName, render_lobe
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.regions import mottle
from artasyn.synth.opacities.fields.request import Request

__all__ = ["CollapseParams", "draw_collapse", "render_collapse"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CollapseParams:
    """One lobe, what it lost, the course of its fissure, and its texture (`grain` and `depth` as in `mottle`)."""

    lobe: LobeName
    volume_lost: float
    """Share of the lobe's volume, 0 to 1."""
    bow: float
    """Depth of the fissure's curve, as a share of its length."""
    shift: tuple[float, float]
    """How far the fissure's ends lie from their usual place, in shares of the lung's height and width."""
    softness: float
    """Width of the border (Gaussian sigma), in pixels of a 256-pixel image."""
    density: float
    """Alpha before it is mottled."""
    grain: float
    depth: float
    seed: int


def draw_collapse(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> CollapseParams:
    """Draw one lobe of the affected lungs, lower ones more often where the base is preferred.

    Severity is the share of volume lost, 0.15 to 0.9; the less air is left the denser: 0.5 to 1.
    """
    names: list[LobeName] = [name for name, lobe in LOBES.items() if lobe.side in request.sides]
    liking = np.array([np.exp(request.basal if "lower" in name else 0.0) for name in names])
    name = names[int(rng.choice(len(names), p=liking / liking.sum()))]
    lobe, lost = LOBES[name], 0.15 + 0.75 * request.severity
    return CollapseParams(
        lobe=name,
        volume_lost=lost,
        bow=float(rng.uniform(*lobe.bow)),
        shift=(float(rng.uniform(-0.05, 0.05)), float(rng.uniform(-0.05, 0.05))),
        softness=float(rng.uniform(*lobe.softness)),
        density=float(min((0.5 + 0.5 * request.severity) * rng.uniform(0.92, 1.05), 1) * lobe.density),
        grain=float(rng.uniform(16, 40)),
        depth=float(rng.uniform(0.05, 0.25)),
        seed=int(rng.integers(2**31)),
    )


def render_collapse(params: CollapseParams, lungs: Lungs) -> Field:
    """Fill the shrunken lobe; alpha in [0, 1]."""
    lobe = render_lobe(
        params.lobe,
        lungs,
        volume_lost=params.volume_lost,
        bow=params.bow,
        shift=params.shift,
        softness=params.softness,
    )
    texture = mottle(lungs, grain=params.grain, depth=params.depth, seed=params.seed)
    return np.float32(params.density) * lobe * texture
