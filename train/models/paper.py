"""The published network: a residual U-Net of the guided-diffusion family, without time embedding.

Source: ART-ASyn, arXiv 2512.00310, section 3.3, and its published defaults; written from that description.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from artasyn.data_manifests.bounds import check_bounds
from artasyn.data_manifests.errors import ConfigError

__all__ = ["PaperConfig", "PaperUNet"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperConfig:
    """Widths and depth of the published network; the defaults are the official ones (5.8 M parameters)."""

    width: int = 32
    """Channels of the finest level."""
    multipliers: tuple[int, ...] = (1, 1, 2, 3, 4)
    """Channels of each level, as multiples of `width`; each level halves the side."""
    blocks: int = 2
    """Residual blocks a level on the way down; one more on the way up."""
    attention: tuple[int, ...] = (8, 16)
    """Down-sampling factors of the levels that have self-attention."""
    heads: int = 1
    """Attention heads; divides the channels of the levels with attention."""
    dropout: float = 0.1
    """Share of activations dropped inside each residual block while training."""

    def __post_init__(self) -> None:
        check_bounds(self, "width", "multipliers", "blocks", "heads", table="network.paper", least=1)
        check_bounds(self, "dropout", table="network.paper", least=0, below=1)
        if not self.multipliers:
            raise ConfigError("network.paper.multipliers", "must name one level or more")
        widths = [self.width * m for k, m in enumerate(self.multipliers) if 2**k in self.attention]
        if any(channels % self.heads for channels in (*widths, self.width * self.multipliers[-1])):
            reason = (
                f"must divide the channels of each level with attention and of the deepest, got {self.heads}"
            )
            raise ConfigError("network.paper.heads", reason)


class PaperUNet(nn.Module):
    """Map images `(B, 1, H, W)` in [0, 1] to `outputs` maps and the deepest features.

    H and W must be multiples of `2 ** (levels - 1)`. The output convolution starts at zero.
    """

    def __init__(self, config: PaperConfig, *, outputs: int) -> None:
        super().__init__()
        self.config = config
        widths = [config.width * m for m in config.multipliers]
        self.enter = nn.Conv2d(1, widths[0], 3, padding=1)
        self.down, skips = _build_down(config, widths)
        last = widths[-1]
        self.middle = nn.Sequential(
            _block(config, last, last), _Attention(last, config.heads), _block(config, last, last)
        )
        self.up = _build_up(config, widths, skips)
        self.leave = nn.Sequential(
            nn.BatchNorm2d(widths[0]), nn.SiLU(), _zeroed(nn.Conv2d(widths[0], outputs, 3, padding=1))
        )

    @property
    def multiple(self) -> int:
        """Number that must divide the image's sides, in pixels."""
        return int(2 ** (len(self.config.multipliers) - 1))

    def encode(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Return the deepest features `(B, C, h, w)` and every skip map, in the order they were made."""
        x = self.enter(images)
        skips = [x]
        for module in self.down:
            x = module(x)
            skips.append(x)
        return self.middle(x), skips

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return `(maps (B, outputs, H, W), features (B, C, h, w))`."""
        features, skips = self.encode(images)
        return self.decode(features, skips), features

    def decode(self, features: Tensor, skips: list[Tensor]) -> Tensor:
        """Return the maps `(B, outputs, H, W)`; empties `skips`."""
        x = features
        for module in self.up:
            x = module(torch.cat((x, skips.pop()), dim=1))
        return cast(Tensor, self.leave(x))


def _build_down(config: PaperConfig, widths: list[int]) -> tuple[nn.ModuleList, list[int]]:
    """Return the way down, and the channels of each skip map it leaves behind."""
    modules, skips, width = nn.ModuleList(), [widths[0]], widths[0]
    for level, wider in enumerate(widths):
        for _ in range(config.blocks):
            modules.append(_level_block(config, width, wider, factor=2**level))
            width = wider
            skips.append(width)
        if level + 1 < len(widths):
            modules.append(_ResBlock(width, width, dropout=config.dropout, resample=_halve))
            skips.append(width)
    return modules, skips


def _build_up(config: PaperConfig, widths: list[int], skips: list[int]) -> nn.ModuleList:
    """Return the way up: each module takes one skip map; the last of a level also doubles the side."""
    modules, width = nn.ModuleList(), widths[-1]
    for level in reversed(range(len(widths))):
        for i in range(config.blocks + 1):
            layers: list[nn.Module] = [
                _level_block(config, width + skips.pop(), widths[level], factor=2**level)
            ]
            width = widths[level]
            if level and i == config.blocks:
                layers.append(_ResBlock(width, width, dropout=config.dropout, resample=_double))
            modules.append(nn.Sequential(*layers))
    return modules


def _level_block(config: PaperConfig, width: int, wider: int, *, factor: int) -> nn.Sequential:
    layers: list[nn.Module] = [_block(config, width, wider)]
    if factor in config.attention:
        layers.append(_Attention(wider, config.heads))
    return nn.Sequential(*layers)


def _block(config: PaperConfig, width: int, wider: int) -> "_ResBlock":
    return _ResBlock(width, wider, dropout=config.dropout, resample=_keep)


def _keep(x: Tensor) -> Tensor:
    return x


def _halve(x: Tensor) -> Tensor:
    return F.avg_pool2d(x, 2)


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0)


class _ResBlock(nn.Module):
    """skip(resample(x)) + conv(drop(act(norm(conv(resample(act(norm(x)))))))); the last convolution starts at zero."""

    def __init__(
        self, width: int, wider: int, *, dropout: float, resample: Callable[[Tensor], Tensor]
    ) -> None:
        super().__init__()
        self.resample = resample
        self.norm1, self.norm2 = nn.BatchNorm2d(width), nn.BatchNorm2d(wider)
        self.conv1 = nn.Conv2d(width, wider, 3, padding=1)
        self.conv2 = _zeroed(nn.Conv2d(wider, wider, 3, padding=1))
        self.dropout = nn.Dropout(dropout)
        self.skip = nn.Identity() if width == wider else nn.Conv2d(width, wider, 1)

    def forward(self, x: Tensor) -> Tensor:
        hidden = self.conv1(self.resample(F.silu(self.norm1(x))))
        hidden = self.conv2(self.dropout(F.silu(self.norm2(hidden))))
        return cast(Tensor, self.skip(self.resample(x)) + hidden)


class _Attention(nn.Module):
    """Self-attention among all positions of a map, added to it; the projection starts at zero."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.BatchNorm2d(width)
        self.qkv = nn.Conv2d(width, 3 * width, 1)
        self.project = _zeroed(nn.Conv2d(width, width, 1))

    def forward(self, x: Tensor) -> Tensor:
        b, c, h, w = x.shape
        qkv = self.qkv(self.norm(x)).reshape(b, 3, self.heads, c // self.heads, h * w)
        q, k, v = qkv.transpose(-1, -2).unbind(1)  # each (B, heads, h * w, C / heads)
        mixed = F.scaled_dot_product_attention(q, k, v).transpose(-1, -2).reshape(b, c, h, w)
        return cast(Tensor, x + self.project(mixed))


def _zeroed(conv: nn.Conv2d) -> nn.Conv2d:
    nn.init.zeros_(conv.weight)
    nn.init.zeros_(conv.bias)  # type: ignore[arg-type]
    return conv
