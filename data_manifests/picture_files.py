"""Pictures for people: written whole or not at all, marked as ours, over nothing of the user's."""

import io
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from artasyn.data_manifests.outputs import MARK, write_single

__all__ = ["encode_picture", "write_picture"]

SOFTWARE_TAG = 305
"""Of a TIFF."""


def write_picture(path: Path, pixels: NDArray[np.uint8], *, force: bool) -> None:
    """Put a picture of the kind that the suffix names. Raises OutputError, OSError; KeyError for an unknown suffix."""
    write_single(path, encode_picture(pixels, path.suffix), force=force)


def encode_picture(pixels: NDArray[np.uint8], suffix: str = ".png") -> bytes:
    """Return a picture's bytes with our mark in them, but for BMP, which has no place for one."""
    buffer = io.BytesIO()
    kind = Image.registered_extensions()[suffix.lower()]
    Image.fromarray(pixels).save(buffer, format=kind, **_marks(kind))
    return buffer.getvalue()


def _marks(kind: str) -> dict[str, Any]:
    info = PngInfo()
    info.add_text("Software", MARK.decode())
    marks: dict[str, dict[str, Any]] = {
        "PNG": {"pnginfo": info},
        "JPEG": {"comment": MARK},
        "TIFF": {"tiffinfo": {SOFTWARE_TAG: MARK.decode()}},
    }
    return marks.get(kind, {})
