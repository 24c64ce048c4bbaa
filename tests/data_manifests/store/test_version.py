"""Laws of the store: round trip, nothing readable before the commit, damage is named."""

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
import zarr
from numcodecs.zstd import Zstd
from zarr.buffer.cpu import Buffer
from zarr.storage import MemoryStore

from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs, open_blobs
from artasyn.data_manifests.store.contract import CHANNELS, CONTRACT_VERSION, Row, Shape, lay_out, shard_key
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_layout, encode_shard
from artasyn.data_manifests.store.references import tag_key
from artasyn.data_manifests.store.version import Version, open_version

SHAPE = Shape(studies=5, slots=2, size=16, studies_per_shard=2)


def sample_of(row: int) -> np.ndarray:
    return np.random.default_rng(row).integers(0, 256, (len(CHANNELS), 16, 16), dtype=np.uint8)


def is_present(row: int) -> bool:
    return row not in (3, 8)


def row_of(row: int) -> Row:
    status = "ok" if is_present(row) else "absent"
    return Row(image_id=f"image é {row // 2}.png", study=row // 2, variant=row % 2, status=status)


def write(draft: Draft, shard: int) -> None:
    rows = [s * 2 + v for s in draft.shape.studies_of(shard) for v in range(2)]
    first = shard * draft.shape.rows_per_shard
    data = encode_shard({r - first: sample_of(r) for r in rows if is_present(r)}, draft.shape)
    draft.write_shard(shard, data, [row_of(r) for r in rows])


@pytest.fixture
def draft(tmp_path: Path) -> Draft:
    return Draft(FolderBlobs(str(tmp_path / "store")), "abc123", SHAPE)


@pytest.fixture
def version(draft: Draft) -> Version:
    for shard in draft.missing_shards():
        write(draft, shard)
    draft.commit({"kind": "synthetic"})
    return open_version(draft.blobs.location)


def test_every_sample_and_row_comes_back(version: Version) -> None:
    assert len(version) == SHAPE.rows
    for row in range(SHAPE.rows):
        expected = sample_of(row) if is_present(row) else np.zeros_like(sample_of(row))
        np.testing.assert_array_equal(version.read(row), expected)
        assert Row(
            **{name: values[row : row + 1].tolist()[0] for name, values in version.table.items()}
        ) == row_of(row)
    np.testing.assert_array_equal(version.read(4, channels=("mask", "image")), sample_of(4)[[3, 0]])


def test_plain_zarr_reads_the_same(version: Version) -> None:
    group = zarr.open_group(f"{version.blobs.location}/{version.id}", mode="r")
    np.testing.assert_array_equal(
        group["samples"][:], np.stack([version.read(r) for r in range(len(version))])
    )
    assert sorted(name for name, _ in group.members()) == ["digests", "samples", "table"]


@pytest.mark.parametrize("level", [-1, 3, 19])
def test_samples_packed_at_any_level_are_read(
    draft: Draft, level: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("artasyn.data_manifests.store.encoding._ZSTD", Zstd(level, checksum=True))
    samples = {row: sample_of(row) // 64 for row in range(4)}
    draft.write_shard(0, encode_shard(samples, SHAPE), [row_of(row) for row in samples])
    for shard in draft.missing_shards():
        write(draft, shard)
    draft.commit({"kind": "synthetic"})
    version = open_version(draft.blobs.location)
    assert all(np.array_equal(version.read(row), samples[row]) for row in samples)


@pytest.mark.parametrize("present", [(0, 1, 2, 3), (2, 1), (3,)])
def test_a_shard_holds_the_bytes_that_zarr_writes(present: tuple[int, ...]) -> None:
    shape = Shape(studies=2, slots=2, size=16, studies_per_shard=2)
    samples = {row: sample_of(row) for row in present}
    samples[0] = np.zeros_like(sample_of(0))  # zarr writes none that is empty
    memory = MemoryStore({key: Buffer.from_bytes(data) for key, data in encode_layout(shape).items()})
    array = zarr.open_array(memory, path="samples", mode="r+")
    array[:] = np.stack([samples.get(row, np.zeros_like(sample_of(row))) for row in range(4)])
    assert encode_shard(samples, shape) == memory._store_dict[shard_key(0)].to_bytes()


def test_a_pickled_version_reads_the_same(version: Version) -> None:
    version.read(0)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(version)).read(0), version.read(0))


def test_nothing_can_be_opened_before_the_commit(draft: Draft) -> None:
    for shard in draft.missing_shards():
        write(draft, shard)
        with pytest.raises(StoreError, match="holds no version"):
            open_version(draft.blobs.location)
    assert not draft.is_committed()
    draft.commit({"kind": "synthetic"})
    assert draft.is_committed()


def test_order_and_repetition_do_not_change_the_digest(tmp_path: Path) -> None:
    digests = set()
    for name, order in (("a", [0, 1, 2]), ("b", [2, 0, 2, 1, 0])):
        draft = Draft(FolderBlobs(str(tmp_path / name)), "abc123", SHAPE)
        for shard in order:
            write(draft, shard)
        digests.add(draft.commit({"kind": "synthetic"}))
    assert len(digests) == 1


def test_missing_shards_are_those_without_a_journal_entry(draft: Draft) -> None:
    assert draft.missing_shards() == [0, 1, 2]
    write(draft, 1)
    assert draft.missing_shards() == [0, 2]


def test_commit_refuses_a_shard_that_changed_and_the_next_run_mends_it(draft: Draft) -> None:
    for shard in draft.missing_shards():
        write(draft, shard)
    flip(Path(draft.blobs.location) / draft.id / shard_key(1), 5)
    with pytest.raises(DamageError, match=r"samples/c/1/0/0/0: differs.*run the same command again"):
        draft.commit({"kind": "synthetic"})
    assert draft.missing_shards() == [1]
    write(draft, 1)
    draft.commit({"kind": "synthetic"})
    np.testing.assert_array_equal(open_version(draft.blobs.location).read(4), sample_of(4))


@pytest.mark.parametrize("place", ["first sample", "index"])
def test_a_flipped_byte_makes_the_reader_raise(version: Version, place: str) -> None:
    flip(Path(version.blobs.location) / version.id / shard_key(0), 40 if place == "first sample" else -20)
    with pytest.raises(DamageError, match="samples/c/0/0/0/0"):
        Version(version.blobs, version.id).read(0)


def flip(path: Path, position: int) -> None:
    data = bytearray(path.read_bytes())
    data[position] ^= 0x10
    path.write_bytes(bytes(data))


def test_a_version_of_the_first_contract_is_refused_with_the_remedy(version: Version) -> None:
    path = Path(version.blobs.location) / version.id / "zarr.json"
    path.write_text(path.read_text().replace(f'"contract": {CONTRACT_VERSION}', '"contract": 1'))
    with pytest.raises(StoreError, match=r"follows store contract 1 .*build it again"):
        open_version(version.blobs.location)


def test_another_contract_is_refused_by_name(version: Version) -> None:
    path = Path(version.blobs.location) / version.id / "zarr.json"
    path.write_text(path.read_text().replace(f'"contract": {CONTRACT_VERSION}', '"contract": 99'))
    with pytest.raises(StoreError, match="follows store contract 99"):
        open_version(version.blobs.location)


def test_references_are_resolved_or_refused(version: Version) -> None:
    store = version.blobs.location
    version.blobs.create("tags/first.json", b'{"version": "abc123"}')
    assert open_version(f"{store}@first").id == open_version(f"{store}@abc").id == "abc123"
    with pytest.raises(StoreError, match=r"no version or tag `other`.*store@first \(synthetic\)"):
        open_version(f"{store}@other")
    with pytest.raises(StoreError, match=r"holds no version \(there is no such folder"):
        open_version(f"{store}/nowhere")
    with pytest.raises(StoreError, match=rf"did you mean `{store}`"):
        open_version(store[:-1])


def test_create_only_writes_keep_the_first_value(tmp_path: Path) -> None:
    for blobs in (open_blobs(str(tmp_path)), open_blobs("memory:///x")):
        assert blobs.create("a/b", b"first")
        assert not blobs.create("a/b", b"second")
        blobs.write("a/c", b"0123456789")
        assert (blobs.read("a/b"), list(blobs.keys("a"))) == (b"first", ["a/b", "a/c"])
        assert (blobs.read_range("a/c", 2, 3), blobs.read_range("a/c", -4, 4)) == (b"234", b"6789")
        assert list(blobs.folders_with("b")) == ["a/b"]
        blobs.delete("a/b")
        with pytest.raises(FileNotFoundError):
            blobs.read("a/b")


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StoreError, match=r"file/a.*cannot be written.*check the path"):
        FolderBlobs(str(tmp_path / "file")).write("a", b"")


