"""Fault drill: kill -9, races, a full disk, flipped bytes. benchmarks/faults.py is the long one."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.synth.build.plan import Plan
from artasyn.synth.build.provenance import attributes_of
from artasyn.synth.build.shards import build_shards
from artasyn.synth.cli import main
from tests.synth.build.builds import SHARD_PIXELS, SIZE, plan_of

STUDIES, SHARDS = 8, 4
PROGRAM = f"""
import artasyn.data_manifests.store.contract
artasyn.data_manifests.store.contract.SHARD_PIXELS = {SHARD_PIXELS}
if __name__ == "__main__":
    from artasyn.synth.cli import main
    main()
"""
ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 120  # seconds, for a busy machine


def build(plan: Plan, store: Path) -> Version:
    draft = plan.draft(FolderBlobs(str(store)))
    for _ in build_shards(plan, draft):
        pass
    draft.commit(attributes_of(plan, command=["test"], seconds=0))
    return open_version(f"{store}@{plan.version_id}")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Version:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("artasyn.data_manifests.store.contract.SHARD_PIXELS", SHARD_PIXELS)
        return build(plan_of(f"phantom:{STUDIES}"), tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def version(undisturbed: Version, tmp_path: Path) -> Version:
    """Return a copy that may be damaged."""
    store = tmp_path / "store"
    shutil.copytree(undisturbed.blobs.location, store)
    return open_version(str(store))


def start(store: Path, *, workers: int) -> subprocess.Popen[bytes]:
    program = store.parent / "program.py"
    program.write_text(PROGRAM)
    build = ["build", f"phantom:{STUDIES}", str(store), "--size", str(SIZE), "--workers", str(workers)]
    with (store.parent / "output.txt").open("ab") as output:
        return subprocess.Popen(
            [sys.executable, str(program), *build],
            stdout=output,
            stderr=output,
            start_new_session=True,
            env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        )


@contextlib.contextmanager
def started(store: Path, *, workers: int) -> Iterator[subprocess.Popen[bytes]]:
    process = start(store, workers=workers)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def watch(store: Path, process: subprocess.Popen[bytes], *, journals: int) -> None:
    """Wait until so many shards are done; meanwhile no reader may meet a part of a version."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and len(list(store.glob("_build/*/*.json"))) < journals:
        assert time.monotonic() < deadline, (store.parent / "output.txt").read_text()
        check_that_readers_meet_all_or_nothing(store)
        time.sleep(0.02)


def check_that_readers_meet_all_or_nothing(store: Path) -> None:
    try:
        version = open_version(str(store))
    except StoreError as error:
        if "holds no version" not in str(error):
            raise
    else:
        assert list(damaged_files(version)) == []


@pytest.mark.slow
@pytest.mark.parametrize(("workers", "journals"), [(0, 1), (0, 3), (2, 2)])
def test_a_build_killed_at_any_moment_goes_on_to_the_same_digest(
    workers: int, journals: int, undisturbed: Version, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    with started(store, workers=workers) as process:
        watch(store, process, journals=journals)
        process.kill()  # the coordinator alone: its workers must notice
        process.wait()
    kept = {path: path.stat().st_mtime_ns for path in store.glob("_build/*/*.json")}
    assert len(kept) >= journals
    resumed = build(plan_of(f"phantom:{STUDIES}"), store)
    assert resumed.attributes["digest"] == undisturbed.attributes["digest"]
    assert list(damaged_files(resumed)) == []
    assert not list(store.rglob("*.partial"))


