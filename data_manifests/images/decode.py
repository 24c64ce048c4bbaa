"""Decode one radiograph or mask by one rule.

The rule for grey: 8-bit grey is taken as it is; 16-bit grey is scaled by `to_8_bit`; colour becomes ITU-R 601
luma (equal channels keep their value); an alpha channel is ignored; the picture is turned upright by its orientation
tag; TIFF whose white is zero is inverted. What the file is follows from its first bytes, never from its name. DICOM:
see `artasyn.data_manifests.images.dicom`.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.errors import ImageError, MachineError
from artasyn.data_manifests.images.dicom import decode_dicom
from artasyn.data_manifests.images.file_bytes import read_file
from artasyn.data_manifests.images.file_types import holds_dicom
from artasyn.data_manifests.images.grey import DEFAULT_LIMITS, Limits, check_contrast, to_8_bit
from artasyn.data_manifests.images.jsrt import decode_raw, is_raw
from artasyn.data_manifests.images.mask_labels import is_soft, marked_by_colour, marked_by_grey
from artasyn.data_manifests.images.picture_pixels import (
    COLOURS,
    convert_picture,
    grey_values,
    open_or_refuse,
)
from artasyn.data_manifests.images.pictures import is_lossy, upright, upright_shape

__all__ = [
    "DEFAULT_LIMITS",
    "Limits",
    "Marks",
    "decode_image",
    "decode_marks",
    "decode_mask",
    "image_shape",
    "read_image",
    "read_mask",
]

PHOTOMETRIC, WHITE_IS_ZERO = 262, 0  # of TIFF


def read_image(path: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """Read a radiograph and decode it to grey, shape (H, W), 0..255. Raises as `read_file` and `decode_image` do."""
    path = Path(path)
    return decode_image(path, read_file(path, limits=limits), limits=limits)


def decode_image(path: Path, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> NDArray[np.uint8]:
    """Decode the bytes of a radiograph, by name `path`, to grey, shape (H, W), 0..255.

    Raises ImageError with `kind` one of too_large, too_small, not_an_image, truncated, unreadable, unsupported,
    multi_frame, no_contrast, colour; of DICOM also those of `decode_dicom`; MachineError where this machine's memory
    does not suffice.
    """
    with _memory(path, limits):
        grey = _to_picture(path, data, limits)
    if not holds_dicom(path, data):  # which looks at what is no padding
        check_contrast(path, np.bincount(grey.ravel(), minlength=256), limits=limits)
    return grey


def image_shape(path: Path, *, limits: Limits = DEFAULT_LIMITS) -> tuple[int, int]:
    """Return height and width of the image that `read_image` gives, from the header alone where it tells them.

    Raises as `read_image` does, except for what decoding alone would find out.
    """
    data = read_file(path, limits=limits)
    if holds_dicom(path, data) or is_raw(path, data):
        height, width = decode_image(path, data, limits=limits).shape
        return height, width
    with _memory(path, limits):
        return convert_picture(path, data, limits, _to_shape)


def _to_picture(path: Path, data: bytes, limits: Limits) -> NDArray[np.uint8]:
    if holds_dicom(path, data):
        return decode_dicom(path, data, limits=limits)
    if is_raw(path, data):
        return decode_raw(path, data)
    return convert_picture(path, data, limits, _to_grey)


def read_mask(path: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> NDArray[np.bool_]:
    """Read a mask and decode it, shape (H, W). Raises as `read_file` and `decode_mask` do."""
    path = Path(path)
    return decode_mask(path, read_file(path, limits=limits), limits=limits)


def decode_mask(
    path: Path, data: bytes, *, values: Sequence[int] = (), limits: Limits = DEFAULT_LIMITS
) -> NDArray[np.bool_]:
    """Decode the bytes of a mask, shape (H, W), as `decode_marks` does."""
    return decode_marks(path, data, values=values, limits=limits).marked


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """What a mask marks, and its labels."""

    marked: NDArray[np.bool_]
    """(H, W)"""
    labels: NDArray[np.integer[Any]] | None = None
    """Of a label image its whole numbers (H, W), a palette's are its places; None of a mask of colours, of soft edges,
    stored with loss, or of values that were chosen."""


def decode_marks(
    path: Path, data: bytes, *, values: Sequence[int] = (), limits: Limits = DEFAULT_LIMITS
) -> Marks:
    """Decode the bytes of a mask.

    In a label image of any number of small integers every label but 0 is marked, or with `values` those alone; in
    colours all but the background; in soft edges and JPEG the upper half. Where all colours are one and the alpha
    channel is not, alpha is the mask. Raises as `decode_image` does, and ImageError (bad_mask) where there is no
    background, a radiograph in it, or with `values` no label image.
    """
    with _memory(path, limits):
        if not values:
            return convert_picture(path, data, limits, _to_marks)
        labels = convert_picture(path, data, limits, _to_labels)
    if labels is None:
        reason = "has colours, soft edges or JPEG's blur, not a whole number for each class"
        remedy = "leave --mask-values out, or save it as PNG in which a pixel's value is its class"
        raise ImageError(path, reason, remedy, kind="bad_mask")
    return Marks(np.isin(labels, values))


@contextlib.contextmanager
def _memory(path: Path, limits: Limits) -> Iterator[None]:
    """Tell an image that asks for more than any may have from a machine that has less than any may ask for."""
    try:
        yield
    except ImageError as error:
        if isinstance(error.__cause__, MemoryError) and _is_short(limits):
            remedy = "give it more, or start fewer workers, and run the same command again"
            raise MachineError(path, "not enough memory to decode it", remedy) from error
        raise


def _is_short(limits: Limits) -> bool:
    try:
        np.empty(limits.pixels * 8, np.uint8)
    except MemoryError:
        return True
    return False


def _to_grey(path: Path, data: bytes, picture: Image.Image) -> NDArray[np.uint8]:
    # Pillow inverts such files of 8 bits itself; after loading, the tag may be gone.
    is_inverted = getattr(picture, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO
    values = grey_values(path, data, picture)
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    grey = to_8_bit(values)
    return 255 - grey if is_inverted else grey


def _to_shape(path: Path, data: bytes, picture: Image.Image) -> tuple[int, int]:
    height, width = upright_shape(picture) or _to_grey(path, data, picture).shape
    return height, width


def _to_marks(path: Path, data: bytes, picture: Image.Image) -> Marks:
    lossy = is_lossy(picture, data)
    if picture.mode not in COLOURS:
        return _of_grey(path, grey_values(path, data, picture), lossy=lossy)
    picture = upright(picture)
    if picture.mode in ("LA", "RGBA"):
        *colours, alpha = (np.array(band) for band in picture.split())
        if all((band == band.flat[0]).all() for band in colours) and (alpha != alpha.flat[0]).any():
            return Marks(_of_grey(path, alpha, lossy=lossy).marked)
    marked = None if picture.mode == "LA" else marked_by_colour(path, picture, lossy=lossy)
    places = np.array(picture) if picture.mode == "P" and not lossy else None
    if marked is not None:
        return Marks(marked, places)
    # Grey of 16 bits is read anew: the bytes that were kept so far would do for colours.
    marks = _of_grey(path, grey_values(path, data, open_or_refuse(path, data)), lossy=lossy)
    return marks if places is None else Marks(marks.marked, places)


def _of_grey(path: Path, values: NDArray[np.integer[Any]], *, lossy: bool) -> Marks:
    marked, labelled = marked_by_grey(path, values, lossy=lossy)
    return Marks(marked, values if labelled else None)


def _to_labels(path: Path, data: bytes, picture: Image.Image) -> NDArray[np.integer[Any]] | None:
    if is_lossy(picture, data):
        return None
    if picture.mode == "P":
        return np.array(upright(picture))
    if picture.mode in COLOURS:
        pixels = np.array(upright(picture).convert("RGB"))
        if (pixels != pixels[..., :1]).any():
            return None
        picture = open_or_refuse(path, data)
    values = grey_values(path, data, picture)
    return None if is_soft(values, np.unique(values)) else values
