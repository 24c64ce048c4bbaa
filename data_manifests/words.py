"""The words by which corpora that nobody declared are understood; case does not matter."""

import re

__all__ = ["NORMAL", "NORMAL_FOLDERS", "SPLITS", "bare", "corpus_name", "names_a_person"]

NORMAL_FOLDERS = ("normal", "normals", "healthy", "no finding", "no_finding", "no-finding", "negative")
NORMAL = (*NORMAL_FOLDERS, "0", "0.0")
"""In a table; a folder called 0 is more likely a part than a class."""
SPLITS = {
    "train": "train",
    "training": "train",
    "val": "val",
    "valid": "val",
    "validation": "val",
    "dev": "val",
    "test": "test",
    "testing": "test",
}
PERSON = re.compile(
    r"(patient|subject|person|first|last|family|given|sur|full|middle)?names?|patient(id|number|no)?|subject(id)?"
    r"|pid|mrn|ssn|dob|.*(birth(?!weight)|medicalrecord|accession|address|phone|email|physician|insurance).*"
)
"""Columns, bare, that tell who somebody is; age and sex do not."""


def bare(name: str) -> str:
    """Return a column's name in lower case without signs: `Patient ID` and `patient_id` are one."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def names_a_person(column: str) -> bool:
    """Say whether a column looks as if it told who somebody is."""
    return bool(PERSON.fullmatch(bare(column)))


def corpus_name(text: str, *, otherwise: str) -> str:
    """Return a name that manifests and stores accept, from that of a folder."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-") or otherwise
