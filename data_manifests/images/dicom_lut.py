"""Look-up tables of DICOM: of 8 to 16 bits, packed or one entry a word, as bytes or as numbers."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from artasyn.data_manifests.errors import ImageError
from artasyn.data_manifests.images.dicom_numbers import numbers
from artasyn.data_manifests.images.roughness import bytes_swapped

__all__ = ["Table", "read_table"]

LONGEST = 4 * 2**20
"""Longest sequence of tables that is parsed, in bytes; one table has at most 128 KiB."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A look-up table."""

    entries: NDArray[np.uint16]
    """`(n,)`"""
    first: int
    """The value that the first entry belongs to."""

    def __call__(self, values: NDArray[Any]) -> NDArray[np.uint16]:
        """Map values; those outside take the first or last entry."""
        places = np.rint(values).astype(np.int64) - self._first_for(values)
        return np.asarray(self.entries[np.clip(places, 0, len(self.entries) - 1)])

    def _first_for(self, values: NDArray[Any]) -> int:
        """Devices write a negative first value into an unsigned element."""
        wrapped = self.first >= 2**15 and values.size and values.min() < 0
        return self.first - 2**16 if wrapped else self.first


def read_table(path: Path, dataset: Dataset, keyword: str, *, name: str) -> Table | None:
    """Return the first table of a sequence that has one; None where there is none, or only empty items.

    Raises ImageError (unreadable), which calls the table `name`, where it is damaged. Source: DICOM
    PS3.3 C.11.1, C.11.2.
    """
    if keyword not in dataset:
        return None
    raw: Any = dataset.get_item(keyword)
    if isinstance(raw.value, bytes) and len(raw.value) > LONGEST:
        raise ImageError(
            path, f"its {name} is {len(raw.value):,} bytes long", "re-export it", kind="unreadable"
        )
    little = dataset.file_meta.TransferSyntaxUID.is_little_endian
    for item in dataset[keyword].value or []:
        descriptor, data = numbers(item, "LUTDescriptor"), _bytes(item, little=little)
        if descriptor and data:
            return _table(path, descriptor, data, name)
    return None


def _table(path: Path, descriptor: list[float], data: bytes, name: str) -> Table:
    if len(descriptor) != 3 or not np.isfinite(descriptor).all():
        raise ImageError(path, f"its {name} has a damaged descriptor", "re-export it", kind="unreadable")
    count, first, bits = (int(value) for value in descriptor)
    count = count % 2**16 or 2**16  # 0 stands for 65,536, and a signed element wraps
    if len(data) >= 2 * count:
        entries = np.frombuffer(data, "<u2", count)
    elif bits <= 8 and len(data) >= count:
        entries = np.frombuffer(data, np.uint8, count).astype(np.uint16)
    else:
        reason = f"its {name} says {count:,} entries of {bits} bits and has {len(data):,} bytes"
        raise ImageError(path, reason, "re-export it", kind="unreadable")
    entries = entries.astype(np.uint16)
    if bytes_swapped(entries):
        reason = f"the bytes of its {name} are in the other order than its transfer syntax says"
        raise ImageError(path, reason, "re-export it", kind="unreadable")
    return Table(entries, first)


def _bytes(item: Dataset, *, little: bool) -> bytes:
    """Return the entries as little-endian bytes, whatever type the element has."""
    if "LUTData" not in item:
        return b""
    element = item["LUTData"]
    if element.value is None or isinstance(element.value, str):
        return b""
    if isinstance(element.value, bytes):
        is_swapped = not little and element.VR != "OB"
        return np.frombuffer(element.value, ">u2").astype("<u2").tobytes() if is_swapped else element.value
    return (np.atleast_1d(np.asarray(element.value, np.int64)) & 0xFFFF).astype("<u2").tobytes()
