"""What the header of an image file says that is odd, and that is taken all the same."""

import warnings
from pathlib import Path

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.dicom import open_dicom
from artasyn.data_manifests.images.dicom_directions import mirrored
from artasyn.data_manifests.images.dicom_header import DICOM_ERRORS
from artasyn.data_manifests.images.file_types import holds_dicom

__all__ = ["header_notes"]

RAW = "FOR PROCESSING"


def header_notes(path: Path, data: bytes) -> list[str]:
    """Return what is odd by a DICOM header, each as a kind and a sentence; nothing for other files."""
    if not holds_dicom(path, data):
        return []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = open_dicom(path, data)
            element, intent = mirrored(dataset), str(dataset.get("PresentationIntentType") or "")
        except (ImageError, *DICOM_ERRORS):
            return []  # reading its pixels says why
    notes = [f"mirrored: the patient's left is on the left, as its element {element} says"] if element else []
    if intent.strip().upper() == RAW:
        notes.append(
            "for_processing: the detector's raw pixels, as PresentationIntentType says, not those for display"
        )
    return notes
