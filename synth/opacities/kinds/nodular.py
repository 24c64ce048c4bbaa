"""Kind `nodular`: round or ragged nodules, one large to a dozen small; small ones are fainter."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, fractal_noise
from artasyn.synth.opacities.fields.regions import draw_place
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.opacities.fields.window import window_about
from artasyn.synth.seeds import generator

__all__ = ["NodularParams", "Nodule", "draw_nodular", "render_nodular"]

LARGEST = 20.0
"""Radius of the largest nodule, in pixels of a 256-pixel image."""
RAGGED = 0.25
"""Largest unevenness of a nodule's outline, in shares of the squared radius for one deviation of the noise."""
FARTHEST = 1.5
"""How far a ragged nodule reaches at most, in radii: noise is cut off at two deviations below 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodule:
    """A ball, slightly squeezed; place and radius in pixels."""

    row: float
    column: float
    radius: float
    """Of its axis that points `turn` radians from straight down."""
    squeeze: float
    """That axis as a share of the one across."""
    turn: float
    density: float
    """Alpha at its middle."""
    rim: float = 0.7
    """Exponent on the ray's path through the ball: the larger, the softer its rim."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NodularParams:
    """All nodules of one image, and how ragged they are: 0 for smooth balls."""

    nodules: tuple[Nodule, ...]
    ragged: float = 0.0
    seed: int = 0


def draw_nodular(lungs: Lungs, request: Request, *, rng: np.random.Generator) -> NodularParams:
    """Draw one large to a dozen small nodules; density 0.25 (faint) to 0.75 (dense) of the largest, less of small ones.

    A ray's path through a ball grows with the ball: small nodules are fainter.
    """
    count = int(np.ceil(12 ** rng.random() * (0.5 + request.share)))
    largest = float(np.interp(count, (1, 12), (LARGEST, 8)))
    nodules = [_draw_nodule(lungs, request, largest=largest, rng=rng) for _ in range(count)]
    return NodularParams(
        nodules=tuple(nodules), ragged=float(rng.uniform(0, RAGGED)), seed=int(rng.integers(2**31))
    )


def render_nodular(params: NodularParams, lungs: Lungs) -> Field:
    """Project the balls: a ray's path through a ball falls off towards its rim; alpha in [0, 1]."""
    light = np.ones(lungs.shape, np.float32)
    farther = _unevenness(params, lungs)
    for nodule in params.nodules:
        reach = int(nodule.radius / nodule.squeeze * FARTHEST) + 2
        window, down, across = window_about((nodule.row, nodule.column), reach, lungs.shape)
        along = down * np.cos(nodule.turn) + across * np.sin(nodule.turn)
        aside = (across * np.cos(nodule.turn) - down * np.sin(nodule.turn)) * nodule.squeeze
        path = np.clip(1 - (along**2 + aside**2) / nodule.radius**2 * farther[window], 0, 1)
        light[window] *= 1 - np.float32(nodule.density) * path.astype(np.float32) ** np.float32(nodule.rim)
    return 1 - light


def _draw_nodule(lungs: Lungs, request: Request, *, largest: float, rng: np.random.Generator) -> Nodule:
    row, column = draw_place(lungs, int(rng.choice(request.sides)), request, rng=rng)
    radius = float(rng.uniform(0.35, 1) * largest)
    return Nodule(
        row=row,
        column=column,
        radius=radius * lungs.unit,
        squeeze=float(rng.uniform(0.75, 1)),
        turn=float(rng.uniform(0, np.pi)),
        density=float(
            (0.25 + 0.5 * request.severity) * rng.uniform(0.8, 1.1) * (0.35 + 0.65 * radius / LARGEST)
        ),
        rim=float(rng.uniform(0.7, 1.3)),
    )


def _unevenness(params: NodularParams, lungs: Lungs) -> Field:
    """Return the factor on the square of a place's distance from a nodule's centre, 1 on average."""
    if not params.ragged:
        return np.ones(lungs.shape, np.float32)
    rng = generator(params.seed, "", 0, stage="nodules")
    bumps = fractal_noise(lungs.shape, 9 * lungs.unit, octaves=2, gain=0.6, rng=rng)
    return np.asarray(1 + params.ragged * np.maximum(bumps, -2), dtype=np.float32)
