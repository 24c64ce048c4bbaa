"""Write a version so that it can be killed anywhere: shards and journals first, the commit last.

A shard's bytes follow from its inputs alone, so anyone may write it twice without harm. A journal entry, written
after its shard is safe, holds the shard's digest and rows; whoever comes next builds only the shards without one.
Nothing can be opened before the group's `zarr.json` exists, and that is created once, after every shard was read
again and compared with its journal.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from data_manifests.blobs import Blobs
from data_manifests.contract import CONTRACT_VERSION, Row, Shape, shard_key
from data_manifests.encoding import encode_metadata
from data_manifests.errors import DamageError

__all__ = ["Draft", "digest_of_files"]


class Draft:
    """A version being written; picklable, any number of processes may hold the same one."""

    def __init__(self, blobs: Blobs, version_id: str, shape: Shape) -> None:
        self.blobs, self.id, self.shape = blobs, version_id, shape

    def is_committed(self) -> bool:
        """Tell whether the version can be read already."""
        try:
            self.blobs.read(f"{self.id}/zarr.json")
        except FileNotFoundError:
            return False
        return True

    def missing_shards(self) -> list[int]:
        """Return the shards without a journal entry."""
        done = set(self.blobs.keys(f"_build/{self.id}"))
        return [k for k in range(self.shape.shards) if self._journal_key(k) not in done]

    def write_shard(self, shard: int, data: bytes, rows: Sequence[Row]) -> None:
        """Write a shard's bytes, then the journal entry with its digest and its rows of the table."""
        self.blobs.write(f"{self.id}/{shard_key(shard)}", data)
        entry = {"sha256": hashlib.sha256(data).hexdigest(), "rows": [row.to_dict() for row in rows]}
        self.blobs.write(self._journal_key(shard), json.dumps(entry).encode())

    def commit(self, attributes: Mapping[str, Any]) -> str:
        """Check every shard against its journal, make the version readable, return the digest of its contents.

        Raises DamageError naming a shard that differs; its journal entry is dropped, so the next run rebuilds it.
        """
        try:
            rows, digests = self._gather()
        except FileNotFoundError:
            if not self.is_committed():
                raise
            return self._settle()  # another process was first, with the same bytes
        files = encode_metadata(rows, self.shape, {}, {})
        digests |= {
            key: hashlib.sha256(data).hexdigest() for key, data in files.items() if key.startswith("table/")
        }
        content = digest_of_files(digests)
        stated = {"contract": CONTRACT_VERSION, "digest": content} | asdict(self.shape) | dict(attributes)
        files = encode_metadata(rows, self.shape, digests, stated)
        for key, data in files.items():
            if key != "zarr.json":
                self.blobs.write(f"{self.id}/{key}", data)
        self.blobs.create(f"{self.id}/zarr.json", files["zarr.json"])
        return self._settle()

    def _settle(self) -> str:
        """Remove the journal, which the committed version holds, and return the digest that was committed."""
        for key in list(self.blobs.keys(f"_build/{self.id}")):
            self.blobs.delete(key)
        return str(json.loads(self.blobs.read(f"{self.id}/zarr.json"))["attributes"]["digest"])

    def _gather(self) -> tuple[list[Row], dict[str, str]]:
        rows: list[Row] = []
        digests = {}
        for shard in range(self.shape.shards):
            entry = json.loads(self.blobs.read(self._journal_key(shard)))
            self._check(shard, entry["sha256"])
            digests[shard_key(shard)] = entry["sha256"]
            rows += [Row(**row) for row in entry["rows"]]
        return rows, digests

    def _check(self, shard: int, expected: str) -> None:
        key = f"{self.id}/{shard_key(shard)}"
        try:
            found = hashlib.sha256(self.blobs.read(key)).hexdigest()
        except FileNotFoundError:
            found = "nothing"
        if found != expected:
            self.blobs.delete(self._journal_key(shard))
            where = f"{self.blobs.location}/{key}"
            raise DamageError(
                where, "differs from what was written", "run the same command again: it rebuilds this shard"
            )

    def _journal_key(self, shard: int) -> str:
        return f"_build/{self.id}/{shard}.json"


def digest_of_files(digests: Mapping[str, str]) -> str:
    """Return one SHA-256 over the keys and digests of all files, independent of their order."""
    lines = "".join(f"{digests[key]}  {key}\n" for key in sorted(digests))
    return hashlib.sha256(lines.encode()).hexdigest()
