"""Read the same samples from a version and from what people take instead, in turns in one process.

    pip install webdataset litdata
    python -m benchmarks.loader STORE [--samples 256] [--rounds 5] [--work FOLDER]

Contestants: the version's shards; a folder of PNG files; webdataset (tar files of PNG, and of raw arrays), which reads
in order and mixes in a buffer, since it offers no random access; litdata (chunks of raw arrays, its default). All
others read random samples. Of each sample four channels: what the network sees, the normal image, the mask and the
lung field. Warm: the files lie in the system's cache; cold: they were thrown out of it before each turn. Samples per
second of processor time of this process, threads included, and of wall time; medians, and the spread between turns.
"""

import io
import json
import os
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from artasyn.data_manifests.store.version import Version, open_version
from benchmarks.gpu import describe_machine

CHANNELS = ("altered", "image", "outline", "lungs")
BUFFER = 64
"""Samples that webdataset mixes."""
PART_SAMPLES = 64
"""Samples of one tar file, and of one chunk of litdata."""

Sample = NDArray[np.uint8]
Contestant = Callable[[list[int]], Iterator[Sample]]
"""From the wanted rows to their samples, `(4, H, W)` each; in another order where it must."""


@click.command(help=__doc__)
@click.argument("store")
@click.option("--samples", default=256, show_default=True)
@click.option("--rounds", default=5, show_default=True)
@click.option(
    "--work", type=click.Path(path_type=Path), help="A folder on the disk to measure; else a temporary one."
)
def main(store: str, samples: int, rounds: int, work: Path | None) -> None:
    version = open_version(store)
    rows = version.rows(status="ok")[:samples].tolist()
    with tempfile.TemporaryDirectory(dir=work) as folder:
        known = write_all(version, rows, Path(folder))
        files = [path for path in Path(folder).rglob("*") if path.is_file()]
        files += [path for path in Path(version.blobs.location).rglob("*") if path.is_file()]
        sizes = {path.name: sum(p.stat().st_size for p in path.rglob("*") if p.is_file()) // len(rows)
                 for path in sorted(Path(folder).iterdir())}  # fmt: skip
        results = {
            "bytes_a_sample": sizes | {"shards": _packed_bytes(version)},
            "warm": race(known, rows, rounds=rounds, before=lambda: None),
            "cold": race(known, rows, rounds=rounds, before=lambda: forget(files)),
        }
    click.echo(
        json.dumps(
            {"machine": describe_machine(torch.device("cpu")), "side": version.shape.size} | results, indent=1
        )
    )


def write_all(version: Version, rows: list[int], folder: Path) -> dict[str, Contestant]:
    """Write the samples in every form and return how each is read; those not installed are left out."""
    known: dict[str, Contestant] = {"shards": lambda wanted: (_read(version, row) for row in wanted)}
    known["png_folder"] = write_png_folder(version, rows, folder / "png")
    try:
        known["webdataset_png"] = write_tars(version, rows, folder / "tar_png", kind="png")
        known["webdataset_raw"] = write_tars(version, rows, folder / "tar_raw", kind="npy")
    except ImportError:
        click.echo("webdataset is not installed: left out", err=True)
    try:
        known["litdata"] = write_chunks(version, rows, folder / "litdata")
    except ImportError:
        click.echo("litdata is not installed: left out", err=True)
    return known


def race(
    known: dict[str, Contestant], rows: list[int], *, rounds: int, before: Callable[[], None]
) -> dict[str, Any]:
    """Return samples a second, the median of turns taken one after the other, and ratios to the shards."""
    rates: dict[str, list[tuple[float, float]]] = {name: [] for name in known}
    for turn in range(rounds + 1):
        order = np.random.default_rng(turn).permutation(rows).tolist()
        for name, read in known.items():
            before()
            wall, spent = time.perf_counter(), time.process_time()
            count = sum(1 for sample in read(order) if sample.shape[0] == len(CHANNELS))
            wall, spent = time.perf_counter() - wall, time.process_time() - spent
            if turn:  # the first turn warms up
                rates[name].append((count / spent, count / wall))
    return {name: _summary(np.array(values), np.array(rates["shards"])) for name, values in rates.items()}


