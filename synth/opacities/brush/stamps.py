"""Ready-made stamps of a brush tip: every width, turn and strength, as log-transmittance."""

import functools
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError
from artasyn.synth.opacities.brush.tips import Tip, load_tip, procedural_tip, tip_digest

__all__ = ["ANGLES", "LEVELS", "SIZES", "StampBank", "stamp_bank"]

SIZES = 8
"""Widths from the narrowest to the widest stamp."""
ANGLES = 16
"""Angles of a full turn."""
LEVELS = 6
"""Strengths of a stamp."""


@dataclass(frozen=True, slots=True)
class StampBank:
    """Log-transmittances, float32 without an empty rim, numbered (width x ANGLES + turn) x LEVELS + strength."""

    stamps: tuple[NDArray[np.float32], ...]
    boxes: NDArray[np.int64]
    """First row and column of each stamp and those beyond its last, counted from its centre, `(N, 4)`."""


@functools.lru_cache(maxsize=16)
def stamp_bank(
    tip: int, file: str, digest: str, widths: tuple[float, ...], strengths: tuple[float, ...]
) -> StampBank:
    """Make all stamps of one tip; kept, as every image of a size needs the same ones."""
    texture = _file_tip(Path(file), digest) if file else procedural_tip(tip)
    tips = [_turned_tip(texture, width, turn) for width in widths for turn in range(ANGLES)]
    boxes = np.array([_box(tip) for tip in tips for _ in strengths])
    whole = [np.log1p(np.float32(-strength) * tip) for tip in tips for strength in strengths]
    stamps = tuple(
        np.ascontiguousarray(stamp[r0:r1, c0:c1])
        for stamp, (r0, c0, r1, c1) in zip(whole, boxes.tolist(), strict=True)
    )
    return StampBank(stamps, boxes - np.array([stamp.shape[0] // 2 for stamp in whole])[:, None])


def _turned_tip(texture: Tip, width: float, turn: int) -> Tip:
    """Scale a tip to `width` pixels and turn it by `turn` sixteenths of a circle; odd square, centred."""
    scale = width / texture.shape[1]
    # Shrink by area first, since warpAffine does not.
    shape = max(1, round(texture.shape[1] * scale)), max(1, round(texture.shape[0] * scale))
    small = cv2.resize(texture, shape, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    size = int(np.ceil(np.hypot(*small.shape) / 2))
    matrix = cv2.getRotationMatrix2D(
        ((small.shape[1] - 1) / 2, (small.shape[0] - 1) / 2), 360 * turn / ANGLES, 1
    )
    matrix[:, 2] += size - (small.shape[1] - 1) / 2, size - (small.shape[0] - 1) / 2
    return np.asarray(cv2.warpAffine(small, matrix, (2 * size + 1, 2 * size + 1)), dtype=np.float32)


def _box(tip: Tip) -> tuple[int, int, int, int]:
    """Return first row and column and those beyond the last of what is not empty; of an empty tip all."""
    left, top, width, height = cv2.boundingRect((tip > 0).astype(np.uint8))
    return (top, left, top + height, left + width) if width else (0, 0, *tip.shape)


def _file_tip(path: Path, digest: str) -> Tip:
    if tip_digest(path) != digest:
        raise ConfigError(path, "is not the brush tip that the record was drawn with", "restore the picture")
    return load_tip(path)
