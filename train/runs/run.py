"""Open a finished run for use: its network with averaged weights, its thresholds, what it was trained on."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import ArtasynError, RunError
from artasyn.train.config import TrainConfig
from artasyn.train.models.anomaly_network import AnomalyNetwork, build_network
from artasyn.train.runs.checkpoint import load_weights_, read_checkpoint
from artasyn.train.runs.run_folder import RunFolder, first_difference
from artasyn.train.scoring.normality import Normality
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["Run", "open_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A finished run."""

    path: Path
    config: TrainConfig
    network: AnomalyNetwork
    """In evaluation mode, averaged weights, on the CPU."""
    size: int
    """Side of the images it takes, in pixels."""
    store: dict[str, Any]
    """First version it was trained on: name, id, digest."""
    stores: tuple[dict[str, Any], ...]
    """All versions it was trained on."""
    thresholds: Thresholds
    normality: Normality | None
    """What normal images are like; None where the image score does not ask."""
    training_images: dict[str, NDArray[np.str_]]
    """Columns `pixels_sha256` and `perceptual_hash` of the images that had a say, and `trained`: "1" where the weights
    learnt from it, "0" where it was held out (or the run is too old to tell)."""

    @property
    def squaring(self) -> str:
        """How its images were made square: `squeeze` or `pad`."""
        return str(self.store.get("squaring", "squeeze"))


def open_run(path: Path) -> Run:
    """Open a run folder. Raises RunError where it is absent, incomplete, or its weights are of another network."""
    folder = RunFolder(path)
    if not folder.path.is_dir():
        raise RunError(path, "is not a folder", "give the folder that `artasyn-train fit` wrote")
    config = _config(folder)
    stores = tuple(folder.read_json(folder.store))
    size = int(stores[0]["size"])
    thresholds = config_from_dict(
        Thresholds, folder.read_json(folder.thresholds), where=folder.thresholds.name
    )
    tensors, _ = read_checkpoint(folder.checkpoint("best"))
    return Run(
        path=path,
        config=config,
        network=_network(config, tensors, size),
        size=size,
        store=stores[0],
        stores=stores,
        thresholds=thresholds,
        normality=_normality(folder) if config.score.normality else None,
        training_images=_training_images(folder),
    )


def _config(folder: RunFolder) -> TrainConfig:
    said = folder.read_json(folder.config)
    try:
        config = config_from_dict(TrainConfig, said, where=folder.config.name)
    except ArtasynError as error:
        raise RunError(folder.path, f"was written by another release: {error}") from error
    # A value that did not exist then must not take today's default: the thresholds were frozen without it.
    name, _, _ = first_difference(said, config_to_dict(config)).partition(":")
    if name:
        reason = f"was written by another release: {folder.config.name} does not say {name}"
        raise RunError(folder.path, reason, "train again, or use the release that wrote it")
    return config


def _network(config: TrainConfig, tensors: dict[str, torch.Tensor], size: int) -> AnomalyNetwork:
    with torch.random.fork_rng(devices=[]):  # building draws initial weights from the global generator
        network = build_network(config.network, size=size)
    load_weights_(network, tensors, prefix="average.")
    return network.eval().requires_grad_(False)


def _normality(folder: RunFolder) -> Normality:
    tensors, _ = read_checkpoint(folder.normality)
    try:
        return Normality(**tensors)
    except TypeError as error:
        raise RunError(folder.normality, f"does not hold what normal images are like: {error}") from error


def _training_images(folder: RunFolder) -> dict[str, NDArray[np.str_]]:
    try:
        with folder.training_images.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = {
            name: np.array([row[name] for row in rows]) for name in ("pixels_sha256", "perceptual_hash")
        }
        return columns | {"trained": np.array([row.get("trained", "0") for row in rows])}
    except (OSError, KeyError) as error:
        raise RunError(folder.path, f"has no usable {folder.training_images.name}: {error}") from error
