"""Decompress the one frame of a DICOM image, by a decoder that is named and survives damaged bytes."""

import contextlib
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

__all__ = ["NoDecoderError", "decode_frame", "remedy_for"]

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


# What else may read a frame that the first decoder refuses.
SECOND = {
    JPEG2000: "jpeg2k_decode",
    JPEG2000Lossless: "jpeg2k_decode",
    JPEGLSLossless: "jpegls_decode",
    JPEGLSNearLossless: "jpegls_decode",
}
FAILURES = (ArithmeticError, LookupError, NotImplementedError, RuntimeError, TypeError, ValueError)

VIDEO = ("1.2.840.10008.1.2.4.10", "1.2.840.10008.1.2.4.11")
"""How the UIDs of MPEG-2, MPEG-4 and HEVC begin."""


class NoDecoderError(Exception):
    """Say that no decoder is known or installed for a transfer syntax."""


def remedy_for(syntax: UID) -> str:
    """Say what to do about a compressed transfer syntax that no installed decoder reads."""
    if syntax.startswith(VIDEO):
        return "it is a video: leave it out"
    if syntax in FUNCTIONS:
        return "install imagecodecs, or decompress it with dcmdjpeg"
    if syntax in PLUGINS:
        return "install pylibjpeg, pylibjpeg-openjpeg, pyjpegls and imagecodecs, or decompress it with gdcmconv --raw"
    return "export it uncompressed (Explicit VR Little Endian) from where it comes"


def decode_frame(dataset: Dataset) -> NDArray[np.integer[Any]]:
    """Return the values (H, W) of a compressed image; of RLE the whole words, not only the bits stored.

    Raises NoDecoderError, or what pydicom or the decoder raises.
    """
    syntax: UID = dataset.file_meta.TransferSyntaxUID
    if syntax in FUNCTIONS:
        return _by_imagecodecs(dataset, FUNCTIONS[syntax])
    if syntax not in PLUGINS:
        raise NoDecoderError
    try:
        return _by_pydicom(dataset, PLUGINS[syntax])
    except (*FAILURES, NoDecoderError):
        if imagecodecs is None or syntax not in SECOND:
            raise
        with contextlib.suppress(*FAILURES):
            return _by_imagecodecs(dataset, SECOND[syntax])
        raise


def _by_pydicom(dataset: Dataset, plugin: str) -> NDArray[np.integer[Any]]:
    # pydicom would cut RLE's words at the lowest bits, wherever HighBit says that the pixel's lie.
    is_rle = dataset.file_meta.TransferSyntaxUID == RLELossless
    options = {"correct_unused_bits": False} if is_rle else {}
    dataset.pixel_array_options(decoding_plugin=plugin, **options)
    # It knows the term in capitals alone.
    dataset.PhotometricInterpretation = str(dataset.PhotometricInterpretation).upper().strip()
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
