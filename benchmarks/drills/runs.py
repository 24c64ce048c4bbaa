"""Attacks on run folders: damage is refused, a folder has one owner, a killed training leaves nobody and resumes."""

import time
from collections.abc import Iterator
from pathlib import Path

from artasyn.data_manifests.errors import ArtasynError
from artasyn.train.runs.checkpoint import read_checkpoint
from artasyn.train.runs.run import open_run
from benchmarks.drills.bench import Bench, flipped, gone

__all__ = ["cut", "flipped_files", "killed", "two_owners"]

NEEDED = "config.json", "store.json", "thresholds.json", "digests.json", "checkpoints/best.safetensors"
SHORT, LONG = 12, 60
"""Steps."""


def flipped_files(bench: Bench) -> Iterator[str]:
    """Flip one bit of a file that an evaluation needs."""
    for number in bench.tries(60):
        run = bench.copy(bench.run)
        yield _accepted(run, flipped(run / NEEDED[number % len(NEEDED)], bench.rng))


def cut(bench: Bench) -> Iterator[str]:
    """Cut such a file short, at any place."""
    for number in bench.tries(30):
        run = bench.copy(bench.run)
        path = run / NEEDED[number % len(NEEDED)]
        left = bench.rng.randrange(path.stat().st_size)
        path.write_bytes(path.read_bytes()[:left])
        yield _accepted(run, f"{path.name} of {left} bytes")


def two_owners(bench: Bench) -> Iterator[str]:
    """Start a second training in the folder of a running one: it is refused, the first is not disturbed."""
    assert bench.run.exists()  # the libraries are loaded now, so that the second comes before the first ends
    for _ in bench.tries(4):
        run = bench.folder()
        first = bench.start("train", *bench.fit(run, steps=LONG))
        while first.poll() is None and not (run / "log.csv").exists():
            time.sleep(0.01)
        code, said = bench.call("train", *bench.fit(run, steps=LONG), "--resume")
        refused = code == 1 and "is in use by process" in said
        if first.wait() or not refused:
            yield f"codes {first.returncode} and {code}: {said[-200:]}"
        else:
            yield _differs(bench, run, steps=LONG)


def killed(bench: Bench) -> Iterator[str]:
    """Kill a trainer that has workers: they end, and the same command goes on to the same weights."""
    for _ in bench.tries(6):
        run, moment = bench.folder(), bench.rng.randrange(1, 10)
        process = bench.start("train", *bench.fit(run, steps=SHORT), "--workers", "1")
        log = run / "log.csv"
        started = bench.kill_when(process, lambda log=log, k=moment: log.exists() and _lines(log) > k)
        if not gone(started):
            yield "workers stay"
            continue
        code, said = bench.call("train", *bench.fit(run, steps=SHORT), "--resume")
        yield _differs(bench, run, steps=SHORT) if code == 0 else said[-200:]


def _lines(log: Path) -> int:
    return log.read_bytes().count(b"\n")


def _accepted(run: Path, what: str) -> str:
    try:
        open_run(run)
    except ArtasynError:
        return ""
    return f"opened with {what}"


def _differs(bench: Bench, run: Path, *, steps: int) -> str:
    """Return an empty text where a run has the weights of an undisturbed one."""
    undisturbed = bench.scratch / f"undisturbed{steps}"
    if not undisturbed.exists():
        code, said = bench.call("train", *bench.fit(undisturbed, steps=steps))
        if code:
            raise SystemExit(said)
    (found, _), (expected, _) = (
        read_checkpoint(folder / "checkpoints" / "last.safetensors") for folder in (run, undisturbed)
    )
    same = found.keys() == expected.keys() and all(found[k].equal(expected[k]) for k in expected)
    return "" if same else "other weights than an undisturbed training"
