"""Kind `consolidation`: dense, focal filling of the air spaces that hides vessels and shows the airways."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.airways import Airway, render_airways
from artasyn.synth.opacities.fields.bronchi import Tree, bronchogram, draw_tree, render_tree
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, fractal_noise
from artasyn.synth.opacities.fields.regions import draw_unevenness, mottle, side_share, top_share
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["ConsolidationParams", "Focus", "draw_consolidation", "render_consolidation"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """A blot around (height, lateral) of one lung's box, see `Lungs.coordinates`."""

    side: int
    height: float
    lateral: float
    stretch: float
    """Above 1 it is taller than wide."""
    share: float
    """Covered share of the lung."""
    ragged: float
    """Unevenness of its border, for one deviation of the noise; 2.5 is the width of the lung."""
    softness: float
    """Width of its edge, likewise."""
    density: float
    """Alpha before it is mottled."""
    seed: int
    airways: tuple[Airway, ...] = ()
    """Of older records."""
    tree: Tree | None = None
    """The bronchi that stay open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsolidationParams:
    """Foci, their texture (`grain` and `depth` as in `mottle`), and how far the airways stay open."""

    foci: tuple[Focus, ...]
    grain: float
    depth: float
    seed: int
    air: float
    """Share of the opacity that is missing along them."""


def draw_consolidation(_lungs: Lungs, request: Request, *, rng: np.random.Generator) -> ConsolidationParams:
    """Draw one focus in each affected lung; density 0.3 (faint) to 1 (dense); dense ones show their airways."""
    density = 0.3 + 0.7 * request.severity
    return ConsolidationParams(
        foci=tuple(_draw_focus(side, request, density=density, rng=rng) for side in request.sides),
        grain=float(rng.uniform(10, 40)),
        depth=draw_unevenness(density, rng=rng),
        seed=int(rng.integers(2**31)),
        air=float(rng.uniform(0.1, 0.6) * bronchogram(density)),
    )


def render_consolidation(params: ConsolidationParams, lungs: Lungs) -> Field:
    """Fill the foci and spare the airways; alpha in [0, 1]."""
    filled = np.zeros(lungs.shape, np.float32)
    for focus in params.foci:
        blot = np.float32(focus.density) * _render_focus(focus, lungs)
        filled += blot * (1 - np.float32(params.air) * _open_airways(focus, blot, lungs))
    return filled * mottle(lungs, grain=params.grain, depth=params.depth, seed=params.seed)


def _draw_focus(side: int, request: Request, *, density: float, rng: np.random.Generator) -> Focus:
    return Focus(
        side=side,
        height=float(np.clip(0.5 + 0.25 * request.basal + rng.normal(0, 0.22), 0.1, 0.95)),
        lateral=float(np.clip(0.5 + 0.3 * request.peripheral + rng.normal(0, 0.25), 0.05, 0.95)),
        stretch=float(rng.uniform(0.6, 1.8)),
        share=min(side_share(request, rng=rng), 0.85),
        ragged=float(rng.uniform(0.2, 0.55)),
        softness=float(rng.uniform(0.5, 1.5)),
        density=float(min(density * rng.uniform(0.85, 1.08), 1)),
        seed=int(rng.integers(2**31)),
        tree=draw_tree(side, rng=rng),
    )


def _render_focus(focus: Focus, lungs: Lungs) -> Field:
    height, lateral = lungs.coordinates(focus.side)
    top, bottom, left, right = lungs.boxes[focus.side]
    aspect = (bottom - top) / max(right - left, 1)
    distance = np.hypot((height - focus.height) * np.float32(aspect / focus.stretch), lateral - focus.lateral)
    rng = generator(focus.seed, "", 0, stage="focus")
    edge = fractal_noise(lungs.shape, 30 * lungs.unit, octaves=3, gain=0.5, rng=rng)
    score = np.float32(focus.ragged) * edge - 2.5 * distance
    return top_share(score, lungs, side=focus.side, share=focus.share, softness=focus.softness)


def _open_airways(focus: Focus, blot: Field, lungs: Lungs) -> Field:
    return render_tree(focus.tree, blot, lungs) if focus.tree else render_airways(focus.airways, lungs)
