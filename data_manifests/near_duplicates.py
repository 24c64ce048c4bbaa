"""Find the images that another set of images holds as well, equal or nearly equal: those of a training, say."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Leakage", "find_leaks"]

NEAR_SHARE = 12 / 256
"""Perceptual hashes that differ in at most this share of their bits are near-duplicates. With 256 bits, 440
radiographs differed from 618 of other patients in at least 20 bits, and from themselves in at most 11 after a
smaller JPEG or another gamma."""

LONG_BITS = 256
"""Shorter hashes must be equal: all chests look alike to 64 bits, which differ in a median of 6 between patients."""

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
    """Compare SHA-256 digests, n and m of them, and perceptual hashes as hex digits; empty ones match none."""
    trained = set(trained_digests) - {""}
    same = np.array([digest in trained for digest in digests], bool)
    near = _is_near(hashes, trained_hashes) & ~same
    return Leakage(exact=np.flatnonzero(same), near=np.flatnonzero(near))


def _is_near(hashes: Sequence[str], trained: Sequence[str]) -> NDArray[np.bool_]:
    known = np.array([text != "" for text in hashes], bool)
    ours, theirs = _words(hashes), _words(trained)
    near = np.zeros(len(ours), bool)
    if len(theirs) and len(ours):
        step = max(1, PAIRS // len(ours))
        for first in range(0, len(theirs), step):
            near |= (_differing(ours, theirs[first : first + step]) <= _allowed(ours)).any(1)
    known[known] = near
    return known


def _words(hashes: Sequence[str]) -> NDArray[np.uint64]:
    """Return the hashes that are not empty as 64-bit words, `(n, words)`; all have the same length."""
    texts = [text for text in hashes if text]
    return np.array(
        [[int(text[k : k + 16], 16) for k in range(0, len(text), 16)] for text in texts], np.uint64
    )


def _differing(ours: NDArray[np.uint64], theirs: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Count differing bits of each pair, `(n, m)`."""
    counts = np.zeros((len(ours), len(theirs)), np.uint16)
    for w in range(ours.shape[1]):
        counts += np.bitwise_count(ours[:, None, w] ^ theirs[None, :, w])
    return counts


def _allowed(words: NDArray[np.uint64]) -> int:
    bits = 64 * words.shape[1]
    return int(bits * NEAR_SHARE) if bits >= LONG_BITS else 0
