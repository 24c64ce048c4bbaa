"""Find versions by tag or id; list and remove them."""

import contextlib
import re
from pathlib import Path

from artasyn.data_manifests.errors import DamageError, StoreError, check_path, did_you_mean
from artasyn.data_manifests.json_text import parse_json
from artasyn.data_manifests.store.blobs import Blobs

__all__ = [
    "TAG",
    "list_drafts",
    "list_tags",
    "list_versions",
    "read_tag",
    "remove_draft",
    "remove_version",
    "resolve_id",
    "split_reference",
    "tag_key",
]

SHORT_ID = 12
"""Leading digits of an id that messages show; any unambiguous prefix is accepted."""


VERSION_ID = re.compile(r"[0-9a-f]{64}")
"""What else lies beside the versions belongs to somebody else; only what has such a name is ever removed."""
READABLE_ID = re.compile(r"[0-9a-f]+")
TAG = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a tag may be."""
TAG_FILE = re.compile(rf"tags/({TAG.pattern})\.json")
"""Systems and people leave other files there: .DS_Store, Thumbs.db, .nfs0001, v1.json.bak."""


def list_versions(blobs: Blobs) -> list[str]:
    """Return the ids of all committed versions, sorted."""
    names = (key.removesuffix("/zarr.json") for key in blobs.folders_with("zarr.json"))
    return [name for name in names if READABLE_ID.fullmatch(name)]


def list_tags(blobs: Blobs) -> dict[str, str]:
    """Return the version id of every tag; "" for a tag whose file is damaged. Raises StoreError."""
    found = (TAG_FILE.fullmatch(key) for key in blobs.keys("tags"))
    return {match[1]: _tag_or_nothing(blobs, match[1]) for match in found if match}


def _tag_or_nothing(blobs: Blobs, tag: str) -> str:
    try:
        return read_tag(blobs, tag)
    except (DamageError, FileNotFoundError):
        return ""


def tag_key(tag: str) -> str:
    """Return where a tag lies in its store."""
    return f"tags/{tag}.json"


def read_tag(blobs: Blobs, tag: str) -> str:
    """Return the version id that a tag names. Raises FileNotFoundError where there is none, DamageError."""
    key = tag_key(tag)
    data = blobs.read(key)
    try:
        return str(parse_json(data)["version"])
    except (ValueError, KeyError, TypeError) as error:
        remedy = "delete this file and tag the version again by the command that built it"
        raise DamageError(f"{blobs.location}/{key}", "is damaged: it names no version", remedy) from error


def split_reference(reference: str) -> tuple[str, str]:
    """Return the location and the name of `STORE@NAME`; the name is empty where there is none."""
    location, at, name = reference.rpartition("@")
    return (location, name) if at and location and "/" not in name else (reference, "")


def resolve_id(blobs: Blobs, name: str) -> str:
    """Return the id of a tag, of a prefix of an id, or, for an empty name, of the only version."""
    if TAG.fullmatch(name):
        with contextlib.suppress(FileNotFoundError):
            return read_tag(blobs, name)
    versions = list_versions(blobs)
    matches = [v for v in versions if v.startswith(name)]
    if len(matches) == 1:
        return matches[0]
    if not versions:
        raise StoreError(blobs.location, "holds no version", _no_version(blobs.location))
    tags = list_tags(blobs)
    known = ", ".join(_described(blobs, version, tags) for version in matches or versions)
    if matches:
        raise StoreError(blobs.location, f"holds {len(matches)} versions that fit", f"name one: {known}")
    reason = f"has no version or tag `{name}`"
    raise StoreError(blobs.location, reason, did_you_mean(name, tags, otherwise=f"it holds {known}"))


def _described(blobs: Blobs, version_id: str, tags: dict[str, str]) -> str:
    """Return how a version is asked for, by its tag where it has one, and what it is for."""
    name = min((tag for tag, target in tags.items() if target == version_id), default=version_id[:SHORT_ID])
    return f"{blobs.location}@{name} ({_kind(blobs, version_id)})"


def _kind(blobs: Blobs, version_id: str) -> str:
    """Return `synthetic` or `evaluation`, or `damaged` where the version does not say."""
    try:
        return str(parse_json(blobs.read(f"{version_id}/zarr.json"))["attributes"]["kind"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return "damaged"


def _no_version(location: str) -> str:
    if "://" in location or Path(location).is_dir():
        return "build one with `artasyn-synth build` or `ingest`"
    return f"there is no such folder; {check_path(location)}"


def remove_version(blobs: Blobs, version_id: str) -> None:
    """Delete a version with its tags and card. Killed half-way, the same call goes on, or the version is a draft.

    The tags go first, lest one names nothing; then the commit, so that no reader meets a part of the version. Raises
    StoreError for another folder.
    """
    _check_ours(blobs, version_id)
    for tag, target in list_tags(blobs).items():
        if target == version_id:
            blobs.delete(tag_key(tag))
    blobs.delete(f"{version_id}/zarr.json")
    remove_draft(blobs, version_id)


def list_drafts(blobs: Blobs) -> list[str]:
    """Return the ids of builds that were begun and neither committed nor removed, sorted."""
    journals = {key.split("/")[1] for key in blobs.keys("_build")}
    begun = {name for name in {*blobs.folders(), *journals} if VERSION_ID.fullmatch(name)}
    return sorted(begun - set(list_versions(blobs)))


def remove_draft(blobs: Blobs, version_id: str) -> None:
    """Delete every file of a version that is not, or no longer, committed. Raises StoreError for another folder."""
    _check_ours(blobs, version_id)
    for prefix in (f"_build/{version_id}", f"cards/{version_id}", version_id):
        for key in list(blobs.keys(prefix)):
            blobs.delete(key)
        blobs.sweep(prefix)


def _check_ours(blobs: Blobs, version_id: str) -> None:
    if not VERSION_ID.fullmatch(version_id):
        raise StoreError(f"{blobs.location}/{version_id}", "is no build of a version: nothing is removed")
