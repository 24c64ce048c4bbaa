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
    from imagecodecs import jpegsof3_decode  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ImportError:
    jpegsof3_decode = None

__all__ = ["NoDecoderError", "stored_values"]

# One decoder a syntax, so that the same file gives the same pixels everywhere. Chosen by a drill with damaged frames:
# GDCM ends the process, the RLE decoder in Rust panics past `except Exception`, and so pydicom may not pick freely.
PLUGINS = {
    RLELossless: "pydicom",
    JPEGBaseline8Bit: "pillow",
    JPEGExtended12Bit: "pillow",
    JPEG2000: "pylibjpeg",
    JPEG2000Lossless: "pylibjpeg",
    HTJ2K: "pylibjpeg",
    HTJ2KLossless: "pylibjpeg",
    HTJ2KLosslessRPCL: "pylibjpeg",
    JPEGLSLossless: "pyjpegls",
    JPEGLSNearLossless: "pyjpegls",
}
LOSSLESS_JPEG = (JPEGLossless, JPEGLosslessSV1)


class NoDecoderError(Exception):
    """Say that no decoder is known or installed for a transfer syntax."""


def stored_values(dataset: Dataset) -> NDArray[np.integer[Any]]:
    """Return the stored values (H, W). Raises NoDecoderError, or what pydicom or the decoder raises."""
    syntax: UID = dataset.file_meta.TransferSyntaxUID
    if not syntax.is_compressed:
        return np.asarray(dataset.pixel_array)
    if syntax in LOSSLESS_JPEG:
        return _lossless_jpeg(dataset)
    if syntax not in PLUGINS:
        raise NoDecoderError
    dataset.pixel_array_options(decoding_plugin=PLUGINS[syntax])
    try:
        return np.asarray(dataset.pixel_array)
    except (NotImplementedError, RuntimeError) as error:
        if "missing" in str(error) and "dependencies" in str(error):
            raise NoDecoderError from error
        raise


def _lossless_jpeg(dataset: Dataset) -> NDArray[np.integer[Any]]:
    """Decode JPEG process 14, of which pydicom knows no decoder that is both permissive and robust."""
    if jpegsof3_decode is None:
        raise NoDecoderError
    values: NDArray[np.integer[Any]] = jpegsof3_decode(get_frame(dataset.PixelData, 0, number_of_frames=1))
    if not dataset.PixelRepresentation:
        return values
    sign = 1 << (int(dataset.BitsStored) - 1)
    return (values.astype(np.int32) & (2 * sign - 1) ^ sign) - sign
