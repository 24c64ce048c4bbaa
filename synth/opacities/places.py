"""Draw single places in a lung by the preferences of a request."""

import numpy as np

from synth.opacities.anatomy import Lungs
from synth.opacities.request import Request

__all__ = ["draw_place"]


def draw_place(lungs: Lungs, side: int, request: Request, *, rng: np.random.Generator) -> tuple[float, float]:
    """Draw (row, column) of a pixel of one lung, preferring the base and the rim as the request says."""
    flat = lungs.points[side]
    candidates = np.array([divmod(int(flat[i]), lungs.shape[1]) for i in rng.integers(flat.size, size=16)])
    height, lateral = lungs.coordinates(side)
    liking = request.basal * height[candidates[:, 0], 0] + request.peripheral * lateral[0, candidates[:, 1]]
    weights = np.exp(2.5 * (liking - liking.max()))
    row, column = candidates[rng.choice(16, p=weights / weights.sum())]
    return float(row), float(column)
