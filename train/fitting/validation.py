"""Validate the averaged weights on held-out studies: quality, and pictures."""

import itertools
from collections.abc import Sequence

import torch

from artasyn.train.config import TrainConfig
from artasyn.train.data.stores import TrainingStore
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.validation_pictures import render_held_out
from artasyn.train.runtime.precision import autocast
from artasyn.train.scoring.held_out import held_out_samples, measure_held_out
from artasyn.train.scoring.threshold_curves import ThresholdCurves

__all__ = ["picture_held_out", "validate"]


def validate(
    network: AnomalyNetwork, stores: Sequence[TrainingStore], config: TrainConfig, device: torch.device
) -> ThresholdCurves:
    """Return what a few held-out studies say of every threshold."""
    samples = held_out_samples(
        stores,
        studies=config.loop.validation_studies,
        target=config.data.target,
        variants=config.loop.validation_variants,
    )
    with autocast(config.compute, device):
        return measure_held_out(network, samples, score=config.score, scorer=None, device=device)


def picture_held_out(
    network: AnomalyNetwork,
    stores: Sequence[TrainingStore],
    folder: RunFolder,
    config: TrainConfig,
    *,
    step: int,
    threshold: float,
    device: torch.device,
) -> None:
    """Draw the same held-out images at every step, marked at the threshold."""
    count = config.loop.pictures
    samples = held_out_samples(stores, studies=count, variants=1, target=config.data.target)
    render_held_out(
        network,
        list(itertools.islice(samples, count)),
        folder.pictures / f"step-{step:08d}.png",
        score=config.score,
        threshold=threshold,
        device=device,
    )
