"""How far a counted share may lie from the true one."""

import math

__all__ = ["wilson"]

_Z = 1.959964
"""Of the normal distribution: 95 % lie within so many standard deviations."""


def wilson(share: float, n: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share of `n` > 0, also where all or none were counted.

    Source: Wilson, J. Am. Stat. Assoc. 22 (1927).
    """
    centre = (share + _Z * _Z / (2 * n)) / (1 + _Z * _Z / n)
    half = _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n)) / (1 + _Z * _Z / n)
    return max(0.0, centre - half), min(1.0, centre + half)
