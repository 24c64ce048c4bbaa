"""One pass of the pretrained network where the scored network and the image score would both make it.

The default network puts an image through a frozen EfficientNet-Lite0, and the image score's backbone is by default
the same blocks with the same weights on the same pixels: half of the time of scoring, for numbers known already.
"""

import torch

from artasyn.train.models.anomaly_network import AnomalyNetwork
from artasyn.train.models.backbone import Backbone
from artasyn.train.models.pretrained_features import PretrainedFeatures

__all__ = ["share_pass_"]


def share_pass_(backbone: Backbone, network: AnomalyNetwork, *, size: int) -> Backbone:
    """Return the backbone, marked as shared where `network` gives exactly its features of images of `size` pixels."""
    pretrained = getattr(network.core, "pretrained", None)
    backbone.shared = (
        isinstance(pretrained, PretrainedFeatures)
        and pretrained.frozen is not None
        and size == network.shrink * backbone.size
        and _equal(pretrained.frozen.state_dict(), backbone.core.state_dict())
    )
    return backbone


def _equal(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> bool:
    """Tell whether two networks have the same layers and, -0.0 taken for 0.0, the same weights."""
    return one.keys() == other.keys() and all(
        torch.equal(value, other[name].to(value.device)) for name, value in one.items()
    )
