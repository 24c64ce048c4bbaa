"""The part of an image about a place: what lies farther away need not be painted."""

import numpy as np

from artasyn.synth.opacities.fields.noise import Field

__all__ = ["Window", "window_about"]

Window = tuple[slice, slice]


def window_about(
    place: tuple[float, float], reach: int, shape: tuple[int, int]
) -> tuple[Window, Field, Field]:
    """Return the pixels of an image of `shape` within about `reach` of a place (row, column).

    With them, their distances from it in pixels: down `(h, 1)` and across `(1, w)`.
    """
    first = [max(int(p) - reach, 0) for p in place]
    stop = [min(int(p) + reach + 2, n) for p, n in zip(place, shape, strict=True)]
    down, across = (
        np.arange(low, high, dtype=np.float32) - np.float32(p)
        for low, high, p in zip(first, stop, place, strict=True)
    )
    return (slice(first[0], stop[0]), slice(first[1], stop[1])), down[:, None], across[None, :]
