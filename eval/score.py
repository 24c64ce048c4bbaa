"""Score a run on a store: choose, check for leaks, measure, add up, write."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from artasyn.data_manifests.config import config_to_dict, digest
from artasyn.data_manifests.errors import BusyError, ConfigError, RunError, StoreError
from artasyn.data_manifests.near_duplicates import Leakage, find_leaks
from artasyn.data_manifests.outputs import OutputFolder, report_folder
from artasyn.data_manifests.ownership import owned
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.eval.inference import run_digest
from artasyn.eval.metrics.bootstrap import Bootstrap
from artasyn.eval.scoring.journal import BLOCK_IMAGES, Journal
from artasyn.eval.scoring.measure import Progress, Sources, measure
from artasyn.eval.scoring.results import Table, load_results
from artasyn.eval.scoring.selection import Selection, select_images
from artasyn.eval.summary.summarise import Subject, summarise
from artasyn.train.data.stores import check_squaring
from artasyn.train.runs.run import Run, open_run

__all__ = ["ScoreConfig", "Scored", "score"]

STATISTICS_VERSION = 3
"""Raised whenever the journal's statistics change meaning, so that an old journal is not continued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreConfig:
    """What is scored, and how carefully."""

    split: str = ""
    """Split of the evaluation store; empty for all."""
    protocol: Literal["artasyn", "official-compat"] = "artasyn"
    """`official-compat` adds the published evaluator's arithmetic, marked as such."""
    resamples: int = 1000
    """Bootstrap resamples."""
    seed: int = 0
    """Of the bootstrap."""
    allow_leak: bool = False
    """Score images that were trained on as well; the report says so."""
    pixel_only: bool = False
    """Leave out the image level, for stores of one class."""
    held_out: bool = False
    """Score the held-out synthetic studies of a training store."""
    workers: int = 0
    """Processes that run the network; 0 is this one. Never changes a figure."""

    def __post_init__(self) -> None:
        """Refuse impossible numbers."""
        if self.workers < 0:
            raise ConfigError("workers", f"must be at least 0, got {self.workers}")
        if self.held_out and self.split:
            reason = "has no meaning beside held_out, which names the part of the store itself"
            raise ConfigError("split", reason, "leave one of them out")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A finished scoring."""

    report: dict[str, Any]
    """What report.json holds."""
    table: Table
    run: Run
    version: Version
    folder: Path
    """Where the report lies."""


def score(
    run_path: Path,
    store: str,
    *,
    out: Path,
    config: ScoreConfig | None = None,
    progress: Progress | None = None,
    finish: Callable[[Scored], object] | None = None,
    force: bool = False,
) -> Scored:
    """Score every image once and write `report.json` into `out`; go on where it was stopped.

    A report on another question that lies in `out` stays: the new one goes into `out-2`, and so on (not with `force`).
    `finish` writes what else belongs into the folder, such as `artasyn.eval.pages.report_page.write_report` does: no
    other scoring may write there meanwhile.

    Raises RunError (no run, no frozen thresholds, another image size), StoreError (`kind` synthetic, empty,
    one_class, no_masks, fit or leak), BusyError where another process scores into the folder, OutputError where a file
    of the user's is in the way, and what opening a store raises.
    """
    config = config or ScoreConfig()
    bootstrap = Bootstrap(resamples=config.resamples, seed=config.seed)
    run, version = _open(run_path, store)
    cases = select_images(version, split=config.split, held_out=config.held_out)
    _check_classes(cases, store, pixel_only=config.pixel_only)
    leakage = _check_leaks(run, version, cases, config)
    question = _question(run, version, config)
    out = report_folder(out, question, force=force)
    with owned(out):
        outputs = _outputs(out, question, force=force)
        journal = Journal(folder=out / "journal" / _journal_name(run, version, config), images=len(cases))
        measure(_sources(run_path, version, config), journal, workers=config.workers, progress=progress)
        table = load_results(cases, journal, bootstrap)
        subject = Subject(run=run, version=version, leakage=leakage, bootstrap=bootstrap)
        report = summarise(
            table, subject, pixel_only=config.pixel_only, official=config.protocol != "artasyn"
        )
        outputs.write_json("question.json", question)
        outputs.write_json("report.json", report)
        scored = Scored(report=report, table=table, run=run, version=version, folder=out)
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


def _sources(run: Path, version: Version, config: ScoreConfig) -> Sources:
    store, digest = f"{version.blobs.location}@{version.id}", version.attributes["digest"]
    return Sources(run=run, store=store, digest=digest, split=config.split, held_out=config.held_out)


def _question(run: Run, version: Version, config: ScoreConfig) -> dict[str, Any]:
    """Return what a report answers: which run and which contents, and how."""
    asked = {name: value for name, value in config_to_dict(config).items() if name != "workers"}
    measured = _journal_name(run, version, config)
    return asked | {"run": run_digest(run), "store": version.attributes["digest"], "measured": measured}


def _open(run_path: Path, store: str) -> tuple[Run, Version]:
    run, version = open_run(run_path), open_version(store)
    size = int(version.attributes["size"])
    if run.size != size:
        remedy = f"ingest the images again with --size {run.size}"
        raise RunError(run_path, f"reads images of {run.size} px, but the store's are {size} px", remedy)
    check_squaring(store, version, run.squaring)
    return run, version


def _check_classes(cases: Selection, store: str, *, pixel_only: bool) -> None:
    abnormal = int(cases.abnormal.sum())
    by_pixel = cases.annotated.any() or cases.boxed.any() or abnormal < len(cases)
    if pixel_only and not by_pixel:
        reason = "has neither a mask nor a normal image, so nothing can be compared pixel by pixel"
        raise StoreError(store, reason, "ingest masks or normal images too", kind="no_masks")
    if not pixel_only and abnormal in (0, len(cases)):
        only = "abnormal" if abnormal else "normal"
        reason = f"holds {only} images only: AUROC needs both classes"
        alone = ", or ask for the pixel level alone with --pixel-only" if by_pixel else ""
        raise StoreError(store, reason, f"ingest images of the other class too{alone}", kind="one_class")


def _check_leaks(run: Run, version: Version, cases: Selection, config: ScoreConfig) -> Leakage:
    """Compare with the images of the training: all that had a say, or, where their own held-out ones are scored, those
    that weights learnt from (another of its stores may hold the same images)."""
    known = run.training_images
    if config.held_out and version.attributes["digest"] in {store["digest"] for store in run.stores}:
        known = {name: column[known["trained"] == "1"] for name, column in known.items()}
    leakage = find_leaks(
        version.table["pixels_sha256"][cases.rows].tolist(),
        version.table["perceptual_hash"][cases.rows].tolist(),
        trained_digests=known["pixels_sha256"].tolist(),
        trained_hashes=known["perceptual_hash"].tolist(),
    )
    if len(leakage.exact) and not config.allow_leak:
        named = ", ".join(cases.image_ids[i] for i in leakage.exact[:3])
        reason = (
            f"shares {len(leakage.exact)} of its {len(cases)} images with the run's training store ({named})"
        )
        remedy = "score on images that the run has not seen, or say --allow-leak"
        raise StoreError(version.blobs.location, reason, remedy, kind="leak")
    return leakage


def _journal_name(run: Run, version: Version, config: ScoreConfig) -> str:
    """Return a name that changes with everything that the statistics depend on."""
    subject = [
        STATISTICS_VERSION,
        BLOCK_IMAGES,
        run_digest(run),
        version.attributes["digest"],
        run.thresholds.pixel,
        dict(run.thresholds.pixel_at),
        config.split,
        config.held_out,
    ]
    return digest(subject)[:16]
