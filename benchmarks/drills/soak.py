"""Attack by time: building, training and scoring again and again takes no more memory, files or processes.

    python -m benchmarks.drills.soak [--rounds 50]

prints what one process holds more of than after its first rounds.
"""

import argparse
import contextlib
import gc
import os
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import psutil

from benchmarks.drills.bench import SIZE, Bench

__all__ = ["main", "rounds"]

WARM = 3
"""Rounds after which all libraries are loaded and their pools are filled."""
GROWTH_MIB = 1.0
"""Of memory, a round: what the allocator may keep."""
TOLD_EVERY = 10
"""Rounds between two lines of what is printed."""


def rounds(bench: Bench) -> Iterator[str]:
    """Compare each round with the first ones."""
    with _own_temporary_folder(bench):
        before = _warm(bench)
        for number in bench.tries(20):
            yield _round(bench) or _too_much(_growth(before), rounds=number + 1)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    number = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as scratch:
        bench = Bench(Path(scratch), random.Random(0))
        with _own_temporary_folder(bench):
            before = _warm(bench)
            print("after the first rounds:", _told(before), flush=True)
            for k in range(1, number + 1):
                fault = _round(bench)
                if fault:
                    raise SystemExit(fault)
                if k % TOLD_EVERY == 0 or k == number:
                    print(f"{k} rounds later, more:", _told(_growth(before)), flush=True)


@contextlib.contextmanager
def _own_temporary_folder(bench: Bench) -> Iterator[None]:
    """Count no file of other programs."""
    folder = bench.folder()
    folder.mkdir()
    with (
        mock.patch.object(tempfile, "tempdir", str(folder)),
        mock.patch.dict(os.environ, {"TMPDIR": str(folder)}),
    ):
        yield


def _warm(bench: Bench) -> dict[str, float]:
    for _ in range(WARM):
        fault = _round(bench)
        if fault:
            raise SystemExit(fault)
    return _held()


def _round(bench: Bench) -> str:
    store, run, report = bench.folder(), bench.folder(), bench.folder()
    lines = (
        ("synth", "build", "phantom:4", store, "--size", SIZE, "--workers", "0"),
        ("train", *bench.fit(run, store=store)),
        ("eval", "score", run, bench.evaluation, "--report", report, "--resamples", "100", "--allow-leak"),
    )
    for line in lines:
        code, said = bench.call(*line)
        if code:
            return said[-200:]
    return ""


def _held() -> dict[str, float]:
    gc.collect()
    process = psutil.Process()
    return {
        "MiB of memory": process.memory_info().rss / 2**20,
        "open files": process.num_fds(),
        "threads": process.num_threads(),
        "processes": len(process.children(recursive=True)),
        "temporary files": len(list(Path(tempfile.gettempdir()).rglob("*"))),
    }


def _growth(before: dict[str, float]) -> dict[str, float]:
    now = _held()
    return {name: now[name] - before[name] for name in before}


def _too_much(more: dict[str, float], *, rounds: int) -> str:
    allowed = {"MiB of memory": 20 + GROWTH_MIB * rounds}
    return _told({name: value for name, value in more.items() if value > allowed.get(name, 0)})


def _told(values: dict[str, float]) -> str:
    return ", ".join(f"{value:.0f} {name}" for name, value in values.items())


if __name__ == "__main__":
    main()
