"""Arrays to PNG: grey images, the opacity in colours, and transparent layers to lay over an image."""

import base64

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.colours import GREEN, ORANGE, PURPLE, SKY_BLUE
from artasyn.data_manifests.outlines import outline_of

__all__ = ["LUNG", "MASK", "OUTLINE", "REFERENCE", "data_uri", "grey_png", "heat_png", "line_png", "tint_png"]

MASK, OUTLINE, LUNG, REFERENCE = ORANGE, SKY_BLUE, GREEN, PURPLE
SHADE = 110
"""Opacity of a shaded mask, of 255."""

Grey = NDArray[np.uint8]
Colour = tuple[int, int, int]


def grey_png(image: Grey) -> bytes:
    """Return the image `(H, W)` as PNG."""
    return _png(image)


def heat_png(alpha: Grey) -> bytes:
    """Return the opacity's strength `(H, W)`, 0..255, in colours from black to light yellow."""
    return _png(np.asarray(cv2.applyColorMap(alpha, cv2.COLORMAP_INFERNO), np.uint8))


def tint_png(mask: Grey, colour: Colour) -> bytes:
    """Return a layer that shades the mask `(H, W)`, transparent elsewhere."""
    return _layer(mask > 0, colour, SHADE)


def line_png(mask: Grey, colour: Colour) -> bytes:
    """Return a layer that outlines every value of `mask` `(H, W)` above 0, transparent elsewhere."""
    edge = np.zeros(mask.shape, bool)
    for value in range(1, int(mask.max()) + 1):
        edge |= outline_of(mask == value)
    return _layer(edge, colour, 255)


def data_uri(png: bytes) -> str:
    """Return a PNG as text that a page shows without another request."""
    return "data:image/png;base64," + base64.b64encode(png).decode("ascii")


def _layer(where: NDArray[np.bool_], colour: Colour, opacity: int) -> bytes:
    layer = np.zeros((*where.shape, 4), np.uint8)
    layer[where] = (*colour[::-1], opacity)
    return _png(layer)


def _png(picture: Grey) -> bytes:
    """Encode grey, BGR or BGRA."""
    return cv2.imencode(".png", picture)[1].tobytes()
