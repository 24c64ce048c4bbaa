"""Laws of damage: nothing lost reads as empty, what is not damaged is not called so, foreign files harm nothing."""

import errno
import os
import random
from pathlib import Path

import numpy as np
import pytest

from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.commit import restore_attributes
from artasyn.data_manifests.store.contract import CHANNELS, COLUMNS, Row, Shape
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_shard
from artasyn.data_manifests.store.references import list_tags, list_versions
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import Version, open_version

SHAPE = Shape(studies=4, slots=1, size=16, studies_per_shard=2)
ID = "abc123".ljust(64, "0")


def fill(draft: Draft) -> None:
    for shard in draft.missing_shards():
        studies = list(SHAPE.studies_of(shard))
        samples = {
            place: np.random.default_rng(study).integers(0, 256, (len(CHANNELS), 16, 16), np.uint8)
            for place, study in enumerate(studies)
        }
        rows = [
            Row(
                image_id=f"{study}",
                study=study,
                variant=1,
                status="ok",
                reason="x",
                split="val",
                patient="p",
                quality=1.0,
                pixels_sha256="a",
                perceptual_hash="b",
                has_mask=True,
                has_lungs=True,
            )
            for study in studies
        ]
        draft.write_shard(shard, encode_shard(samples, SHAPE), rows)


@pytest.fixture
def version(tmp_path: Path) -> Version:
    draft = Draft(FolderBlobs(str(tmp_path / "store")), ID, SHAPE)
    fill(draft)
    draft.commit({"kind": "synthetic", "seed": 0})
    return open_version(draft.blobs.location)


def folder(version: Version) -> Path:
    return Path(version.blobs.location) / version.id


def test_a_missing_chunk_of_any_column_raises(version: Version) -> None:
    for name, _ in COLUMNS:
        chunk = folder(version) / "table" / name / "c" / "0"
        if not chunk.exists():  # a column of empty values has none
            continue
        data = chunk.read_bytes()
        chunk.unlink()
        with pytest.raises(DamageError, match=f"table/{name}/c/0: is missing"):
            open_version(version.blobs.location).table[name]
        chunk.write_bytes(data)


def test_a_mutated_byte_of_any_small_file_is_damage_or_changes_nothing(version: Version) -> None:
    expected = {name: values.tolist() for name, values in version.table.items()}
    rng = random.Random(0)
    files = [
        path for path in sorted(folder(version).rglob("*")) if path.is_file() and "samples/c" not in str(path)
    ]
    for path in files:
        sound = path.read_bytes()
        for _ in range(4):
            harmed = bytearray(sound)
            harmed[rng.randrange(len(sound))] ^= 1 << rng.randrange(8)
            path.write_bytes(bytes(harmed))
            try:
                opened = open_version(version.blobs.location)
                assert {name: values.tolist() for name, values in opened.table.items()} == expected
                assert path.name == "zarr.json"  # of a group: no column is read from it
            except StoreError:
                pass
            path.write_bytes(sound)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"kind": "synthetic"', '"kind": "evaluation"'),
        ('"slots": 1', '"slots": 2'),
        ('"size": 16', '"size": 8'),
        ('"seed": 0', '"seed": 1'),
        ('"contract": ', '"contract": 9'),
        ("{", "["),
    ],
)
def test_changed_attributes_are_damage_and_restored_to_the_same_bytes(
    version: Version, old: str, new: str
) -> None:
    path = folder(version) / "zarr.json"
    sound = path.read_text()
    assert old in sound
    path.write_text(sound.replace(old, new, 1))
    with pytest.raises(StoreError):
        open_version(version.blobs.location)
    assert restore_attributes(version.blobs, version.id)
    assert path.read_text() == sound
    assert not list(damaged_files(open_version(version.blobs.location)))


def test_a_damaged_copy_restores_nothing(version: Version) -> None:
    copy = Path(version.blobs.location) / "cards" / version.id / "attributes.json"
    copy.write_text(copy.read_text().replace('"seed": 0', '"seed": 1'))
    assert not restore_attributes(version.blobs, version.id)
    copy.unlink()
    assert not restore_attributes(version.blobs, version.id)


def test_foreign_files_and_damaged_tags_close_nothing_else(version: Version) -> None:
    store = Path(version.blobs.location)
    (store / "tags").mkdir()
    (store / "tags" / "first.json").write_text(f'{{"version": "{version.id}"}}')
    for name in (".DS_Store", "Thumbs.db", ".nfs0001", "first.json.bak", "._first.json", "first (copy).json"):
        (store / "tags" / name).write_bytes(b"\0")
        (folder(version) / "table" / name).write_bytes(b"\0")
    (store / "tags" / "broken.json").write_text("{")
    (store / "other.zarr").mkdir()
    (store / "other.zarr" / "zarr.json").write_text("{}")
    assert list_versions(version.blobs) == [version.id]
    assert list_tags(version.blobs) == {"first": version.id, "broken": ""}
    for reference in (store, f"{store}@first", f"{store}@{version.id[:8]}"):
        assert not list(damaged_files(open_version(str(reference))))
    with pytest.raises(DamageError, match=r"broken.json: is damaged"):
        open_version(f"{store}@broken")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO])
def test_a_refused_read_is_not_called_damage(
    version: Version, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(path: object, *_: object) -> None:
        raise OSError(number, os.strerror(number), str(path))

    remedy = "permissions" if number == errno.EACCES else "try again"
    fresh = open_version(version.blobs.location)
    (Path(version.blobs.location) / "tags").mkdir()
    (Path(version.blobs.location) / "tags" / "first.json").write_text("{}")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(os, "open", refuse)
    for read in (
        lambda: fresh.read(0),
        lambda: fresh.table["label"],
        lambda: open_version(version.blobs.location),
        lambda: open_version(f"{version.blobs.location}@first"),
        lambda: list(damaged_files(fresh)),
    ):
        with pytest.raises(StoreError, match=remedy) as caught:
            read()
        assert not isinstance(caught.value, DamageError)


def test_a_flipped_bit_anywhere_in_a_journal_entry_is_made_again(tmp_path: Path) -> None:
    draft = Draft(FolderBlobs(str(tmp_path / "sound")), ID, SHAPE)
    fill(draft)
    expected = draft.commit({"kind": "synthetic"})
    draft = Draft(FolderBlobs(str(tmp_path / "store")), ID, SHAPE)
    fill(draft)
    path = tmp_path / "store" / "_build" / ID / "1.json"
    sound, rng = path.read_bytes(), random.Random(0)
    for _ in range(60):
        harmed = bytearray(sound)
        harmed[rng.randrange(len(sound))] ^= 1 << rng.randrange(8)
        path.write_bytes(bytes(harmed))
        with pytest.raises(DamageError, match=r"its journal entry does \(run the same command again"):
            draft.commit({"kind": "synthetic"})
        assert draft.missing_shards() == [1]
        path.parent.mkdir(exist_ok=True)
    fill(draft)
    assert draft.commit({"kind": "synthetic"}) == expected
