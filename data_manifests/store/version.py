"""Open an immutable version of a store for reading."""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.store.blobs import Blobs, open_blobs
from artasyn.data_manifests.store.contract import CHANNELS, COLUMNS, check_attributes, shape_of
from artasyn.data_manifests.store.encoding import read_column
from artasyn.data_manifests.store.references import resolve_id, split_reference
from artasyn.data_manifests.store.shard_reader import ShardReader

__all__ = ["Columns", "Version", "open_version", "read_attributes"]


class Version:
    """One committed version. Picklable; each process opens the files it reads."""

    def __init__(self, blobs: Blobs, version_id: str) -> None:
        self.blobs, self.id = blobs, version_id
        self.attributes: Mapping[str, Any] = read_attributes(blobs, version_id)
        check_attributes(f"{blobs.location}/{version_id}", self.attributes)
        self.shape = shape_of(self.attributes)
        self._shards = ShardReader(blobs, version_id, self.shape)

    def __len__(self) -> int:
        """Return the number of rows, absent ones included."""
        return self.shape.rows

    @functools.cached_property
    def table(self) -> "Columns":
        """One array a column, `(N,)` each; see artasyn.data_manifests.store.contract.Row. Raises DamageError."""
        return Columns(self.blobs, f"{self.id}/table", [name for name, _ in COLUMNS])

    @functools.cached_property
    def digests(self) -> dict[str, str]:
        """SHA-256 of every shard and table file, by key. Raises DamageError."""
        columns = Columns(self.blobs, f"{self.id}/digests", ["key", "sha256"])
        return dict(zip(map(str, columns["key"]), map(str, columns["sha256"]), strict=True))

    def rows(self, **wanted: object) -> NDArray[np.intp]:
        """Return the rows whose columns equal all `wanted` values, such as status="ok"."""
        chosen = np.ones(len(self), bool)
        for column, value in wanted.items():
            chosen &= self.table[column] == value
        return np.flatnonzero(chosen)

    def read(self, row: int, *, channels: Sequence[str] = CHANNELS) -> NDArray[np.uint8]:
        """Return the channels of one sample, `(C, H, W)`; zeros where it is absent. Raises DamageError."""
        sample = self._shards.read(row)
        return sample if tuple(channels) == CHANNELS else sample[[CHANNELS.index(c) for c in channels]]


class Columns(Mapping[str, NDArray[Any]]):
    """Named arrays, each read when it is first asked for: few readers need the long records."""

    def __init__(self, blobs: Blobs, prefix: str, names: Sequence[str]) -> None:
        self._blobs, self._prefix, self._names = blobs, prefix, tuple(names)
        self._read: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one column. Raises KeyError for another name, DamageError where it cannot be decoded."""
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            self._read[name] = self._decode(name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the contract's order."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self._names)

    def _decode(self, name: str) -> NDArray[Any]:
        path = f"{self._prefix}/{name}"
        try:
            return read_column({key: self._blobs.read(key) for key in self._blobs.keys(path)}, path)
        except (RuntimeError, ValueError, KeyError, FileNotFoundError) as error:
            where = f"{self._blobs.location}/{path}"
            raise DamageError(where, "cannot be decoded", "run `artasyn-synth verify`") from error


def open_version(reference: str) -> Version:
    """Open `STORE`, `STORE@TAG` or `STORE@ID` (any unambiguous prefix of one).

    A bare `STORE` must hold one version only. Raises StoreError when there is no such version or it follows
    another contract.
    """
    location, name = split_reference(reference)
    blobs = open_blobs(location)
    return Version(blobs, resolve_id(blobs, name))


def read_attributes(blobs: Blobs, version_id: str) -> dict[str, Any]:
    """Return the attributes of a committed version. Raises StoreError."""
    where = f"{blobs.location}/{version_id}"
    try:
        document = json.loads(blobs.read(f"{version_id}/zarr.json"))
    except FileNotFoundError as error:
        raise StoreError(
            where, "is not a committed version", "`artasyn-synth versions` lists them"
        ) from error
    except ValueError as error:
        raise DamageError(where, "zarr.json is not JSON", "run `artasyn-synth verify`") from error
    attributes: dict[str, Any] = document.get("attributes", {})
    return attributes
