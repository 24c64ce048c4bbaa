"""Open the stores to train on, check that they are fit, and list their studies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data_manifests.errors import StoreError
from data_manifests.store import Version, open_version

__all__ = ["Studies", "TrainingStore", "fingerprints", "open_training_stores", "record_version"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Studies:
    """Studies of one split: the rows of each one's variants."""

    rows: tuple[NDArray[np.int64], ...]
    """Rows of the usable variants of each study, at least one each."""
    shards: NDArray[np.int64]
    """`(S,)`: shard that holds each study."""

    def __len__(self) -> int:
        """Return the number of studies."""
        return len(self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingStore:
    """One version to train on, with its studies by split."""

    name: str
    """As the user gave it: STORE or STORE@TAG."""
    version: Version
    train: Studies
    held_out: Studies


def open_training_stores(names: Sequence[str]) -> tuple[TrainingStore, ...]:
    """Open the versions; all must be synthetic, of one image size, and have variants in both splits.

    Raises StoreError saying which of this does not hold, and what to do.
    """
    stores = tuple(_open(name) for name in names)
    sizes = {store.version.shape.size for store in stores}
    if len(sizes) > 1:
        raise StoreError(
            ", ".join(names),
            f"hold images of different sizes: {sorted(sizes)} px",
            "build them with one --size",
        )
    return stores


def record_version(name: str, version: Version) -> dict[str, Any]:
    """Return what a run notes of a version it learns from; of `name` only what tells nothing of the machine."""
    return {
        "name": Path(name).name,
        "id": version.id,
        "digest": version.attributes["digest"],
        "size": version.shape.size,
        "fit": version.attributes.get("config", {}).get("fit", "squeeze"),
    }


def fingerprints(version: Version) -> set[tuple[str, str]]:
    """Return `(pixels_sha256, perceptual_hash)` of every usable image, held-out ones too: all have a say."""
    table, rows = version.table, version.rows(status="ok")
    pairs = zip(table["pixels_sha256"][rows], table["perceptual_hash"][rows], strict=True)
    return {(str(digest), str(perceptual)) for digest, perceptual in pairs}


def _open(name: str) -> TrainingStore:
    version = open_version(name)
    kind = version.attributes.get("kind")
    if kind != "synthetic":
        raise StoreError(
            name,
            f"is of kind `{kind}`: real images to score on, not to train on",
            "train on a store made by `artasyn-synth build`",
        )
    store = TrainingStore(
        name=name, version=version, train=_studies(version, "train"), held_out=_studies(version, "val")
    )
    for split, studies in (("train", store.train), ("val (held-out)", store.held_out)):
        if not len(studies):
            raise StoreError(
                name,
                f"holds no synthetic variant in split {split}",
                "build it from more images; `artasyn-synth info` tells why variants are absent",
            )
    return store


def _studies(version: Version, split: str) -> Studies:
    rows = version.rows(status="ok", split=split).astype(np.int64)
    studies = version.table["study"][rows]
    starts = np.flatnonzero(np.diff(studies, prepend=-1))
    groups = tuple(np.split(rows, starts[1:])) if len(rows) else ()
    first = np.array([group[0] for group in groups], dtype=np.int64)
    return Studies(rows=groups, shards=first // version.shape.rows_per_shard)
