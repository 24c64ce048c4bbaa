"""Read single samples straight from shard files: index at the end, one zstd frame a sample.

This is the Zarr v3 `sharding_indexed` layout that `store.encoding` writes, read without zarr: several
times the samples per second, no threads, safe after fork.
"""

from collections import OrderedDict

import google_crc32c
import numpy as np
from numcodecs.zstd import Zstd
from numpy.typing import NDArray

from artasyn.data_manifests.errors import DamageError
from artasyn.data_manifests.store.blobs import Blobs
from artasyn.data_manifests.store.contract import CHANNELS, Shape, shard_key

__all__ = ["ShardReader"]

_EMPTY = np.uint64(2**64 - 1)
_CACHED_INDICES = 4096


class ShardReader:
    """Reads rows of `samples` below `prefix`; picklable, keeps nothing open."""

    def __init__(self, blobs: Blobs, prefix: str, shape: Shape) -> None:
        self._blobs, self._prefix, self._shape = blobs, prefix, shape
        self._indices: OrderedDict[int, NDArray[np.uint64]] = OrderedDict()
        self._zstd = Zstd()

    def __reduce__(self) -> tuple[object, ...]:
        """Leave the cached indices behind."""
        return ShardReader, (self._blobs, self._prefix, self._shape)

    def read(self, row: int) -> NDArray[np.uint8]:
        """Return the sample of `row`, `(C, H, W)`, not to be written to; zeros where it was never written.

        Raises IndexError, and DamageError naming the shard when its bytes cannot be what was written.
        """
        if not 0 <= row < self._shape.rows:
            raise IndexError(f"row must be in 0..{self._shape.rows - 1}, got {row}")
        shard, place = divmod(row, self._shape.rows_per_shard)
        side = self._shape.size
        start, length = self._index(shard)[place]
        if start == _EMPTY:
            return np.zeros((len(CHANNELS), side, side), np.uint8)
        packed = self._read_range(shard, int(start), int(length))
        try:
            return np.frombuffer(self._zstd.decode(packed), np.uint8).reshape(len(CHANNELS), side, side)
        except (RuntimeError, ValueError) as error:
            raise self._damage(shard, f"sample {row} cannot be decoded") from error

    def _index(self, shard: int) -> NDArray[np.uint64]:
        """Return (start, length) in bytes of every sample of the shard, `(rows, 2)`."""
        if shard not in self._indices:
            self._indices[shard] = self._read_index(shard)
            if len(self._indices) > _CACHED_INDICES:
                self._indices.popitem(last=False)
        return self._indices[shard]

    def _read_index(self, shard: int) -> NDArray[np.uint64]:
        nbytes = self._shape.rows_per_shard * 16 + 4
        footer = self._read_range(shard, -nbytes, nbytes)
        index, checksum = footer[:-4], int.from_bytes(footer[-4:], "little")
        if len(footer) != nbytes or google_crc32c.value(index) != checksum:
            raise self._damage(shard, "has a damaged index")
        return np.frombuffer(index, "<u8").reshape(-1, 2)

    def _read_range(self, shard: int, start: int, length: int) -> bytes:
        """Return bytes of a shard; where the system refuses, what it says stands: that is no damage."""
        try:
            return self._blobs.read_range(self._key(shard), start, length)
        except FileNotFoundError as error:
            raise self._damage(shard, "is missing") from error

    def _key(self, shard: int) -> str:
        return f"{self._prefix}/{shard_key(shard)}"

    def _damage(self, shard: int, reason: str) -> DamageError:
        where = f"{self._blobs.location}/{self._key(shard)}"
        remedy = "run `artasyn-synth verify --repair`, then try again, unless the version was removed"
        return DamageError(where, reason, remedy)
