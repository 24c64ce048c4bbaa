"""Turn maps and masks into pictures that read the same for every kind of colour vision."""

import base64
import io
from typing import Any

import numpy as np
from matplotlib import colormaps
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

__all__ = ["PREDICTION", "TRUTH", "colour_bar", "data_uri", "heat", "outline", "overlay", "png"]

Picture = NDArray[np.uint8]

TRUTH = (86, 180, 233)
"""Sky blue of Okabe and Ito's palette; drawn solid."""

PREDICTION = (230, 159, 0)
"""Orange of the same palette; drawn dashed, so that colour is never the only difference."""

INFERNO = (np.asarray(colormaps["inferno"](np.arange(256)))[:, :3] * 255).round().astype(np.uint8)

DASH = 4
"""Pixels of a dash."""


def heat(anomaly: NDArray[np.floating], *, top: float) -> Picture:
    """Colour a map `(H, W)` -> RGB `(H, W, 3)`; 0 is black, `top` and above the brightest yellow.

    `top` belongs to a data set or a run, never to an image: scaled one by one, every normal image looks ill.
    """
    index = np.rint(np.clip(np.asarray(anomaly, np.float64) / top, 0, 1) * 255).astype(np.uint8)
    return np.asarray(INFERNO[index])


def outline(mask: NDArray[np.bool_], colour: tuple[int, int, int], *, dashed: bool = False) -> Picture:
    """Draw the inner edge of a mask, two pixels wide, on a transparent ground: RGBA `(H, W, 4)`."""
    edge = mask & ~ndimage.binary_erosion(mask, np.ones((3, 3), bool), iterations=2, border_value=0)
    if dashed:
        rows, columns = np.indices(mask.shape)
        edge &= ((rows + columns) // DASH) % 2 == 0
    picture = np.zeros((*mask.shape, 4), np.uint8)
    picture[edge] = (*colour, 255)
    return picture


def overlay(image: Picture, anomaly: NDArray[np.floating], mask: NDArray[np.bool_], *, top: float) -> Picture:
    """Lay the heat map over the image, more opaque where it is hotter, and draw the mask's edge: RGB."""
    alpha = 0.6 * np.clip(np.asarray(anomaly, np.float64) / top, 0, 1)[..., None]
    mixed = image[..., None] * (1 - alpha) + heat(anomaly, top=top) * alpha
    edge = outline(mask, PREDICTION)
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
