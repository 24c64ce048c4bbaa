"""Open the stores to train on, check that they are fit, and list their studies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.near_duplicates import find_leaks
from artasyn.data_manifests.spacing import evenly_spaced
from artasyn.data_manifests.store.version import Version, open_version

__all__ = [
    "Studies",
    "TrainingStore",
    "check_squaring",
    "fingerprints",
    "open_training_stores",
    "spread_studies",
    "squaring_of",
    "usable_rows",
]


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
    duplicates: int = 0
    """Held-out studies that are left out: another store trains on an image that equals theirs, or nearly does."""


def open_training_stores(names: Sequence[str]) -> tuple[TrainingStore, ...]:
    """Open the versions; all must be synthetic, of one size and fit, and have variants in both splits.

    Held-out studies that another of the stores trains on are left out. Raises StoreError saying which of this does
    not hold, and what to do.
    """
    stores = [_open(name) for name in names]
    sizes = {store.version.shape.size for store in stores}
    if len(sizes) > 1:
        raise StoreError(
            ", ".join(names),
            f"hold images of different sizes: {sorted(sizes)} px",
            "build them with one --size",
        )
    for store in stores:
        check_squaring(store.name, store.version, squaring_of(stores[0].version))
    apart = _apart(stores)
    if not any(len(store.held_out) for store in apart):
        reason = "hold out no image that another of them does not train on"
        raise StoreError(", ".join(names), reason, "give each corpus once, or build with one --seed")
    return apart


def squaring_of(version: Version) -> str:
    """Return how the version's images were made square: `squeeze` or `pad`."""
    return str(version.attributes.get("config", {}).get("squaring", "squeeze"))


def check_squaring(name: str, version: Version, wanted: str) -> None:
    """Raise StoreError where the images were made square in another way than those trained on."""
    if squaring_of(version) != wanted:
        reason = f"holds images made square by `{squaring_of(version)}`, those of the training by `{wanted}`"
        raise StoreError(name, reason, f"make it again with --squaring {wanted}", kind="squaring")


def usable_rows(version: Version, split: str = "") -> NDArray[np.intp]:
    """Return the rows that hold an image, of one split or of all."""
    return version.rows(status="ok", split=split) if split else version.rows(status="ok")


def fingerprints(version: Version, *, split: str = "") -> dict[tuple[str, str], bool]:
    """Return `(pixels_sha256, perceptual_hash)` of every usable image, and whether weights learn from it.

    Held-out ones of a training are told too: they have a say in its thresholds.
    """
    table, rows = version.table, usable_rows(version, split)
    synthetic = version.attributes["kind"] == "synthetic"
    columns = (table[name][rows].tolist() for name in ("pixels_sha256", "perceptual_hash", "split"))
    return {
        (str(digest), str(perceptual)): not synthetic or part == "train"
        for digest, perceptual, part in zip(*columns, strict=True)
    }


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


def _apart(stores: Sequence[TrainingStore]) -> tuple[TrainingStore, ...]:
    """Leave out held-out studies that another store trains on: else model selection would see training images."""
    trained = [_pairs(store.version, store.train) for store in stores]
    return tuple(
        _without_duplicates(store, [pair for k, pairs in enumerate(trained) if k != own for pair in pairs])
        for own, store in enumerate(stores)
    )


def _without_duplicates(store: TrainingStore, trained: Sequence[tuple[str, str]]) -> TrainingStore:
    """Leave out the held-out studies whose image is among those trained on elsewhere, or nearly."""
    ours = _pairs(store.version, store.held_out)
    leaks = find_leaks(
        [digest for digest, _ in ours],
        [perceptual for _, perceptual in ours],
        trained_digests=[digest for digest, _ in trained],
        trained_hashes=[perceptual for _, perceptual in trained],
    )
    duplicates = {*leaks.exact.tolist(), *leaks.near.tolist()}
    kept = [i for i in range(len(ours)) if i not in duplicates]
    studies = Studies(
        rows=tuple(store.held_out.rows[i] for i in kept), shards=store.held_out.shards[np.array(kept, int)]
    )
    return replace(store, held_out=studies, duplicates=len(duplicates))


def _pairs(version: Version, studies: Studies) -> list[tuple[str, str]]:
    """Return `(pixels_sha256, perceptual_hash)` of each study's image."""
    first = np.array([rows[0] for rows in studies.rows], np.intp)
    columns = (version.table[name][first].tolist() for name in ("pixels_sha256", "perceptual_hash"))
    return list(zip(*columns, strict=True))


def _studies(version: Version, split: str) -> Studies:
    rows = version.rows(status="ok", split=split).astype(np.int64)
    studies = version.table["study"][rows]
    starts = np.flatnonzero(np.diff(studies, prepend=-1))
    groups = tuple(np.split(rows, starts[1:])) if len(rows) else ()
    first = np.array([group[0] for group in groups], dtype=np.int64)
    return Studies(rows=groups, shards=first // version.shape.rows_per_shard)


def spread_studies(
    sources: Sequence[tuple[Version, Studies]], count: int
) -> Iterator[tuple[Version, NDArray[np.int64]]]:
    """Yield the rows of up to `count` studies, evenly spaced over all sources."""
    places = [(version, rows) for version, studies in sources for rows in studies.rows]
    return (places[i] for i in evenly_spaced(len(places), count))
