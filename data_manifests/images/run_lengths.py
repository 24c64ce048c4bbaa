"""Decode masks that are not images, run lengths, and hold a mask against its image."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ImageError

__all__ = ["decode_runs", "encode_runs", "fits", "merge_runs", "runs_of_coco", "runs_of_starts"]

ODD = 0.02
"""Share by which the proportions of a mask may differ from those of its image."""


def fits(mask: tuple[int, ...], image: tuple[int, ...]) -> bool:
    """Say whether a mask of shape (H, W) can belong to an image of another size: their proportions agree."""
    height, width = image
    return abs(mask[0] / mask[1] - height / width) <= ODD * height / width


def decode_runs(text: str, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Decode pairs of gap and length, counted down the columns, to a mask (H, W).

    A gap is counted from the end of the run before. Raises ImageError (bad_mask). Source: SIIM-ACR Pneumothorax
    Segmentation, Kaggle 2019.
    """
    try:
        numbers = np.array([int(word) for word in text.split()], dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise _bad(text, "is not a list of whole numbers") from error
    if len(numbers) % 2 or (numbers < 0).any():
        raise _bad(text, "is not a list of pairs of gap and length")
    ends = np.cumsum(numbers)
    starts, stops = ends[0::2], ends[1::2]
    pixels = shape[0] * shape[1]
    if len(ends) and (ends[-1] > pixels or (ends < 0).any()):
        raise _bad(text, f"runs past the {pixels} pixels of the image")
    return _fill(starts, stops, pixels).reshape(shape[1], shape[0]).T


def encode_runs(mask: NDArray[np.bool_]) -> str:
    """Return a mask (H, W) as `decode_runs` reads it; empty for a mask without any pixel."""
    down = np.r_[False, mask.T.ravel(), False]
    edges = np.flatnonzero(down[1:] != down[:-1])
    return " ".join(map(str, np.diff(np.r_[0, edges])))


def _fill(starts: NDArray[np.int64], stops: NDArray[np.int64], pixels: int) -> NDArray[np.bool_]:
    edges = np.zeros(pixels + 1, dtype=np.int32)
    np.add.at(edges, starts, 1)
    np.add.at(edges, stops, -1)
    inside: NDArray[np.bool_] = np.cumsum(edges[:-1]) > 0
    return inside


def runs_of_coco(counts: str) -> str:
    """Unpack COCO's compressed counts to pairs of gap and length, as `decode_runs` takes them.

    Five bits a character, lowest first, 32 for "more follows"; from the fourth number on, the difference to the
    number two places before. Raises ImageError (bad_mask). Source: the COCO API's maskApi.
    """
    numbers: list[int] = []
    value, shift = 0, 0
    for sign in counts:
        bits = ord(sign) - 48
        if not 0 <= bits < 64:
            raise _bad(counts, "is not COCO run lengths")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        value -= (1 << shift) if bits & 16 else 0
        numbers.append(value + (numbers[-2] if len(numbers) > 2 else 0))
        value, shift = 0, 0
    return " ".join(map(str, numbers[: len(numbers) // 2 * 2]))


def runs_of_starts(text: str) -> str:
    """Return pairs of first pixel, counted from 1, and length as `decode_runs` takes them; what is none, unchanged.

    Source: the rules of Kaggle's competitions.
    """
    words = text.split()
    if len(words) % 2 or not all(word.isdecimal() for word in words):
        return text
    gaps, end = [], 0
    for start, length in sorted((int(a), int(b)) for a, b in zip(words[::2], words[1::2], strict=True)):
        first = start - 1 if start == 0 else max(start - 1, end)  # pixel 0 is refused when decoded
        gaps += [first - end, max(start - 1 + length - first, 0)]
        end = max(end, start - 1 + length)
    return " ".join(map(str, gaps))


def _bad(text: str, reason: str) -> ImageError:
    return ImageError(f"mask `{text[:40]}`", reason, "check the column of run lengths", kind="bad_mask")


def merge_runs(texts: Sequence[str], shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Decode several masks of one image and return their union (H, W)."""
    merged = np.zeros(shape, dtype=np.bool_)
    for text in texts:
        merged |= decode_runs(text, shape)
    return merged
