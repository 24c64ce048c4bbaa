"""What a run notes of the versions that it learns from, in its `store.json`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import ConfigError, RunError
from artasyn.data_manifests.store.version import Version
from artasyn.train.data.stores import squaring_of

__all__ = ["StoreRecord", "read_records", "record_version"]

LARGEST_SIDE = 2**14
"""Of images that a run takes, in pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRecord:
    """One version; of its place nothing that tells of the machine."""

    name: str
    id: str
    digest: str
    """Of the version's contents."""
    size: int
    """Side of the images, in pixels."""
    squaring: Literal["squeeze", "pad"] = "squeeze"
    unlabelled: bool = False
    """Whether its images alone were learnt from, as the run itself marked them."""

    def __post_init__(self) -> None:
        """Refuse images of no size."""
        if not 1 <= self.size <= LARGEST_SIDE:
            raise ConfigError("size", f"must be 1 to {LARGEST_SIDE}, got {self.size}")


def record_version(name: str, version: Version) -> dict[str, Any]:
    """Return what a run notes of a version it learns from; of `name` only what tells nothing of the machine."""
    return {
        "name": Path(name).name,
        "id": version.id,
        "digest": version.attributes["digest"],
        "size": version.shape.size,
        "squaring": squaring_of(version),
    }


def read_records(path: Path, records: Any) -> list[dict[str, Any]]:
    """Return the records, as JSON values, that the file at `path` holds. Raises RunError where they are not sound."""
    if not isinstance(records, list) or not records:
        raise RunError(path, "is not a list of versions")
    return [_checked(path, record) for record in records]


def _checked(path: Path, record: Any) -> dict[str, Any]:
    try:
        return config_to_dict(config_from_dict(StoreRecord, record, where="version"))
    except (ConfigError, TypeError) as error:
        raise RunError(path, f"does not describe the versions trained on: {error}") from error
