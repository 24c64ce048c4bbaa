"""Compare a version's files with the digests it was committed with."""

import hashlib
from collections.abc import Iterator

from data_manifests.draft import digest_of_files
from data_manifests.errors import DamageError
from data_manifests.store import Version

__all__ = ["damaged_files"]


def damaged_files(version: Version) -> Iterator[tuple[str, str]]:
    """Yield (key, reason) of every shard and table file that differs from its digest, or is missing.

    Raises DamageError when the list of digests itself is damaged: then nothing can be told apart.
    """
    if digest_of_files(version.digests) != version.attributes["digest"]:
        where = f"{version.blobs.location}/{version.id}/digests"
        raise DamageError(where, "the list of digests is damaged", "build the version again in a new store")
    for key, expected in version.digests.items():
        try:
            found = hashlib.sha256(version.blobs.read(f"{version.id}/{key}")).hexdigest()
        except FileNotFoundError:
            yield key, "is missing"
            continue
        if found != expected:
            yield key, "differs from what was written"
