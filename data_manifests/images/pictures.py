"""Open pictures with Pillow: from bytes, within a budget, upright."""

from typing import Any

from PIL import Image, ImageOps

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.bounded_reader import BoundedReader
from artasyn.data_manifests.images.codestreams import count_scans
from artasyn.data_manifests.images.grey import DECODER_ERRORS

__all__ = [
    "PICTURE_ERRORS",
    "check_scans",
    "is_lossy",
    "is_several",
    "open_picture",
    "upright",
    "upright_shape",
]

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP")
LOSSY = ("JPEG", "MPO")
PICTURE_ERRORS = (*DECODER_ERRORS, EOFError)

ORIENTATION, ON_ITS_SIDE = 274, (5, 6, 7, 8)  # the tag, of TIFF and EXIF

PIECES = 1_000_000
"""Pieces that a parser may read: chunks of a PNG, strips of a TIFF. The largest PNGs have some 100,000."""

SCANNED = 1_000_000_000
"""Pixels that the scans of a JPEG may touch in all: 15 scans of 64 million. Usual files have 1 or 10 scans."""


def open_picture(data: bytes) -> Image.Image:
    """Open a picture without decoding it. Raises PIL.UnidentifiedImageError, one of PICTURE_ERRORS, or what Pillow has.

    From bytes, not from a path: Pillow shears an uncompressed TIFF of orientation 5 to 8 that it maps into memory.
    """
    return Image.open(BoundedReader(data, pieces=PIECES), formats=FORMATS)


def upright(picture: Image.Image) -> Image.Image:
    """Load a picture and turn it as its orientation tag says, whatever the format; without one it stays."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)  # Pillow has turned a TIFF already and taken its tag away
    except PICTURE_ERRORS:
        return picture  # damaged metadata says nothing of the pixels


def upright_shape(picture: Image.Image) -> tuple[int, int] | None:
    """Return height and width of a picture that is not loaded, as `upright` leaves it; None where loading alone tells.

    Of a TIFF, releases of Pillow give the size as stored or turned.
    """
    if picture.format == "TIFF":
        return None
    try:
        turned = picture.getexif().get(ORIENTATION) in ON_ITS_SIDE
    except PICTURE_ERRORS:
        turned = False
    return (picture.width, picture.height) if turned else (picture.height, picture.width)


def is_several(picture: Image.Image) -> bool:
    """Say whether a file has more than one image. Only the second is looked for: there may be millions."""
    several: Any = getattr(picture, "is_animated", False)
    return bool(several) and picture.format not in LOSSY  # of the pictures of an MPO the first one counts


def is_lossy(picture: Image.Image, data: bytes) -> bool:
    """Say whether the format may have changed grey values, so that none of them is a label."""
    return picture.format in LOSSY or (picture.format == "WEBP" and b"VP8 " in data[:64])


def check_scans(path: object, data: bytes, pixels: int) -> None:
    """Refuse a JPEG of so many scans that decoding would take minutes. Raises ImageError: too_large."""
    scans = count_scans(data)
    if scans > 1 and scans * pixels > SCANNED:
        reason = f"is a JPEG of {scans} scans, which would take minutes to decode"
        raise ImageError(path, reason, "save it again as an ordinary JPEG or PNG", kind="too_large")
