"""Open an immutable version of a store for reading."""

import functools
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import DamageError, did_you_mean
from artasyn.data_manifests.notebook import facts_html
from artasyn.data_manifests.store.blobs import Blobs, open_blobs
from artasyn.data_manifests.store.commit import REMEDY, check_seal, read_attributes
from artasyn.data_manifests.store.contract import CHANNELS, COLUMNS, check_attributes, shape_of
from artasyn.data_manifests.store.digests import listing_digest, sha256_hex
from artasyn.data_manifests.store.encoding import read_column
from artasyn.data_manifests.store.references import resolve_id, split_reference
from artasyn.data_manifests.store.shard_reader import ShardReader

__all__ = ["Columns", "Version", "locate", "open_version", "read_attributes"]


LISTING = re.compile(r"zarr\.json|(key|sha256)/(zarr\.json|c/\d+)")
"""Files of the list of digests; what else lies there belongs to somebody else."""


class Version:
    """One committed version. Picklable; each process opens the files it reads."""

    def __init__(self, blobs: Blobs, version_id: str) -> None:
        self.blobs, self.id = blobs, version_id
        self.attributes: Mapping[str, Any] = read_attributes(blobs, version_id)
        check_attributes(f"{blobs.location}/{version_id}", self.attributes)
        check_seal(f"{blobs.location}/{version_id}", self.attributes)
        self.shape = shape_of(self.attributes)
        self._shards = ShardReader(blobs, version_id, self.shape)

    def __len__(self) -> int:
        """Return the number of rows, absent ones included."""
        return self.shape.rows

    def __repr__(self) -> str:
        """Return a line."""
        side = self.shape.size
        return f"<Version {self.blobs.location}@{self.id[:12]}: {self.shape.studies} studies, {side} x {side} pixels>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        there = self.rows(status="ok")
        splits = Counter(str(split) or "no split" for split in self.table["split"][there])
        facts = {
            "kind": self.attributes["kind"],
            "made of": self.attributes.get("corpus", {}).get("name", "not stated"),
            "studies": self.shape.studies,
            "samples": ", ".join([str(len(there)), *(f"{name} {n}" for name, n in sorted(splits.items()))]),
            "size": f"{self.shape.size} x {self.shape.size} pixels",
            "digest": self.attributes["digest"],
        }
        return facts_html(f"version {self.id[:12]} of {self.blobs.location}", facts)

    @functools.cached_property
    def table(self) -> "Columns":
        """One array a column, `(N,)` each; see artasyn.data_manifests.store.contract.Row. Raises DamageError."""
        return Columns(self.blobs, self.id, self.digests)

    @functools.cached_property
    def digests(self) -> dict[str, str]:
        """SHA-256 of every shard and table file, by key. Raises DamageError."""
        prefix = f"{self.id}/digests"
        keys = [key for key in self.blobs.keys(prefix) if LISTING.fullmatch(key.removeprefix(f"{prefix}/"))]
        files = {key: self.blobs.read(key) for key in keys}
        found = listing_digest({key.removeprefix(f"{self.id}/"): data for key, data in files.items()})
        if found != self.attributes["listing"]:
            where = f"{self.blobs.location}/{prefix}"
            raise DamageError(where, "the list of digests is damaged", REMEDY)
        names, sums = (read_column(files, f"{prefix}/{column}") for column in ("key", "sha256"))
        return dict(zip(map(str, names), map(str, sums), strict=True))

    def read_checked(self, key: str) -> bytes:
        """Return a whole file of the version. Raises DamageError where it is not what was written, StoreError."""
        return _read_checked(self.blobs, self.id, key, self.digests[key])

    def rows(self, **wanted: object) -> NDArray[np.intp]:
        """Return the rows whose columns equal all `wanted` values, such as status="ok"."""
        chosen = np.ones(len(self), bool)
        for column, value in wanted.items():
            chosen &= self.table[column] == value
        return np.flatnonzero(chosen)

    def read(self, row: int, *, channels: Sequence[str] = CHANNELS) -> NDArray[np.uint8]:
        """Return the channels of one sample, `(C, H, W)`; zeros where it is absent. Raises DamageError."""
        pixels = np.empty((len(channels), self.shape.size, self.shape.size), np.uint8)
        self.read_into_(pixels, row, channels=channels)
        return pixels

    def read_into_(self, pixels: NDArray[np.uint8], row: int, *, channels: Sequence[str]) -> None:
        """Write the channels of one sample into `pixels` `(C, H, W)` in place, as `read` returns them."""
        sample = self._shards.read(row)
        for place, channel in zip(pixels, channels, strict=True):
            place[:] = sample[CHANNELS.index(channel)]


class Columns(Mapping[str, NDArray[Any]]):
    """The table's columns, each read when it is first asked for: few readers need the long records."""

    def __init__(self, blobs: Blobs, version_id: str, digests: Mapping[str, str]) -> None:
        self._blobs, self._id, self._digests = blobs, version_id, digests
        self._names = tuple(name for name, _ in COLUMNS)
        self._read: dict[str, NDArray[Any]] = {}

    def __getitem__(self, name: str) -> NDArray[Any]:
        """Return one column. Raises KeyError for another name, DamageError where a file is not what was written."""
        if name not in self._names:
            raise KeyError(f"no column {name!r} ({did_you_mean(name, self._names)})")
        if name not in self._read:
            self._read[name] = self._decode(f"table/{name}")
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over the names, in the contract's order."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return the number of columns."""
        return len(self._names)

    def _decode(self, path: str) -> NDArray[Any]:
        # zarr takes a chunk that is missing for one of empty values: only the list of digests knows which were written.
        keys = [key for key in self._digests if key.startswith(f"{path}/")]
        return read_column(
            {key: _read_checked(self._blobs, self._id, key, self._digests[key]) for key in keys}, path
        )


def open_version(reference: str) -> Version:
    """Open `STORE`, `STORE@TAG` or `STORE@ID` (any unambiguous prefix of one).

    A bare `STORE` must hold one version only. What is small is compared with its digest. Raises StoreError when there
    is no such version or it follows another contract, DamageError.
    """
    version = Version(*locate(reference))
    version.read_checked("samples/zarr.json")
    return version


def locate(reference: str) -> tuple[Blobs, str]:
    """Return the place and the id of the version that a reference names. Raises StoreError."""
    location, name = split_reference(reference)
    blobs = open_blobs(location)
    return blobs, resolve_id(blobs, name)


def _read_checked(blobs: Blobs, version_id: str, key: str, expected: str) -> bytes:
    where = f"{blobs.location}/{version_id}/{key}"
    try:
        data = blobs.read(f"{version_id}/{key}")
    except FileNotFoundError as error:
        raise DamageError(where, "is missing", REMEDY) from error
    if sha256_hex(data) != expected:
        raise DamageError(where, "differs from what was written", REMEDY)
    return data
