"""SHA-256 of a version's files, and one over them all."""

import hashlib
from collections.abc import Mapping

__all__ = ["digest_of_files", "listing_digest", "sha256_hex"]


def sha256_hex(data: bytes) -> str:
    """Return the SHA-256 as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def digest_of_files(digests: Mapping[str, str]) -> str:
    """Return one SHA-256 over the keys and digests of all files, independent of their order."""
    lines = "".join(f"{digests[key]}  {key}\n" for key in sorted(digests))
    return sha256_hex(lines.encode())


def listing_digest(files: Mapping[str, bytes]) -> str:
    """Return one SHA-256 over the files of the list of digests."""
    return digest_of_files({key: sha256_hex(data) for key, data in files.items()})
