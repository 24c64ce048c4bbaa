"""Decode one frontal chest radiograph from the bytes of a DICOM file to grey.

The rule: modality LUT or rescale; then the first VOI LUT, else the first window, to 0..255; without either, 8
stored bits are taken as they are and deeper ones span from their smallest to their largest value; MONOCHROME1 is
inverted; pixel padding is black. Of the header only what this rule needs is read; nothing that names a person is.
"""

import io
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.dicom_decoders import NoDecoderError, stored_values
from artasyn.data_manifests.images.dicom_header import DICOM_ERRORS, check_header
from artasyn.data_manifests.images.file_bytes import read_start
from artasyn.data_manifests.images.grey import Limits

__all__ = ["decode_dicom", "holds_dicom", "is_dicom"]

PREAMBLE = 128  # bytes before the letters DICM
SUFFIXES = (".dcm", ".dicom")


def is_dicom(path: Path) -> bool:
    """Say whether the file is DICOM. Raises as `read_start` does."""
    return holds_dicom(path, read_start(path, PREAMBLE + 4))


def holds_dicom(path: Path, data: bytes) -> bool:
    """Say whether these bytes of the file are DICOM: by its letters, or by its name where the preamble was stripped."""
    return data[PREAMBLE : PREAMBLE + 4] == b"DICM" or path.suffix.lower() in SUFFIXES


def decode_dicom(path: Path, data: bytes, *, limits: Limits) -> NDArray[np.uint8]:
    """Decode to grey, shape (H, W), 0..255.

    Raises ImageError with `kind` one of not_an_image, no_pixels, too_large, too_small, multi_frame, colour,
    wrong_modality, lateral_view, unsupported, truncated, unreadable. Source: DICOM PS3.3 C.7.6.3, C.11.1, C.11.2.
    """
    with warnings.catch_warnings():
        # pydicom warns of every value that breaks a rule of the standard; what matters here is checked below.
        warnings.simplefilter("ignore")
        dataset = _parse(path, data)
        check_header(path, dataset, limits=limits)
        stored = _pixels(path, dataset)
        try:
            return _render(dataset, stored)
        except DICOM_ERRORS as error:
            reason = f"its grey-scale tables cannot be applied ({type(error).__name__})"
            raise ImageError(path, reason, "re-export it", kind="unreadable") from error


def _parse(path: Path, data: bytes) -> Dataset:
    remedy = "give PNG, JPEG, TIFF or DICOM"
    try:
        dataset = dcmread(io.BytesIO(data), force=True)
    except EOFError as error:
        raise ImageError(path, "ends within its header", "copy it again", kind="truncated") from error
    except DICOM_ERRORS as error:
        reason = f"is not readable DICOM ({type(error).__name__})"
        raise ImageError(path, reason, remedy, kind="not_an_image") from error
    if "SOPClassUID" not in dataset and "PixelData" not in dataset:
        raise ImageError(path, "holds no DICOM image", remedy, kind="not_an_image")
    if "TransferSyntaxUID" not in dataset.file_meta:
        # Files without the header group are uncompressed by necessity.
        implicit = dataset.original_encoding[0]
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else ExplicitVRLittleEndian
    return dataset


def _pixels(path: Path, dataset: Dataset) -> NDArray[np.integer[Any]]:
    """Return the stored values (H, W)."""
    try:
        stored = stored_values(dataset)
    except NoDecoderError as error:
        name = dataset.file_meta.TransferSyntaxUID.name
        remedy = "install imagecodecs, or decompress it with gdcmconv --raw"
        raise ImageError(path, f"no installed decoder for {name}", remedy, kind="unsupported") from error
    except DICOM_ERRORS as error:
        short = "less than expected" in str(error) or "truncated" in str(error)
        reason = f"its pixels cannot be decoded: {' '.join(str(error).split())}"
        raise ImageError(
            path, reason, "copy it again", kind="truncated" if short else "unreadable"
        ) from error
    if stored.shape != (dataset.Rows, dataset.Columns):
        raise ImageError(path, f"its pixels have the shape {stored.shape}", "re-export it", kind="unreadable")
    return stored


def _render(dataset: Dataset, stored: NDArray[np.integer[Any]]) -> NDArray[np.uint8]:
    values = apply_modality_lut(stored, dataset)
    if dataset.get("VOILUTSequence"):
        depth = dataset.VOILUTSequence[0].LUTDescriptor[2]
        unit = apply_voi(values, dataset) / (2.0**depth - 1)
    elif _number(dataset, "WindowWidth") is not None and _number(dataset, "WindowCenter") is not None:
        unit = _window(values, dataset)
    elif dataset.BitsStored <= 8 and values is stored and stored.min() >= 0:
        unit = stored / 255.0
    else:
        unit = _span(values, ~_padding(dataset, stored))
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        unit = 1.0 - unit
    grey: NDArray[np.uint8] = np.rint(np.clip(unit, 0.0, 1.0) * 255.0).astype(np.uint8)
    grey[_padding(dataset, stored)] = 0
    return grey


def _window(values: NDArray[Any], dataset: Dataset) -> NDArray[np.float64]:
    """Map values to [0, 1] by the first window. Source: DICOM PS3.3 C.11.2.1.2 and C.11.2.1.3."""
    center, width = _number(dataset, "WindowCenter"), _number(dataset, "WindowWidth")
    assert center is not None
    assert width is not None
    function = str(dataset.get("VOILUTFunction") or "LINEAR").upper()
    if function == "SIGMOID":
        scaled: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-4.0 * (values - center) / max(width, 1e-6)))
        return scaled
    if function == "LINEAR":
        center, width = center - 0.5, width - 1.0
    # A width of one (LINEAR) or zero is a step; the tiny width makes it one without a division by zero.
    stretched: NDArray[np.float64] = (values - center) / max(width, 1e-6) + 0.5
    return stretched


def _span(values: NDArray[Any], valid: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Map the smallest to the largest valid value to [0, 1]; a flat image becomes 0."""
    chosen = values[valid]
    low, high = (float(chosen.min()), float(chosen.max())) if chosen.size else (0.0, 1.0)
    spread: NDArray[np.float64] = (values - low) / max(high - low, 1e-6)
    return spread


def _padding(dataset: Dataset, stored: NDArray[np.integer[Any]]) -> NDArray[np.bool_]:
    """Mark the pixels that the device says are no part of the image."""
    first = _number(dataset, "PixelPaddingValue")
    if first is None:
        return np.zeros(stored.shape, dtype=np.bool_)
    last = _number(dataset, "PixelPaddingRangeLimit")
    last = first if last is None else last
    padding: NDArray[np.bool_] = (stored >= min(first, last)) & (stored <= max(first, last))
    return padding


def _number(dataset: Dataset, keyword: str) -> float | None:
    """Return the first value of an element, None where it is absent or empty."""
    value = dataset.get(keyword)
    if value is None or value == "":
        return None
    if isinstance(value, list | tuple) or hasattr(value, "__getitem__"):
        return float(value[0]) if len(value) else None
    return float(value)
