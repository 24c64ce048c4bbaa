"""Turn maps and masks into pictures that read the same for every kind of colour vision."""

import base64
import io
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.outlines import outline_of

__all__ = [
    "colour_bar",
    "data_uri",
    "heat",
    "heat_layer",
    "overlay",
    "png",
    "prediction_outline",
    "truth_outline",
]

Picture = NDArray[np.uint8]

TRUTH = (86, 180, 233)
"""Sky blue of Okabe and Ito's palette, which no colour of the heat map comes near."""

INFERNO = (np.asarray(colormaps["inferno"](np.arange(256)))[:, :3] * 255).round().astype(np.uint8)

OPAQUE = 1.5
"""How much faster than the map the heat layer's opacity rises."""

THIN = 170
"""An outline is one pixel wide for every so many pixels of the longer side, and at least two."""


def heat(anomaly: NDArray[np.floating], *, top: float) -> Picture:
    """Colour a map `(H, W)` -> RGB `(H, W, 3)`; 0 is black, `top` and above the brightest yellow.

    `top` belongs to a data set or a run, never to an image: scaled one by one, every normal image looks ill.
    """
    index = np.rint(np.clip(np.asarray(anomaly, np.float64) / top, 0, 1) * 255).astype(np.uint8)
    return np.asarray(INFERNO[index])


def heat_layer(anomaly: NDArray[np.floating], *, top: float) -> Picture:
    """Colour a map as `heat` does, clear where it is cold: RGBA `(H, W, 4)` to lay over the image."""
    share = np.clip(np.asarray(anomaly, np.float64) / top, 0, 1)
    alpha = np.rint(255 * np.clip(OPAQUE * share, 0, 1)).astype(np.uint8)
    return np.concatenate([heat(anomaly, top=top), alpha[..., None]], axis=-1)


def truth_outline(mask: NDArray[np.bool_]) -> Picture:
    """Render the inner edge of the true area, solid sky blue on a transparent ground: RGBA `(H, W, 4)`."""
    picture = np.zeros((*mask.shape, 4), np.uint8)
    picture[outline_of(mask, width=_width(mask))] = (*TRUTH, 255)
    return picture


def prediction_outline(mask: NDArray[np.bool_]) -> Picture:
    """Render the inner edge of the predicted area in dashes of white and black, seen on any ground: RGBA."""
    edge, (rows, columns) = outline_of(mask, width=_width(mask)), np.indices(mask.shape)
    dash = 3 * _width(mask)
    picture = np.zeros((*mask.shape, 4), np.uint8)
    picture[edge] = (0, 0, 0, 255)
    picture[edge & (((rows + columns) // dash) % 2 == 0)] = 255
    return picture


def overlay(image: Picture, anomaly: NDArray[np.floating], mask: NDArray[np.bool_], *, top: float) -> Picture:
    """Lay the heat map over the image, more opaque where it is hotter, and draw the mask's edge: RGB."""
    layer = heat_layer(anomaly, top=top)
    alpha = 0.5 * layer[..., 3:] / 255
    mixed = image[..., None] * (1 - alpha) + layer[..., :3] * alpha
    edge = prediction_outline(mask)
    drawn: Picture = np.where(edge[..., 3:] > 0, edge[..., :3], np.rint(mixed).astype(np.uint8))
    return drawn


def colour_bar() -> Picture:
    """Return the colours from 0 to the top as one row, RGB `(1, 256, 3)`."""
    return INFERNO[None]


def png(picture: NDArray[Any]) -> bytes:
    """Encode grey `(H, W)`, RGB or RGBA as PNG; masks become 0 and 255."""
    values = np.where(picture, 255, 0).astype(np.uint8) if picture.dtype == bool else picture
    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, "PNG")
    return buffer.getvalue()


def data_uri(picture: Picture, *, colours: int = 0) -> str:
    """Return a picture as a PNG that lies inside the page; `colours` > 0 reduces it to a palette."""
    if not colours:
        data = png(picture)
    else:
        buffer = io.BytesIO()
        Image.fromarray(picture).quantize(colours, dither=Image.Dither.NONE).save(
            buffer, "PNG", optimize=True
        )
        data = buffer.getvalue()
    return "data:image/png;base64," + base64.b64encode(data).decode()


def _width(mask: NDArray[np.bool_]) -> int:
    return int(max(2, round(max(mask.shape) / THIN)))
