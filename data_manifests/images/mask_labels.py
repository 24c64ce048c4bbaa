"""Tell what a mask's pixels mark: label images of any number of labels, colours on a background, soft edges."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.grey import to_8_bit

__all__ = ["class_shares", "is_soft", "looks_like_mask", "marked_by_colour", "marked_by_grey"]

FEW = 8
"""So many grey values are labels, whatever they are."""
CLASSES = 24
"""So many values may be classes; more are instances, or the greys of a picture."""
SIZEABLE = 0.001
"""Share of the pixels from which a label may be a class; fewer are what an edge leaves."""
HALF = 127
SOFT = 0.5
"""Along a soft edge pixels are fainter than this share of the mask; labels are not."""
WHITE = 192
"""Grey from which a mask stored with loss is white; 128 is a label."""
EVEN, AREAS, GREY_AREAS = 4, 0.2, 0.005
"""Steps between neighbours within an area of grey; the share of what is marked, and of the image, from which such areas
are labels and no edges."""
COLOURED = 24
"""Difference between the channels from which a pixel has a colour; below it is grey."""
STEP = 16
"""Width of a class of grey values, about what JPEG disturbs."""
GREYS = 4
"""So many classes of grey beside a colour are a radiograph's, not a background's."""
SHARE = 0.005
"""Share of the pixels that a class of grey must hold to count."""
TWO = 0.97
"""Share of a mask's pixels in two classes of grey; in a radiograph they are spread."""
MANY, GATHERED, SPREAD = 64, 0.6, 6
"""Of 1,556 radiographs each has over 64 grey values, in 6 or more classes, and 99 % have at most 0.51 of their pixels
in two of them; a mask with wide soft edges has more."""
BORDER = 0.5
"""Share of the border that a colour must fill to be the background, where black is not there."""


def marked_by_grey(
    path: Path, values: NDArray[np.integer[Any]], *, lossy: bool
) -> tuple[NDArray[np.bool_], bool]:
    """Return what a grey mask (H, W) marks, and whether its values are labels.

    Few or small values are labels: all but 0 are marked. Where values grow from the edge inwards, as interpolation
    and JPEG leave them, the upper half is. Raises ImageError (bad_mask) where no pixel can be background, for a
    radiograph, and for labels that were stored with loss.
    """
    distinct = np.unique(values)
    eight = values if values.dtype == np.uint8 else to_8_bit(values)
    _refuse_radiograph(path, eight, len(distinct))
    if lossy:
        _refuse_blurred_labels(path, eight)
    if lossy or is_soft(values, distinct):
        return np.asarray(eight > HALF), False
    if len(distinct) > 1 and distinct[0] > 0:
        reason = f"has no background: its {len(distinct)} values start at {distinct[0]}"
        raise ImageError(path, reason, "save it with 0 where nothing is marked", kind="bad_mask")
    return np.asarray(values > 0), True


def _refuse_blurred_labels(path: Path, grey: NDArray[np.integer[Any]]) -> None:
    """Raise ImageError where a mask stored with loss is not black and white: its largest value, or areas of grey."""
    wide = grey.astype(np.int16)
    between = (wide > STEP) & (wide < WHITE)
    level = (np.abs(np.diff(wide, axis=0, append=wide[-1:])) <= EVEN) & (
        np.abs(np.diff(wide, axis=1, append=wide[:, -1:])) <= EVEN
    )
    marked, areas = np.count_nonzero(wide > STEP), np.count_nonzero(between & level)
    if STEP < wide.max() < WHITE or areas > max(AREAS * marked, GREY_AREAS * grey.size):
        said = f"its largest value is {wide.max()}" if wide.max() < WHITE else "it has areas of grey"
        reason = f"is stored with loss and {said}: labels do not survive that"
        raise ImageError(path, reason, "save it as PNG, with 0 where nothing is marked", kind="bad_mask")


