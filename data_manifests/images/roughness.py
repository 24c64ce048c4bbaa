"""How rough stored numbers are: large where they were cut off and start over, or where their bytes are swapped."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["bytes_swapped", "roughness"]

SWAPPED = 4
"""Numbers so much rougher, for their range, than with their bytes in the other order are noise."""


def roughness(values: NDArray[np.integer]) -> int:
    """Return the sum of all steps between neighbours in a row; unsigned numbers must be made wider first."""
    return int(np.abs(np.diff(values, axis=-1)).sum(dtype=np.int64))


def bytes_swapped(values: NDArray[np.uint16]) -> bool:
    """Say whether numbers, in rows, are noise unless the two bytes of each are exchanged."""
    read, swapped = values.astype(np.int32), values.byteswap().astype(np.int32)
    ranges = int(np.ptp(read)), int(np.ptp(swapped))
    return SWAPPED * roughness(swapped) * ranges[0] < roughness(read) * ranges[1]
