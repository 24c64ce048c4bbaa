"""Colour, or grey with alpha, of 16 bits a channel: Pillow alone would keep the upper eight."""

import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.images.pictures import open_picture, upright

__all__ = ["deep_grey", "is_planar"]

LUMA = (19595, 38470, 7471)
"""ITU-R 601 weights in parts of 2**16, as Pillow has them: equal channels keep their value."""

SWAPPED = {";16B": ";16L", ";16L": ";16B", ";16N": ";16B" if np.little_endian else ";16L"}
"""The other order of bytes: asked for it, Pillow takes the lower byte of a channel for the upper one."""

DEEP_GREY_ALPHA, RGB_ALPHA = bytes((16, 4)), bytes((8, 6))  # depth and colour type of a PNG
PLANAR_CONFIGURATION, BITS_PER_SAMPLE = 284, 258  # of TIFF


def deep_grey(data: bytes, picture: Image.Image) -> NDArray[np.int64] | None:
    """Return the luma `(H, W)` of 16 bits; None where the picture, not loaded yet, has no such channels."""
    if data[:4] == b"\x89PNG" and data[24:26] == DEEP_GREY_ALPHA:
        parts = np.array(upright(open_picture(_as_rgba(data)))).astype(np.int64)
        return (parts[..., 0] << 8) | parts[..., 1]
    layouts = _layouts(picture)
    if picture.mode not in ("RGB", "RGBA", "RGBa") or not any(text[-4:] in SWAPPED for text in layouts):
        return None
    lower: Any = open_picture(data)
    lower.tile = [tile._replace(args=_swapped(tile.args)) for tile in lower.tile]
    return _luma(np.array(upright(picture)), np.array(upright(lower)))


def is_planar(picture: Image.Image) -> bool:
    """Say whether a TIFF of 16 bits keeps its channels apart, which Pillow decodes wrongly."""
    tags: Any = getattr(picture, "tag_v2", {})
    bits = tags.get(BITS_PER_SAMPLE) or (8,)
    return bool(tags.get(PLANAR_CONFIGURATION) == 2 and len(bits) > 1 and max(bits) > 8)


def _luma(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> NDArray[np.int64]:
    grey = np.full(upper.shape[:2], 2**15, np.int64)
    for channel, weight in enumerate(LUMA):
        grey += weight * ((upper[..., channel].astype(np.int64) << 8) | lower[..., channel])
    return grey >> 16


def _as_rgba(data: bytes) -> bytes:
    """Declare four bytes a pixel, 16 bits of grey and of alpha, to be red, green, blue and alpha."""
    header = data[12:24] + RGB_ALPHA + data[26:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


def _layouts(picture: Image.Image) -> list[str]:
    tiles: Any = getattr(picture, "tile", [])
    return [str(tile.args[0] if isinstance(tile.args, tuple) else tile.args) for tile in tiles]


def _swapped(arguments: Any) -> Any:
    if isinstance(arguments, tuple):
        return (_swapped(arguments[0]), *arguments[1:])
    return arguments[:-4] + SWAPPED[arguments[-4:]]