def _refuse_radiograph(path: Path, grey: NDArray[np.integer[Any]], distinct: int) -> None:
    """Raise ImageError where greys are many and spread as a radiograph's are, not gathered in background and mask."""
    shares = np.sort(np.bincount(grey.ravel() // STEP, minlength=256 // STEP))[::-1] / grey.size
    if distinct > MANY and shares[:2].sum() < GATHERED and np.count_nonzero(shares >= SHARE) >= SPREAD:
        reason = "is a radiograph or a map of grey values, not a mask"
        raise ImageError(path, reason, "give the mask, with 0 where nothing is marked", kind="bad_mask")


def looks_like_mask(grey: NDArray[np.uint8]) -> bool:
    """Say whether a grey image (H, W) holds so few values that it is a mask rather than a radiograph."""
    shares = np.sort(np.bincount(grey.ravel() // STEP, minlength=256 // STEP))[::-1] / grey.size
    return bool(len(np.unique(grey)) <= FEW or shares[:2].sum() >= TWO)


def class_shares(labels: NDArray[np.integer[Any]]) -> dict[int, float]:
    """Return the share of the pixels (H, W) that each label but 0 has; none unless two are sizeable, or of many."""
    values, counts = np.unique(labels, return_counts=True)
    shares = {int(value): int(count) / labels.size for value, count in zip(values, counts, strict=True)}
    found = {value: share for value, share in shares.items() if value and share >= SIZEABLE}
    return found if len(found) > 1 and len(values) <= CLASSES else {}


def is_soft(values: NDArray[np.integer[Any]], distinct: NDArray[np.integer[Any]]) -> bool:
    """Say whether a mask (H, W) of these distinct values grows brighter from its edge inwards, as no label does."""
    if len(distinct) <= FEW or distinct[-1] <= HALF:
        return False
    if distinct[0] > 0:
        return bool(distinct[0] <= STEP)  # JPEG saved again: its black is nearly 0
    inside = values > 0
    around = np.pad(~inside, 1)
    beside = around[:-2, 1:-1] | around[2:, 1:-1] | around[1:-1, :-2] | around[1:-1, 2:]
    edge, strong = values[inside & beside], np.percentile(values[inside], 90)
    return bool(len(edge) and np.median(edge) < SOFT * strong)


def marked_by_colour(path: Path, picture: Image.Image, *, lossy: bool) -> NDArray[np.bool_] | None:
    """Return what a mask in colours marks, shape (H, W); None where it has none and grey values tell.

    Background is black, or else the colour that fills most of the border. Raises ImageError (bad_mask) where there
    is no such colour, or where a radiograph shines through.
    """
    indices = np.array(picture) if picture.mode == "P" else None
    pixels = np.array(picture.convert("RGB"))
    spread = pixels.max(axis=2).astype(np.int16) - pixels.min(axis=2)
    if not ((spread > COLOURED).any() or (not lossy and spread.any() and _are_few(pixels))):
        if indices is not None and len(np.unique(pixels.reshape(-1, 3), axis=0)) < len(np.unique(indices)):
            return np.asarray(indices > 0)  # several labels are shown in one colour: the palette says nothing
        return None
    _refuse_overlay(path, pixels, spread)
    dark = pixels.max(axis=2) <= (HALF // 2 if lossy else 0)
    if dark.any():
        return np.asarray(~dark)
    background = _border_colour(path, pixels, lossy=lossy)
    far = np.abs(pixels.astype(np.int16) - background).max(axis=2)
    return np.asarray(far > (HALF // 2 if lossy else 0))


def _are_few(pixels: NDArray[np.uint8]) -> bool:
    """Say whether colours are so few that the faintest of them are labels."""
    parts = pixels.astype(np.int32)
    return len(np.unique((parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2])) <= FEW


def _refuse_overlay(path: Path, pixels: NDArray[np.uint8], spread: NDArray[np.int16]) -> None:
    greys = pixels[spread <= COLOURED][:, 0] // STEP
    shares = np.bincount(greys, minlength=256 // STEP) / spread.size
    if np.count_nonzero(shares >= SHARE) >= GREYS:
        reason = "is a radiograph with something drawn over it, not a mask"
        raise ImageError(path, reason, "give the mask alone, with 0 where nothing is marked", kind="bad_mask")


def _border_colour(path: Path, pixels: NDArray[np.uint8], *, lossy: bool) -> NDArray[np.int16]:
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    classes = border // STEP if lossy else border
    _, first, counts = np.unique(classes, axis=0, return_index=True, return_counts=True)
    if counts.max() < BORDER * len(border):
        reason = "has no background: it holds no black, and no colour fills its border"
        raise ImageError(path, reason, "save it with 0 where nothing is marked", kind="bad_mask")
    colour: NDArray[np.int16] = border[first[counts.argmax()]].astype(np.int16)
    return colour
