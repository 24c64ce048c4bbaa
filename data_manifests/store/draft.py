"""Write a version so that it can be killed anywhere: shards and journals first, the commit last.

A shard's bytes follow from its inputs alone, so anyone may write it twice without harm. A journal entry, written
after its shard is safe, holds the shard's digest and rows; whoever comes next builds only the shards without one.
Nothing can be opened before the group's `zarr.json` exists, and that is created once, after every shard was read
again and compared with its journal.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from artasyn.data_manifests.config import digest
from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.json_text import parse_json
from artasyn.data_manifests.progress import Progress
from artasyn.data_manifests.store.blobs import Blobs
from artasyn.data_manifests.store.commit import commit_key, keep_copy, seal
from artasyn.data_manifests.store.contract import CONTRACT_VERSION, Row, Shape, shard_key
from artasyn.data_manifests.store.digests import digest_of_files, listing_digest, sha256_hex
from artasyn.data_manifests.store.encoding import encode_digests, encode_layout, encode_table

__all__ = ["Draft"]


class Draft:
    """A version being written; picklable, any number of processes may hold the same one."""

    def __init__(self, blobs: Blobs, version_id: str, shape: Shape) -> None:
        self.blobs, self.id, self.shape = blobs, version_id, shape

    def is_committed(self) -> bool:
        """Tell whether the version can be read already."""
        try:
            self.blobs.read(commit_key(self.id))
        except FileNotFoundError:
            return False
        return True

    def missing_shards(self) -> list[int]:
        """Return the shards without a journal entry."""
        done = set(self.blobs.keys(f"_build/{self.id}"))
        return [k for k in range(self.shape.shards) if self._journal_key(k) not in done]

    def write_shard(self, shard: int, data: bytes, rows: Sequence[Row]) -> None:
        """Write a shard's bytes, then the journal entry with its digest and its rows of the table."""
        if self.is_committed():  # by another process: what is committed is never touched again
            return
        self.blobs.write(f"{self.id}/{shard_key(shard)}", data)
        entry = {"shard": shard, "sha256": sha256_hex(data), "rows": [row.to_dict() for row in rows]}
        self.blobs.write(self._journal_key(shard), json.dumps(entry | {"checksum": digest(entry)}).encode())

    def commit(self, attributes: Mapping[str, Any], *, progress: Progress | None = None) -> str:
        """Check every shard against its journal, make the version readable, return the digest of its contents.

        Raises DamageError naming a shard that differs, or whose journal entry does; the entries of all such shards are
        dropped, so the next run makes them again.
        Raises StoreError naming a shard that was never written.
        """
        digests: dict[str, str] = {}
        try:
            files = encode_table(self._checked_rows(digests, progress), rows=self.shape.rows)
        except FileNotFoundError as error:
            if self.is_committed():  # another process was first, with the same bytes
                return self.settle()
            remedy = (
                "run the same command again; on a cluster every worker must see the store at this same path"
            )
            raise StoreError(f"{self.blobs.location}/{self.id}", "a shard is missing", remedy) from error
        files |= encode_layout(self.shape)
        digests |= {key: sha256_hex(data) for key, data in files.items()}
        content = digest_of_files(digests)
        listing = encode_digests(digests)
        stated = {"contract": CONTRACT_VERSION, "digest": content, "listing": listing_digest(listing)}
        stated |= asdict(self.shape) | dict(attributes)
        if not self.is_committed():
            for key, data in (files | listing).items():
                self.blobs.write(f"{self.id}/{key}", data)
            self.blobs.create(commit_key(self.id), seal(stated))
        return self.settle()

    def settle(self) -> str:
        """Remove what only a build needs and return the digest that was committed. Raises DamageError."""
        attributes = keep_copy(self.blobs, self.id)
        for key in list(self.blobs.keys(f"_build/{self.id}")):
            self.blobs.delete(key)
        for prefix in (f"_build/{self.id}", self.id):
            self.blobs.sweep(prefix)
        return str(attributes["digest"])

    def _checked_rows(self, digests: dict[str, str], progress: Progress | None) -> Iterator[list[Row]]:
        """Yield the rows of each shard once its bytes are what the journal says; note its digest."""
        damaged = []
        for shard in range(self.shape.shards):
            entry = self._sound_entry(shard)
            if entry is None:
                self.blobs.delete(self._journal_key(shard))
                damaged.append(shard)
                continue
            digests[shard_key(shard)] = entry["sha256"]
            yield [Row(**row) for row in entry["rows"]]
            if progress:
                progress(shard + 1, self.shape.shards)
        if damaged:
            where = f"{self.blobs.location}/{self.id}/{shard_key(damaged[0])}"
            others = f", and {len(damaged) - 1} other shards" if len(damaged) > 1 else ""
            remedy = "run the same command again: it makes what is damaged again"
            reason = f"differs from what was written, or its journal entry does{others}"
            raise DamageError(where, reason, remedy, kind="journal")

    def _sound_entry(self, shard: int) -> dict[str, Any] | None:
        """Return the shard's journal entry; None where the entry or the shard is damaged. Raises FileNotFoundError."""
        data = self.blobs.read(self._journal_key(shard))
        try:
            entry: dict[str, Any] = parse_json(data)
            sound = entry.pop("checksum") == digest(entry) and entry["shard"] == shard
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        return entry if sound and self._found(shard) == entry["sha256"] else None

    def _found(self, shard: int) -> str:
        """Return the SHA-256 of the shard as it is now; empty where it is missing."""
        try:
            return sha256_hex(self.blobs.read(f"{self.id}/{shard_key(shard)}"))
        except FileNotFoundError:
            return ""

    def _journal_key(self, shard: int) -> str:
        return f"_build/{self.id}/{shard}.json"
