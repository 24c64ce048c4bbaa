"""The steps of an adaptation: half of each synthetic, as in the training before, half unlabelled images with marks."""

import copy
import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from data_manifests.errors import ConfigError, RunError
from train.batches import Batch, StepBatches
from train.config import TrainConfig
from train.ema import average_copy, update_average_
from train.logs import RunLog
from train.loop import Progress
from train.marked import MarkedImages
from train.networks import AnomalyNetwork
from train.objective import TERMS, LossConfig, weigh_losses
from train.prepare import prepare
from train.run import Run
from train.schedule import ScheduleConfig, learning_rate_factor
from train.seeds import number_generator
from train.stores import TrainingStore

__all__ = ["COLUMNS", "AdaptConfig", "learn_on"]

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


def learn_on(
    run: Run,
    stores: Sequence[TrainingStore],
    marked: MarkedImages,
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
    losses: list[tuple[float, float]] = []
    began = last = time.monotonic()
    for step, halves in enumerate(_halves(run, stores, marked, steps=config.steps), start=1):
        rate = config.learning_rate * learning_rate_factor((step - 1) / config.steps, schedule)
        losses.append(_step_(network, optimizer, halves, run.config, step=step, rate=rate, device=device))
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
    run: Run, stores: Sequence[TrainingStore], marked: MarkedImages, *, steps: int
) -> Iterator[tuple[Batch, Batch]]:
    """Yield the synthetic and the unlabelled half of each step; both follow from the seed and the step alone."""
    seed, count = run.config.seed, run.config.data.studies
    synthetic = StepBatches(stores, run.config.data, seed=seed + 1, rank=0, world=1, parts=1)
    for step in range(1, steps + 1):
        places = number_generator(seed, step, stage="unlabelled").integers(len(marked), size=count)
        yield synthetic[step], marked.batch(places)


def _step_(
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    halves: tuple[Batch, Batch],
    config: TrainConfig,
    *,
    step: int,
    rate: float,
    device: torch.device,
) -> tuple[float, float]:
    """Move the weights by one step; return the mean loss of each half."""
    weights = (config.loss, _marks_alone(config.loss))
    losses = [
        _loss(network, batch, config, weight, step=step, half=half, device=device)
        for half, (batch, weight) in enumerate(zip(halves, weights, strict=True))
    ]
    optimizer.param_groups[0]["lr"] = rate
    optimizer.zero_grad()
    (torch.stack(losses).sum() / sum(batch.total for batch in halves)).backward()  # type: ignore[no-untyped-call]
    if config.optim.clip:
        nn.utils.clip_grad_norm_(network.parameters(), config.optim.clip)
    optimizer.step()
    synthetic, unlabelled = (float(x.detach()) / b.total for x, b in zip(losses, halves, strict=True))
    return synthetic, unlabelled / config.loss.pixels


def _marks_alone(config: LossConfig) -> LossConfig:
    """Return the losses of which only the cross entropy with the marks is left: nothing else is known."""
    return replace(config, **{name: 0.0 for name in TERMS if name != "pixels"})


def _loss(
    network: nn.Module,
    batch: Batch,
    config: TrainConfig,
    weights: LossConfig,
    *,
    step: int,
    half: int,
    device: torch.device,
) -> Tensor:
    """Return the sum of the batch's losses."""
    targets = prepare(
        batch,
        config.augment,
        seed=config.seed + 1 + half,
        step=step,
        studies=config.data.studies,
        shrink=config.network.shrink,
        device=device,
    )
    return weigh_losses(network(targets.images), targets, weights)[0].sum()
