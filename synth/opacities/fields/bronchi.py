"""Air bronchograms: a tree of dark lines, dividing from the hilum outwards, where airways run through airless lung."""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.synth.opacities.fields.lungs import Lungs
from artasyn.synth.opacities.fields.noise import Field
from artasyn.synth.opacities.fields.regions import ramp
from artasyn.synth.seeds import generator

__all__ = ["Bronchus", "Tree", "bronchogram", "draw_tree", "grow", "render_tree"]

DENSE = (0.5, 0.8)
"""Alpha at which open airways begin to show, and at which they show fully."""
DIRECTIONS = (-0.95, 0.1, 1.15)
"""Of the lobar bronchi, in radians below the outward horizontal."""
DIVISIONS = 3
"""How often a lobar bronchus divides: what is thinner is not seen on a radiograph."""
LENGTH = 0.15
"""Of a lobar bronchus, in shares of the lung's mean side."""
PIECES = 4
"""Straight pieces of one bronchus."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The bronchi of one lung, those of `trunks` lobes, which grow from their seed."""

    side: int
    trunks: int
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bronchus:
    """One bronchus up to where it divides."""

    path: NDArray[np.float64]
    """Its middle, `(PIECES + 1, 2)`: column and row in pixels."""
    calibre: float
    """Width at the start, in pixels."""
    end: float
    """Width at the end, in pixels."""
    angle: float
    """Direction at the end, in radians below the outward horizontal."""
    shown: float
    """How much of it is seen, 0 to 1: bronchi leave the plane, some are filled."""


def bronchogram(density: float) -> float:
    """Return how far open airways show: not at all in a veil, fully in airless lung."""
    return float(np.clip((density - DENSE[0]) / (DENSE[1] - DENSE[0]), 0, 1))


def draw_tree(side: int, *, rng: np.random.Generator) -> Tree:
    """Draw the bronchi of one lung that stay open: of none to three lobes."""
    return Tree(side=side, trunks=int(rng.integers(4)), seed=int(rng.integers(2**31)))


def render_tree(tree: Tree, filled: Field, lungs: Lungs) -> Field:
    """Return 1 along the airways where the alpha `filled` of their lung is dense, 0 elsewhere."""
    if not tree.trunks:
        return np.zeros(lungs.shape, np.float32)
    dense = ramp((filled - np.float32(DENSE[0])) / np.float32(DENSE[1] - DENSE[0]))
    return _render_bronchi(grow(tree, lungs), lungs) * dense


def grow(tree: Tree, lungs: Lungs) -> tuple[Bronchus, ...]:
    """Return the bronchi of a tree; each starts where the one it comes from ends."""
    rng = generator(tree.seed, "", 0, stage="bronchi")
    top, bottom, left, right = lungs.boxes[tree.side]
    row, column = lungs.hilum(tree.side)
    outward = -1.0 if tree.side == 1 else 1.0
    bronchi: list[Bronchus] = []
    for angle in rng.permutation(DIRECTIONS)[: tree.trunks]:
        first = Bronchus(
            path=np.array([[column, row]]),
            calibre=0.0,
            end=float(rng.uniform(2.2, 3.4) * lungs.unit),
            angle=float(angle + rng.normal(0, 0.15)),
            shown=float(rng.uniform(0.6, 1)),
        )
        length = LENGTH * float(np.sqrt((bottom - top) * (right - left)))
        bronchi += _onwards(first, length, outward, DIVISIONS, rng=rng)
    return tuple(bronchi)


def _render_bronchi(bronchi: tuple[Bronchus, ...], lungs: Lungs) -> Field:
    """Return how much of the bronchi is seen, 0 to 1, with soft walls."""
    canvas = np.zeros(lungs.shape, np.uint8)
    for bronchus in sorted(bronchi, key=_grey):
        # Sixteenths of a pixel, so that a line does not jump with its rounding.
        corners = np.rint(_walls(bronchus) * 16).astype(np.int32)
        cv2.fillPoly(canvas, [corners], (_grey(bronchus),), cv2.LINE_AA, 4)
    seen = canvas * np.float32(1 / 255)
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), 0.8 * lungs.unit), dtype=np.float32)


def _onwards(
    before: Bronchus, length: float, outward: float, divisions: int, *, rng: np.random.Generator
) -> Iterator[Bronchus]:
    """Yield the bronchus that goes on where `before` ends, gently curved, and those it divides into."""
    angles = before.angle + rng.normal(0, 0.22) * np.arange(1, PIECES + 1) / PIECES
    angles += rng.normal(0, 0.04, PIECES)
    steps = np.stack([outward * np.cos(angles), np.sin(angles)], axis=1) * (length / PIECES)
    main, aside = rng.uniform(0.78, 0.9), rng.uniform(0.6, 0.75)
    own = Bronchus(
        path=np.concatenate([before.path[-1:], before.path[-1] + steps.cumsum(axis=0)]),
        calibre=before.end,
        end=float(main * before.end),
        angle=float(angles[-1]),
        shown=before.shown,
    )
    yield own
    # One goes nearly straight on, a thinner one turns off by 25 to 40 degrees.
    side = rng.choice([-1.0, 1.0])
    for share, turn in ((main, -rng.uniform(0.1, 0.3)), (aside, rng.uniform(0.44, 0.7))):
        child = Bronchus(
            path=own.path,
            calibre=own.end,
            end=float(share * before.end),
            angle=float(own.angle + side * turn),
            shown=float(own.shown * rng.uniform(0.55, 1)),
        )
        if divisions:
            yield from _onwards(child, length * rng.uniform(0.6, 1.1), outward, divisions - 1, rng=rng)


def _grey(bronchus: Bronchus) -> int:
    """Return 255 where a bronchus is seen fully; one thinner than a pixel is fainter."""
    return round(255 * bronchus.shown * min(1.0, bronchus.calibre))


def _walls(bronchus: Bronchus) -> NDArray[np.float64]:
    """Return the corners (column, row) of a bronchus: along one wall, back along the other."""
    along = np.gradient(bronchus.path, axis=0)
    across = along[:, ::-1] * (-1, 1) / np.maximum(np.hypot(*along.T), 1e-9)[:, None]
    half = np.linspace(bronchus.calibre, bronchus.end, len(bronchus.path))[:, None] / 2
    return np.concatenate([bronchus.path + half * across, (bronchus.path - half * across)[::-1]])
