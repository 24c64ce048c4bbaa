"""Open a finished run for use: its network with averaged weights, its thresholds, what it was trained on."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from artasyn.data_manifests.config import config_from_dict, config_to_dict
from artasyn.data_manifests.errors import ArtasynError, ConfigError, RunError
from artasyn.data_manifests.images.geometry import Rule
from artasyn.data_manifests.notebook import facts_html
from artasyn.train.config import TrainConfig
from artasyn.train.models.anomaly_network import AnomalyNetwork, build_network
from artasyn.train.models.backbone import BackboneConfig, build_backbone
from artasyn.train.models.shared_pass import share_pass_
from artasyn.train.runs.checkpoint import check_shapes, load_weights_, read_checkpoint
from artasyn.train.runs.config_changes import first_difference
from artasyn.train.runs.later_settings import add_later_settings
from artasyn.train.runs.reading import read_bounded
from artasyn.train.runs.run_folder import RunFolder
from artasyn.train.runs.seal import check_seal
from artasyn.train.runs.starter import resolve_run
from artasyn.train.runtime.threads import one_thread
from artasyn.train.scoring.image_score import ImageScorer
from artasyn.train.scoring.thresholds import Thresholds

__all__ = ["Run", "open_run"]

COLUMNS = ("pixels_sha256", "perceptual_hash", "trained")
FINGERPRINT = re.compile("[0-9a-f]{64},(?:[0-9a-f]{16}|[0-9a-f]{64})?,[01]")
"""One line of the training images: digest, perceptual hash, whether the weights learnt from it."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
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
    scorer: ImageScorer | None
    """Scores images; None where the score is the map's level alone."""
    training_images: dict[str, NDArray[np.str_]]
    """Columns `pixels_sha256` and `perceptual_hash` of the images that had a say, and `trained`: "1" where the weights
    learnt from it, "0" where it was held out."""

    @property
    def squaring(self) -> Rule:
        """How its images were made square: `squeeze` or `pad`."""
        return cast(Rule, self.store.get("squaring", "squeeze"))

    @property
    def pretrained(self) -> str:
        """What in it sees pretrained features, for readers of its figures; empty where nothing does."""
        network, score, backbone = self.config.network, self.config.score, self.config.backbone
        parts = ["network"] if network.name == "compact" and network.compact.pretrained else []
        scored = ["image score"] if score.head or score.distance else []
        scored += ["level of the map"] if score.map_distance else []
        scored += ["map, place by place"] if score.map_patches else []
        if backbone == replace(BackboneConfig(), block=backbone.block, size=backbone.size):
            parts, scored = parts + scored, []
        said = [f"pretrained on ImageNet: {', '.join(parts)}"] if parts else []
        said += [f"pretrained ({backbone.name}): {', '.join(scored)}"] if scored else []
        return "; ".join(said)

    def __repr__(self) -> str:
        """Return a line; network and training images are too long for one."""
        stores = ", ".join(str(store.get("name", "")) for store in self.stores)
        return f"<Run {self.path}: {self.config.network.name}, {self.size} x {self.size} pixels, trained on {stores}>"

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        frozen = self.thresholds
        facts = {
            "network": f"{self.config.network.name}, {sum(p.numel() for p in self.network.parameters()):,} weights",
            "pretrained": self.pretrained or "nothing",
            "trained on": ", ".join(str(store.get("name", "")) for store in self.stores),
            "images": f"{self.size} x {self.size} pixels, {self.squaring}",
            "frozen thresholds": f"pixel {frozen.pixel:.3f}, image {frozen.image:.3f}",
            "held-out synthetic Dice": f"{frozen.held_out_dice:.3f} over {frozen.synthetic_images} images",
            "marked on normal lungs": f"{100 * frozen.false_positives:.1f} %",
        }
        return facts_html(f"run {self.path.name}", facts)


