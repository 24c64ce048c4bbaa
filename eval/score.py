"""Score a run on a store: choose, check for leaks, measure, add up, write."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import BusyError
from artasyn.data_manifests.memory import keep_freed_memory
from artasyn.data_manifests.outputs import OutputFolder, report_folder
from artasyn.data_manifests.ownership import owned
from artasyn.data_manifests.progress import Progress
from artasyn.data_manifests.store.version import Version
from artasyn.eval.inference import move_run, run_digest
from artasyn.eval.metrics.bootstrap import Bootstrap
from artasyn.eval.scoring.checks import check_classes, check_leaks, open_store
from artasyn.eval.scoring.config import ScoreConfig
from artasyn.eval.scoring.journal import Journal
from artasyn.eval.scoring.measure import Sources, journal_name, measure
from artasyn.eval.scoring.recalibrate import PlaceThresholds, learn_thresholds, unusable_normals
from artasyn.eval.scoring.results import ScoredImages, load_results
from artasyn.eval.scoring.selection import Selection, select_images, select_normals
from artasyn.eval.scoring.worker_pool import WorkerPool
from artasyn.eval.summary.severity import check_columns
from artasyn.eval.summary.summarise import Subject, summarise
from artasyn.train.runs.run import Run, open_run

__all__ = ["Measured", "Page", "ScoreConfig", "Scored", "score"]


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A scoring whose images are measured; the figures are still to be computed."""

    table: ScoredImages
    run: Run
    version: Version
    sources: Sources
    """Where a process finds the images and the run again."""
    folder: Path
    """Where the report lies."""


@dataclass(frozen=True, kw_only=True)
class Scored(Measured):
    """A finished scoring."""

    report: dict[str, Any]
    """What report.json holds."""


Page = Callable[[Measured, WorkerPool], Callable[[Scored], object]]
"""Begins a page, its pictures say, while the figures are computed; what it returns writes it."""


def score(
    run_path: Path,
    store: str,
    *,
    out: Path,
    config: ScoreConfig | None = None,
    progress: Progress | None = None,
    page: Page | None = None,
    force: bool = False,
) -> Scored:
    """Score every image once and write `report.json` into `out`; go on where it was stopped.

    A report on another question that lies in `out` stays: the new one goes into `out-2`, and so on (not with `force`).
    `page` writes what else belongs into the folder, such as `artasyn.eval.pages.report_page.begin_report` does: no
    other scoring may write there meanwhile.

    Raises RunError (no run, no frozen thresholds, another image size), ConfigError (no such device or column),
    StoreError (`kind` synthetic, empty, one_class, no_masks, fit, leak or few), BusyError where another process scores
    into the folder, OutputError where a file of the user's is in the way, and what opening a store raises.
    """
    keep_freed_memory()
    config = config or ScoreConfig()
    bootstrap = Bootstrap(resamples=config.resamples, seed=config.seed)
    run = move_run(open_run(run_path), config.device)
    version = open_store(run, store)
    cases = select_images(version, split=config.split, held_out=config.held_out)
    check_classes(cases, store, pixel_only=config.pixel_only)
    check_columns(cases, config.severity)
    leakage = check_leaks(run, version, cases, config)
    normals = _open_normals(run, config.recalibrate, version, cases) if config.recalibrate else None
    question = _question(run, version, config, normals)
    out = report_folder(out, question, force=force)
    with owned(out), WorkerPool(config.workers) as pool:
        outputs = _outputs(out, question, force=force)
        task = _Task(
            run=run, path=run_path, folder=out / "journal", config=config, pool=pool, progress=progress
        )
        place = task.learn(normals) if normals else None
        sources = task.scored_sources(version, place)
        table = load_results(cases, task.measured(sources, len(cases)), bootstrap)
        measured = Measured(table=table, run=run, version=version, sources=sources, folder=out)
        finish = page(measured, pool) if page else None
        subject = Subject(run=run, version=version, leakage=leakage, bootstrap=bootstrap, place=place)
        report = summarise(table, subject, config)
        outputs.write_json("question.json", question)
        outputs.write_json("report.json", report)
        scored = Scored(report=report, **vars(measured))
        if finish:
            finish(scored)
    return scored


def _outputs(out: Path, question: dict[str, Any], *, force: bool) -> OutputFolder:
    """Return the folder of an owned report. Raises OutputError, BusyError where another report was first."""
    if report_folder(out, question, force=force) != out:
        reason = "another scoring has just put its report there"
        raise BusyError(out, reason, "run the same command again: it takes a folder of its own")
    outputs = OutputFolder(out, force=force)
    for name in ("question.json", "report.json"):
        outputs.check(name)
    return outputs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Normals:
    """The images of a place that thresholds are learnt from."""

    version: Version
    cases: Selection
    unusable: dict[str, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Task:
    """What every measuring of one scoring shares."""

    run: Run
    path: Path
    folder: Path
    config: ScoreConfig
    pool: WorkerPool
    progress: Progress | None

    def learn(self, normals: _Normals) -> PlaceThresholds:
        """Measure the images of the place and return the thresholds that they give."""
        sources = replace(self._sources(normals.version), normals=True)
        journal = self.measured(sources, len(normals.cases))
        return learn_thresholds(normals.version, normals.cases, journal, normals.unusable)

    def scored_sources(self, version: Version, place: PlaceThresholds | None) -> Sources:
        """Return those of the scored images, at the frozen thresholds and at those of the place."""
        points = (*self.run.thresholds.pixel_at.values(), *(place.pixel_at.values() if place else ()))
        split, held_out = self.config.split, self.config.held_out
        return replace(self._sources(version), points=points, split=split, held_out=held_out)

    def _sources(self, version: Version) -> Sources:
        store, digest = f"{version.blobs.location}@{version.id}", version.attributes["digest"]
        return Sources(
            run=self.path, store=store, digest=digest, device=self.config.device, batch=self.config.batch
        )

    def measured(self, sources: Sources, images: int) -> Journal:
        """Return the finished journal of so many images."""
        journal = Journal(folder=self.folder / journal_name(self.run, sources), images=images)
        measure(sources, journal, pool=self.pool, progress=self.progress)
        return journal


def _question(run: Run, version: Version, config: ScoreConfig, normals: _Normals | None) -> dict[str, Any]:
    """Return what a report answers: which run and which contents, and how."""
    asked = {name: value for name, value in config_to_dict(config).items() if name != "workers"}
    asked["recalibrate"] = normals.version.attributes["digest"] if normals else ""
    frozen = [run.thresholds.pixel, *run.thresholds.pixel_at.values()]
    return asked | {"run": run_digest(run), "store": version.attributes["digest"], "thresholds": frozen}


def _open_normals(run: Run, store: str, version: Version, cases: Selection) -> _Normals:
    place = open_store(run, store)
    chosen = select_normals(place)
    return _Normals(
        version=place, cases=chosen, unusable=unusable_normals(run, (place, chosen), (version, cases))
    )
