"""Picture sheets: what was made, to be looked at."""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.store.version import Version

__all__ = ["gallery_sheet", "outline", "tint"]

Colour = NDArray[np.uint8]
Grey = NDArray[np.uint8]

RIGHT_LUNG, LEFT_LUNG, OPACITY = (86, 180, 233), (0, 158, 115), (230, 159, 0)
"""Okabe and Ito's colours, told apart by every kind of colour vision."""
GAP, HEADER = 6, 22


def gallery_sheet(version: Version, *, count: int, columns: int) -> Colour:
    """Return an RGB sheet `(H, W, 3)` of up to `count` samples, spread evenly over the version.

    Each sample is a strip: image, lung fields, image with the opacity (if synthetic), mask.
    """
    ok = version.rows(status="ok")
    chosen = ok[np.unique(np.linspace(0, len(ok) - 1, min(count, len(ok))).round().astype(int))]
    synthetic = version.attributes["kind"] == "synthetic"
    strips = [_strip(version, int(row), synthetic=synthetic) for row in chosen]
    columns = min(columns, len(strips))
    strips += [np.full_like(strips[0], 255)] * (-len(strips) % columns)
    lines = [_beside(strips[i : i + columns]) for i in range(0, len(strips), columns)]
    titles = (
        ("image", "lung fields", "with opacity", "mask") if synthetic else ("image", "lung fields", "mask")
    )
    header = _beside([_titles(titles, version.shape.size)] * columns)
    return np.concatenate([header, *(_below(line) for line in lines)])


def tint(
    image: Grey, mask: NDArray[np.bool_], colour: tuple[int, int, int], *, strength: float = 0.35
) -> Colour:
    """Return the grey image `(H, W)` as RGB with the mask shaded in `colour`."""
    picture = np.repeat(image[..., None], 3, axis=2)
    shaded = picture * (1 - strength) + np.asarray(colour) * strength
    return np.where(mask[..., None], shaded, picture).round().astype(np.uint8)


def outline(picture: Colour, mask: NDArray[np.bool_], colour: tuple[int, int, int]) -> Colour:
    """Return the RGB picture with the outline of the mask drawn in `colour`."""
    contours, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return np.asarray(cv2.drawContours(picture.copy(), contours, -1, colour, 1), np.uint8)


def _strip(version: Version, row: int, *, synthetic: bool) -> Colour:
    image, altered, mask, lungs = version.read(row, channels=("image", "altered", "mask", "lungs"))
    plain = np.repeat(image[..., None], 3, axis=2)
    fields = outline(outline(plain, lungs == 1, RIGHT_LUNG), lungs == 2, LEFT_LUNG)
    marked = outline(tint(altered, mask > 0, OPACITY), mask > 0, OPACITY)
    changed = [np.repeat(altered[..., None], 3, axis=2)] if synthetic else []
    return _beside([plain, fields, *changed, marked], gap=2)


def _titles(titles: Sequence[str], size: int) -> Colour:
    """Return a header line whose words stand over the pictures of a strip."""
    cells = []
    for title in titles:
        cell = np.full((HEADER, size, 3), 255, np.uint8)
        cells.append(
            cv2.putText(cell, title, (4, 15), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (40, 40, 40), 1, cv2.LINE_AA)
        )
    return _beside([np.asarray(cell, np.uint8) for cell in cells], gap=2)


def _beside(pictures: Sequence[Colour], *, gap: int = GAP) -> Colour:
    space = np.full((pictures[0].shape[0], gap, 3), 255, np.uint8)
    return np.concatenate([part for picture in pictures for part in (picture, space)][:-1], axis=1)


def _below(line: Colour) -> Colour:
    return np.concatenate([line, np.full((GAP, line.shape[1], 3), 255, np.uint8)])
