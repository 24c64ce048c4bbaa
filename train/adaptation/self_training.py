"""The steps of an adaptation: half of each synthetic, as in the training before, half unlabelled images with marks."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from torch import nn

from artasyn.data_manifests.errors import ConfigError, RunError
from artasyn.train.adaptation.pseudo_labels import PseudoLabelledImages
from artasyn.train.config import TrainConfig
from artasyn.train.data.dataset import Batch, StepBatches
from artasyn.train.data.stores import TrainingStore
from artasyn.train.fitting.step import batch_losses, seed_dropout
from artasyn.train.fitting.trainer import Progress
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.objective.objective import TERMS
from artasyn.train.optim.ema import average_copy, update_average_
from artasyn.train.optim.schedule import ScheduleConfig, learning_rate_factor
from artasyn.train.runs.run import Run
from artasyn.train.runs.run_log import RunLog
from artasyn.train.runtime.seeds import number_generator

__all__ = ["COLUMNS", "AdaptConfig", "self_train"]

COLUMNS = ("learning_rate", "loss", "pixels")
"""Of the log: `loss` of the synthetic half, `pixels` the unlabelled half's cross entropy with its marks."""
LOG_EVERY = 20
WARM_UP = 0.1
SETTLED = 10_000
"""Steps that the average of the weights takes as done: it starts from a finished run, not from a random start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaptConfig:
    """How far a run moves towards its own marks."""

    steps: int = 900
    """Steps, each of `data.studies` synthetic studies and as many unlabelled images."""
    learning_rate: float = 3e-4
    """Highest learning rate: lower than in the training before, most of which is to stay."""
    ema: float = 0.995
    """Share of the weights' moving average that each step keeps: a shorter memory than in a training from nothing."""

    def __post_init__(self) -> None:
        if self.steps < 1 or self.learning_rate <= 0 or not 0 <= self.ema < 1:
            raise ConfigError("adapt", f"needs steps >= 1, learning_rate > 0, ema in [0, 1), got {self}")


def self_train(
    run: Run,
    stores: Sequence[TrainingStore],
    marked: PseudoLabelledImages,
    config: AdaptConfig,
    *,
    device: torch.device,
    log: RunLog,
    watch: Callable[[Progress], None],
) -> AnomalyNetwork:
    """Return the run's network after the last step, averaged weights. Raises RunError where a loss is not finite."""
    network = copy.deepcopy(run.network).to(device).train().requires_grad_(True)
    average = cast(AnomalyNetwork, average_copy(network))
    decay = run.config.optim.weight_decay
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.learning_rate, weight_decay=decay)
    schedule = ScheduleConfig(steps=config.steps, warm_up=WARM_UP)
    configs = _configs(run.config)
    losses: list[tuple[float, float]] = []
    began = last = time.monotonic()
    for step, halves in enumerate(_halves(run, stores, marked, steps=config.steps), start=1):
        rate = config.learning_rate * learning_rate_factor((step - 1) / config.steps, schedule)
        losses.append(_step_(network, optimizer, halves, configs, step=step, rate=rate, device=device))
        if not all(math.isfinite(value) for value in losses[-1]):
            raise RunError(
                run.path, f"loss is not finite at step {step} of the adaptation", "try fewer steps"
            )
        update_average_(average, network, decay=config.ema, step=SETTLED)
        if step % LOG_EVERY == 0 or step == config.steps:
            images, now = len(losses) * sum(half.total for half in halves), time.monotonic()
            row = {"step": step, "learning_rate": rate, "seconds": round(now - began, 3)} | _means(losses)
            row["images_per_second"] = round(images / (now - last), 2)
            log.add(row)
            watch(Progress(share=step / config.steps, step=step, row=row))
            losses, last = [], now
    return average


def _means(losses: Sequence[tuple[float, float]]) -> dict[str, float]:
    synthetic, unlabelled = np.mean(losses, axis=0).tolist()
    return {"loss": synthetic, "pixels": unlabelled}


def _halves(
    run: Run, stores: Sequence[TrainingStore], marked: PseudoLabelledImages, *, steps: int
) -> Iterator[tuple[Batch, Batch]]:
    """Yield the synthetic and the unlabelled half of each step; both follow from the seed and the step alone."""
    seed, count = run.config.seed, run.config.data.studies
    synthetic = StepBatches(stores, run.config.data, seed=seed + 1, rank=0, world=1, parts=1)
    for step in range(1, steps + 1):
        places = number_generator(seed, step, stage="unlabelled").integers(len(marked), size=count)
        yield synthetic[step], marked.batch(places)


def _configs(config: TrainConfig) -> tuple[TrainConfig, TrainConfig]:
    """Return the recipe of each half, in full precision; of the unlabelled one no more is known than its marks."""
    marks_alone = replace(config.loss, **{name: 0.0 for name in TERMS if name != "pixels"})
    full = replace(config, compute=replace(config.compute, precision="float32"))
    return replace(full, seed=config.seed + 1), replace(full, seed=config.seed + 2, loss=marks_alone)


def _step_(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    halves: tuple[Batch, Batch],
    configs: tuple[TrainConfig, TrainConfig],
    *,
    step: int,
    rate: float,
    device: torch.device,
) -> tuple[float, float]:
    """Move the weights by one step; return the synthetic half's mean loss and the other's mean cross entropy."""
    seed_dropout(step, configs[0].seed, rank=0)
    synthetic, unlabelled = (
        batch_losses(step, network, batch, config=config, device=device)
        for batch, config in zip(halves, configs, strict=True)
    )
    total = synthetic["loss"] + unlabelled["loss"]
    optimizer.param_groups[0]["lr"] = rate
    optimizer.zero_grad()
    (total / sum(batch.total for batch in halves)).backward()  # type: ignore[no-untyped-call]
    if clip := configs[0].optim.clip:
        nn.utils.clip_grad_norm_(network.parameters(), clip)
    optimizer.step()
    means = (synthetic["loss"] / halves[0].total, unlabelled["pixels"] / halves[1].total)
    return float(means[0].detach()), float(means[1].detach())
