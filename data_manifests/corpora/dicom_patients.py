"""Tell patients apart by the headers of DICOM files, where the corpus itself does not."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from artasyn.data_manifests.corpora.radiograph import Radiograph
from artasyn.data_manifests.corpora.splits import patient_hash
from artasyn.data_manifests.images.dicom_patient import is_placeholder, patient_id
from artasyn.data_manifests.images.file_types import PICTURES

__all__ = ["add_patients"]

READERS = 8


def add_patients(radiographs: Sequence[Radiograph], *, salt: str) -> tuple[list[Radiograph], str]:
    """Return the radiographs with the salted hash of their PatientID, and a sentence about it.

    Nothing changes and nothing is said where any radiograph has a patient already, or none is DICOM. An identifier
    that stands for nobody, or that all files share, is no patient. Raises MachineError.
    """
    entries = list(radiographs)
    asked = [entry.path for entry in entries if entry.path.suffix.lower() not in PICTURES]
    if not asked or any(entry.patient for entry in entries):
        return entries, ""
    with ThreadPoolExecutor(READERS) as pool:
        found = dict(zip(asked, pool.map(patient_id, asked), strict=True))
    if not any(found.values()):
        return entries, ""
    named = {path: name for path, name in found.items() if not is_placeholder(name)}
    if len(named) == len(found) > 1 and len(set(named.values())) == 1:
        return entries, f"not known: all {len(found):,} DICOM headers have one PatientID, a placeholder"
    if not named:
        return entries, "not known: every PatientID of the DICOM headers is a placeholder"
    hashed = [replace(entry, patient=_hash(named, entry.path, salt)) for entry in entries]
    return hashed, _sentence(len(entries), len(named))


def _hash(named: dict[Path, str], path: Path, salt: str) -> str:
    return patient_hash(named.get(path, ""), salt=salt)


def _sentence(images: int, named: int) -> str:
    rest = f"; {images - named:,} images have none, or a placeholder" if images > named else ""
    return f"PatientID of the DICOM headers, as a salted hash{rest}"
