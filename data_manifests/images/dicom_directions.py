"""Where rows and columns of a DICOM image run to in the patient: whether it shows a side, stands upright, is mirrored.

Source: DICOM PS3.3 C.7.6.1.1.1, C.7.6.2.1.1, C.10.6.
"""

from math import isfinite

from pydicom.dataset import Dataset

from artasyn.data_manifests.images.dicom_numbers import first_number, numbers

__all__ = ["head_elsewhere", "mirrored", "side_shown"]

ORIENTATION, PLANE = "PatientOrientation", "ImageOrientationPatient"
ROTATION, FLIP = "ImageRotation", "ImageHorizontalFlip"
FRONTAL = 0.9
"""Cosine between an image's plane and the frontal one from which its directions are believed: programs write the plane
of CT by default."""


def side_shown(dataset: Dataset) -> str:
    """Return the keyword of the element by which a row or column of the image runs from front to back, "" for none."""
    return ORIENTATION if any(said.startswith(("A", "P")) for said in _said(dataset)) else ""


def head_elsewhere(dataset: Dataset) -> str:
    """Return the keyword of the element that has the head elsewhere than at the top, "" where none has."""
    said = _said(dataset)
    if len(said) == 2 and (said[0][:1] in ("H", "F") or said[1][:1] == "H"):
        return ORIENTATION
    rows, columns = _frontal_directions(dataset)
    if not said and (columns == "H" or rows in ("H", "F")):
        return PLANE
    turn = first_number(dataset, ROTATION)
    return ROTATION if turn is not None and isfinite(turn) and turn % 360 else ""


def mirrored(dataset: Dataset) -> str:
    """Return the keyword of the element by which the patient's left is on the left of an upright image, "" for none.

    It is told, not acted on: `R, F` is met on images that are stored as `L, F` ones are.
    """
    said = _said(dataset)
    if said:
        return ORIENTATION if said[0][:1] == "R" else ""
    if _frontal_directions(dataset)[0] == "R":
        return PLANE
    return FLIP if str(dataset.get(FLIP) or "").strip().upper() == "Y" else ""


def _said(dataset: Dataset) -> list[str]:
    """Return where rows and columns run to, in capitals; empty where PatientOrientation does not say."""
    said = dataset.get(ORIENTATION) or []
    said = [said] if isinstance(said, str) else said
    directions = [str(direction).strip().upper() for direction in said]
    return directions if any(directions) else []


def _frontal_directions(dataset: Dataset) -> tuple[str, str]:
    """Return the same by ImageOrientationPatient, in letters; "" where it is absent or the plane is not frontal."""
    cosines = numbers(dataset, PLANE)
    if len(cosines) != 6 or not all(map(isfinite, cosines)):
        return "", ""
    x, _, z, u, _, w = cosines
    if abs(x * w - z * u) < FRONTAL:  # the normal's part along front to back
        return "", ""
    return _letter(x, z), _letter(u, w)


def _letter(left: float, head: float) -> str:
    if abs(left) >= abs(head):
        return "L" if left > 0 else "R"
    return "H" if head > 0 else "F"
