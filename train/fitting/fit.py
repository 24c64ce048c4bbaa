"""Plan a fit, and run the plan: it leaves a complete run folder."""

import contextlib
import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import torch

from artasyn.data_manifests.config import config_to_dict
from artasyn.data_manifests.files import write_json
from artasyn.data_manifests.ownership import owned
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import StepBatches
from artasyn.train.data.loader import loader_workers
from artasyn.train.data.stores import TrainingStore, fingerprints, open_training_stores
from artasyn.train.fitting.finish import finish_run
from artasyn.train.fitting.state import new_state
from artasyn.train.fitting.trainer import Trainer, TrainingProgress, restore_last_
from artasyn.train.models.anomaly_network import build_network
from artasyn.train.models.backbone import build_backbone
from artasyn.train.runs.checkpoint import write_checkpoint
from artasyn.train.runs.config_changes import is_longer
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import break_seal
from artasyn.train.runs.store_records import record_version
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.environment import describe_environment
from artasyn.train.runtime.precision import ComputeConfig, Precision, resolve_precision
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["FitPlan", "plan_fit", "run_fit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FitPlan:
    """What a fit will do, checked against stores and folder; nothing is written yet."""

    config: TrainConfig
    """With the precision resolved."""
    stores: tuple[TrainingStore, ...]
    folder: RunFolder
    processes: Processes
    workers: int
    resume: bool

    @property
    def size(self) -> int:
        """Side of the stored images, in pixels."""
        return self.stores[0].version.shape.size

    @property
    def extends(self) -> bool:
        """Whether a run goes on beyond the budget that it was started with."""
        started = self.resume and self.folder.config.exists()
        return started and is_longer(self.folder.read_json(self.folder.config), config_to_dict(self.config))

    def store_records(self) -> list[dict[str, Any]]:
        """Return which versions are trained on, without machine paths."""
        return [record_version(store.name, store.version) for store in self.stores]


def plan_fit(
    config: TrainConfig,
    stores: Sequence[str],
    run: Path,
    *,
    processes: Processes,
    workers: int | None,
    resume: bool,
) -> FitPlan:
    """Open the stores and check everything that can be refused before work begins; `workers` None: as suits the device.

    Raises StoreError, RunError or ConfigError.
    """
    folder = RunFolder(run)
    opened = open_training_stores(stores)
    _check_recipe(config, opened, processes)
    started = resume and folder.config.exists()
    if started and config.compute.precision == "auto":
        # The machine may differ from the one of the first start: what was resolved there stays.
        compute = replace(config.compute, precision=folder.read_json(folder.config)["compute"]["precision"])
    else:
        compute = resolve_precision(config.compute, processes.device)
    plan = FitPlan(
        config=replace(config, compute=_agreed(compute, processes)),
        stores=opened,
        folder=folder,
        processes=processes,
        workers=loader_workers(processes.device, processes=processes.world) if workers is None else workers,
        resume=resume,
    )
    _check_folder(plan)
    return plan


def _check_recipe(config: TrainConfig, stores: Sequence[TrainingStore], processes: Processes) -> None:
    """Raise ConfigError where the recipe does not fit the stores or the processes, before a folder is written."""
    with torch.random.fork_rng(devices=[]):  # building draws initial weights from the global generator
        build_network(config.network, size=stores[0].version.shape.size)
    if config.score.pretrained:
        build_backbone(config.backbone)  # refused now rather than after the training
    _batches(config, stores, processes)


def _batches(config: TrainConfig, stores: Sequence[TrainingStore], processes: Processes) -> StepBatches:
    return StepBatches(
        stores,
        config.data,
        seed=config.seed,
        rank=processes.rank,
        world=processes.world,
        parts=config.optim.accumulate,
    )


def run_fit(plan: FitPlan, *, watch: Callable[[TrainingProgress], None]) -> Thresholds | None:
    """Train, choose the thresholds, return them (None in all processes but the leading one).

    Raises BusyError where another process trains into the folder, and RunError.
    """
    state = new_state(plan.config, size=plan.size, device=plan.processes.device)
    extends = plan.extends  # before the leading process writes the new budget down
    with contextlib.ExitStack() as stack:
        if plan.processes.leads:
            stack.enter_context(owned(plan.folder.path))
            _check_folder(plan)  # another process may have been there since the plan was made
            _start_folder(plan)
        plan.processes.wait()
        restore_last_(state, plan.folder)
        if extends:
            state.stale = 0  # a longer schedule may find what the shorter did not
        if extends and plan.processes.leads:
            write_checkpoint(plan.folder.checkpoint("last"), state.tensors(), state.numbers())
            write_json(plan.folder.config, config_to_dict(plan.config))
        trainer = Trainer(
            plan.config,
            plan.stores,
            plan.folder,
            batches=_batches(plan.config, plan.stores, plan.processes),
            processes=plan.processes,
            workers=plan.workers,
        )
        ended = trainer.run(state, watch=watch)
        if not plan.processes.leads:
            return None
        finish = functools.partial(finish_run, state, plan.stores, plan.folder, ended=ended, watch=watch)
        return finish(config=plan.config, device=plan.processes.device)


def _check_folder(plan: FitPlan) -> None:
    """Raise RunError where the folder cannot be started, or resumed with what the plan says."""
    if plan.resume and plan.folder.config.exists():
        plan.folder.agree(plan.config, plan.store_records())
    elif plan.processes.leads:
        plan.folder.check_free(resume=plan.resume)


def _agreed(compute: ComputeConfig, processes: Processes) -> ComputeConfig:
    """Return the leading process's precision in all of them: each has timed its own processor."""
    names = get_args(Precision)
    leading = processes.agree(float(names.index(compute.precision)))
    return replace(compute, precision=names[int(leading)])


def _start_folder(plan: FitPlan) -> None:
    """Write what follows from the plan; the configuration last, since it marks a started run."""
    folder = plan.folder
    folder.create()
    break_seal(folder)
    folder.note_start(describe_environment(plan.processes, workers=plan.workers))
    # Also where they are there: the end seals them, and may not seal what was damaged meanwhile.
    write_json(folder.store, plan.store_records())
    folder.note_images(fingerprints(store.version) for store in plan.stores)
    if not folder.config.exists():
        write_json(folder.config, config_to_dict(plan.config))
