"""What every export needs: the samples of a version, their names, and PNG files."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.files import naming
from artasyn.data_manifests.store.version import Version

__all__ = ["first_rows", "groups_of", "normal_name", "ok_rows", "sample_name", "save_png"]


def ok_rows(version: Version) -> list[int]:
    """Return the rows that hold a sample."""
    return [int(row) for row in version.rows(status="ok")]


def first_rows(version: Version) -> set[int]:
    """Return the first row of each study of a synthetic version: its normal image is written with it, once."""
    if version.attributes["kind"] != "synthetic":
        return set()
    rows = version.rows(status="ok")
    _, first = np.unique(version.table["study"][rows], return_index=True)
    return set(rows[first].tolist())


def sample_name(version: Version, row: int) -> str:
    """Return a sample's name: study and variant."""
    return f"{int(version.table['study'][row]):06d}_{int(version.table['variant'][row])}"


def normal_name(version: Version, row: int) -> str:
    """Return the name of the normal image of a sample's study."""
    return f"{int(version.table['study'][row]):06d}_normal"


def groups_of(version: Version, rows: Iterable[int]) -> dict[int, str]:
    """Return for each row the group that must stay in one fold: a patient's images, and all that are equal to one."""
    leader: dict[str, str] = {}

    def first(key: str) -> str:
        while leader.setdefault(key, key) != key:
            key = leader[key]
        return key

    patients, pixels = version.table["patient"], version.table["pixels_sha256"]
    rows = list(rows)
    for row in rows:
        leader[first(str(pixels[row]))] = first(str(patients[row]) or str(pixels[row]))
    return {row: first(str(pixels[row])) for row in rows}


def save_png(pixels: NDArray[np.uint8], path: Path) -> None:
    """Write a PNG and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
        Image.fromarray(pixels).save(path)
