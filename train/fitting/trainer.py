"""Train: take steps until the budget is spent, and note on the way how it goes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import torch
from torch import nn

from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import StepBatches
from artasyn.train.data.loader import BatchFeed
from artasyn.train.data.packed import Packed
from artasyn.train.data.stores import TrainingStore
from artasyn.train.fitting.budget import Budget
from artasyn.train.fitting.failures import explain_failures
from artasyn.train.fitting.meters import Clock, Window
from artasyn.train.fitting.state import TrainState
from artasyn.train.fitting.step import take_step_
from artasyn.train.fitting.validation import picture_held_out, validate
from artasyn.train.fitting.varied_batches import VariedBatch, VariedBatches
from artasyn.train.objective.objective import TERMS
from artasyn.train.optim.schedule import learning_rate_factor
from artasyn.train.runs.checkpoint import read_checkpoint, write_checkpoint
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.run_log import RunLog
from artasyn.train.runtime.distributed import Processes
from artasyn.train.runtime.precision import training_arithmetic

__all__ = ["Trainer", "TrainingProgress", "restore_last_"]

ENDLESS = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingProgress:
    """How far a training is, for whoever shows it."""

    share: float
    """Share of the budget spent, in [0, 1]."""
    step: int
    row: Mapping[str, float]
    """Latest line of the log."""
    best_step: int = 0
    """Step of the best weights so far."""
    trained: bool = False
    """Whether no step follows; image score and thresholds are still to come."""
    work: str = ""
    """What is done with images after the steps."""
    images: int = 0
    """Looked at after the steps, of `all_images`."""
    all_images: int = 0
    complete: bool = False
    """Whether nothing is still to come."""


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

    def run(self, state: TrainState, *, watch: Callable[[TrainingProgress], None]) -> TrainingProgress:
        """Train `state` on to the end of the budget and return how that ended.

        Raises RunError where memory ends or the loss is not finite.
        """
        with (
            explain_failures(self.folder, self.batches, self.processes),
            training_arithmetic(self.processes.device),
        ):
            return self._run(state, watch)

    def _run(self, state: TrainState, watch: Callable[[TrainingProgress], None]) -> TrainingProgress:
        config, processes = self.config, self.processes
        module, feed, clock = self._module(state), self._feed(state.step), Clock(state.seconds)
        log = RunLog(self.folder, self._columns(), step=state.step) if processes.leads else None
        budget = Budget(config.schedule, processes, clock, every=config.loop.log_every)
        batches, row = iter(feed), dict[str, float]()
        window = Window(feed, skips=state.scaler.is_enabled())
        while (share := budget.share(state.step)) < 1 and not self._is_stale(state):
            rate = config.optim.learning_rate * learning_rate_factor(share, config.schedule)
            whole = share >= config.augment.part_until
            result = take_step_(
                state, module, batches, config=config, processes=processes, rate=rate, whole=whole
            )
            window.add(result)
            state.seconds = clock.seconds()
            row = {"step": state.step, "learning_rate": rate, "seconds": round(state.seconds, 3)}
            if state.step % config.loop.log_every == 0:
                row |= window.means()
                self._note_(state, row, log)
                watch(TrainingProgress(share=share, step=state.step, row=row, best_step=state.best_step))
        state.seconds = clock.seconds()
        unlogged = bool(window.steps)
        row |= window.means() if unlogged else {}
        self._finish_(state, row if unlogged else {}, log)
        # The last share is below 1 where nothing got better for too long.
        share = min(share, 1.0)
        ended = TrainingProgress(
            share=share, step=state.step, row=row, best_step=state.best_step, trained=True
        )
        watch(ended)
        return ended

    def _module(self, state: TrainState) -> nn.Module:
        module = self.processes.share_statistics(state.network.train())
        if self.config.compute.compile:
            module = cast(nn.Module, torch.compile(module))
        return self.processes.wrap(module)

    def _columns(self) -> tuple[str, ...]:
        used = tuple(name for name in TERMS if getattr(self.config.loss, name))
        held_out = ("held_out_dice", "held_out_quality", "held_out_false_positives")
        skipped = ("skipped",) if self.config.compute.precision == "float16" else ()
        return ("learning_rate", "loss", *used, *self.batches.terms, "gradient", *skipped, *held_out)

    def _feed(self, step: int) -> BatchFeed[Packed[VariedBatch]]:
        parts = self.config.optim.accumulate
        pin = self.processes.device.type == "cuda"
        last = self.config.schedule.steps or ENDLESS // parts
        varied = VariedBatches(self.batches, self.config)
        return BatchFeed(varied, start=step * parts, stop=last * parts, workers=self.workers, pin=pin)

    def _is_stale(self, state: TrainState) -> bool:
        patience = self.config.loop.patience
        return bool(patience) and state.stale >= patience

    def _note_(self, state: TrainState, row: dict[str, float], log: RunLog | None) -> None:
        """Validate, save and log, as the step asks for; only the leading process does."""
        if log is not None:
            if state.step % self.config.loop.validate_every == 0:
                row |= self._validate_(state)
            # The line first: resuming at this checkpoint keeps the log up to its step.
            log.add(row)
            if state.step % self.config.loop.checkpoint_every == 0:
                self._save(state, numbered=self.config.loop.keep > 0)
        if state.step % self.config.loop.validate_every == 0:
            state.stale = int(self.processes.agree(state.stale))

    def _validate_(self, state: TrainState) -> dict[str, float]:
        device, frozen = self.processes.device, self.config.thresholds
        curves = validate(state.average, self.stores, self.config, device)
        found, quality = curves.choose(frozen), curves.quality(frozen)
        state.stale += 1
        if quality > state.best_quality:
            state.best_quality, state.best_step, state.stale = quality, state.step, 0
            self._save_best(state)
        if self.config.loop.pictures:
            picture_held_out(
                state.average,
                self.stores,
                self.folder,
                self.config,
                step=state.step,
                threshold=found.pixel,
                device=device,
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
