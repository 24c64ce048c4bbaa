"""How strongly an anomaly map is marked as a whole: what the score of an image starts from."""

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from artasyn.train.scoring.anomaly_map import Prediction
from artasyn.train.scoring.config import ImageScoreConfig

__all__ = ["map_levels"]

LEAST_LUNG = 1e-3
"""How far a place outside the lungs counts: where none are found, the whole image does."""
FEW = 1 / 8
"""Share of the places whose largest values nearly always do: to find them takes a 25th of the time of sorting all."""


def map_levels(predicted: Prediction, config: ImageScoreConfig) -> Tensor:
    """Return `(B,)` float32: mean of the largest values ^ `power` over `top_share` of the lungs, or of the image.

    Inside the lungs a place counts as far as it is lung: marks beside them have no say.
    """
    maps = predicted.maps.float()
    if not config.inside_lungs or predicted.lungs is None:
        values = maps.flatten(1)
        count = max(1, round(config.top_share * values.shape[1]))
        return values.topk(count, dim=1, sorted=False).values.pow(config.power).mean(dim=1)
    small = F.interpolate(maps[:, None], size=predicted.lungs.shape[1:], mode="area")[:, 0].flatten(1)
    inside = (predicted.lungs + LEAST_LUNG).flatten(1)
    if torch.compiler.is_compiling():
        return _levels_inside(small, inside, config)
    # one by one: how many values are sorted depends on the image, and on that its last bits
    rows = range(len(small))
    return torch.cat([_levels_inside(small[i : i + 1], inside[i : i + 1], config) for i in rows])


def _levels_inside(maps: Tensor, inside: Tensor, config: ImageScoreConfig) -> Tensor:
    """Return the levels `(B,)` of maps `(B, N)` whose places count as far as they lie `inside`."""
    wanted = config.top_share * inside.sum(dim=1, keepdim=True)
    values, weights = _largest(maps, inside, wanted)
    before = weights.cumsum(dim=1) - weights
    counted = (wanted - before).clamp(min=0).minimum(weights)
    return (values.pow(config.power) * counted).sum(dim=1) / counted.sum(dim=1)


def _largest(values: Tensor, weights: Tensor, wanted: Tensor) -> tuple[Tensor, Tensor]:
    """Return the largest values of each row, in falling order, and their weights, which reach `wanted` together."""
    if not torch.compiler.is_compiling():  # a graph cannot choose
        few, order = values.topk(math.ceil(FEW * values.shape[1]), dim=1)
        chosen = weights.gather(1, order)
        if (chosen.sum(dim=1, keepdim=True) >= wanted).all():
            return few, chosen
    ordered, order = values.sort(dim=1, descending=True)
    return ordered, weights.gather(1, order)
