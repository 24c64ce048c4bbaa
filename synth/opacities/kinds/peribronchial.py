"""Kind `peribronchial`: thickened bronchi and vessels about the hila, as in viral pneumonia: streaks, cuffs, haze."""

from dataclasses import dataclass

import cv2
import numpy as np

from artasyn.synth.opacities.fields.airways import Airway, draw_airways, render_airways
from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field, smooth_noise
from artasyn.synth.opacities.fields.regions import ramp
from artasyn.synth.opacities.fields.request import Request
from artasyn.synth.seeds import generator

__all__ = ["Cuff", "PeribronchialParams", "draw_peribronchial", "render_peribronchial"]

NEAR = 55.0
"""Distance from the hilum at which bundles have faded to 1 / e, in pixels of a 256-pixel image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuff:
    """A bronchus seen end on: a bright ring about a dark middle; pixels."""

    row: float
    column: float
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeribronchialParams:
    """Bundles and cuffs of the affected lungs, and the haze about them."""

    hila: tuple[tuple[int, float, float], ...]
    """Side, row and column of each hilum, in pixels."""
    bundles: tuple[Airway, ...]
    cuffs: tuple[Cuff, ...]
    streaks: float
    """Alpha of bundles and cuffs at the hila."""
    haze: float
    """Alpha of the haze there, before it is made uneven."""
    reach: float
    """Factor on `NEAR`."""
    seed: int


def draw_peribronchial(lungs: Lungs, request: Request, *, rng: np.random.Generator) -> PeribronchialParams:
    """Draw 6 to 14 bundles a lung; density of the streaks 0.2 (faint) to 0.7 (dense)."""
    bundles: list[Airway] = []
    cuffs: list[Cuff] = []
    for side in request.sides:
        drawn = draw_airways(lungs, side, trunks=int(rng.integers(6, 15)), rng=rng)
        bundles += [Airway(path=a.path, calibre=float(a.calibre * rng.uniform(0.7, 1.9))) for a in drawn]
        cuffs += _draw_cuffs(drawn, lungs.unit, rng=rng)
    density = 0.2 + 0.5 * request.severity
    return PeribronchialParams(
        hila=tuple((side, *lungs.hilum(side)) for side in request.sides),
        bundles=tuple(bundles),
        cuffs=tuple(cuffs),
        streaks=float(density * rng.uniform(0.75, 1.1)),
        haze=float(density * rng.uniform(0.2, 0.8)),
        reach=float(rng.uniform(0.7, 1.5)),
        seed=int(rng.integers(2**31)),
    )


def render_peribronchial(params: PeribronchialParams, lungs: Lungs) -> Field:
    """Lay haze, streaks and cuffs over each other about the hila; alpha in [0, 1]."""
    rng = generator(params.seed, "", 0, stage="bundles")
    uneven = ramp(
        np.float32(0.3) * smooth_noise(lungs.shape, (16 * lungs.unit,) * 2, rng=rng) + np.float32(0.6)
    )
    streaks = np.clip(render_airways(params.bundles, lungs) * uneven, 0, 1)
    rings = _render_cuffs(params.cuffs, lungs)
    light = (1 - np.float32(params.streaks) * np.maximum(streaks, rings)) * (
        1 - np.float32(params.haze) * uneven
    )
    return np.asarray((1 - light) * _about_hila(params, lungs), dtype=np.float32)


def _draw_cuffs(bundles: tuple[Airway, ...], unit: float, *, rng: np.random.Generator) -> list[Cuff]:
    """Draw up to three cuffs on the first parts of the bundles."""
    chosen = rng.choice(len(bundles), size=int(rng.integers(4)))
    return [
        Cuff(row=row, column=column, radius=float(rng.uniform(1.8, 3.2) * unit))
        for row, column in (bundles[i].path[int(rng.integers(1, 3))] for i in chosen)
    ]


def _render_cuffs(cuffs: tuple[Cuff, ...], lungs: Lungs) -> Field:
    canvas = np.zeros(lungs.shape, np.float32)
    for cuff in cuffs:
        centre = round(cuff.column * 16), round(cuff.row * 16)  # sixteenths of a pixel
        cv2.circle(
            canvas, centre, round(cuff.radius * 16), (1.0,), max(1, round(1.2 * lungs.unit)), cv2.LINE_8, 4
        )
    return np.asarray(cv2.GaussianBlur(canvas, (0, 0), 0.6 * lungs.unit), dtype=np.float32)


def _about_hila(params: PeribronchialParams, lungs: Lungs) -> Field:
    """Return 1 at the hila of the affected lungs, falling with the distance, 0 outside these lungs."""
    about = np.zeros(lungs.shape, np.float32)
    rows = np.arange(lungs.shape[0], dtype=np.float32)[:, None]
    columns = np.arange(lungs.shape[1], dtype=np.float32)[None, :]
    scale = np.float32(1 / (NEAR * params.reach * lungs.unit) ** 2)
    for side, row, column in params.hila:
        distance = ((rows - np.float32(row)) ** 2 + (columns - np.float32(column)) ** 2) * scale
        about += np.exp(-distance) * lungs.extent(side)
    return about
