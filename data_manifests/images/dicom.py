"""Decode one frontal chest radiograph from the bytes of a DICOM file to grey.

The rule: modality LUT or rescale; then the first VOI LUT, else the first window, to 0..255; without either, 8
stored bits are taken as they are and deeper ones span from their smallest to their largest value; MONOCHROME1 and the
presentation shape INVERSE are inverted; pixel padding is black. Of the header only what this rule needs is read;
nothing that names a person is.
"""

import warnings
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.bounded_reader import BoundedReader
from artasyn.data_manifests.images.dicom_grey import to_grey
from artasyn.data_manifests.images.dicom_header import DICOM_ERRORS, check_header, is_deflated
from artasyn.data_manifests.images.dicom_pixels import stored_values
from artasyn.data_manifests.images.grey import Limits

__all__ = ["decode_dicom", "open_dicom"]

PIECES = 200_000
"""Pieces that the parser may read, some three an element; the longest headers of radiographs have 1,000 elements."""

ITEM = b"\xfe\xff\x00\xe0"
ITEMS = 50_000
"""Items of sequences and fragments of a frame in all."""


def decode_dicom(path: Path, data: bytes, *, limits: Limits) -> NDArray[np.uint8]:
    """Decode the bytes of a file to grey, shape (H, W), 0..255; `path` is for messages.

    Raises ImageError with `kind` one of not_an_image, no_pixels, too_large, too_small, multi_frame, colour,
    wrong_modality, other_body_part, lateral_view, not_upright, uneven_pixels, unsupported, truncated, unreadable,
    no_contrast.
    Source: DICOM PS3.3 C.7.6.3, C.11.1, C.11.2.
    """
    with warnings.catch_warnings():
        # pydicom warns of every value that breaks a rule of the standard; what matters here is checked below.
        warnings.simplefilter("ignore")
        dataset = open_dicom(path, data)
        check_header(path, dataset, limits=limits)
        try:
            return to_grey(path, dataset, stored_values(path, dataset), limits=limits)
        except ImageError:
            raise
        except DICOM_ERRORS as error:
            reason = f"its pixels or grey-scale tables cannot be read ({type(error).__name__})"
            raise ImageError(path, reason, "re-export it", kind="unreadable") from error


def open_dicom(path: Path, data: bytes) -> Dataset:
    """Parse the header, within a budget. Raises ImageError (not_an_image, truncated, unsupported, too_large)."""
    remedy = "give PNG, JPEG, TIFF or DICOM"
    _check_size_of_header(path, data)
    try:
        dataset = dcmread(BoundedReader(data, pieces=PIECES), force=True)
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


def _check_size_of_header(path: Path, data: bytes) -> None:
    """Refuse, before parsing, what would inflate and what has more items than any radiograph."""
    if is_deflated(data):
        # The whole data set would inflate before any limit could be checked.
        reason, remedy = "is a deflated data set", "convert it with dcmconv +te"
        raise ImageError(path, reason, remedy, kind="unsupported")
    if data.count(ITEM) + data.count(ITEM[1::-1] + ITEM[:1:-1]) > ITEMS:
        reason = f"has more than {ITEMS:,} items, which would take minutes to read"
        raise ImageError(path, reason, "re-export it", kind="too_large")