def test_shards_hold_whole_studies() -> None:
    shape = lay_out(1000, slots=3, size=256)
    assert (shape.rows_per_shard, shape.shards) == (255, 12)
    assert [s for k in range(shape.shards) for s in shape.studies_of(k)] == list(range(1000))


def test_of_several_versions_each_is_told_with_its_name_and_kind(tmp_path: Path) -> None:
    blobs = FolderBlobs(str(tmp_path / "store"))
    for version_id, kind in (("a" * 64, "synthetic"), ("b" * 64, "evaluation")):
        draft = Draft(blobs, version_id, SHAPE)
        for shard in draft.missing_shards():
            write(draft, shard)
        draft.commit({"kind": kind})
    blobs.create(tag_key("v1"), json.dumps({"version": "a" * 64}).encode())
    names = [f"{blobs.location}@v1", f"{blobs.location}@{'b' * 12}"]
    with pytest.raises(StoreError, match="holds 2 versions that fit") as caught:
        open_version(blobs.location)
    assert f"(name one: {names[0]} (synthetic), {names[1]} (evaluation))" in str(caught.value)
    assert [open_version(name).attributes["kind"] for name in names] == ["synthetic", "evaluation"]
    blobs.write(f"{'b' * 64}/zarr.json", b"{}")
    with pytest.raises(StoreError, match=r"no version or tag `c` .*@v1 .synthetic., .*@b{12} .damaged."):
        open_version(f"{blobs.location}@c")