@one_thread()
def open_run(path: Path) -> Run:
    """Open a run folder, or the shipped run by the name `starter`.

    Raises RunError where it is absent, incomplete, or its weights are of another network.
    """
    path = resolve_run(path)
    folder = RunFolder(path)
    if not folder.path.is_dir():
        raise RunError(
            path, "is not a folder", "give the folder that `artasyn-train fit` wrote, or `starter`"
        )
    config = _config(folder)
    stores = tuple(folder.store_records())
    size = int(stores[0]["size"])
    thresholds = _thresholds(folder)
    check_seal(folder)
    tensors, numbers = read_checkpoint(folder.checkpoint("best"))
    network = _network(config, tensors, size, published=str(numbers.get("published", "")))
    scorer = _scorer(folder, config) if config.score.normality or config.score.pretrained else None
    if scorer is not None and scorer.backbone is not None:
        share_pass_(scorer.backbone, network, size=size)
    return Run(
        path=path,
        config=config,
        network=network,
        size=size,
        store=stores[0],
        stores=stores,
        thresholds=thresholds,
        scorer=scorer,
        training_images=_training_images(folder),
    )


def _config(folder: RunFolder) -> TrainConfig:
    said = add_later_settings(folder.read_json(folder.config))
    try:
        config = config_from_dict(TrainConfig, said, where=folder.config.name)
    except ArtasynError as error:
        raise RunError(folder.path, f"was written by another release: {error}") from error
    # Any other value that did not exist then must not take today's default: the thresholds were frozen without it.
    name, _, _ = first_difference(said, config_to_dict(config)).partition(":")
    if name:
        reason = f"was written by another release: {folder.config.name} does not say {name}"
        raise RunError(folder.path, reason, "train again, or use the release that wrote it")
    return config


def _thresholds(folder: RunFolder) -> Thresholds:
    try:
        said = folder.read_json(folder.thresholds)
        return config_from_dict(Thresholds, said, where=folder.thresholds.name)
    except (ConfigError, TypeError) as error:
        raise RunError(folder.path, f"has no usable thresholds: {error}") from error


def _network(
    config: TrainConfig, tensors: dict[str, torch.Tensor], size: int, *, published: str
) -> AnomalyNetwork:
    if ":" not in config.network.name:  # one's own classes may not know torch's device without memory
        with torch.device("meta"):
            check_shapes(build_network(config.network, size=size), tensors, prefix="average.")
    with torch.random.fork_rng(devices=[]):  # building draws initial weights from the global generator
        network = build_network(config.network, size=size)
    load_weights_(network, tensors, prefix="average.", published=published)
    if config.compute.channels_last:  # as in the training that froze the thresholds
        network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network.eval().requires_grad_(False)


def _scorer(folder: RunFolder, config: TrainConfig) -> ImageScorer:
    """Return what was fitted. Raises RunError where it, or the backbone, is not the one of the training."""
    tensors, state = read_checkpoint(folder.image_score)
    backbone = build_backbone(config.backbone) if config.score.pretrained else None
    own, side = len(tensors.get("normality.mean", ())), len(tensors.get("patches.means", ((),))[0])
    scorer = ImageScorer(config.score, own=own, backbone=backbone, side=side)
    try:
        scorer.load_fitted_(tensors)
    except ValueError as error:
        raise RunError(folder.image_score, f"does not hold what the image score needs: {error}") from error
    if backbone is not None and state.get("backbone") != backbone.digest():
        remedy = "install the release of its weights that the run was trained with"
        raise RunError(folder.image_score, "was fitted on another pretrained network", remedy)
    return scorer.eval().requires_grad_(False)


def _training_images(folder: RunFolder) -> dict[str, NDArray[np.str_]]:
    path = folder.training_images
    try:
        header, *lines = read_bounded(path).decode("ascii").splitlines()
    except ValueError as error:
        raise RunError(path, f"is not a table of fingerprints: {error}") from error
    bad = next((line for line in lines if not FINGERPRINT.fullmatch(line)), None)
    if header != ",".join(COLUMNS) or bad is not None:
        raise RunError(path, f"is not a table of fingerprints: {(header if bad is None else bad)[:100]!r}")
    columns = np.array([line.split(",") for line in lines], np.str_).reshape(-1, len(COLUMNS)).T
    return dict(zip(COLUMNS, columns, strict=True))
