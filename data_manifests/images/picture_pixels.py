"""Open a picture that is no DICOM, and take its pixels; a library's faults become errors that say what to do."""

import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from struct import error as StructError
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.coloured import refuse_coloured
from artasyn.data_manifests.images.deep_colour import deep_grey, is_planar
from artasyn.data_manifests.images.foreign import what_it_is
from artasyn.data_manifests.images.grey import Limits, check_size
from artasyn.data_manifests.images.pictures import (
    PICTURE_ERRORS,
    check_scans,
    is_several,
    open_picture,
    upright,
)

__all__ = ["COLOURS", "convert_picture", "grey_values", "open_or_refuse"]

Result = TypeVar("Result")
Convert = Callable[[Path, bytes, Image.Image], Result]

FAULTS = (*PICTURE_ERRORS, StructError, zlib.error)
COLOURS = ("P", "PA", "LA", "RGB", "RGBA", "CMYK", "YCbCr")
SAMPLE_FORMAT, SIGNED = 339, (2, (2,))
HALF = 127


def convert_picture(path: Path, data: bytes, limits: Limits, convert: Convert[Result]) -> Result:
    """Return what `convert` makes of the picture in `data`, which is not loaded yet. Raises ImageError."""
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and of bombs; the former is harmless, the latter is ours to refuse.
        warnings.simplefilter("ignore")
        picture = open_or_refuse(path, data)
        with picture:
            check_size(path, (picture.height, picture.width), limits=limits)
            check_scans(path, data, picture.height * picture.width)
            return _pixels(path, data, picture, convert)


def open_or_refuse(path: Path, data: bytes) -> Image.Image:
    """Return the picture in `data`, not loaded yet. Raises ImageError (too_large, not_an_image)."""
    remedy = "give PNG, JPEG, TIFF or DICOM"
    try:
        return open_picture(data)
    except Image.DecompressionBombError as error:
        reason = "holds far more pixels than any detector has"
        raise ImageError(path, reason, "check the file, or save it smaller", kind="too_large") from error
    except UnidentifiedImageError as error:
        what, better = what_it_is(data)
        reason = f"is {what}" if what else "is not an image that can be read"
        raise ImageError(path, reason, better or remedy, kind="not_an_image") from error
    except FAULTS as error:
        raise ImageError(path, f"has a damaged header: {error}", remedy, kind="not_an_image") from error


def _pixels(path: Path, data: bytes, picture: Image.Image, convert: Convert[Result]) -> Result:
    remedy = "copy or download it again"
    try:
        if is_several(picture):
            remedy = "save the frame you mean as a file of its own"
            raise ImageError(path, "holds several frames", remedy, kind="multi_frame")
        if is_planar(picture):
            reason = "has 16 bits a channel, each channel in a plane of its own"
            raise ImageError(path, reason, "save it as grey of 16 bits", kind="unsupported")
        return convert(path, data, picture)
    except ImageError:
        raise
    except FAULTS as error:
        truncated = isinstance(error, EOFError) or "truncated" in str(error)
        kind = "truncated" if truncated else "unreadable"
        raise ImageError(path, f"cannot be decoded: {error}", remedy, kind=kind) from error


def grey_values(path: Path, data: bytes, picture: Image.Image) -> NDArray[np.integer[Any]]:
    """Return the grey values (H, W) of a picture that is not loaded yet, 8 bits as uint8, 16 as they are.

    Raises ImageError (unsupported, colour).
    """
    deep = deep_grey(data, picture)
    if deep is not None:
        return deep
    is_signed = getattr(picture, "tag_v2", {}).get(SAMPLE_FORMAT) in SIGNED
    picture = upright(picture)
    if picture.mode.startswith("I"):
        values = np.array(picture)
        if values.min() < 0:
            raise _negative(path)
        if values.max() >= 2**16:
            raise ImageError(
                path, "has more than 16 bits a pixel", "save it with 16 bits", kind="unsupported"
            )
        return values.astype(np.int64)
    if picture.mode == "F":
        raise ImageError(path, "has floating-point pixels", "save it with 8 or 16 bits", kind="unsupported")
    if picture.mode in COLOURS and picture.mode != "LA":
        picture = picture.convert("RGB")
        refuse_coloured(path, picture)
    values = np.array(picture.convert("L"))
    if is_signed and values.max() > HALF:  # Pillow takes -1 for 255
        raise _negative(path)
    return values


def _negative(path: Path) -> ImageError:
    remedy = "save it with 16 bits, from 0 for black on"
    return ImageError(
        path, "has pixels below 0, of which none says where black is", remedy, kind="unsupported"
    )
