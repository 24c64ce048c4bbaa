"""The only file that touches zarr: arrays to the bytes of their files, and a group opened for reading."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import zarr
from numpy.typing import NDArray
from zarr.abc.buffer import Buffer as AnyBuffer
from zarr.buffer.cpu import Buffer
from zarr.codecs import ZstdCodec
from zarr.storage import MemoryStore

from data_manifests.contract import CHANNELS, COLUMNS, Row, Shape

__all__ = ["encode_metadata", "encode_shard", "read_columns"]

TABLE_CHUNK_ROWS = 65_536
_COMPRESSOR = ZstdCodec(level=3, checksum=True)
"""With the checksum a flipped byte makes the reader raise instead of showing a wrong image."""


def encode_shard(samples: Mapping[int, NDArray[np.uint8]], shape: Shape) -> bytes:
    """Return the bytes of one shard that holds `samples`, `(C, H, W)` each, at their rows within the shard.

    Rows not given are not written at all. The bytes depend on nothing but the samples.
    """
    files: dict[str, AnyBuffer] = {}
    array = _create_samples(MemoryStore(files), shape, rows=shape.rows_per_shard)
    block = np.zeros(array.shape, np.uint8)
    for row, sample in samples.items():
        block[row] = sample
    array[:] = block
    return files["samples/c/0/0/0/0"].to_bytes() if samples else b""


def encode_metadata(
    rows: Sequence[Row], shape: Shape, digests: Mapping[str, str], attributes: Mapping[str, Any]
) -> dict[str, bytes]:
    """Return every file of a version but the shards, by key; the last is the group's `zarr.json`, the commit."""
    files: dict[str, AnyBuffer] = {}
    group = zarr.open_group(MemoryStore(files), mode="w", attributes=dict(attributes))
    _create_samples(group.store, shape, rows=shape.rows)
    table = group.create_group("table")
    for name, kind in COLUMNS:
        values = [getattr(row, name) for row in rows]
        _create_column(
            table, name, np.asarray(values, dtype=np.dtypes.StringDType() if kind == "string" else kind)
        )
    listing = group.create_group("digests")
    _create_column(listing, "key", np.asarray(list(digests), dtype=np.dtypes.StringDType()))
    _create_column(listing, "sha256", np.asarray(list(digests.values()), dtype=np.dtypes.StringDType()))
    return {key: files[key].to_bytes() for key in sorted(files, key=lambda key: (key == "zarr.json", key))}


def read_columns(files: Mapping[str, bytes], group: str) -> dict[str, NDArray[Any]]:
    """Decode all one-dimensional arrays of `group` from the files below it."""
    memory = MemoryStore({key: Buffer.from_bytes(data) for key, data in files.items()})
    opened = zarr.open_group(memory, path=group, mode="r")
    return {name: np.asarray(array[:]) for name, array in sorted(opened.arrays())}


def _create_samples(memory: Any, shape: Shape, *, rows: int) -> Any:
    inner = (len(CHANNELS), shape.size, shape.size)
    return zarr.create_array(
        memory,
        name="samples",
        shape=(rows, *inner),
        chunks=(1, *inner),
        shards=(shape.rows_per_shard, *inner),
        dtype="uint8",
        compressors=_COMPRESSOR,
        fill_value=0,
        dimension_names=("sample", "channel", "row", "column"),
        attributes={"channels": list(CHANNELS)},
    )


def _create_column(group: Any, name: str, values: NDArray[Any]) -> None:
    chunks = (min(TABLE_CHUNK_ROWS, max(1, len(values))),)
    group.create_array(name, data=values, chunks=chunks, compressors=_COMPRESSOR)
