"""Features of EfficientNet-Lite0, frozen or tuned, at three scales, at the widths of the network that they join."""

from collections.abc import Iterator, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from artasyn.train.models.efficientnet_lite import EfficientNetLite0
from artasyn.train.models.shipped_weights import shipped_weights
from artasyn.train.models.standardise import standard_exposure
from artasyn.train.models.weights_digest import weights_digest

__all__ = ["TAPS", "PretrainedFeatures", "published_digest", "published_weights", "tuned_weights"]

TAPS = {2: 24, 4: 40, 10: 112}
"""Channels of the blocks whose features are taken, at 1/4, 1/8 and 1/16 of the image's side."""


class PretrainedFeatures(nn.Module):
    """From standardised grey images to features of given widths, finest first.

    The last 1 x 1 layers learn, and with `tune` all of it does, from the published weights on.
    """

    def __init__(self, widths: Sequence[int], *, tune: bool = False) -> None:
        super().__init__()
        encoder = _published_encoder()
        self.frozen: EfficientNetLite0 | None = None if tune else encoder
        self.tuned: EfficientNetLite0 | None = encoder.requires_grad_() if tune else None
        self.joins = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(TAPS.values(), widths, strict=True))

    def forward(self, standard: Tensor) -> tuple[list[Tensor], Tensor | None]:
        """Return features of images `(B, 1, H, W)` of mean 0 and deviation 1, and the deepest frozen ones, if any.

        The first are `(B, width, H / s, W / s)` for s = 4, 8, 16; the last `(B, 112, H / 16, W / 16)`.
        """
        encoder = self.frozen or self.tuned
        assert encoder is not None  # it is one of the two
        with torch.set_grad_enabled(self.tuned is not None and torch.is_grad_enabled()):
            found = encoder.levels(standard_exposure(standard), TAPS)
        joined = [join(features) for join, features in zip(self.joins, found, strict=True)]
        return joined, None if self.frozen is None else found[-1]


def _published_encoder() -> EfficientNetLite0:
    encoder = EfficientNetLite0(max(TAPS)).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if not encoder.stem.weight.is_meta:  # a network without memory, to compare shapes with
        encoder.load_published_(shipped_weights())
        for weight in encoder.parameters():
            weight.add_(0.0)  # no -0.0: averaging would make it 0.0, and the bytes others
    return cast(EfficientNetLite0, encoder)


def published_weights(network: nn.Module) -> dict[str, Tensor]:
    """Return the weights, as `state_dict` names them, that training never changes: a package ships them."""
    return {
        f"{place}.frozen.{name}": value
        for place, module in network.named_modules()
        if isinstance(module, PretrainedFeatures) and module.frozen is not None
        for name, value in module.frozen.state_dict().items()
    }


def published_digest(network: nn.Module) -> str:
    """Return the SHA-256 over these weights, -0.0 taken for 0.0; empty where there are none."""
    weights = published_weights(network)
    return weights_digest({name: value + 0.0 for name, value in weights.items()}) if weights else ""


def tuned_weights(network: nn.Module) -> Iterator[nn.Parameter]:
    """Yield the parameters that begin at published weights and are trained on."""
    for module in network.modules():
        if isinstance(module, PretrainedFeatures) and module.tuned is not None:
            yield from module.tuned.parameters()
