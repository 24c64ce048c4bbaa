"""Decode one radiograph or mask by one rule.

The rule for grey: 8-bit grey is taken as it is; 16-bit grey is scaled by `to_8_bit`; colour becomes ITU-R 601
luma (equal channels keep their value); an alpha channel is ignored; the picture is turned upright by its orientation
tag; TIFF whose white is zero is inverted. What the file is follows from its first bytes, never from its name. DICOM:
see `artasyn.data_manifests.images.dicom`.
"""

import contextlib
import warnings
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from struct import error as StructError
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from artasyn.data_manifests.errors import ImageError, MachineError
from artasyn.data_manifests.images.coloured import refuse_coloured
from artasyn.data_manifests.images.deep_colour import deep_grey, is_planar
from artasyn.data_manifests.images.dicom import decode_dicom
from artasyn.data_manifests.images.file_bytes import read_file
from artasyn.data_manifests.images.file_types import holds_dicom
from artasyn.data_manifests.images.foreign import what_it_is
from artasyn.data_manifests.images.grey import (
    DEFAULT_LIMITS,
    Limits,
    check_contrast,
    check_size,
    to_8_bit,
)
from artasyn.data_manifests.images.jsrt import decode_raw, is_raw
from artasyn.data_manifests.images.mask_labels import marked_by_colour, marked_by_grey
from artasyn.data_manifests.images.pictures import (
    PICTURE_ERRORS,
    check_scans,
    is_lossy,
    is_several,
    open_picture,
    upright,
)

__all__ = ["DEFAULT_LIMITS", "Limits", "decode_image", "decode_mask", "read_image", "read_mask"]

Value = TypeVar("Value", bound=np.generic)
Convert = Callable[[Path, bytes, Image.Image], NDArray[Value]]

FAULTS = (*PICTURE_ERRORS, StructError, zlib.error)
COLOURS = ("P", "PA", "LA", "RGB", "RGBA", "CMYK", "YCbCr")
PHOTOMETRIC, WHITE_IS_ZERO = 262, 0  # of TIFF
SAMPLE_FORMAT, SIGNED = 339, (2, (2,))
HALF = 127


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


def _to_picture(path: Path, data: bytes, limits: Limits) -> NDArray[np.uint8]:
    if holds_dicom(path, data):
        return decode_dicom(path, data, limits=limits)
    if is_raw(path, data):
        return decode_raw(path, data)
    return _decode(path, data, limits, _to_grey)


def read_mask(path: Path | str, *, limits: Limits = DEFAULT_LIMITS) -> NDArray[np.bool_]:
    """Read a mask and decode it, shape (H, W). Raises as `read_file` and `decode_mask` do."""
    path = Path(path)
    return decode_mask(path, read_file(path, limits=limits), limits=limits)


def decode_mask(path: Path, data: bytes, *, limits: Limits = DEFAULT_LIMITS) -> NDArray[np.bool_]:
    """Decode the bytes of a mask, shape (H, W).

    In a label image of any number of small integers every label but 0 is True; in colours all but the background; in
    soft edges and JPEG the upper half. Where all colours are one and the alpha channel is not, alpha is the mask.
    Raises as `decode_image` does, and ImageError (bad_mask) where there is no background, or a radiograph in it.
    """
    with _memory(path, limits):
        return _decode(path, data, limits, _to_marked)


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


def _decode(path: Path, data: bytes, limits: Limits, convert: Convert[Value]) -> NDArray[Value]:
    """Return the pixels (H, W) as `convert` takes them."""
    with warnings.catch_warnings():
        # Pillow warns of odd metadata and of bombs; the former is harmless, the latter is ours to refuse.
        warnings.simplefilter("ignore")
        picture = _open(path, data)
        with picture:
            check_size(path, (picture.height, picture.width), limits=limits)
            check_scans(path, data, picture.height * picture.width)
            return _pixels(path, data, picture, convert)


def _open(path: Path, data: bytes) -> Image.Image:
    remedy = "give PNG, JPEG, TIFF or DICOM"
    try:
        return open_picture(data)
    except Image.DecompressionBombError as error:
        raise ImageError(path, "claims far more pixels than any detector has", kind="too_large") from error
    except UnidentifiedImageError as error:
        what, better = what_it_is(data)
        reason = f"is {what}" if what else "is not an image that can be read"
        raise ImageError(path, reason, better or remedy, kind="not_an_image") from error
    except FAULTS as error:
        raise ImageError(path, f"has a damaged header: {error}", remedy, kind="not_an_image") from error


def _pixels(path: Path, data: bytes, picture: Image.Image, convert: Convert[Value]) -> NDArray[Value]:
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


def _to_grey(path: Path, data: bytes, picture: Image.Image) -> NDArray[np.uint8]:
    # Pillow inverts such files of 8 bits itself; after loading, the tag may be gone.
    is_inverted = getattr(picture, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO
    values = _values(path, data, picture)
    if values.dtype == np.uint8:
        return values.astype(np.uint8, copy=False)
    grey = to_8_bit(values)
    return 255 - grey if is_inverted else grey


def _to_marked(path: Path, data: bytes, picture: Image.Image) -> NDArray[np.bool_]:
    lossy = is_lossy(picture, data)
    if picture.mode not in COLOURS:
        return marked_by_grey(path, _values(path, data, picture), lossy=lossy)
    picture = upright(picture)
    if picture.mode in ("LA", "RGBA"):
        *colours, alpha = (np.array(band) for band in picture.split())
        if all((band == band.flat[0]).all() for band in colours) and (alpha != alpha.flat[0]).any():
            return marked_by_grey(path, alpha, lossy=lossy)
    marked = None if picture.mode == "LA" else marked_by_colour(path, picture, lossy=lossy)
    # Grey of 16 bits is read anew: the bytes that were kept so far would do for colours.
    return (
        marked_by_grey(path, _values(path, data, _open(path, data)), lossy=lossy)
        if marked is None
        else marked
    )


def _values(path: Path, data: bytes, picture: Image.Image) -> NDArray[np.integer[Any]]:
    """Return the grey values of a picture that is not loaded yet, 8 bits as uint8, 16 as they are."""
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
