"""Finish a run: learn its image score, choose its thresholds on held-out images, and seal its folder."""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import torch

from artasyn.data_manifests.files import write_json
from artasyn.train.config import TrainConfig
from artasyn.train.data.stores import TrainingStore
from artasyn.train.fitting.counted_images import CountedImages
from artasyn.train.fitting.state import TrainState
from artasyn.train.fitting.trainer import TrainingProgress
from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.models.backbone import build_backbone
from artasyn.train.models.shared_pass import share_pass_
from artasyn.train.runs.checkpoint import load_weights_, read_checkpoint, write_checkpoint
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import seal_run
from artasyn.train.runtime.precision import exact_arithmetic
from artasyn.train.scoring.held_out import count_samples, held_out_samples, measure_held_out
from artasyn.train.scoring.learn_scorer import count_images, learn_scorer
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["finish_run"]


def finish_run(
    state: TrainState,
    stores: Sequence[TrainingStore],
    folder: RunFolder,
    *,
    config: TrainConfig,
    device: torch.device,
    ended: TrainingProgress,
    watch: Callable[[TrainingProgress], None],
) -> Thresholds:
    """Calibrate the best weights, in full precision as they are used, and seal the folder: the run is complete.

    `ended` is how the training ended; `watch` is told of each image that is looked at.
    """
    images = CountedImages(_all_images(stores, config), ended, watch)
    tensors, numbers = read_checkpoint(folder.checkpoint("best"))
    load_weights_(state.average, tensors, prefix="average.", published=str(numbers.get("published", "")))
    with exact_arithmetic():
        thresholds = _calibrate(state.average, stores, folder, config=config, images=images, device=device)
    seal_run(folder)
    images.end()
    return thresholds


def _all_images(stores: Sequence[TrainingStore], config: TrainConfig) -> int:
    """Return how many images image score and thresholds look at."""
    score, loop = config.score, config.loop
    learnt = count_images(stores, score=score, studies=loop.score_studies, held_out=loop.calibration_studies)
    return learnt + count_samples(stores, studies=loop.calibration_studies)


def _calibrate(
    network: AnomalyNetwork,
    stores: Sequence[TrainingStore],
    folder: RunFolder,
    *,
    config: TrainConfig,
    images: CountedImages,
    device: torch.device,
) -> Thresholds:
    """Fit the image score, choose the thresholds, write both into the run's folder and return the thresholds."""
    loop, score = config.loop, config.score
    backbone = build_backbone(config.backbone).to(device) if score.pretrained else None
    if backbone is not None:
        share_pass_(backbone, network, size=stores[0].version.shape.size)
    scorer = learn_scorer(
        network,
        backbone,
        stores,
        score=score,
        studies=loop.score_studies,
        held_out=loop.calibration_studies,
        counted=images.over,
        device=device,
    )
    if scorer is not None:
        state = {"backbone": backbone.digest() if backbone else ""}
        write_checkpoint(folder.image_score, scorer.fitted(), state)
    samples = held_out_samples(stores, studies=loop.calibration_studies, target=config.data.target)
    samples = images.over(samples, "thresholds: held-out images")
    curves = measure_held_out(network, samples, score=score, scorer=scorer, device=device)
    thresholds = curves.choose(config.thresholds)
    write_json(folder.thresholds, asdict(thresholds))
    return thresholds
