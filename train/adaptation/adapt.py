"""Let a finished run learn on from its own marks on unlabelled images of where it will be used.

The run marks the images once, at its frozen threshold, and learns on with half of each step synthetic and half these
images. Thresholds are frozen anew on held-out *synthetic* images. What comes out is no longer zero-shot for the
unlabelled images: they are noted among those trained on.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import ConfigError, RunError, StoreError
from artasyn.data_manifests.files import write_json
from artasyn.data_manifests.ownership import LOCK_NAME, owned
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.train.adaptation.pseudo_labels import pseudo_label_images
from artasyn.train.adaptation.self_training import COLUMNS, AdaptConfig, self_train
from artasyn.train.data.stores import (
    TrainingStore,
    check_squaring,
    fingerprints,
    open_training_stores,
    record_version,
    usable_rows,
)
from artasyn.train.fitting.fit import calibrate
from artasyn.train.fitting.trainer import Progress
from artasyn.train.runs.checkpoint import write_checkpoint
from artasyn.train.runs.run import Run, open_run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.run_log import RunLog
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.environment import describe_environment
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["AdaptPlan", "adapt", "plan_adapt"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptPlan:
    """What an adaptation will do, checked; nothing is written yet."""

    run: Run
    unlabelled: Version
    rows: NDArray[np.intp]
    """Of the unlabelled images."""
    name: str
    """Of the unlabelled images' store, as the user gave it."""
    split: str
    """The one split of it that is learnt from; empty for all."""
    stores: tuple[TrainingStore, ...]
    folder: RunFolder
    config: AdaptConfig
    processes: Processes


def plan_adapt(
    run: Path,
    unlabelled: str,
    stores: Sequence[str],
    out: Path,
    *,
    split: str = "",
    config: AdaptConfig,
    processes: Processes,
) -> AdaptPlan:
    """Open everything and check all that can be refused before work begins; `stores` are those of the run.

    Of `unlabelled` one split is taken, or all.

    Raises RunError, StoreError or ConfigError.
    """
    if processes.world > 1:
        raise ConfigError("adapt", "works in one process", "start it without torchrun")
    opened, version = open_run(run), open_version(unlabelled)
    _check_run(opened)
    _check_unlabelled(unlabelled, version, size=opened.size)
    check_squaring(unlabelled, version, opened.squaring)
    rows = _usable(unlabelled, version, split)
    synthetic = open_training_stores(stores)
    _check_stores(opened, synthetic)
    RunFolder(out).check_free(resume=False)
    return AdaptPlan(
        run=opened,
        unlabelled=version,
        rows=rows,
        name=unlabelled,
        split=split,
        stores=synthetic,
        folder=RunFolder(out),
        config=config,
        processes=processes,
    )


def adapt(plan: AdaptPlan, *, watch: Callable[[Progress], None]) -> Thresholds:
    """Learn on, choose the thresholds anew, and leave a complete run folder, or none where it is stopped."""
    place = plan.folder.path
    begun = place.with_name(f".{place.name}.partial")
    with owned(begun):
        plan.folder.check_free(resume=False)  # another process may have been there since the plan was made
        _clear(begun)
        thresholds = _adapt(plan, RunFolder(begun), watch)
        if place.is_dir():
            place.rmdir()  # found empty before
        begun.rename(place)
    return thresholds


def _adapt(plan: AdaptPlan, folder: RunFolder, watch: Callable[[Progress], None]) -> Thresholds:
    device = plan.processes.device
    folder.create()
    marked = pseudo_label_images(plan.run, plan.unlabelled, plan.rows, device=device)
    log = RunLog(folder, COLUMNS, step=0)
    average = self_train(plan.run, plan.stores, marked, plan.config, device=device, log=log, watch=watch)
    weights = {f"average.{name}": value for name, value in average.state_dict().items()}
    write_checkpoint(folder.checkpoint("best"), weights, {"step": plan.config.steps})
    thresholds = calibrate(average, plan.stores, folder, config=plan.run.config, device=device)
    _describe(plan, folder)
    seal_run(folder)
    return thresholds


def _clear(folder: Path) -> None:
    """Remove what an adaptation that was stopped has left; the lock stays."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK_NAME:
            path.unlink()


def _check_run(run: Run) -> None:
    remedy = "adapt a run of preset default"
    if "segmentation" not in run.config.network.heads:
        raise RunError(run.path, "has no head `segmentation` that could learn marks", remedy)
    if not run.config.loss.pixels:
        raise RunError(
            run.path, "was trained with loss.pixels = 0, the loss that marks are learnt by", remedy
        )


def _check_unlabelled(name: str, version: Version, *, size: int) -> None:
    kind = version.attributes["kind"]
    if kind != "evaluation":
        reason = f"is of kind `{kind}`: its images are those of a training"
        raise StoreError(name, reason, "bring real images in with `artasyn-synth ingest`")
    if version.shape.size != size:
        reason = f"holds images of {version.shape.size} px, the run takes {size} px"
        raise StoreError(name, reason, f"ingest them with --size {size}")


def _usable(name: str, version: Version, split: str) -> NDArray[np.intp]:
    rows = usable_rows(version, split)
    if not len(rows):
        where = f" in split `{split}`" if split else ""
        raise StoreError(
            name, f"holds no usable image{where}", "`artasyn-synth info` tells splits and what is absent"
        )
    return rows


def _check_stores(run: Run, stores: Sequence[TrainingStore]) -> None:
    """Raise RunError unless these are the synthetic stores of the run; an adapted run lists others beside them."""
    wanted = {record["digest"]: record for record in run.stores if not record["unlabelled"]}
    if {store.version.attributes["digest"] for store in stores} != set(wanted):
        names = ", ".join(f"{record['name']} ({record['id'][:12]})" for record in wanted.values())
        raise RunError(run.path, "was trained on other stores", f"give these: {names}")


def _describe(plan: AdaptPlan, folder: RunFolder) -> None:
    """Write what the run is: its recipe, what it came from and learnt on, and every image it has seen."""
    run, version = plan.run, plan.unlabelled
    record = record_version(plan.name, version) | {"unlabelled": True}
    write_json(folder.store, [*run.stores, record])
    write_json(folder.environment, [describe_environment(plan.processes, workers=0)])
    facts = {"run": run.path.name, "images": len(plan.rows), "split": plan.split}
    write_json(folder.adaptation, asdict(plan.config) | facts)
    folder.note_images([_known(run), fingerprints(version, split=plan.split)])
    write_json(folder.config, config_to_dict(run.config))


def _known(run: Run) -> dict[tuple[str, str], bool]:
    """Return what the run before has seen, as artasyn.train.data.stores.fingerprints does."""
    columns = (run.training_images[name].tolist() for name in ("pixels_sha256", "perceptual_hash", "trained"))
    return {
        (digest, perceptual): trained == "1" for digest, perceptual, trained in zip(*columns, strict=True)
    }
