"""Build the network that a configuration names, with the meaning of its output channels."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.compact import CompactConfig, CompactUNet
from artasyn.train.models.own_class import import_class
from artasyn.train.models.paper import PaperConfig, PaperUNet

__all__ = ["AnomalyNetwork", "Head", "NetworkConfig", "Output", "build_network"]

Head = Literal["reconstruction", "segmentation", "lungs"]

FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)
"""What a class of the user's may raise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkConfig:
    """Which network, and what it sees and answers."""

    name: str = "compact"
    """`compact`, `paper`, or a torch module class of your own: `module:Class` or `path/file.py:Class`."""
    heads: tuple[Head, ...] = ("reconstruction", "segmentation", "lungs")
    """Meaning of the output channels, in order. `lungs` teaches anatomy and tells maps where air should be."""
    shrink: int = 2
    """Factor by which stored images are area-averaged before the network; its maps are enlarged again."""
    correction: bool = True
    """Whether the reconstruction head gives what to add to the image (starting at nothing), or the image itself."""
    compact: CompactConfig = field(default_factory=CompactConfig)
    """Used by `compact`."""
    paper: PaperConfig = field(default_factory=PaperConfig)
    """Used by `paper`."""
    arguments: Mapping[str, bool | int | float | str | tuple[int, ...]] = field(default_factory=dict)
    """Keyword arguments for a class of your own; it maps `(B, 1, H, W)` to `(B, len(heads), H, W)`."""

    def __post_init__(self) -> None:
        if not self.heads or len(set(self.heads)) != len(self.heads):
            raise ConfigError("network.heads", f"must name each head once and at least one, got {self.heads}")
        if self.shrink < 1:
            raise ConfigError("network.shrink", f"must be at least 1, got {self.shrink}")


class Output(NamedTuple):
    """What a network says about a batch; None where it has no such head."""

    reconstruction: Tensor | None
    """`(B, 1, H, W)`: the image without its opacity, in [0, 1] but not clipped."""
    logits: Tensor | None
    """`(B, 1, H, W)`: log-odds that a pixel belongs to an opacity."""
    lungs: Tensor | None
    """`(B, 1, H, W)`: log-odds that a pixel belongs to the lung field."""
    features: Tensor | None
    """`(B, C, h, w)`: deepest features, where the network gives them."""
    frozen: Tensor | None = None
    """`(B, D, h, w)`: deepest features that were pretrained and never learn, where the network gives them."""


class AnomalyNetwork(nn.Module):
    """A network with named heads; sees images already shrunk by `shrink`, `(B, 1, H, W)` in [0, 1]."""

    def __init__(self, core: nn.Module, config: NetworkConfig) -> None:
        super().__init__()
        self.core, self.heads, self.shrink = core, config.heads, config.shrink
        self.correction = config.correction

    def forward(self, images: Tensor) -> Output:
        """Return what each head says, at the size of `images`."""
        result = self.core(images)
        maps, features, frozen = (*result, None)[:3] if isinstance(result, tuple) else (result, None, None)
        named = dict(zip(self.heads, maps.float().split(1, dim=1), strict=True))
        reconstruction = named.get("reconstruction")
        if reconstruction is not None and self.correction:
            reconstruction = images + reconstruction
        return Output(reconstruction, named.get("segmentation"), named.get("lungs"), features, frozen)


def build_network(config: NetworkConfig, *, size: int) -> AnomalyNetwork:
    """Return the network for stored images of `size` pixels.

    Raises ConfigError where the size does not fit, or a class of the user's cannot be found or does not answer
    with one channel a head.
    """
    if size % config.shrink:
        raise ConfigError("network.shrink", f"must divide the store's image size {size}, got {config.shrink}")
    core = _core(config)
    side = size // config.shrink
    multiple = getattr(core, "multiple", 1)
    if side % multiple:
        raise ConfigError(
            "network",
            f"images of {size} px shrunk by {config.shrink} give {side} px, not a multiple of {multiple}",
            f"build the store with a size that is a multiple of {multiple * config.shrink}",
        )
    network = AnomalyNetwork(core, config)
    if ":" in config.name:
        _check_answer(network, side, config.name)
    return network


def _core(config: NetworkConfig) -> nn.Module:
    if config.name == "compact":
        return CompactUNet(config.compact, outputs=len(config.heads))
    if config.name == "paper":
        return PaperUNet(config.paper, outputs=len(config.heads))
    kind = import_class(config.name)
    try:
        return kind(**config.arguments)
    except FAILURES as error:
        reason = f"cannot be made from network.arguments: {type(error).__name__}: {error}"
        raise ConfigError(f"network `{config.name}`", reason) from error


def _check_answer(network: AnomalyNetwork, side: int, name: str) -> None:
    """Try a network of the user's on one blank image before hours are spent on it."""
    network.eval()
    with torch.no_grad():
        try:
            maps = network.core(torch.zeros(1, 1, side, side))
        except FAILURES as error:
            reason = f"refuses a (1, 1, {side}, {side}) image: {type(error).__name__}: {error}"
            raise ConfigError(f"network `{name}`", reason) from error
    maps = maps[0] if isinstance(maps, tuple) else maps
    if not isinstance(maps, Tensor):
        remedy = "let a class of your own return the maps, or a tuple that begins with them"
        raise ConfigError(f"network `{name}`", f"answers with {type(maps).__name__}, not a tensor", remedy)
    wanted = (1, len(network.heads), side, side)
    if tuple(maps.shape) != wanted:
        raise ConfigError(
            f"network `{name}`",
            f"answers with shape {tuple(maps.shape)}, not {wanted}",
            "set its number of output classes to the number of network.heads",
        )
    if not any(weight.requires_grad for weight in network.parameters()):
        raise ConfigError(f"network `{name}`", "has no weight that can learn")
    network.train()
