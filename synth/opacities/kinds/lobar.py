"""Kind `lobar`: one lobe opaque, bounded by the gentle curve of a fissure."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.airways import Airway, render_airways
from artasyn.synth.opacities.fields.bronchi import Tree, bronchogram, draw_tree, render_tree
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, smooth_noise
from artasyn.synth.opacities.fields.regions import draw_unevenness, mottle, ramp
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["Band", "LobarParams", "draw_lobar", "render_lobar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A lobe as a band of one lung between two borders, in shares of the lung's height."""

    side: int
    upper: float
    lower: float
    upper_softness: float
    lower_softness: float
    """Widths of the two borders."""
    tilt: float
    """How much lower both borders lie at the hilum than at the rim."""
    bend: float
    """How much lower both borders lie halfway out than at the hilum and the rim, times 4."""
    density: float
    """Alpha before it is mottled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LobarParams:
    """The lobes, their texture (`grain` and `depth` as in `mottle`), and the airways that stay open."""

    lobes: tuple[Band, ...]
    air: float
    """Share of the opacity that is missing along them."""
    grain: float
    depth: float
    seed: int
    airways: tuple[Airway, ...] = ()
    """Of older records."""
    trees: tuple[Tree, ...] = ()


def draw_lobar(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> LobarParams:
    """Draw a lobe of one affected lung (of both once in four times); density 0.3 (faint) to 1 (dense)."""
    density = 0.3 + 0.7 * request.severity
    both = rng.random() < 0.25
    sides = request.sides if both else (int(rng.choice(request.sides)),)
    trees = tuple(draw_tree(side, rng=rng) for side in sides)
    return LobarParams(
        lobes=tuple(_draw_band(side, request, density=density, rng=rng) for side in sides),
        trees=trees,
        air=float(rng.uniform(0.1, 0.55) * bronchogram(density)),
        grain=float(rng.uniform(16, 50)),
        depth=draw_unevenness(density, rng=rng),
        seed=int(rng.integers(2**31)),
    )


def render_lobar(params: LobarParams, lungs: Lungs) -> Field:
    """Fill the lobes; alpha in [0, 1]."""
    rng = generator(params.seed, "", 0, stage="fissures")
    wave = np.float32(0.035) * smooth_noise(lungs.shape, (45 * lungs.unit,) * 2, rng=rng)
    alpha = np.zeros(lungs.shape, np.float32)
    for lobe in params.lobes:
        height, lateral = lungs.coordinates(lobe.side)
        across = lateral - np.float32(0.5)
        level = (
            height
            + np.float32(lobe.tilt) * across
            + np.float32(lobe.bend) * (across**2 - np.float32(0.1))
            + wave
        )
        below = ramp((level - lobe.upper) / np.float32(lobe.upper_softness) + np.float32(0.5))
        above = ramp((lobe.lower - level) / np.float32(lobe.lower_softness) + np.float32(0.5))
        alpha += np.float32(lobe.density) * below * above * lungs.extent(lobe.side)
    air = render_airways(params.airways, lungs)
    for tree in params.trees:
        air += render_tree(tree, alpha, lungs)
    alpha *= 1 - np.float32(params.air) * air
    return alpha * mottle(lungs, grain=params.grain, depth=params.depth, seed=params.seed)


def _draw_band(side: int, request: Request, *, density: float, rng: np.random.Generator) -> Band:
    """Choose upper, middle (right lung only) or lower lobe.

    Below an upper and above a middle lobe the border is sharp: rays meet that fissure edge on. Other borders fade.
    """
    preference = np.maximum((1 - 0.5 * request.basal, 0.6, 1 + 0.8 * request.basal), 0.1) * (1, side == 1, 1)
    lobe = int(rng.choice(3, p=preference / preference.sum()))
    fissure, sharp, faded = rng.uniform(0.38, 0.58), rng.uniform(0.06, 0.2), rng.uniform(0.3, 0.8)
    upper, lower = [(-1.0, fissure), (fissure, rng.uniform(0.75, 0.9)), (fissure + 0.05, 2.0)][lobe]
    return Band(
        side=side,
        upper=float(upper),
        lower=float(lower),
        upper_softness=float(sharp if lobe == 1 else faded),
        lower_softness=float(sharp if lobe == 0 else faded),
        tilt=float(rng.uniform(-0.2, 0.2)),
        bend=float(rng.uniform(-0.5, 0.5)),
        density=float(min(density * rng.uniform(0.85, 1.08), 1)),
    )
