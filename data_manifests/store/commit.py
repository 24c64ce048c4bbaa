"""The group's own file, `zarr.json`: written last, it makes a version readable; what it says carries a checksum.

A copy lies beside the card. Whoever ends the build writes it from the committed file, so that all write the same.
"""

from collections.abc import Mapping
from typing import Any

from artasyn.data_manifests.config import digest
from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.json_text import parse_json
from artasyn.data_manifests.store.blobs import Blobs
from artasyn.data_manifests.store.contract import check_attributes
from artasyn.data_manifests.store.encoding import encode_group

__all__ = ["check_seal", "commit_key", "keep_copy", "read_attributes", "restore_attributes", "seal"]

CHECKSUM = "checksum"
REMEDY = (
    "try `artasyn-synth verify --repair`, or remove the version and build it again: it will have the same id"
)


def commit_key(version_id: str) -> str:
    """Return where the group's own file lies in its store."""
    return f"{version_id}/zarr.json"


def seal(attributes: Mapping[str, Any]) -> bytes:
    """Return the group's own file with these attributes and their checksum."""
    return encode_group({**attributes, CHECKSUM: digest(dict(attributes))})


def check_seal(where: str, attributes: Mapping[str, Any]) -> None:
    """Raise DamageError unless the attributes are those that were written."""
    stated = {key: value for key, value in attributes.items() if key != CHECKSUM}
    if attributes.get(CHECKSUM) != digest(stated):
        raise DamageError(f"{where}/zarr.json", "its attributes differ from what was written", REMEDY)


def read_attributes(blobs: Blobs, version_id: str) -> dict[str, Any]:
    """Return the attributes of a committed version, unchecked. Raises StoreError, DamageError."""
    where = f"{blobs.location}/{version_id}"
    try:
        data = blobs.read(commit_key(version_id))
    except FileNotFoundError as error:
        remedy = "`artasyn-synth versions` lists them"
        raise StoreError(where, "is not a committed version", remedy) from error
    return _attributes(where, data)


def keep_copy(blobs: Blobs, version_id: str) -> dict[str, Any]:
    """Copy the group's own file beside the card; return its attributes. Raises StoreError, DamageError."""
    data = blobs.read(commit_key(version_id))
    where = f"{blobs.location}/{version_id}"
    attributes = _attributes(where, data)
    check_seal(where, attributes)
    try:
        known = blobs.read(_copy_key(version_id))
    except FileNotFoundError:
        known = b""
    if known != data:
        blobs.write(_copy_key(version_id), data)
    return attributes


def restore_attributes(blobs: Blobs, version_id: str) -> bool:
    """Write the group's own file again from its copy; return whether that could be done. Raises StoreError."""
    where = f"{blobs.location}/{version_id}"
    try:
        copy, present = blobs.read(_copy_key(version_id)), blobs.read(commit_key(version_id))
        attributes = _attributes(where, copy)
        check_attributes(where, attributes)
        check_seal(where, attributes)
    except (DamageError, FileNotFoundError):
        return False
    if copy == present:
        return False
    blobs.write(commit_key(version_id), copy)
    return True


def _copy_key(version_id: str) -> str:
    return f"cards/{version_id}/attributes.json"


def _attributes(where: str, data: bytes) -> dict[str, Any]:
    try:
        attributes: dict[str, Any] = parse_json(data)["attributes"]
        attributes.get("contract")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamageError(f"{where}/zarr.json", "is damaged", REMEDY) from error
    return attributes
