"""Open an immutable version of a store for reading."""

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_manifests.blobs import Blobs, open_blobs
from data_manifests.contract import CHANNELS, COLUMNS, check_attributes, shape_of
from data_manifests.encoding import read_column
from data_manifests.errors import DamageError, StoreError
from data_manifests.shards import ShardReader

__all__ = [
    "Columns",
    "Version",
    "list_drafts",
    "list_tags",
    "list_versions",
    "open_version",
    "read_attributes",
    "read_tag",
    "remove_draft",
    "remove_version",
    "tag_key",
]

SHORT_ID = 12
"""Leading digits of an id that messages show; any unambiguous prefix is accepted."""


VERSION_ID = re.compile(r"[0-9a-f]{64}")
"""What else lies beside the versions belongs to somebody else."""


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
        """One array a column, `(N,)` each; see data_manifests.contract.Row. Raises DamageError."""
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
    location, name = _split(reference)
    blobs = open_blobs(location)
    return Version(blobs, _resolve(blobs, name))


def list_versions(blobs: Blobs) -> list[str]:
    """Return the ids of all committed versions, sorted."""
    return [key.removesuffix("/zarr.json") for key in blobs.folders_with("zarr.json")]


def list_tags(blobs: Blobs) -> dict[str, str]:
    """Return the version id of every tag."""
    keys = blobs.keys("tags")
    tags = (key.removeprefix("tags/").removesuffix(".json") for key in keys)
    return {tag: read_tag(blobs, tag) for tag in tags}


def tag_key(tag: str) -> str:
    """Return where a tag lies in its store."""
    return f"tags/{tag}.json"


def read_tag(blobs: Blobs, tag: str) -> str:
    """Return the version id that a tag names. Raises FileNotFoundError where there is none, DamageError."""
    key = tag_key(tag)
    try:
        return str(json.loads(blobs.read(key))["version"])
    except (ValueError, KeyError, TypeError) as error:
        remedy = "delete this file and tag the version again by the command that built it"
        raise DamageError(f"{blobs.location}/{key}", "is damaged: it names no version", remedy) from error


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


def _split(reference: str) -> tuple[str, str]:
    location, at, name = reference.rpartition("@")
    return (location, name) if at and location and "/" not in name else (reference, "")


def _resolve(blobs: Blobs, name: str) -> str:
    """Return the id of a tag, of a prefix of an id, or, for an empty name, of the only version."""
    versions, tags = list_versions(blobs), list_tags(blobs)
    matches = [tags[name]] if name in tags else [v for v in versions if v.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    labels = {
        v: "".join(f" ({tag})" for tag, target in sorted(tags.items()) if target == v) for v in versions
    }
    known = ", ".join(v[:SHORT_ID] + labels[v] for v in versions) or "none"
    if not versions:
        raise StoreError(
            blobs.location, "holds no committed version", "build one with `artasyn-synth build` or `ingest`"
        )
    reason = f"has no version or tag `{name}`" if not matches else f"holds {len(matches)} versions that fit"
    raise StoreError(blobs.location, reason, f"name one as STORE@ID or STORE@TAG; it holds {known}")


def remove_version(version: Version) -> None:
    """Delete a version with its tags and card. Killed half-way, the same call goes on, or the version is a draft.

    The tags go first, lest one names nothing; then the commit, so that no reader meets a part of the version.
    """
    blobs = version.blobs
    for tag, target in list_tags(blobs).items():
        if target == version.id:
            blobs.delete(tag_key(tag))
    blobs.delete(f"{version.id}/zarr.json")
    remove_draft(blobs, version.id)


def list_drafts(blobs: Blobs) -> list[str]:
    """Return the ids of builds that were begun and neither committed nor removed, sorted."""
    journals = {key.split("/")[1] for key in blobs.keys("_build")}
    begun = {name for name in {*blobs.folders(), *journals} if VERSION_ID.fullmatch(name)}
    return sorted(begun - set(list_versions(blobs)))


def remove_draft(blobs: Blobs, version_id: str) -> None:
    """Delete every file of a version that is not, or no longer, committed. Raises StoreError for another folder."""
    if not VERSION_ID.fullmatch(version_id):
        raise StoreError(f"{blobs.location}/{version_id}", "is no build of a version: nothing is removed")
    for prefix in (f"_build/{version_id}", f"cards/{version_id}", version_id):
        for key in list(blobs.keys(prefix)):
            blobs.delete(key)
        blobs.sweep(prefix)
