"""Train a finished run further on pseudo-labels of unlabelled images from where it will be used.

The run predicts their masks once, at its frozen threshold; half of each step is synthetic, half these images.
Thresholds are frozen anew on held-out *synthetic* images. What comes out is no longer zero-shot for the unlabelled
images: they are noted among those trained on.
"""

import contextlib
import functools
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.files import write_json
from artasyn.data_manifests.ownership import LOCK_NAME, owned
from artasyn.train.adaptation.plan import AdaptPlan
from artasyn.train.adaptation.pseudo_labels import pseudo_label_images
from artasyn.train.adaptation.self_training import mixed_batches
from artasyn.train.data.loader import loader_workers
from artasyn.train.data.stores import fingerprints
from artasyn.train.fitting.finish import finish_run
from artasyn.train.fitting.state import TrainState, state_of
from artasyn.train.fitting.trainer import Trainer, TrainingProgress, restore_last_
from artasyn.train.runs.run import Run
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.store_records import record_version
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.environment import describe_environment
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["adapt"]


def adapt(plan: AdaptPlan, *, watch: Callable[[TrainingProgress], None]) -> Thresholds | None:
    """Train further, choose the thresholds anew, and leave a complete run folder, or none where it is stopped.

    Stopped, the same plan goes on from its last checkpoint. All processes but the leading one return None.
    Raises BusyError where another process works at the same folder, and RunError.
    """
    device, leads = plan.processes.device, plan.processes.leads
    with contextlib.ExitStack() as stack:
        if leads:
            stack.enter_context(owned(plan.begun.path))
            plan.folder.check_free(resume=False)  # another process may have been there since the plan
            _start_folder(plan)
        plan.processes.wait()
        state = state_of(plan.run.network, plan.recipe, size=plan.run.size, device=device)
        restore_last_(state, plan.begun)
        ended = _trainer(plan).run(state, watch=watch)
        return _finish(plan, state, ended, watch) if leads else None


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


def _finish(
    plan: AdaptPlan, state: TrainState, ended: TrainingProgress, watch: Callable[[TrainingProgress], None]
) -> Thresholds:
    place, begun = plan.folder.path, plan.begun
    finish = functools.partial(finish_run, state, plan.stores, begun, ended=ended, watch=watch)
    thresholds = finish(config=plan.run.config, device=plan.processes.device)
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
    folder.note_start(describe_environment(plan.processes, workers=_workers(plan.processes)))


def _clear(folder: Path) -> None:
    """Remove what another adaptation that was stopped has left; the lock stays."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != LOCK_NAME:
            path.unlink()


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
