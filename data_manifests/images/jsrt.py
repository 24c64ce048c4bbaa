"""Read the one headerless format among the public sets: JSRT's `.IMG` files."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError

__all__ = ["decode_raw", "is_raw"]

SIDE = 2048  # pixels
FULL_SCALE = 4095  # 12 bits


def is_raw(path: Path, data: bytes) -> bool:
    """Say whether the name and the size are those of a JSRT image."""
    return path.suffix.lower() == ".img" and len(data) == SIDE * SIDE * 2


def decode_raw(path: Path, data: bytes) -> NDArray[np.uint8]:
    """Decode 2048 x 2048 big-endian 16-bit words of 12 bits; large values are dark, so they are inverted.

    Raises ImageError (unreadable) where a word has more than 12 bits. Source: JSRT database, Shiraishi et al. 2000.
    """
    words = np.frombuffer(data, dtype=">u2").astype(np.uint16).reshape(SIDE, SIDE)
    if words.max() > FULL_SCALE:
        raise ImageError(path, "holds words of more than 12 bits: no JSRT image", kind="unreadable")
    light = FULL_SCALE - words.astype(np.uint32)
    grey: NDArray[np.uint8] = ((light * 255 + FULL_SCALE // 2) // FULL_SCALE).astype(np.uint8)
    return grey
