"""Refuse, from the header alone, a DICOM file that is no single frontal grey radiograph."""

import re
from pathlib import Path
from struct import error as StructError

from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.errors import BytesLengthException, InvalidDicomError
from pydicom.uid import DeflatedExplicitVRLittleEndian

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.body_parts import described_part, other_body_part
from artasyn.data_manifests.images.codestreams import coded_size
from artasyn.data_manifests.images.dicom_directions import head_elsewhere
from artasyn.data_manifests.images.dicom_numbers import numbers
from artasyn.data_manifests.images.dicom_views import other_view
from artasyn.data_manifests.images.grey import DECODER_ERRORS, Limits, check_size
from artasyn.data_manifests.images.pictures import check_scans

__all__ = ["DICOM_ERRORS", "check_header", "is_deflated"]

DICOM_ERRORS = (*DECODER_ERRORS, BytesLengthException, EOFError, InvalidDicomError, StructError)
"""What pydicom is known to raise on damaged bytes, also when a value is first looked at."""

# CR and DX are the standard's; DR is what some devices write, RG is film that was scanned. Absent: taken as one of
# them, since de-identified sets (VinDr-CXR) strip it.
MODALITIES = ("CR", "DX", "DR", "RG", "")
NEEDED = ("Rows", "Columns", "BitsAllocated", "BitsStored", "SamplesPerPixel", "PhotometricInterpretation")
BITS = range(8, 17)
OTHER_MODALITIES = (
    "CT",
    "MR",
    "MG",
    "US",
    "PT",
    "NM",
    "XA",
    "RF",
    "OT",
    "SC",
    "SR",
    "PR",
    "KO",
    "SEG",
    "DOC",
    "IO",
)
GREYS = ("MONOCHROME1", "MONOCHROME2")
COLOURS = ("RGB", "PALETTE COLOR", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT")
"""Values that a message may quote: elsewhere in a header somebody may have written a name."""
DESCRIPTIONS = ("SeriesDescription", "ProtocolName")
REGION = "AnatomicRegionSequence"
PROPORTIONS = ("PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelAspectRatio")
"""Each two numbers, the first down the image. Source: DICOM PS3.3 10.7, C.7.6.3.1.7."""
UNEVEN = 1.05
"""Ratio of a pixel's sides from which it is not square; rounding and oblique beams stay below."""
DEFLATED = re.compile(re.escape(DeflatedExplicitVRLittleEndian.encode()) + rb"(?![0-9.])")


def check_header(path: Path, dataset: Dataset, *, limits: Limits) -> None:
    """Raise ImageError (kinds: see `decode_dicom`) unless the data set is one frontal grey radiograph."""
    try:
        _check_kind(path, dataset)
        _check_pixels(path, dataset, limits)
    except ImageError:
        raise
    except DICOM_ERRORS as error:
        reason = f"has a damaged header ({type(error).__name__})"  # its text may quote a patient's name
        raise ImageError(path, reason, "re-export it", kind="unreadable") from error


def is_deflated(data: bytes) -> bool:
    """Say whether a file's data set is compressed as a whole: parsing would inflate all of it."""
    return bool(DEFLATED.search(data[:4096]))


def _check_kind(path: Path, dataset: Dataset) -> None:
    modality = str(dataset.get("Modality") or "").strip().upper()
    if modality not in MODALITIES:
        said = modality if modality in OTHER_MODALITIES else "another modality"
        reason = f"is of {said}, no radiograph: CR, DX, DR and RG are accepted"
        raise ImageError(path, reason, "leave it out", kind="wrong_modality")
    keyword, part = _other_part(dataset)
    if part:
        reason = f"its header says that it shows the {part}, not the chest"
        raise ImageError(path, reason, f"leave it out, or correct {keyword}", kind="other_body_part")
    element = other_view(dataset)
    if element:
        reason = f"is a lateral, oblique or decubitus view, as its element {element} says"
        raise ImageError(path, reason, f"leave it out, or correct {element}", kind="lateral_view")
    element = head_elsewhere(dataset)
    if element:
        reason = f"its head is not at the top, as its element {element} says"
        raise ImageError(path, reason, f"turn it upright, or correct {element}", kind="not_upright")


def _other_part(dataset: Dataset) -> tuple[str, str]:
    """Return the first element that names another part of the body, and the part; nothing where none does.

    The names of series and protocol are asked only where BodyPartExamined is silent.
    """
    examined = str(dataset.get("BodyPartExamined") or "").strip()
    if examined and examined.upper() not in ("UNKNOWN", "OTHER", "NONE"):
        return "BodyPartExamined", other_body_part(examined) or ""
    region = " ".join(str(code.get("CodeMeaning") or "") for code in dataset.get(REGION) or [])
    named = {REGION: other_body_part(region)}
    named |= {keyword: described_part(str(dataset.get(keyword) or "")) for keyword in DESCRIPTIONS}
    return next(((keyword, part) for keyword, part in named.items() if part), ("", ""))


def _check_pixels(path: Path, dataset: Dataset, limits: Limits) -> None:
    if "PixelData" not in dataset or not dataset.PixelData:
        raise ImageError(path, "holds no pixels", "re-export it with its image", kind="no_pixels")
    if int(dataset.get("NumberOfFrames") or 1) > 1:
        reason = f"holds {int(dataset.NumberOfFrames)} frames"
        raise ImageError(path, reason, "give one image a file", kind="multi_frame")
    missing = [keyword for keyword in NEEDED if dataset.get(keyword) in (None, "")]
    if missing:
        raise ImageError(path, f"lacks the element {missing[0]}", "re-export it", kind="unreadable")
    photometric = str(dataset.PhotometricInterpretation).upper().strip()
    if dataset.SamplesPerPixel == 1 and photometric not in (*GREYS, *COLOURS):
        reason = "its PhotometricInterpretation is none of the standard: it does not say whether 0 is black"
        raise ImageError(path, reason, "correct it to MONOCHROME1 or MONOCHROME2", kind="unreadable")
    if dataset.SamplesPerPixel != 1 or photometric not in GREYS:
        said = f" ({photometric})" if photometric in COLOURS else ""
        reason = f"is in colour{said}, a radiograph is grey"
        raise ImageError(path, reason, "leave it out", kind="colour")
    if dataset.BitsAllocated not in (8, 16) or dataset.BitsStored not in BITS:
        reason = "stores other than 8 to 16 bits a pixel, in 8 or 16"
        raise ImageError(path, reason, "save it with 8 to 16 bits", kind="unsupported")
    _check_proportions(path, dataset)
    shape = (int(dataset.Rows), int(dataset.Columns))
    check_size(path, shape, limits=limits)
    _check_codestream(path, dataset, shape)


def _check_proportions(path: Path, dataset: Dataset) -> None:
    """Refuse pixels that are not square: a mask or box of the same pixels could not follow if they were made so."""
    for keyword in PROPORTIONS:
        sides = numbers(dataset, keyword)
        if len(sides) == 2 and max(sides) > UNEVEN * min(sides) > 0:
            reason = f"its pixels are not square: {keyword} says {sides[0]:g} down, {sides[1]:g} across"
            raise ImageError(path, reason, "resample it to square pixels", kind="uneven_pixels")


def _check_codestream(path: Path, dataset: Dataset, shape: tuple[int, int]) -> None:
    """Refuse a frame whose own header differs from the data set's: a decoder would allocate what the former says."""
    syntax = getattr(getattr(dataset, "file_meta", None), "TransferSyntaxUID", None)
    if syntax is not None and not syntax.is_transfer_syntax:
        reason = "is written in a transfer syntax that is not the standard's, or is too new"
        remedy = "export it uncompressed (Explicit VR Little Endian) from where it comes"
        raise ImageError(path, reason, remedy, kind="unsupported")
    if syntax is None or not syntax.is_compressed:
        return
    frame = get_frame(dataset.PixelData, 0, number_of_frames=1)
    check_scans(path, frame, shape[0] * shape[1])
    claimed = coded_size(frame)
    if claimed is not None and claimed != shape:
        reason = f"says {shape[1]} x {shape[0]} pixels, its frame says {claimed[1]} x {claimed[0]}"
        raise ImageError(path, reason, "re-export it", kind="unreadable")
