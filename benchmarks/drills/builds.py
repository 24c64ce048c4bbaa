"""Attacks on a build: it ends with the digest of an undisturbed one, or says in a sentence why not."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from artasyn.data_manifests.errors import DamageError, StoreError
from artasyn.data_manifests.store.blobs import FolderBlobs
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import open_version
from artasyn.synth.build.shards import build_shards
from benchmarks.drills.bench import SIZE, Bench, flipped, gone

__all__ = ["full_disk", "journal", "killed_coordinator", "killed_worker", "places", "race"]

CORPUS = "phantom:12"


def killed_coordinator(bench: Bench) -> Iterator[str]:
    """Kill the command; no worker stays, readers meet nothing or all, and the same command goes on."""
    for number in bench.tries(20):
        yield _killed(bench, workers=0 if number % 2 else 2, victim="coordinator")


def killed_worker(bench: Bench) -> Iterator[str]:
    """Kill one worker; the build goes on by itself."""
    for _ in bench.tries(10):
        yield _killed(bench, workers=2, victim="worker")


def race(bench: Bench) -> Iterator[str]:
    """Start two builds at once; both succeed."""
    expected = bench.make(bench.plan(CORPUS), bench.folder())
    for _ in bench.tries(5):
        store = bench.folder()
        both = [bench.start("synth", *_line(store, 0)) for _ in range(2)]
        codes = [process.wait() for process in both]
        yield _faults(store, expected) if codes == [0, 0] else f"codes {codes}"


def full_disk(bench: Bench) -> Iterator[str]:
    """Build where some kilobytes are free: a sentence, then the same command goes on. Needs root."""
    disk = bench.folder()
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        return  # not allowed here: the row shows 0 tries
    try:
        expected = bench.make(bench.plan(CORPUS), bench.folder())
        for _ in bench.tries(10):
            yield _filled(bench, disk, expected)
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def journal(bench: Bench) -> Iterator[str]:
    """Flip one bit of an entry of a stopped build: it is made again, to the same digest."""
    plan = bench.plan("phantom:2")
    expected, store = bench.make(plan, bench.folder()), bench.folder()
    draft = plan.draft(FolderBlobs(str(store)))
    for _ in build_shards(plan, draft):
        pass
    for _ in bench.tries(100):
        stopped = bench.copy(store)
        what = flipped(next(stopped.glob("_build/*/0.json")), bench.rng)
        try:
            plan.draft(FolderBlobs(str(stopped))).commit({})
            yield f"committed with {what}"
        except DamageError:
            yield "" if bench.make(plan, stopped) == expected else f"another digest after {what}"
        except (KeyError, TypeError, ValueError) as error:
            yield f"{type(error).__name__} with {what}"
        shutil.rmtree(stopped)


def places(bench: Bench) -> Iterator[str]:
    """Build the same folder, broken files included, from two places: one id, one digest."""
    for _ in bench.tries(3):
        radiographs = bench.radiographs()
        (radiographs / "cut.png").write_bytes(
            (radiographs / "p0.png").read_bytes()[: bench.rng.randrange(1, 3000)]
        )
        plans = [bench.plan(radiographs), bench.plan(bench.copy(radiographs))]
        digests = {bench.make(plan, bench.folder()) for plan in plans}
        yield "" if len({plan.version_id for plan in plans} | digests) == 2 else "another id or digest"


def _line(store: Path, workers: int) -> list[str]:
    return ["build", CORPUS, str(store), "--size", str(SIZE), "--workers", str(workers)]


def _killed(bench: Bench, *, workers: int, victim: str) -> str:
    store, plan = bench.folder(), bench.plan(CORPUS)
    expected = bench.make(plan, bench.folder())
    shards, seen = bench.rng.randrange(7), []
    wait = bench.rng.uniform(0, 1.5)

    def ready() -> bool:
        seen.append(_partly_readable(store))
        if len(list(store.glob("_build/*/*.json"))) < shards:
            return False
        time.sleep(wait)
        return True

    process = bench.start("synth", *_line(store, workers))
    started = bench.kill_when(process, ready, workers=victim == "worker")
    if not gone(started):
        return "processes stay"
    if any(seen):
        return "a reader met a part of a version"
    if victim == "worker" and process.returncode:
        return f"code {process.returncode}"
    bench.make(plan, store)
    return _faults(store, expected)


def _partly_readable(store: Path) -> bool:
    try:
        return bool(list(damaged_files(open_version(str(store)))))
    except StoreError as error:
        return "holds no version" not in str(error)


def _faults(store: Path, expected: str) -> str:
    """Return what is wrong with a finished store."""
    version = open_version(str(store))
    if version.attributes["digest"] != expected:
        return "another digest"
    if list(damaged_files(version)):
        return "damaged"
    return "files left behind" if list(store.rglob("*.partial")) or list(store.glob("_build/*")) else ""


def _filled(bench: Bench, disk: Path, expected: str) -> str:
    store, balloon = disk / "store", disk / "balloon"
    shutil.rmtree(store, ignore_errors=True)
    free = shutil.disk_usage(disk).free
    balloon.write_bytes(bytes(free - bench.rng.randrange(20_000, 120_000)))
    code, said = bench.call("synth", *_line(store, 0))
    balloon.unlink()
    if code != 1 or "No space left on device" not in said:
        return f"code {code}: {said[-200:]}"
    code, said = bench.call("synth", *_line(store, 0))
    return _faults(store, expected) if code == 0 else said[-200:]
