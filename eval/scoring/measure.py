"""Run the network over the chosen images and journal what is observed, in this process or several."""

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from artasyn.data_manifests.errors import StoreError, WorkerError
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.data_manifests.workers import follow_parent
from artasyn.eval.inference import infer
from artasyn.eval.scoring.image_statistics import Sample, observe
from artasyn.eval.scoring.journal import Journal
from artasyn.eval.scoring.selection import Selection, select_images
from artasyn.train.runs.run import Run, open_run

__all__ = ["Progress", "Sources", "measure", "read_sample"]

Progress = Callable[[int, int], None]
"""Told how many images are done, of how many."""


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


def measure(
    sources: Sources, journal: Journal, *, workers: int = 0, progress: Progress | None = None
) -> None:
    """Fill the journal with every block that it lacks, in this process or in `workers` of its children."""
    _opened.cache_clear()  # the run may have been trained on since
    todo = journal.missing()
    done = journal.images - sum(len(journal.members(block)) for block in todo)
    for block in _measured(sources, journal, todo, workers=workers):
        done += len(journal.members(block))
        if progress:
            progress(done, journal.images)


def _measured(sources: Sources, journal: Journal, todo: list[int], *, workers: int) -> Iterator[int]:
    """Yield each block once it is in the journal."""
    if workers < 1 or not todo:
        yield from (_measure_block(sources, journal, block) for block in todo)
        return
    pool = ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=follow_parent)
    try:
        futures = [pool.submit(_measure_block, sources, journal, block) for block in todo]
        for future in as_completed(futures):
            yield future.result()
    except BrokenProcessPool as error:
        reason = "a worker process ended before its work was done: it was killed, or memory ran out"
        remedy = "what is measured is kept: the same command goes on, perhaps with fewer --workers"
        raise WorkerError("score", reason, remedy) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _measure_block(sources: Sources, journal: Journal, block: int) -> int:
    run, version, cases = _opened(sources)
    samples = (read_sample(run, version, cases, i) for i in journal.members(block))
    points = tuple(run.thresholds.pixel_at.values())
    threshold = run.thresholds.pixel
    journal.write(block, [observe(sample, threshold=threshold, points=points) for sample in samples])
    return block


@functools.lru_cache(maxsize=1)
def _opened(sources: Sources) -> tuple[Run, Version, Selection]:
    """Open the run and the store once a process."""
    version = open_version(sources.store)
    if version.attributes["digest"] != sources.digest:
        raise StoreError(sources.store, "was replaced by another content of that id", "run the command again")
    cases = select_images(version, split=sources.split, held_out=sources.held_out)
    return open_run(sources.run), version, cases


def read_sample(run: Run, version: Version, cases: Selection, i: int) -> Sample:
    """Return the i-th case with what the run says of it."""
    channel = "altered" if cases.altered[i] else "image"
    channels = (channel, run.config.data.target, "lungs", "reference_lungs")
    image, mask, found, human = version.read(int(cases.rows[i]), channels=channels)
    anomaly, score = infer(run, image)
    marked = cases.annotations
    return Sample(
        image=image,
        human_lungs=human > 0,
        found_lungs=found > 0,
        truth=(mask > 0) & cases.annotated[i],
        truth_known=bool(cases.annotated[i] or not cases.abnormal[i]),
        anomaly=anomaly,
        score=score,
        boxes=marked.boxes[i] if marked.boxed.any() else None,
        findings=marked.masks(i, image.shape) if marked.findings else None,
    )
