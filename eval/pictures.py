"""Turn maps and masks into pictures that read the same for every kind of colour vision."""

import base64
import io
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.colours import SKY_BLUE
from artasyn.data_manifests.outlines import outline_of
from artasyn.train.runs.heat import INFERNO, heat_index

__all__ = [
    "colour_bar",
    "data_uri",
    "heat_layer",
    "overlay",
    "png",
    "prediction_outline",
    "truth_outline",
]

Picture = NDArray[np.uint8]

CLEAR, BLACK, WHITE = (0, 0, 0, 0), (0, 0, 0, 255), (255, 255, 255, 255)

TRUTH = (*SKY_BLUE, 255)
"""No colour of the heat map comes near it."""

OPAQUE = 1.5
"""How much faster than the map the heat layer's opacity rises."""

SHADES = 64
"""Of a heat layer: the eye tells no more apart over an image, and the page stays small."""

COMPRESSION = 3
"""Of PNG: a third of the time of the default 6, for a tenth more bytes."""

THIN = 170
"""An outline is one pixel wide for every so many pixels of the longer side, and at least two."""


class Layer(NamedTuple):
    """A picture of few colours, to lay over an image."""

    indices: NDArray[np.uint8]
    """`(H, W)`: which colour."""
    colours: NDArray[np.uint8]
    """`(n, 4)`: RGBA, n at most 256."""

    @property
    def rgba(self) -> Picture:
        """The same as `(H, W, 4)`."""
        return self.colours[self.indices]


def heat_layer(anomaly: NDArray[np.floating], *, top: float) -> Layer:
    """Colour a map `(H, W)` as `artasyn.train.runs.heat` does, clear where it is cold."""
    shades = np.linspace(0, 255, SHADES)
    alpha = np.rint(np.minimum(OPAQUE * shades, 255)).astype(np.uint8)
    colours = np.column_stack((INFERNO[np.rint(shades).astype(int)], alpha))
    return Layer(heat_index(anomaly, top=top, shades=SHADES), colours)


def truth_outline(mask: NDArray[np.bool_]) -> Layer:
    """Render the inner edge of the true area `(H, W)`, solid sky blue on a clear ground."""
    edge = outline_of(mask, width=_width(mask))
    return Layer(edge.astype(np.uint8), np.array([CLEAR, TRUTH], np.uint8))


def prediction_outline(mask: NDArray[np.bool_]) -> Layer:
    """Render the inner edge of the predicted area `(H, W)` in dashes of white and black, seen on any ground."""
    edge = outline_of(mask, width=_width(mask))
    rows, columns = np.ogrid[: mask.shape[0], : mask.shape[1]]
    white = (rows + columns) // (3 * _width(mask)) % 2 == 0
    index = edge.astype(np.uint8) + (edge & white)
    return Layer(index.astype(np.uint8), np.array([CLEAR, BLACK, WHITE], np.uint8))


def overlay(image: Picture, anomaly: NDArray[np.floating], mask: NDArray[np.bool_], *, top: float) -> Picture:
    """Lay the heat map over the image, more opaque where it is hotter, and draw the mask's edge: RGB."""
    layer = heat_layer(anomaly, top=top).rgba
    alpha = 0.5 * layer[..., 3:] / 255
    mixed = image[..., None] * (1 - alpha) + layer[..., :3] * alpha
    edge = prediction_outline(mask).rgba
    drawn: Picture = np.where(edge[..., 3:] > 0, edge[..., :3], np.rint(mixed).astype(np.uint8))
    return drawn


def colour_bar() -> Picture:
    """Return the colours from 0 to the top as one row, RGB `(1, 256, 3)`."""
    return INFERNO[None]


def png(picture: NDArray[Any]) -> bytes:
    """Encode grey `(H, W)`, RGB or RGBA as PNG; masks become 0 and 255."""
    values = np.where(picture, 255, 0).astype(np.uint8) if picture.dtype == bool else picture
    return _encoded(Image.fromarray(values))


def data_uri(picture: Picture | Layer) -> str:
    """Return a picture as a PNG that lies inside a page."""
    if isinstance(picture, Layer):
        image = Image.fromarray(picture.indices)
        image.putpalette(picture.colours.tobytes(), "RGBA")
        data = _encoded(image)
    else:
        data = png(picture)
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=COMPRESSION)
    return buffer.getvalue()


def _width(mask: NDArray[np.bool_]) -> int:
    return int(max(2, round(max(mask.shape) / THIN)))
