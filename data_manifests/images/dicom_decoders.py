"""Decompress the one frame of a DICOM image, by a decoder that is named and survives damaged bytes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

try:
    import imagecodecs  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ImportError:
    imagecodecs = None  # type: ignore[assignment,unused-ignore]

__all__ = ["NoDecoderError", "stored_values"]

# One decoder a syntax, so that the same file gives the same pixels everywhere. Chosen by a drill with damaged frames:
# GDCM ends the process, the RLE decoder in Rust panics past `except Exception`, and so pydicom may not pick freely.
PLUGINS = {
    RLELossless: "pydicom",
    JPEGBaseline8Bit: "pillow",
    JPEG2000: "pylibjpeg",
    JPEG2000Lossless: "pylibjpeg",
    HTJ2K: "pylibjpeg",
    HTJ2KLossless: "pylibjpeg",
    HTJ2KLosslessRPCL: "pylibjpeg",
    JPEGLSLossless: "pyjpegls",
    JPEGLSNearLossless: "pyjpegls",
}
# Kinds of JPEG of which pydicom knows no decoder that is both permissively licensed and robust.
FUNCTIONS = {
    JPEGExtended12Bit: "jpeg8_decode",
    JPEGLossless: "jpegsof3_decode",
    JPEGLosslessSV1: "jpegsof3_decode",
}


class NoDecoderError(Exception):
    """Say that no decoder is known or installed for a transfer syntax."""


def stored_values(dataset: Dataset) -> NDArray[np.integer[Any]]:
    """Return the stored values (H, W). Raises NoDecoderError, or what pydicom or the decoder raises."""
    syntax: UID = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_compressed:
        return np.asarray(dataset.pixel_array)
    if syntax in FUNCTIONS:
        return _by_imagecodecs(dataset, FUNCTIONS[syntax])
    if syntax not in PLUGINS:
        raise NoDecoderError
    dataset.pixel_array_options(decoding_plugin=PLUGINS[syntax])
    try:
        return np.asarray(dataset.pixel_array)
    except (NotImplementedError, RuntimeError) as error:
        if "missing" in str(error) and "dependencies" in str(error):
            raise NoDecoderError from error
        raise


def _by_imagecodecs(dataset: Dataset, function: str) -> NDArray[np.integer[Any]]:
    if imagecodecs is None:
        raise NoDecoderError
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    values: NDArray[np.integer[Any]] = getattr(imagecodecs, function)(frame)
    if not dataset.PixelRepresentation:
        return values
    sign = 1 << (int(dataset.BitsStored) - 1)
    return (values.astype(np.int32) & (2 * sign - 1) ^ sign) - sign
