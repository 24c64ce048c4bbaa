"""Attack by time: building, training and scoring again and again takes no more memory, files or processes."""

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil

from benchmarks.drills.bench import SIZE, Bench

__all__ = ["rounds"]

WARM = 3
"""Rounds after which all libraries are loaded and their pools are filled."""
GROWTH_MIB = 1.0
"""Of memory, a round: what the allocator may keep."""


def rounds(bench: Bench) -> Iterator[str]:
    """Compare each round with the first ones."""
    for _ in range(WARM):
        _round(bench)
    before = _held()
    for number in bench.tries(20):
        yield _round(bench) or _grown(before, _held(), rounds=number + 1)


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
        "temporary files": len(list(Path(tempfile.gettempdir()).iterdir())),
    }


def _grown(before: dict[str, float], now: dict[str, float], *, rounds: int) -> str:
    allowed = {"MiB of memory": 20 + GROWTH_MIB * rounds}
    more = {name: now[name] - before[name] for name in before}
    return ", ".join(f"{more[name]:.0f} more {name}" for name in more if more[name] > allowed.get(name, 0))
