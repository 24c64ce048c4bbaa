"""The only file that touches zarr: arrays to the bytes of their files, and a group opened for reading."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import google_crc32c
import numpy as np
import zarr
from numcodecs.zstd import Zstd
from numpy.typing import NDArray
from zarr.abc.buffer import Buffer as AnyBuffer
from zarr.buffer.cpu import Buffer
from zarr.codecs import ZstdCodec
from zarr.storage import MemoryStore

from artasyn.data_manifests.store.contract import CHANNELS, COLUMNS, Row, Shape

__all__ = [
    "encode_digests",
    "encode_group",
    "encode_layout",
    "encode_shard",
    "encode_table",
    "read_column",
]


TABLE_CHUNK_ROWS = 65_536
LEVEL = -1
"""Of zstd, for samples. Level 3 packs them into an eighth fewer bytes, but takes three times as long, and half as long
again to unpack."""
_COMPRESSOR = ZstdCodec(level=LEVEL, checksum=True)
"""With the checksum a flipped byte makes the reader raise instead of showing a wrong image."""
_ZSTD = Zstd(LEVEL, checksum=True)
_OF_TABLES = ZstdCodec(level=3, checksum=True)
_DTYPES: dict[str, Any] = {kind: kind for _, kind in COLUMNS} | {"string": np.dtypes.StringDType()}


def encode_shard(samples: Mapping[int, NDArray[np.uint8]], shape: Shape) -> bytes:
    """Return the bytes of one shard that holds `samples`, `(C, H, W)` each, at their rows within the shard.

    Rows not given are not written at all. The bytes depend on nothing but the samples, and are those that zarr
    writes, which takes three times as long: a frame a sample, then where each begins and ends, and a checksum.
    """
    index = np.full((shape.rows_per_shard, 2), 2**64 - 1, "<u8")
    frames: list[bytes] = []
    end = 0
    for row in sorted(row for row, sample in samples.items() if sample.any()):
        frames.append(_ZSTD.encode(np.ascontiguousarray(samples[row])))
        index[row] = end, len(frames[-1])
        end += len(frames[-1])
    footer = index.tobytes()
    checksum: int = google_crc32c.value(footer)
    return b"".join([*frames, footer, checksum.to_bytes(4, "little")])


def encode_table(batches: Iterable[Sequence[Row]], *, rows: int) -> dict[str, bytes]:
    """Return the files of the table, by key; `batches` hold so many rows in order; few are kept at a time."""
    files: dict[str, AnyBuffer] = {}
    table = zarr.open_group(MemoryStore(files), mode="w").create_group("table")
    columns = {name: _create_column(table, name, rows, _DTYPES[kind]) for name, kind in COLUMNS}
    first = 0
    for block in _blocks(batches, TABLE_CHUNK_ROWS):
        for name, kind in COLUMNS:
            values = np.asarray([getattr(row, name) for row in block], _DTYPES[kind])
            columns[name][first : first + len(block)] = values
        first += len(block)
    return {key: files[key].to_bytes() for key in sorted(files) if key.startswith("table/")}


def encode_layout(shape: Shape) -> dict[str, bytes]:
    """Return the file that describes the array of samples, by key."""
    files: dict[str, AnyBuffer] = {}
    _create_samples(MemoryStore(files), shape, rows=shape.rows)
    return {"samples/zarr.json": files["samples/zarr.json"].to_bytes()}


def encode_digests(digests: Mapping[str, str]) -> dict[str, bytes]:
    """Return the files of the list of digests, by key."""
    files: dict[str, AnyBuffer] = {}
    listing = zarr.open_group(MemoryStore(files), mode="w").create_group("digests")
    keys = sorted(digests)
    for name, values in (("key", keys), ("sha256", [digests[key] for key in keys])):
        _create_column(listing, name, len(keys), _DTYPES["string"])[:] = np.asarray(values, _DTYPES["string"])
    return {key: files[key].to_bytes() for key in sorted(files) if key.startswith("digests/")}


def encode_group(attributes: Mapping[str, Any]) -> bytes:
    """Return the group's own file, `zarr.json`: the commit."""
    files: dict[str, AnyBuffer] = {}
    zarr.open_group(MemoryStore(files), mode="w", attributes=dict(attributes))
    return files["zarr.json"].to_bytes()


def read_column(files: Mapping[str, bytes], path: str) -> NDArray[Any]:
    """Decode the one-dimensional array at `path` from the files below it."""
    memory = MemoryStore({key: Buffer.from_bytes(data) for key, data in files.items()})
    return np.asarray(zarr.open_array(memory, path=path, mode="r")[:])


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


def _create_column(group: Any, name: str, rows: int, dtype: Any) -> Any:
    chunks = (min(TABLE_CHUNK_ROWS, max(1, rows)),)
    return group.create_array(name, shape=(rows,), dtype=dtype, chunks=chunks, compressors=_OF_TABLES)


def _blocks(batches: Iterable[Sequence[Row]], length: int) -> Iterator[list[Row]]:
    """Yield the rows of all batches in blocks of one length, the last perhaps shorter."""
    waiting: list[Row] = []
    for batch in batches:
        waiting += batch
        while len(waiting) >= length:
            yield waiting[:length]
            waiting = waiting[length:]
    if waiting:
        yield waiting
