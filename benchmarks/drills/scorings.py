"""Attacks on scorings and predictions: the same report in the end, nobody left, nothing of the user's touched."""

from collections.abc import Iterator
from pathlib import Path

from benchmarks.drills.bench import Bench, flipped, gone

__all__ = ["journal", "killed", "predicted_twice"]


def journal(bench: Bench) -> Iterator[str]:
    """Flip one bit of a finished scoring's journal: the same command measures it again, to the same report."""
    whole = bench.folder()
    bench.call("eval", *_line(bench, whole))
    expected = _report(whole)
    for _ in bench.tries(12):
        folder = bench.copy(whole)
        what = flipped(bench.rng.choice(sorted(folder.rglob("*.npz"))), bench.rng)
        code, said = bench.call("eval", *_line(bench, folder))
        yield "" if code == 0 and _report(folder) == expected else f"code {code} after {what}: {said[-200:]}"


def killed(bench: Bench) -> Iterator[str]:
    """Kill a scoring that has workers: they end, and the same command gives the same report."""
    whole = bench.folder()
    bench.call("eval", *_line(bench, whole))
    expected = _report(whole)
    for _ in bench.tries(4):
        folder = bench.folder()
        process = bench.start("eval", *_line(bench, folder), "--workers", "2")
        started = bench.kill_when(process, lambda p=process: _has_workers(p.pid))
        if not gone(started):
            yield "workers stay"
            continue
        code, said = bench.call("eval", *_line(bench, folder))
        yield "" if code == 0 and _report(folder) == expected else f"code {code}: {said[-200:]}"


def predicted_twice(bench: Bench) -> Iterator[str]:
    """Predict into the folder of the images, twice: no output is taken for an image, no image is touched."""
    for _ in bench.tries(3):
        radiographs = bench.radiographs()
        before = {path.name: path.read_bytes() for path in radiographs.iterdir()}
        codes = [
            bench.call("eval", "predict", bench.run, radiographs, "--out", radiographs) for _ in range(2)
        ]
        rows = (radiographs / "scores.csv").read_text().count("\n") - 1
        untouched = all((radiographs / name).read_bytes() == data for name, data in before.items())
        right = [code for code, _ in codes] == [0, 0] and rows == len(before) and untouched
        yield "" if right else f"{rows} rows, {codes}"


def _line(bench: Bench, folder: Path) -> list[str]:
    line = ["score", bench.run, bench.evaluation, "--report", folder, "--resamples", "100", "--allow-leak"]
    return [str(part) for part in line]


def _report(folder: Path) -> bytes:
    return (folder / "report.json").read_bytes() + (folder / "images.csv").read_bytes()


def _has_workers(process: int) -> bool:
    import psutil

    try:
        return len(psutil.Process(process).children(recursive=True)) > 1
    except psutil.NoSuchProcess:
        return True