def _summary(rates: NDArray[np.float64], shards: NDArray[np.float64]) -> dict[str, Any]:
    ratios = shards / rates
    return {
        "per_processor_second": round(float(np.median(rates[:, 0]))),
        "per_second": round(float(np.median(rates[:, 1]))),
        "shards_are_faster_by": np.median(ratios, axis=0).round(2).tolist(),
        "from_turn_to_turn": [
            f"{low:.2f}-{high:.2f}" for low, high in zip(ratios.min(0), ratios.max(0), strict=True)
        ],
    }


def forget(files: list[Path]) -> None:
    """Ask the system to drop the files from its cache."""
    for path in files:
        descriptor = os.open(path, os.O_RDONLY)
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def write_png_folder(version: Version, rows: list[int], folder: Path) -> Contestant:
    folder.mkdir()
    for row in rows:
        for name, data in _pngs(_read(version, row)).items():
            (folder / f"{row}-{name}.png").write_bytes(data)

    def read(wanted: list[int]) -> Iterator[Sample]:
        for row in wanted:
            yield np.stack([np.asarray(Image.open(folder / f"{row}-{name}.png")) for name in CHANNELS])

    return read


def write_tars(version: Version, rows: list[int], folder: Path, *, kind: str) -> Contestant:
    """Write tar files of PNG files, or of one array a sample."""
    import webdataset

    folder.mkdir()
    for first in range(0, len(rows), PART_SAMPLES):
        with tarfile.open(folder / f"{first:06d}.tar", "w") as tar:
            for row in rows[first : first + PART_SAMPLES]:
                sample = _read(version, row)
                for name, data in (_pngs(sample) if kind == "png" else {"npy": _npy(sample)}).items():
                    entry = tarfile.TarInfo(f"{row}.{name}.png" if kind == "png" else f"{row}.{name}")
                    entry.size = len(data)
                    tar.addfile(entry, io.BytesIO(data))
    names = [str(path) for path in sorted(folder.iterdir())]

    def read(wanted: list[int]) -> Iterator[Sample]:
        del wanted  # the order is its own
        samples = webdataset.WebDataset(names, shardshuffle=len(names), seed=0).shuffle(BUFFER)
        for sample in samples:
            if kind == "png":
                yield np.stack(
                    [np.asarray(Image.open(io.BytesIO(sample[f"{name}.png"]))) for name in CHANNELS]
                )
            else:
                yield np.load(io.BytesIO(sample["npy"]))

    return read


def write_chunks(version: Version, rows: list[int], folder: Path) -> Contestant:
    """Write chunks of litdata, not packed, which is its default."""
    from litdata import StreamingDataset
    from litdata.streaming import Cache

    cache = Cache(str(folder), chunk_size=PART_SAMPLES)
    for place, row in enumerate(rows):
        cache[place] = _read(version, row)
    cache.done()
    cache.merge()
    places = {row: place for place, row in enumerate(rows)}

    def read(wanted: list[int]) -> Iterator[Sample]:
        dataset = StreamingDataset(str(folder))
        for row in wanted:
            yield dataset[places[row]]

    return read


def _packed_bytes(version: Version) -> int:
    """Return the bytes of a sample in a shard, all seven channels, on average over the whole version."""
    place = Path(version.blobs.location) / version.id / "samples"
    total = sum(path.stat().st_size for path in place.rglob("*") if path.is_file())
    return total // max(1, len(version.rows(status="ok")))


def _read(version: Version, row: int) -> Sample:
    return version.read(row, channels=CHANNELS)


def _pngs(sample: Sample) -> dict[str, bytes]:
    files = {}
    for name, channel in zip(CHANNELS, sample, strict=True):
        file = io.BytesIO()
        Image.fromarray(channel).save(file, "PNG")
        files[name] = file.getvalue()
    return files


def _npy(sample: Sample) -> bytes:
    file = io.BytesIO()
    np.save(file, sample)
    return file.getvalue()


if __name__ == "__main__":
    main()
