"""Compare a version's files with the digests it was committed with."""

import re
from collections.abc import Iterator

from artasyn.data_manifests.config import digest
from artasyn.data_manifests.errors import DamageError
from artasyn.data_manifests.store.digests import digest_of_files, sha256_hex
from artasyn.data_manifests.store.encoding import encode_digests
from artasyn.data_manifests.store.version import Version

__all__ = ["damaged_files", "restore_digests"]

OURS = re.compile(r"(samples|table)/zarr\.json|samples/c/\d+/0/0/0|table/\w+/(zarr\.json|c/\d+)")
"""Files that have a digest; what else lies beside them belongs to somebody else."""


def damaged_files(version: Version) -> Iterator[tuple[str, str]]:
    """Yield (key, reason) of every shard and table file that differs from its digest, or is missing.

    Raises DamageError when what the version says of itself is damaged: then nothing can be told apart.
    """
    ingredients = version.attributes.get("ingredients")
    if ingredients is not None and digest(ingredients) != version.id:
        where = f"{version.blobs.location}/{version.id}/zarr.json"
        remedy = "remove the version and build it again: it will have the same id"
        raise DamageError(where, "its attributes differ from what was written", remedy)
    if digest_of_files(version.digests) != version.attributes["digest"]:
        raise _damaged_list(version, "try --repair")
    for key, expected in version.digests.items():
        found = _found(version, key)
        if found != expected:
            yield key, "differs from what was written" if found else "is missing"


def restore_digests(version: Version) -> None:
    """Write the list of digests anew from the files themselves, if they are all what was committed.

    Raises DamageError when they are not.
    """
    keys = [key for part in ("samples", "table") for key in version.blobs.keys(f"{version.id}/{part}")]
    names = (key.removeprefix(f"{version.id}/") for key in keys)
    digests = {name: _found(version, name) for name in names if OURS.fullmatch(name)}
    if digest_of_files(digests) != version.attributes["digest"]:
        remedy = "remove the version and build it again: it will have the same id"
        raise _damaged_list(version, remedy, "and other files too")
    for key in list(version.blobs.keys(f"{version.id}/digests")):
        version.blobs.delete(key)
    for name, data in encode_digests(digests).items():
        version.blobs.write(f"{version.id}/{name}", data)


def _found(version: Version, key: str) -> str:
    """Return the SHA-256 of a file as it is now; empty where it is missing."""
    try:
        return sha256_hex(version.blobs.read(f"{version.id}/{key}"))
    except FileNotFoundError:
        return ""


def _damaged_list(version: Version, remedy: str, addition: str = "") -> DamageError:
    where = f"{version.blobs.location}/{version.id}/digests"
    return DamageError(where, f"the list of digests is damaged {addition}".rstrip(), remedy)
