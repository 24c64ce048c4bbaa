"""Division of counts, of which some are 0."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["ratio"]


def ratio(over: ArrayLike, under: ArrayLike, *, empty: float = np.nan) -> NDArray[np.float64]:
    """Return `over / under`, broadcast to each other; `empty` where `under` is 0."""
    over, under = np.broadcast_arrays(over, under)
    return np.asarray(np.divide(over, under, out=np.full(under.shape, empty), where=under != 0))
