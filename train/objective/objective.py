"""Weigh the losses of a batch into the one number that is minimised."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.anomaly_network import Head, NetworkConfig, Output
from artasyn.train.objective.losses import (
    feature_distance,
    focal,
    global_mse,
    local_mse,
    soft_dice,
    soft_residual_mask,
    soft_tversky,
)
from artasyn.train.objective.targets import Targets

__all__ = ["TERMS", "LossConfig", "check_losses", "mask_alone", "weigh_losses"]


TERMS: dict[str, Head | None] = {
    "global_mse": "reconstruction",
    "local_mse": "reconstruction",
    "region": "reconstruction",
    "overlap": "segmentation",
    "pixels": "segmentation",
    "lungs": "lungs",
    "features": None,
}
"""Every loss, and the head of the network that it needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossConfig:
    """Weight of each loss (0 leaves it out) and its shape."""

    global_mse: float = 1.0
    """Reconstruction against the normal image, all pixels."""
    local_mse: float = 2.0
    """The same inside the mask."""
    features: float = 0.0
    """Cosine distance of the deepest features to those of the normal image of the same study."""
    region: float = 0.0
    """Soft Dice of the residual |image - reconstruction| and the mask."""
    overlap: float = 0.3
    """Soft Tversky (Dice at `false_negatives` = 0.5) of the segmentation head."""
    pixels: float = 2.0
    """Cross entropy (focal above `focal_gamma` = 0) of the segmentation head."""
    lungs: float = 0.5
    """Cross entropy of the lung field's head: anatomy learnt beside opacities steadies both."""
    false_negatives: float = 0.5
    """Share of the blame on missed pixels rather than on falsely marked ones, in [0, 1]."""
    focal_gamma: float = 0.0
    """Power that plays down pixels already right."""
    residual_floor: float = 0.03
    """Least residual that `region` counts as marked, in grey levels of [0, 1]."""
    residual_share: float = 0.2
    """The same as a share of the image's largest residual."""
    residual_softness: float = 0.02
    """Width of the soft threshold of `region`, in grey levels of [0, 1]."""

    def __post_init__(self) -> None:
        check_bounds(self, *TERMS, "focal_gamma", "residual_floor", table="loss", least=0)
        check_bounds(self, "false_negatives", "residual_share", table="loss", least=0, most=1)
        check_bounds(self, "residual_softness", table="loss", above=0)
        if not any(getattr(self, name) for name in TERMS):
            raise ConfigError("loss", "nothing is learnt", f"give a weight to one of {', '.join(TERMS)}")


def check_losses(config: LossConfig, network: NetworkConfig) -> None:
    """Raise ConfigError where a loss needs a head that the network lacks."""
    for name, head in TERMS.items():
        if head and getattr(config, name) and head not in network.heads:
            raise ConfigError(f"loss.{name}", f"needs the head `{head}`", "add it to network.heads or set 0")


def mask_alone(config: LossConfig) -> LossConfig:
    """Return the losses of images of which nothing but a mask is known."""
    return replace(config, **{name: 0.0 for name in TERMS if name != "pixels"})


def weigh_losses(output: Output, targets: Targets, config: LossConfig) -> tuple[Tensor, dict[str, Tensor]]:
    """Return `(weighted sum (B,), each loss unweighted (B,))`; losses of weight 0 are not computed."""
    terms = _reconstruction_terms(output, targets, config) | _segmentation_terms(output, targets, config)
    if config.lungs and output.lungs is not None:
        terms["lungs"] = focal(output.lungs, targets.lungs, gamma=0.0)
    if config.features and output.features is not None:
        terms["features"] = _feature_term(output.features, targets.normal_of)
    total = torch.stack([getattr(config, name) * value for name, value in terms.items()]).sum(dim=0)
    return total, terms


def _reconstruction_terms(output: Output, targets: Targets, config: LossConfig) -> dict[str, Tensor]:
    terms: dict[str, Tensor] = {}
    if output.reconstruction is None:
        return terms
    if config.global_mse:
        terms["global_mse"] = global_mse(output.reconstruction, targets.normals)
    if config.local_mse:
        terms["local_mse"] = local_mse(output.reconstruction, targets.normals, targets.masks)
    if config.region:
        residual = (targets.images - output.reconstruction).abs()
        marked = soft_residual_mask(
            residual,
            floor=config.residual_floor,
            share=config.residual_share,
            softness=config.residual_softness,
        )
        terms["region"] = soft_dice(marked, targets.masks)
    return terms


def _segmentation_terms(output: Output, targets: Targets, config: LossConfig) -> dict[str, Tensor]:
    terms: dict[str, Tensor] = {}
    if output.logits is None:
        return terms
    if config.overlap:
        probability = torch.sigmoid(output.logits)
        terms["overlap"] = soft_tversky(probability, targets.masks, false_negatives=config.false_negatives)
    if config.pixels:
        terms["pixels"] = focal(output.logits, targets.masks, gamma=config.focal_gamma)
    return terms


def _feature_term(features: Tensor, normal_of: Tensor) -> Tensor:
    """Compare each image with its study's normal one in the same batch; a normal image itself counts zero."""
    known = (normal_of >= 0) & (normal_of != torch.arange(len(normal_of), device=normal_of.device))
    distance = feature_distance(features.float(), features.float()[normal_of.clamp_min(0)])
    return distance * known
