"""Read which patient a DICOM file says it is of: for a salted hash that keeps a patient's images together."""

import re
import warnings
from pathlib import Path

from pydicom.filereader import read_partial

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.bounded_reader import BoundedReader
from artasyn.data_manifests.images.dicom_header import DICOM_ERRORS, is_deflated
from artasyn.data_manifests.images.file_bytes import read_start
from artasyn.data_manifests.images.file_types import holds_dicom

__all__ = ["is_placeholder", "patient_id"]

PATIENT_ID = 0x00100020
START = 2**18
"""Bytes that are read; what comes before the element has some 5,000."""
PIECES = 50_000
"""Pieces of them that the parser may read, some three an element."""

NOBODY = re.compile(
    r"0*|x+|anon|anonym[a-z]*|anonimo|unknown|unbekannt|inconnu|desconocido|none|nil|null|nan?|noid|no(patient)?id|deid[a-z]*|"
    r"removed|redacted|hidden|masked|blank|empty|test|dummy|nobody|patient|patientid|id|pid"
)
"""What stands in place of an identifier, in lower case, without signs."""


def patient_id(path: Path) -> str:
    """Return the PatientID of a DICOM file; empty where it has none, or is no DICOM that can be read.

    Nothing else of the header is read. Raises MachineError.
    """
    try:
        start = read_start(path, START)
    except ImageError:
        return ""  # reading its pixels will say why
    if not holds_dicom(path, start) or is_deflated(start):
        return ""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            reader = BoundedReader(start, pieces=PIECES)
            header = read_partial(
                reader, lambda tag, _vr, _length: tag > PATIENT_ID, force=True, specific_tags=[PATIENT_ID]
            )
            return " ".join(str(header.get("PatientID") or "").split())
        except DICOM_ERRORS:
            return ""


def is_placeholder(identifier: str) -> bool:
    """Say whether an identifier names nobody: empty, zeros, `ANONYMOUS` and the like."""
    return bool(NOBODY.fullmatch(re.sub(r"[\W_]", "", identifier.lower())))
