"""How the patient lies in the picture: nearer or farther, turned, shifted, and what the collimator hides."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["View", "draw_view", "hide_beyond_collimator_", "seen"]

MASK_FLAGS, FIELD_FLAGS = cv2.INTER_NEAREST, cv2.INTER_LINEAR
CHANCES = (0.6, 0.35, 0.35, 0.35)
"""That the collimator hides something: top, right, bottom, left."""
ROOM = 0.05
"""Free border about the chest, in shares of the side, into which it may be shifted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Zoom, turn in degrees, shifts in shares of the side, and the collimator."""

    zoom: float
    turn: float
    across: float
    down: float
    collimator: tuple[float, float, float, float]
    """Share of the room between image border and lungs that is hidden: top, right, bottom, left."""


def draw_view(*, child: bool, rng: np.random.Generator) -> View:
    """Draw how a chest is taken; children lie less straight, and smaller in the picture."""
    zoom = rng.uniform(0.78, 1.0) if child else rng.uniform(0.86, 1.03)
    room = ROOM * 0.4 + (1 - min(zoom, 1.0)) / 2
    hidden = rng.uniform(0.1, 0.85, 4) * (rng.random(4) < CHANCES)
    return View(
        zoom=float(zoom),
        turn=float(rng.uniform(-9, 9) if child else rng.uniform(-5, 5)),
        across=float(rng.uniform(-room, room)),
        down=float(rng.uniform(-room, room)),
        collimator=tuple(float(share) for share in hidden),  # type: ignore[arg-type]
    )


def seen(field: NDArray[Any], view: View) -> NDArray[Any]:
    """Return a field (H, W) as the view shows it: labels by the nearest pixel, floats between pixels."""
    size = field.shape[0]
    middle = (size - 1) / 2
    matrix = cv2.getRotationMatrix2D((middle, middle), view.turn, view.zoom)
    matrix[:, 2] += size * view.across, size * view.down
    labels = field.dtype == np.uint8
    return np.asarray(
        cv2.warpAffine(
            field,
            matrix,
            (size, size),
            flags=MASK_FLAGS if labels else FIELD_FLAGS,
            borderMode=cv2.BORDER_CONSTANT if labels else cv2.BORDER_REPLICATE,
        )
    )


def hide_beyond_collimator_(grey: NDArray[np.uint8], lungs: NDArray[np.uint8], view: View) -> None:
    """Change `grey` in place: black beyond the collimator, which never reaches the lungs."""
    rows, columns = np.flatnonzero(lungs.any(axis=1)), np.flatnonzero(lungs.any(axis=0))
    size = grey.shape[0]
    room = rows[0], size - 1 - columns[-1], size - 1 - rows[-1], columns[0]
    top, right, bottom, left = (int(n * share) for n, share in zip(room, view.collimator, strict=True))
    open_part = grey[top : size - bottom, left : size - right].copy()
    grey[:] = 0
    grey[top : size - bottom, left : size - right] = open_part
