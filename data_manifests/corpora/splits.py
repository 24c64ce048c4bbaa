"""Decide by hash alone which patients are held out, and hide who they are."""

import hashlib
from pathlib import Path

from artasyn.data_manifests.errors import CorpusError
from artasyn.data_manifests.regular_files import read_regular

__all__ = ["holdout", "patient_hash", "salt_of"]

SECRET_BYTES = 16


def holdout(group: str, *, share: float, salt: str) -> bool:
    """Say whether `group` (a patient, or an image of an unknown one) belongs to the held-out `share` (0 to 1).

    Follows from the group and the salt only: the same on every machine, whatever else a corpus holds.
    """
    return _fraction(f"{salt}\0{group}") < share


def patient_hash(patient: str, *, salt: str) -> str:
    """Return 16 hex digits that stand for a patient; empty where the patient is not known.

    Public sets number their patients, so who knows the salt can find a number by trying all: this keeps
    identifiers out of stores and logs, it does not make a private set anonymous.
    """
    return hashlib.sha256(f"patient\0{salt}\0{patient}".encode()).hexdigest()[:16] if patient else ""


def salt_of(corpus: str, secret: str) -> str:
    """Return the salt for a corpus's patients: its name, with the secret that a file holds. Raises CorpusError."""
    if not secret:
        return corpus
    try:
        words = read_regular(Path(secret).expanduser()).strip()
    except OSError as error:
        raise CorpusError(secret, f"cannot be read: {error.strerror}", "give the file of the salt") from error
    if len(words) < SECRET_BYTES:
        remedy = "write one with `openssl rand -hex 32` and keep it"
        raise CorpusError(secret, f"holds a secret of less than {SECRET_BYTES} bytes", remedy)
    return f"{corpus}\0{hashlib.sha256(words).hexdigest()}"


def _fraction(text: str) -> float:
    """Map text to [0, 1), evenly."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7]) / 2**56
