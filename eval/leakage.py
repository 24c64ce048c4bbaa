"""Find the images of a store that a run has been trained on."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Leakage", "find_leaks"]

NEAR_BITS = 2
"""Perceptual hashes (64 bits) that differ in at most so many bits are called near-duplicates."""

PAIRS = 2**22
"""Pairs compared at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leakage:
    """What the store and the training images share, as indices into the store's images."""

    exact: NDArray[np.intp]
    """Images whose decoded pixels were trained on."""
    near: NDArray[np.intp]
    """Others whose perceptual hash nearly equals that of a training image."""


def find_leaks(
    digests: Sequence[str],
    hashes: Sequence[str],
    *,
    trained_digests: Sequence[str],
    trained_hashes: Sequence[str],
) -> Leakage:
    """Compare SHA-256 digests, n and m of them, and perceptual hashes as 16 hex digits; empty ones match none."""
    trained = set(trained_digests) - {""}
    same = np.array([digest in trained for digest in digests], bool)
    near = _is_near(hashes, trained_hashes) & ~same
    return Leakage(exact=np.flatnonzero(same), near=np.flatnonzero(near))


def _is_near(hashes: Sequence[str], trained: Sequence[str]) -> NDArray[np.bool_]:
    known = np.array([text != "" for text in hashes], bool)
    ours, theirs = _bits(hashes), np.unique(_bits(trained))
    near = np.zeros(len(ours), bool)
    step = max(1, PAIRS // max(1, len(ours)))
    for first in range(0, len(theirs), step):
        differing = np.bitwise_count(ours[:, None] ^ theirs[None, first : first + step])
        near |= (differing <= NEAR_BITS).any(1)
    known[known] = near
    return known


def _bits(hashes: Sequence[str]) -> NDArray[np.uint64]:
    return np.array([int(text, 16) for text in hashes if text], np.uint64)