@pytest.mark.slow
def test_two_builds_racing_both_succeed_with_one_digest(undisturbed: Version, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with started(store, workers=0) as first, started(store, workers=0) as second:
        watch(store, first, journals=SHARDS + 1)  # until it ends
        assert [first.wait(PATIENCE), second.wait(PATIENCE)] == [0, 0], (tmp_path / "output.txt").read_text()
    raced = open_version(str(store))
    assert raced.attributes["digest"] == undisturbed.attributes["digest"]
    assert list(damaged_files(raced)) == []
    assert not list(store.glob("_build/*"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of one MiB, or skip where this is not allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if not hasattr(os, "geteuid") or os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a small tmpfs needs root")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_named_spares_earlier_versions_and_the_same_command_goes_on(
    small_disk: Path, undisturbed: Version
) -> None:
    earlier = build(plan_of("phantom:2"), small_disk / "store")
    free = shutil.disk_usage(small_disk).free
    (small_disk / "balloon").write_bytes(bytes(max(0, free - 80_000)))
    command = ["build", f"phantom:{STUDIES}", str(small_disk / "store"), "--size", str(SIZE)]
    full = CliRunner().invoke(main, [*command, "--workers", "0"])
    assert full.exit_code == 1
    assert "No space left on device (free space and run the same command again" in full.output
    assert list(damaged_files(earlier)) == []
    (small_disk / "balloon").unlink()
    again = CliRunner().invoke(main, [*command, "--workers", "0"])
    assert again.exit_code == 0, again.output
    later = open_version(f"{small_disk / 'store'}@{plan_of(f'phantom:{STUDIES}').version_id}")
    assert later.attributes["digest"] == undisturbed.attributes["digest"]


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x10
    path.write_bytes(bytes(data))


@pytest.mark.parametrize(
    ("name", "harm"),
    [
        ("samples/c/0/0/0/0", flip),
        (f"samples/c/{SHARDS - 1}/0/0/0", Path.unlink),
        ("samples/zarr.json", flip),
        ("table/record/c/0", flip),
        ("table/zarr.json", Path.unlink),
        ("digests/sha256/c/0", flip),
        ("digests/zarr.json", Path.unlink),
    ],
)
def test_damage_is_named_and_repaired_to_the_same_bytes(
    name: str, harm: Callable[[Path], None], version: Version
) -> None:
    folder = Path(version.blobs.location) / version.id
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    harm(folder / name)
    found = CliRunner().invoke(main, ["verify", version.blobs.location])
    assert found.exit_code == 1
    assert (name if not name.startswith("digests") else "digests") in found.output
    mended = CliRunner().invoke(main, ["verify", version.blobs.location, "--repair"])
    assert mended.exit_code == 0, mended.output
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_flipped_byte_in_any_shard_makes_the_reader_raise(version: Version) -> None:
    for shard in range(SHARDS):
        flip(Path(version.blobs.location) / version.id / f"samples/c/{shard}/0/0/0")
    fresh = Version(version.blobs, version.id)
    for shard in range(SHARDS):
        with pytest.raises(DamageError, match=rf"samples/c/{shard}/0/0/0.*--repair"):  # noqa: PT012
            for row in range(
                shard * version.shape.rows_per_shard, (shard + 1) * version.shape.rows_per_shard
            ):
                fresh.read(row)


def test_attributes_that_were_edited_are_noticed(version: Version) -> None:
    path = Path(version.blobs.location) / version.id / "zarr.json"
    text = path.read_text()
    path.write_text(text.replace('"seed": 0', '"seed": 1'))
    result = CliRunner().invoke(main, ["verify", version.blobs.location])
    assert result.exit_code == 1
    assert "attributes differ from what was written" in result.output


def test_a_repair_from_another_corpus_or_program_is_refused(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    flip(Path(version.blobs.location) / version.id / "samples/c/0/0/0/0")
    monkeypatch.setattr("artasyn.synth.build.plan.program_digest", lambda: "another")
    result = CliRunner().invoke(main, ["verify", version.blobs.location, "--repair"])
    assert result.exit_code == 1
    assert "cannot be rebuilt: code changed since" in result.output


def test_a_version_removed_under_a_reader_is_an_error_not_zeros(version: Version) -> None:
    row = int(version.rows(status="ok")[0])
    version.read(row)
    assert CliRunner().invoke(main, ["rm", version.blobs.location, "--yes"]).exit_code == 0
    with pytest.raises(DamageError, match=r"is missing.*unless the version was removed"):
        version.read(row)
