"""A mask as a DICOM Segmentation object that belongs to the radiograph it was made from (needs highdicom).

The object has to carry the patient and study of its source, or no viewer could put them together: treat it as
confidential as the source itself.
"""

import io
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError

__all__ = ["encode_segmentation"]

NEEDED = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")
"""What ties a segmentation to its source: type 1, never empty."""
MAY_BE_EMPTY = (
    *("PatientID", "PatientName", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
    *("AccessionNumber", "ReferringPhysicianName"),
)
"""Elements of type 2, which de-identified headers lack altogether. Source: DICOM PS3.3 C.7.1.1 and C.7.2.1."""
SEXES = ("", "M", "F", "O")


def encode_segmentation(source: Path, mask: NDArray[np.bool_], *, run: str) -> bytes:
    """Return the mask `(H, W)` of a DICOM radiograph as a DICOM file; `run` names the algorithm's weights.

    Raises ImageError where highdicom is not installed or the source lacks what a segmentation must refer to.
    """
    highdicom, pydicom = _packages(source)
    try:
        # Warnings, and the texts of most errors, quote the header: names of patients must not reach a terminal.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            segmentation = _segmentation(highdicom, pydicom, source, mask, run)
            stream = io.BytesIO()
            segmentation.save_as(stream)
            return stream.getvalue()
    except ImageError:
        raise
    except (AttributeError, KeyError, ValueError, TypeError) as error:
        what = str(error) if isinstance(error, AttributeError | KeyError) else type(error).__name__
        reason = f"its header cannot carry a DICOM Segmentation: {what}"
        raise ImageError(source, reason, kind="no_segmentation") from error


def _segmentation(highdicom: Any, pydicom: Any, source: Path, mask: NDArray[np.bool_], run: str) -> Any:
    return highdicom.seg.Segmentation(
        source_images=[_source(pydicom, source)],
        pixel_array=mask[None].astype(np.uint8),
        segmentation_type=highdicom.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[_description(highdicom, pydicom, run)],
        series_instance_uid=highdicom.UID(),
        series_number=9001,
        sop_instance_uid=highdicom.UID(),
        instance_number=1,
        manufacturer="artasyn",
        manufacturer_model_name="artasyn, research tool, not for diagnosis",
        software_versions=version("artasyn"),
        device_serial_number=run,
        series_description="Lung opacity, research only, not for diagnosis",
        omit_empty_frames=False,
    )


def _source(pydicom: Any, path: Path) -> Any:
    """Return the source's header as a segmentation can carry it. Raises ImageError naming an element that it cannot."""
    dataset = pydicom.dcmread(path, stop_before_pixels=True, force=True)  # old files begin without a preamble
    for keyword in NEEDED:
        if not dataset.get(keyword):
            raise _refused(path, f"it lacks the element {keyword}")
    if not isinstance(dataset.get("SpecificCharacterSet") or "", str):  # code extensions of ISO 2022
        dataset.decode()
        dataset.SpecificCharacterSet = "ISO_IR 192"
    for keyword in MAY_BE_EMPTY:
        try:
            value = "" if dataset.get(keyword) is None else str(dataset.get(keyword))
            if keyword.endswith("Date"):
                pydicom.valuerep.DA(value)
            elif keyword.endswith("Time"):
                pydicom.valuerep.TM(value)
        except ValueError as error:
            raise _refused(path, f"its element {keyword} is broken") from error
        if keyword == "PatientSex" and value not in SEXES:
            raise _refused(path, f"its element {keyword} is broken")
        if not value:
            setattr(dataset, keyword, "")
    return dataset


def _refused(path: Path, reason: str) -> ImageError:
    remedy = "mend that element, and predict again"
    return ImageError(path, f"cannot carry a DICOM Segmentation: {reason}", remedy, kind="no_segmentation")


def _packages(source: Path) -> tuple[Any, Any]:
    try:
        import highdicom
        import pydicom
    except ImportError as error:
        remedy = "install highdicom"
        raise ImageError(
            source, "needs highdicom for a DICOM Segmentation", remedy, kind="no_segmentation"
        ) from error
    return highdicom, pydicom


def _description(highdicom: Any, pydicom: Any, run: str) -> Any:
    """Describe the one segment: an opacity (DICOM PS3.16 CID 6102), marked by an algorithm."""
    codes = pydicom.sr.codedict.codes
    return highdicom.seg.SegmentDescription(
        segment_number=1,
        segment_label="Lung opacity",
        segmented_property_category=codes.SCT.MorphologicallyAbnormalStructure,
        segmented_property_type=codes.DCM.Opacity,
        algorithm_type=highdicom.seg.SegmentAlgorithmTypeValues.AUTOMATIC,
        algorithm_identification=highdicom.AlgorithmIdentificationSequence(
            name="artasyn", version=run, family=codes.DCM.ArtificialIntelligence
        ),
    )
