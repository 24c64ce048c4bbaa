"""Train a finished run further on pseudo-labels of unlabelled images from where it will be used.

The run predicts their masks once, at its frozen threshold; half of each step is synthetic, half these images.
Thresholds are frozen anew on held-out *synthetic* images. What comes out is no longer zero-shot for the unlabelled
images: they are noted among those trained on.
"""

import contextlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.errors import RunError, StoreError
from artasyn.data_manifests.files import write_json
from artasyn.data_manifests.ownership import LOCK_NAME, owned
from artasyn.data_manifests.store.version import Version, open_version
from artasyn.train.adaptation.pseudo_labels import pseudo_label_images
from artasyn.train.adaptation.self_training import AdaptConfig, adaptation_recipe, mixed_batches
from artasyn.train.config import TrainConfig
from artasyn.train.data.loader import loader_workers
from artasyn.train.data.stores import (
    TrainingStore,
    check_squaring,
    fingerprints,
    open_training_stores,
    record_version,
    usable_rows,
)
from artasyn.train.fitting.fit import finish_run
from artasyn.train.fitting.state import TrainState, state_of
from artasyn.train.fitting.trainer import Progress, Trainer, restore_last_
from artasyn.train.runs.run import Run, open_run
from artasyn.train.runs.run_folder import RunFolder
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
    recipe: TrainConfig
    """Of the training further."""
    processes: Processes

    @property
    def begun(self) -> RunFolder:
        """Where the run lies until it is complete."""
        return RunFolder(self.folder.path.with_name(f".{self.folder.path.name}.partial"))


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

    Of `unlabelled` one split is taken, or all. Raises RunError, StoreError or ConfigError.
    """
    opened, version = open_run(run), open_version(unlabelled)
    _check_run(opened)
    _check_unlabelled(unlabelled, version, size=opened.size)
    check_squaring(unlabelled, version, opened.squaring)
    rows = _usable(unlabelled, version, split)
    synthetic = open_training_stores(stores)
    _check_stores(opened, synthetic)
    RunFolder(out).check_free(resume=False)
    recipe = adaptation_recipe(opened.config, config, processes.device)
    return AdaptPlan(
        run=opened,
        unlabelled=version,
        rows=rows,
        name=unlabelled,
        split=split,
        stores=synthetic,
        folder=RunFolder(out),
        config=config,
        recipe=recipe,
        processes=processes,
    )


def adapt(plan: AdaptPlan, *, watch: Callable[[Progress], None]) -> Thresholds | None:
    """Train further, choose the thresholds anew, and leave a complete run folder, or none where it is stopped.

    Stopped, the same plan goes on from its last checkpoint. All processes but the leading one return None.
    Raises BusyError where another process works at the same folder, and RunError.
    """
    device, leads = plan.processes.device, plan.processes.leads
    with contextlib.ExitStack() as stack:
        if leads:
            stack.enter_context(owned(plan.begun.path))
            plan.folder.check_free(
                resume=False
            )  # another process may have been there since the plan was made
            _start_folder(plan)
        plan.processes.wait()
        state = state_of(plan.run.network, plan.recipe, size=plan.run.size, device=device)
        restore_last_(state, plan.begun)
        _trainer(plan).run(state, watch=watch)
        return _finish(plan, state) if leads else None


def _trainer(plan: AdaptPlan) -> Trainer:
    images = pseudo_label_images(
        plan.run, plan.name, plan.unlabelled, plan.rows, device=plan.processes.device
    )
    batches = mixed_batches(plan.stores, images, recipe=plan.recipe, processes=plan.processes)
    return Trainer(
        plan.recipe,
        plan.stores,
        plan.begun,
        batches=batches,
        processes=plan.processes,
        workers=_workers(plan.processes),
    )


def _workers(processes: Processes) -> int:
    return loader_workers(processes.device, processes=processes.world)


def _finish(plan: AdaptPlan, state: TrainState) -> Thresholds:
    place, begun = plan.folder.path, plan.begun
    thresholds = finish_run(state, plan.stores, begun, config=plan.run.config, device=plan.processes.device)
    for path in (begun.checkpoint("last"), begun.checkpoint("last").with_suffix(".json")):
        path.unlink()  # there is nothing left to go on with
    if place.is_dir():
        place.rmdir()  # found empty before
    begun.path.rename(place)
    return thresholds


def _start_folder(plan: AdaptPlan) -> None:
    """Write what the run will be, or leave what this same adaptation has begun."""
    folder, described = plan.begun, _describe(plan)
    if any(not path.exists() or folder.read_json(path) != value for path, value in described.items()):
        _clear(folder.path)
        folder.create()
        folder.note_images([_known(plan.run), fingerprints(plan.unlabelled, split=plan.split)])
        for path, value in described.items():
            write_json(path, value)
    starts = folder.read_json(folder.environment) if folder.environment.exists() else []
    write_json(
        folder.environment, [*starts, describe_environment(plan.processes, workers=_workers(plan.processes))]
    )


def _clear(folder: Path) -> None:
    """Remove what another adaptation that was stopped has left; the lock stays."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK_NAME:
            path.unlink()


def _check_run(run: Run) -> None:
    remedy = "adapt a run of preset default"
    if "segmentation" not in run.config.network.heads:
        raise RunError(run.path, "has no head `segmentation` that could learn masks", remedy)
    if not run.config.loss.pixels:
        raise RunError(
            run.path, "was trained with loss.pixels = 0, the loss that pseudo-labels are learnt by", remedy
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


def _describe(plan: AdaptPlan) -> dict[Path, Any]:
    """Return, file by file, what the run is: its recipe, what it came from and what it learnt from."""
    run, folder = plan.run, plan.begun
    before = RunFolder(run.path)
    weights = before.read_json(before.digests)["checkpoints/best.safetensors"]["sha256"]
    record = record_version(plan.name, plan.unlabelled) | {"unlabelled": True}
    origin = {"run": run.path.name, "weights": weights, "images": len(plan.rows), "split": plan.split}
    return {
        folder.store: [*run.stores, record],
        folder.adaptation: asdict(plan.config) | origin,
        folder.config: config_to_dict(run.config),
    }


def _known(run: Run) -> dict[tuple[str, str], bool]:
    """Return what the run before has seen, as artasyn.train.data.stores.fingerprints does."""
    columns = (run.training_images[name].tolist() for name in ("pixels_sha256", "perceptual_hash", "trained"))
    return {
        (digest, perceptual): trained == "1" for digest, perceptual, trained in zip(*columns, strict=True)
    }
