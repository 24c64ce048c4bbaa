"""Attacks on a finished version: what is read is what was written, or an error."""

from collections.abc import Iterator
from pathlib import Path

from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.store.verify import damaged_files
from artasyn.data_manifests.store.version import Version, open_version
from benchmarks.drills.bench import Bench, flipped

__all__ = ["flipped_files", "foreign", "missing"]

FOREIGN = (".DS_Store", "Thumbs.db", ".nfs0001", "v1.json.bak", "._zarr.json", "zarr.json.orig")


def flipped_files(bench: Bench) -> Iterator[str]:
    """Flip one bit of one file, the kinds of files in turn: an error, or the same content as before."""
    expected = _content(open_version(str(bench.store)))
    for number in bench.tries(120):
        store = bench.copy(bench.store)
        path = _kinds(store)[number % len(_kinds(store))]
        yield _silent(store, expected, flipped(path, bench.rng))


def missing(bench: Bench) -> Iterator[str]:
    """Remove one file, the kinds in turn."""
    expected = _content(open_version(str(bench.store)))
    for number in bench.tries(40):
        store = bench.copy(bench.store)
        path = _kinds(store)[number % len(_kinds(store))]
        path.unlink()
        yield _silent(store, expected, f"{path.name} removed")


def foreign(bench: Bench) -> Iterator[str]:
    """Put files of others into every folder: nothing changes, and verify finds nothing."""
    expected = _content(open_version(str(bench.store)))
    for number in bench.tries(6):
        store = bench.copy(bench.store)
        for folder in [store, *(path for path in store.rglob("*") if path.is_dir())]:
            (folder / FOREIGN[number % len(FOREIGN)]).write_bytes(b"\0")
        (store / "other").mkdir()
        (store / "other" / "zarr.json").write_text("{}")
        version = open_version(str(store))
        whole = _content(version) == expected and not list(damaged_files(version))
        yield "" if whole else f"{FOREIGN[number % len(FOREIGN)]} changed what is read"


def _kinds(store: Path) -> list[Path]:
    """Return all files of a version, one kind after the other."""
    return sorted(path for path in store.rglob("*") if path.is_file())


def _content(version: Version) -> tuple[object, ...]:
    table = {name: tuple(map(str, values.tolist())) for name, values in version.table.items()}
    samples = [version.read(int(row)).tobytes() for row in version.rows(status="ok")]
    return (
        tuple(sorted(table.items())),
        tuple(samples),
        version.attributes["kind"],
        version.attributes["digest"],
    )


def _silent(store: Path, expected: tuple[object, ...], what: str) -> str:
    """Return an empty text where the version is refused or reads as before."""
    try:
        return "" if _content(open_version(str(store))) == expected else f"other content: {what}"
    except StoreError:
        return ""
