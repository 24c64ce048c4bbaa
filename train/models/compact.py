"""The default network: a small residual U-Net that a laptop's processor trains in minutes.

Three choices buy its speed: pixels are folded into channels before the first convolution and unfolded after the last
(the widest maps have a quarter of the image's side), ordinary 3 x 3 convolutions (depthwise ones were no quicker on
processors), norms of one group (no running statistics: the same in training and use, for any batch and any number of
processes). docs/measured/training.md has the figures.
"""

import itertools
from dataclasses import dataclass
from typing import cast

from torch import Tensor, nn
from torch.nn import functional as F

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError
from artasyn.train.models.pretrained_features import TAPS, PretrainedFeatures
from artasyn.train.models.standardise import standardise

__all__ = ["CompactConfig", "CompactUNet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactConfig:
    """Widths and depth of the compact network."""

    fold: int = 4
    """Side of the square of pixels folded into channels at the entrance and unfolded at the exit, in pixels."""
    widths: tuple[int, ...] = (32, 64, 96)
    """Channels of each level, from the finest; each level halves the side."""
    blocks: int = 1
    """Residual blocks a level, on the way down and on the way up."""
    bottom_blocks: int = 2
    """Residual blocks of the deepest level, where a pixel sees the whole image."""
    groups: int = 1
    """Groups of each group norm; divides every width. One group takes half the time of eight on a processor."""
    pretrained: bool = True
    """Whether features of an EfficientNet-Lite0, pretrained on ImageNet, join each level; 3 levels, fold 4."""
    tune: float = 0.0
    """Learning rate of that EfficientNet as a share of the rest's, in [0, 1]; 0 leaves it frozen."""

    def __post_init__(self) -> None:
        counts = ("fold", "widths", "blocks", "bottom_blocks", "groups")
        check_bounds(self, *counts, table="network.compact", least=1)
        if not self.widths or any(w % self.groups for w in self.widths):
            reason = f"must be multiples of groups={self.groups}, got {self.widths}"
            raise ConfigError("network.compact.widths", reason)
        check_bounds(self, "tune", table="network.compact", least=0, most=1 if self.pretrained else 0)
        if self.pretrained and (self.fold != 4 or len(self.widths) != len(TAPS)):
            reason = f"needs fold = 4 and {len(TAPS)} widths, got {self.fold} and {self.widths}"
            raise ConfigError("network.compact.pretrained", reason, "or set it to false")


class CompactUNet(nn.Module):
    """Map grey images `(B, 1, H, W)` to `outputs` maps `(B, outputs, H, W)` and features.

    Each image is standardised first (zero mean, unit deviation), so brightness and contrast carry no weight.
    H and W must be multiples of `fold * 2 ** (levels - 1)`.
    """

    def __init__(self, config: CompactConfig, *, outputs: int) -> None:
        super().__init__()
        self.config, widths = config, config.widths
        self.enter = nn.Conv2d(config.fold**2, widths[0], 3, padding=1)
        self.pretrained = PretrainedFeatures(widths, tune=config.tune > 0) if config.pretrained else None
        self.encoders = nn.ModuleList(_blocks(w, config.blocks, config.groups) for w in widths[:-1])
        self.downs = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in itertools.pairwise(widths))
        self.bottom = _blocks(widths[-1], config.bottom_blocks, config.groups)
        self.ups = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in itertools.pairwise(widths))
        self.decoders = nn.ModuleList(_blocks(w, config.blocks, config.groups) for w in widths[:-1])
        self.leave = nn.Conv2d(widths[0], outputs * config.fold**2, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)  # type: ignore[arg-type]

    @property
    def multiple(self) -> int:
        """Number that must divide the image's sides, in pixels."""
        return int(self.config.fold * 2 ** (len(self.config.widths) - 1))

    def encode(self, images: Tensor) -> tuple[Tensor, list[Tensor], Tensor | None]:
        """Return the deepest features `(B, C, h, w)`, the skip features, finest first, and the frozen ones."""
        standard = standardise(images)
        joining, frozen = [0.0] * len(self.config.widths), None
        if self.pretrained is not None:
            joining, frozen = self.pretrained(standard)
        x = self.enter(F.pixel_unshuffle(standard, self.config.fold))  # (B, C0, H/fold, W/fold)
        skips: list[Tensor] = []
        for encoder, down, more in zip(self.encoders, self.downs, joining[:-1], strict=True):
            x = encoder(x + more)
            skips.append(x)
            x = down(x)  # (B, C[i+1], h/2, w/2)
        return self.bottom(x + joining[-1]), skips, frozen

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        """Return `(maps (B, outputs, H, W), features (B, C, h, w), frozen features (B, D, h, w) or None)`."""
        features, skips, frozen = self.encode(images)
        x = features
        for i in reversed(range(len(skips))):
            # the 1 x 1 convolution first: it is four times cheaper on the small map and commutes with enlarging
            x = self.decoders[i](F.interpolate(self.ups[i](x), scale_factor=2.0) + skips[i])
        return F.pixel_shuffle(self.leave(x), self.config.fold), features, frozen


class _Residual(nn.Module):
    """x + conv(act(norm(conv(act(norm(x)))))): pre-activation, the second convolution starts at zero."""

    def __init__(self, width: int, groups: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(groups, width), nn.GroupNorm(groups, width)
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv1(F.relu(self.norm1(x)))
        return cast(Tensor, x + self.conv2(F.relu(self.norm2(hidden))))


def _blocks(width: int, count: int, groups: int) -> nn.Sequential:
    return nn.Sequential(*(_Residual(width, groups) for _ in range(count)))
