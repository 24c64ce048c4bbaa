"""Train: take steps until the budget is spent, and note on the way how it goes."""

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from artasyn.data_manifests.errors import RunError
from artasyn.data_manifests.files import write_json
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch, Item, StepBatches
from artasyn.train.data.loader import BatchFeed
from artasyn.train.data.stores import TrainingStore
from artasyn.train.fitting.meters import Clock, Window
from artasyn.train.fitting.state import TrainState
from artasyn.train.fitting.step import NonFiniteLossError, StepResult, take_step_
from artasyn.train.objective.objective import TERMS
from artasyn.train.optim.schedule import learning_rate_factor
from artasyn.train.runs.checkpoint import read_checkpoint, write_checkpoint
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.run_log import RunLog
from artasyn.train.runs.validation_pictures import render_held_out
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.precision import autocast
from artasyn.train.scoring.held_out import held_out_samples, measure_held_out

__all__ = ["Progress", "Trainer", "restore_last_"]

ENDLESS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a training is, for whoever shows it."""

    share: float
    """Share of the budget spent, in [0, 1]."""
    step: int
    row: Mapping[str, float]
    """Latest line of the log."""
    best_step: int = 0
    """Step of the best weights so far."""


class Trainer:
    """One training in one run folder."""

    def __init__(
        self,
        config: TrainConfig,
        stores: Sequence[TrainingStore],
        folder: RunFolder,
        *,
        batches: StepBatches,
        processes: Processes,
        workers: int,
    ) -> None:
        self.config, self.stores, self.folder, self.batches = config, stores, folder, batches
        self.processes, self.workers = processes, workers

    def run(self, state: TrainState, *, watch: Callable[[Progress], None]) -> None:
        """Train `state` on to the end of the budget. Raises RunError where the loss is not finite."""
        module = self._module(state)
        log = RunLog(self.folder, self._columns(), step=state.step) if self.processes.leads else None
        feed = self._feed(state.step)
        batches = iter(feed)
        clock = Clock(state.seconds)
        window, row = Window(feed), {}
        while (share := self._progress(state, clock)) < 1 and not self._is_stale(state):
            rate = self.config.optim.learning_rate * learning_rate_factor(share, self.config.schedule)
            window.add(self._step_(state, module, batches, rate))
            state.seconds = clock.seconds()
            row = {"step": state.step, "learning_rate": rate, "seconds": round(state.seconds, 3)}
            if state.step % self.config.loop.log_every == 0:
                row |= window.means()
                self._note_(state, row, log)
                watch(Progress(share=share, step=state.step, row=row, best_step=state.best_step))
        state.seconds = clock.seconds()
        untold = bool(window.steps)
        row |= window.means() if untold else {}
        self._finish_(state, row if untold else {}, log)
        # The last share is below 1 where nothing got better for too long.
        watch(Progress(share=min(share, 1.0), step=state.step, row=row, best_step=state.best_step))

    def _module(self, state: TrainState) -> nn.Module:
        module = self.processes.share_statistics(state.network.train())
        if self.config.compute.compile:
            module = cast(nn.Module, torch.compile(module))
        return self.processes.wrap(module)

    def _columns(self) -> tuple[str, ...]:
        used = tuple(name for name in TERMS if getattr(self.config.loss, name))
        held_out = ("held_out_dice", "held_out_quality", "held_out_false_positives")
        return ("learning_rate", "loss", *used, *self.batches.terms, "gradient", *held_out)

    def _feed(self, step: int) -> BatchFeed:
        parts = self.config.optim.accumulate
        pin = self.processes.device.type == "cuda"
        last = self.config.schedule.steps or ENDLESS // parts
        return BatchFeed(self.batches, start=step * parts, stop=last * parts, workers=self.workers, pin=pin)

    def _progress(self, state: TrainState, clock: Clock) -> float:
        """Return the share of the budget spent: of the steps, or of the minutes by the leading process's clock."""
        if self.config.schedule.steps:
            return state.step / self.config.schedule.steps
        return self.processes.agree(clock.seconds() / (60 * self.config.schedule.minutes))

    def _is_stale(self, state: TrainState) -> bool:
        patience = self.config.loop.patience
        return bool(patience) and self.processes.agree(state.stale) >= patience

    def _step_(
        self, state: TrainState, module: nn.Module, batches: Iterator[Batch], rate: float
    ) -> StepResult:
        try:
            return take_step_(state, module, batches, config=self.config, processes=self.processes, rate=rate)
        except torch.OutOfMemoryError as error:
            remedy = "raise optim.accumulate, or lower data.studies or raise network.shrink in the recipe"
            raise RunError(
                self.folder.path, f"does not fit into the memory of {self.processes.device}", remedy
            ) from error
        except NonFiniteLossError as error:
            path = self.folder.path / f"not_finite-{state.step:08d}-{self.processes.rank}.json"
            losses = {name: str(value) for name, value in error.losses.items()}
            write_json(path, {"step": state.step, "losses": losses, "images": self._names(error.items)})
            raise RunError(
                self.folder.path,
                f"loss or gradient is not finite at step {state.step}; no weight was changed",
                f"see {path.name} for the images; a lower optim.learning_rate or precision float32 often helps",
            ) from error

    def _names(self, items: Sequence[Item]) -> list[dict[str, object]]:
        names, tables = self.batches.names, [version.table for version in self.batches.versions]
        return [
            {
                "store": names[item.store],
                "row": item.row,
                "image_id": str(tables[item.store]["image_id"][item.row]),
                "altered": item.altered,
            }
            for item in items
        ]

    def _note_(self, state: TrainState, row: dict[str, float], log: RunLog | None) -> None:
        """Validate, save and log, as the step asks for; only the leading process does."""
        if log is not None:
            if state.step % self.config.loop.validate_every == 0:
                row |= self._validate_(state)
            # The line first: resuming at this checkpoint keeps the log up to its step.
            log.add(row)
            if state.step % self.config.loop.checkpoint_every == 0:
                self._save(state, numbered=self.config.loop.keep > 0)

    def _validate_(self, state: TrainState) -> dict[str, float]:
        loop = self.config.loop
        with autocast(self.config.compute, self.processes.device):
            samples = held_out_samples(
                self.stores,
                studies=loop.validation_studies,
                target=self.config.data.target,
                variants=loop.validation_variants,
            )
            curves = measure_held_out(
                state.average,
                samples,
                score=self.config.score,
                scorer=None,
                device=self.processes.device,
            )
        found = curves.choose(self.config.thresholds)
        state.stale += 1
        quality = curves.quality(self.config.thresholds)
        if quality > state.best_quality:
            state.best_quality, state.best_step, state.stale = quality, state.step, 0
            self._save_best(state)
        if loop.pictures:
            samples = held_out_samples(
                self.stores, studies=loop.pictures, variants=1, target=self.config.data.target
            )
            shown = list(itertools.islice(samples, loop.pictures))
            path = self.folder.pictures / f"step-{state.step:08d}.png"
            render_held_out(
                state.average,
                shown,
                path,
                score=self.config.score,
                threshold=found.pixel,
                device=self.processes.device,
            )
        return {
            "held_out_dice": found.held_out_dice,
            "held_out_quality": quality,
            "held_out_false_positives": found.false_positives,
        }

    def _finish_(self, state: TrainState, row: dict[str, float], log: RunLog | None) -> None:
        """Validate and save once more, unless the last step did; log the steps that no line tells of yet, if any."""
        if log is not None:
            if state.step % self.config.loop.validate_every:
                found = self._validate_(state)
                row = row | found if row else row
            if row:
                log.add(row)
            self._save(state, numbered=False)
        self.processes.wait()

    def _save(self, state: TrainState, *, numbered: bool) -> None:
        tensors, numbers = state.tensors(), state.numbers()
        if numbered:
            write_checkpoint(self.folder.checkpoint(f"step-{state.step:08d}"), tensors, numbers)
            for old in self.folder.numbered_checkpoints()[: -self.config.loop.keep]:
                old.unlink()
                old.with_suffix(".json").unlink(missing_ok=True)
        write_checkpoint(self.folder.checkpoint("last"), tensors, numbers)

    def _save_best(self, state: TrainState) -> None:
        write_checkpoint(self.folder.checkpoint("best"), state.average_tensors(), state.numbers())


def restore_last_(state: TrainState, folder: RunFolder) -> None:
    """Put the run's last checkpoint in place of `state`; leave it where there is none yet. Raises RunError."""
    if folder.checkpoint("last").exists():
        state.restore_(*read_checkpoint(folder.checkpoint("last")))
