"""Run the network over the chosen images and journal their statistics, in this process or several."""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.config import digest
from artasyn.data_manifests.errors import StoreError
from artasyn.data_manifests.memory import keep_freed_memory
from artasyn.data_manifests.progress import Progress
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.eval.inference import bits_alike, infer_levels, move_run, run_digest
from artasyn.eval.scoring.image_statistics import Sample, image_statistics, normal_statistics
from artasyn.eval.scoring.journal import BLOCK_IMAGES, Journal
from artasyn.eval.scoring.selection import Selection, select_images, select_normals
from artasyn.eval.scoring.worker_pool import WorkerPool
from artasyn.train.runs.run import Run, open_run

__all__ = ["Sources", "find_sample", "journal_name", "measure", "read_sample", "read_samples"]

STATISTICS_VERSION = 5
"""Raised whenever the journal's statistics change meaning, so that an old journal is not continued."""

TOGETHER = 4
"""Images a batch where batches change no bit: a fifth less time an image than alone; more gain nothing."""
FEWEST_CASES = 64
"""Images from which a trial of that pays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a worker process finds what it needs: small, as it travels with every block."""

    run: Path
    store: str
    """`STORE@ID`, in full."""
    digest: str
    """Of the version's contents."""
    split: str = ""
    held_out: bool = False
    normals: bool = False
    """Whether its normal and unlabelled images are measured, for thresholds of the place."""
    points: tuple[float, ...] = ()
    """Further pixel thresholds at which marks are counted."""
    device: str = "cpu"
    batch: int = 1
    """Images that go through the network at once; with 1 each comes out as if alone, see `_Opened.batch`."""


def journal_name(run: Run, sources: Sources) -> str:
    """Return a name that changes with everything that the statistics depend on."""
    subject = [
        STATISTICS_VERSION,
        BLOCK_IMAGES,
        run_digest(run),
        sources.digest,
        run.thresholds.pixel,
        list(sources.points),
        sources.split,
        sources.held_out,
        sources.normals,
        sources.device.partition(":")[0],
        sources.batch,
    ]
    return digest(subject)[:16]


def measure(
    sources: Sources, journal: Journal, *, pool: WorkerPool | None = None, progress: Progress | None = None
) -> None:
    """Fill the journal with every block that it lacks, by the pool or in this process."""
    _opened.cache_clear()  # the run may have been trained on since
    todo = journal.missing()
    done = journal.images - sum(len(journal.members(block)) for block in todo)
    for block in (pool or WorkerPool()).each(functools.partial(_measure_block, sources, journal), todo):
        done += len(journal.members(block))
        if progress:
            progress(done, journal.images)


def _measure_block(sources: Sources, journal: Journal, block: int) -> int:
    opened = _opened(sources)
    run = opened.run
    samples = read_samples(run, opened.version, opened.cases, journal.members(block), batch=opened.batch)
    if sources.normals:
        statistics = [normal_statistics(sample) for sample in samples]
    else:
        threshold = run.thresholds.pixel
        statistics = [
            image_statistics(sample, threshold=threshold, points=sources.points) for sample in samples
        ]
    journal.write(block, statistics)
    return block


class _Opened(NamedTuple):
    """What a process needs for every block."""

    run: Run
    version: Version
    cases: Selection
    batch: int
    """Images at once: as asked, or `TOGETHER` in place of one where that changes no bit."""


@functools.lru_cache(maxsize=1)
def _opened(sources: Sources) -> _Opened:
    """Open the run and the store once a process."""
    keep_freed_memory()
    version = open_version(sources.store)
    if version.attributes["digest"] != sources.digest:
        raise StoreError(sources.store, "was replaced by another content of that id", "run the command again")
    if sources.normals:
        cases = select_normals(version)
    else:
        cases = select_images(version, split=sources.split, held_out=sources.held_out)
    run = move_run(open_run(sources.run), sources.device)
    return _Opened(run, version, cases, _images_at_once(sources, run, version, cases))


def _images_at_once(sources: Sources, run: Run, version: Version, cases: Selection) -> int:
    """Return how many images go through the network together; a trial costs as much time as ten alone."""
    if sources.batch > 1 or sources.device != "cpu" or len(cases) < FEWEST_CASES:
        return sources.batch
    images = np.stack([_read(run, version, cases, i)[0] for i in range(TOGETHER)])
    sizes = {TOGETHER, len(cases) % TOGETHER} - {0, 1}  # the last batch of the last block may be smaller
    return TOGETHER if bits_alike(run, images, sizes=sizes) else 1


def find_sample(sources: Sources, i: int) -> Sample:
    """Return the i-th case as `read_sample` does; the run and the store are opened once a process."""
    opened = _opened(sources)
    return read_sample(opened.run, opened.version, opened.cases, i)


def read_sample(run: Run, version: Version, cases: Selection, i: int) -> Sample:
    """Return the i-th case with what the run says of it."""
    return next(read_samples(run, version, cases, range(i, i + 1)))


def read_samples(
    run: Run, version: Version, cases: Selection, members: range, *, batch: int = 1
) -> Iterator[Sample]:
    """Yield cases with what the run says of them, `batch` at once through the network."""
    for first in range(members.start, members.stop, batch):
        part = range(first, min(first + batch, members.stop))
        stored = [_read(run, version, cases, i) for i in part]
        inferred = infer_levels(run, np.stack([channels[0] for channels in stored]))
        for i, channels, anomaly, score, level in zip(part, stored, *inferred, strict=True):
            yield _sample(cases, i, channels, anomaly, float(score), float(level))


def _read(run: Run, version: Version, cases: Selection, i: int) -> NDArray[np.uint8]:
    channel = "altered" if cases.altered[i] else "image"
    channels = (channel, run.config.data.target, "lungs", "reference_lungs")
    return version.read(int(cases.rows[i]), channels=channels)


def _sample(
    cases: Selection,
    i: int,
    channels: NDArray[np.uint8],
    anomaly: NDArray[np.float32],
    score: float,
    map_level: float,
) -> Sample:
    image, mask, found, human = channels
    marked = cases.annotations
    return Sample(
        image=image,
        human_lungs=human > 0,
        found_lungs=found > 0,
        truth=(mask > 0) & cases.annotated[i],
        truth_known=bool(cases.annotated[i] or not cases.abnormal[i]),
        anomaly=anomaly,
        score=score,
        map_level=map_level,
        boxes=marked.boxes[i] if marked.boxed.any() else None,
        findings=marked.masks(i, image.shape) if marked.findings else None,
    )
