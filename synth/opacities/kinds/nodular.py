"""Kind `nodular`: round, fairly well-defined shadows, one to many."""

from dataclasses import dataclass

import numpy as np

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.regions import draw_place
from artasyn.synth.opacities.fields.request import Request

__all__ = ["NodularParams", "Nodule", "draw_nodular", "render_nodular"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Nodule:
    """A ball, slightly squeezed; place and radius in pixels, `turn` in radians."""

    row: float
    column: float
    radius: float
    squeeze: float
    turn: float
    density: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NodularParams:
    """All nodules of one image."""

    nodules: tuple[Nodule, ...]


def draw_nodular(lungs: Lungs, request: Request, *, rng: np.random.Generator) -> NodularParams:
    """Draw one large to a dozen small nodules; density 0.25 (faint) to 0.8 (dense)."""
    count = int(np.ceil(12 ** rng.random() * (0.5 + request.share)))
    largest = np.interp(count, (1, 12), (20, 8))
    nodules = []
    for _ in range(count):
        row, column = draw_place(lungs, int(rng.choice(request.sides)), request, rng=rng)
        nodules.append(
            Nodule(
                row=row,
                column=column,
                radius=float(rng.uniform(0.35, 1) * largest * lungs.unit),
                squeeze=float(rng.uniform(0.75, 1)),
                turn=float(rng.uniform(0, np.pi)),
                density=float((0.25 + 0.5 * request.severity) * rng.uniform(0.8, 1.1)),
            )
        )
    return NodularParams(nodules=tuple(nodules))


def render_nodular(params: NodularParams, lungs: Lungs) -> Field:
    """Project the balls: a ray's path through a ball falls off towards its rim; alpha in [0, 1]."""
    light = np.ones(lungs.shape, np.float32)
    for nodule in params.nodules:
        reach = int(nodule.radius / nodule.squeeze) + 2
        top, left = max(int(nodule.row) - reach, 0), max(int(nodule.column) - reach, 0)
        window = light[top : int(nodule.row) + reach + 1, left : int(nodule.column) + reach + 1]
        down = np.arange(top, top + window.shape[0], dtype=np.float32)[:, None] - nodule.row
        across = np.arange(left, left + window.shape[1], dtype=np.float32)[None, :] - nodule.column
        along = down * np.cos(nodule.turn) + across * np.sin(nodule.turn)
        aside = (across * np.cos(nodule.turn) - down * np.sin(nodule.turn)) * nodule.squeeze
        path = np.clip(1 - (along**2 + aside**2) / nodule.radius**2, 0, 1)
        window *= 1 - np.float32(nodule.density) * path.astype(np.float32) ** np.float32(0.7)
    return 1 - light
