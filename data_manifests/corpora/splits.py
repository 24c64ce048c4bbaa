"""Decide by hash alone which patients are held out, and hide who they are."""

import hashlib

__all__ = ["holdout", "patient_hash"]


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


def _fraction(text: str) -> float:
    """Map text to [0, 1), evenly."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7]) / 2**56
