"""Laws of a store whose disk fails at any one operation: nothing half-made is readable, the next try mends it."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.contract import CHANNELS, Row, Shape
from artasyn.data_manifests.store.draft import Draft
from artasyn.data_manifests.store.encoding import encode_shard
from artasyn.data_manifests.store.local_folder import FolderBlobs
from artasyn.data_manifests.store.references import list_drafts, list_tags, list_versions, remove_version
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import Version, open_version

SHAPE = Shape(studies=4, slots=1, size=16, studies_per_shard=2)
ID = "abc123".ljust(64, "0")
Value = TypeVar("Value")


class Crash(Exception):
    """Stands for kill -9: nobody catches it."""


class FailingBlobs:
    """Values in memory; the operation number `fatal` raises, before or after it took effect."""

    def __init__(self, values: dict[str, bytes], *, fatal: int = -1, late: bool = False) -> None:
        self.location, self.values = "memory", values
        self.fatal, self.late, self.done = fatal, late, 0

    def _do(self, operation: Callable[[], Value]) -> Value:
        number, self.done = self.done, self.done + 1
        if number == self.fatal and not self.late:
            raise Crash
        try:
            return operation()
        finally:
            if number == self.fatal:
                raise Crash

    def read(self, key: str) -> bytes:
        try:
            return self._do(lambda: self.values[key])
        except KeyError:
            raise FileNotFoundError(key) from None

    def read_range(self, key: str, start: int, length: int) -> bytes:
        data = self.read(key)
        first = start if start >= 0 else max(0, len(data) + start)
        return data[first : first + length]

    def write(self, key: str, data: bytes) -> None:
        self._do(lambda: self.values.__setitem__(key, data))

    def create(self, key: str, data: bytes) -> bool:
        return self._do(lambda: self.values.setdefault(key, data) is data)

    def keys(self, prefix: str) -> Iterator[str]:
        yield from sorted(key for key in self.values if key.startswith(f"{prefix}/"))

    def folders(self) -> list[str]:
        return sorted({key.partition("/")[0] for key in self.values})

    def folders_with(self, name: str) -> Iterator[str]:
        yield from (f"{folder}/{name}" for folder in self.folders() if f"{folder}/{name}" in self.values)

    def delete(self, key: str) -> None:
        self._do(lambda: self.values.pop(key, None))

    def sweep(self, prefix: str) -> None:
        assert prefix


@pytest.fixture(scope="module")
def shards() -> list[tuple[bytes, list[Row]]]:
    made = []
    for shard in range(SHAPE.shards):
        studies = list(SHAPE.studies_of(shard))
        samples = {
            place: np.random.default_rng(study).integers(0, 256, (len(CHANNELS), 16, 16), np.uint8)
            for place, study in enumerate(studies)
        }
        rows = [Row(image_id=str(study), study=study, variant=0, status="ok") for study in studies]
        made.append((encode_shard(samples, SHAPE), rows))
    return made


def build(blobs: FailingBlobs, shards: list[tuple[bytes, list[Row]]]) -> str:
    draft = Draft(blobs, ID, SHAPE)
    if draft.is_committed():
        return draft.settle()
    for shard in draft.missing_shards():
        draft.write_shard(shard, *shards[shard])
    return draft.commit({"kind": "synthetic"})


def is_whole_or_absent(values: dict[str, bytes]) -> bool:
    """Tell whether a reader meets a whole version, and return False where there is none; fail on a part."""
    blobs = FailingBlobs(values)
    if not list_versions(blobs):
        with pytest.raises(StoreError, match="is not a committed version"):
            Version(blobs, ID)
        return False
    assert list(damaged_files(Version(blobs, ID))) == []
    return True


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_build_that_crashes_at_any_operation_goes_on_to_the_same_digest(
    late: bool, shards: list[tuple[bytes, list[Row]]]
) -> None:
    undisturbed: dict[str, bytes] = {}
    expected = build(FailingBlobs(undisturbed), shards)
    crashes, readable = 0, []
    for fatal in itertools.count():
        values: dict[str, bytes] = {}
        try:
            build(FailingBlobs(values, fatal=fatal, late=late), shards)
        except Crash:
            crashes += 1
        else:
            break
        readable.append(is_whole_or_absent(values))
        assert build(FailingBlobs(values), shards) == expected
        assert values == undisturbed
    assert crashes > 40  # a build has so many operations; each of them was the last once
    assert readable == sorted(readable)  # readable from one moment on, never before


@pytest.mark.parametrize("late", [False, True], ids=["before", "after"])
def test_a_removal_that_crashes_anywhere_leaves_all_or_nothing_to_read(
    late: bool, shards: list[tuple[bytes, list[Row]]]
) -> None:
    for fatal in itertools.count():
        values: dict[str, bytes] = {}
        expected = build(FailingBlobs(values), shards)
        values["tags/first.json"] = f'{{"version": "{ID}"}}'.encode()
        try:
            failing = FailingBlobs(values, fatal=fatal, late=late)
            remove_version(failing, Version(failing, ID).id)
        except Crash:
            pass
        else:
            break
        if is_whole_or_absent(values):
            remove_version(FailingBlobs(values), ID)
            assert not values
        else:
            assert not list_tags(FailingBlobs(values))
            assert list_drafts(FailingBlobs(values)) == ([ID] if values else [])
            assert build(FailingBlobs(values), shards) == expected
    assert fatal > 10
    assert not values


class OvertakenBlobs(FailingBlobs):
    """Before operation number `fatal`, another builder makes the whole version."""

    def _do(self, operation: Callable[[], Value]) -> Value:
        if self.done == self.fatal:
            build(FailingBlobs(self.values), self.shards)
        self.done += 1
        return operation()

    shards: list[tuple[bytes, list[Row]]]


def test_a_builder_overtaken_at_any_operation_agrees_or_says_what_to_do(
    shards: list[tuple[bytes, list[Row]]],
) -> None:
    expected = build(FailingBlobs({}), shards)
    for moment in itertools.count():
        values: dict[str, bytes] = {}
        slow = OvertakenBlobs(values, fatal=moment)
        slow.shards = shards
        assert build(slow, shards) == expected
        assert is_whole_or_absent(values)
        assert build(FailingBlobs(values), shards) == expected
        if slow.done < moment:
            break


def test_what_killed_writers_left_is_swept_at_the_commit(
    tmp_path: Path, shards: list[tuple[bytes, list[Row]]]
) -> None:
    draft = Draft(FolderBlobs(str(tmp_path)), ID, SHAPE)
    for shard, (data, rows) in enumerate(shards):
        draft.write_shard(shard, data, rows)
    left = [tmp_path / ID / "samples" / ".0.aa.partial", tmp_path / "_build" / ID / ".0.json.bb.partial"]
    for path in left:
        path.write_bytes(b"half")
    draft.commit({"kind": "synthetic"})
    assert not any(path.exists() for path in left)
    assert not (tmp_path / "_build").exists()
    assert list(damaged_files(open_version(str(tmp_path)))) == []


def test_a_writer_puts_its_value_though_its_folder_and_its_temporary_file_vanish(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blobs = FolderBlobs(str(tmp_path))
    replace, swept = Path.replace, []

    def sweep_first(temporary: Path, target: Path) -> Path:
        if not swept:
            swept.append(temporary)
            blobs.sweep("a")  # what another builder's commit does
            assert not (tmp_path / "a").exists()
        return replace(temporary, target)

    monkeypatch.setattr(Path, "replace", sweep_first)
    blobs.write("a/b/c", b"value")
    assert swept
    assert blobs.read("a/b/c") == b"value"
    assert not list(tmp_path.rglob("*.partial"))
