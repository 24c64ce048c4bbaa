"""Say when a verdict on an image is not to be relied on: it does not show lungs as the run's training images did."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.images.geometry import LARGEST_ASPECT, squeeze_to
from artasyn.data_manifests.images.mask_labels import looks_like_mask

__all__ = ["doubts", "few_greys", "shows_lungs"]

LEAST_LUNG = 0.02
"""Share of the image that the lung field has in each half, left and right; those of radiographs have 0.05 to 0.2."""

LEAST_CONTRAST = 3.0
"""Grey values by which lungs are darker than the rest of the box about them."""

SURE = 0.945
"""Surety of the lungs from which a picture is not tried the other way round; upside down it is 0.937 at most."""
SURER = 0.01
"""By how much it must rise for a picture to be turned: of 60 radiographs of four sources it fell by 0.037 and more."""

Lungs = NDArray[np.float32]
"""Probability of lung, `(S, S)`."""

FindLungs = Callable[[NDArray[np.uint8]], Lungs | None]
"""Returns it for a square image; None where the network does not tell."""


LARGEST_EXCESS = 3.0
"""Logarithm of the squared distance of features from normal images, above that of held-out ones: twenty times as far.

2.8 at most for some 1,000 radiographs of places that the run never saw, 3.4 and more for drawings and noise."""


def doubts(
    square: NDArray[np.uint8],
    shape: tuple[int, ...],
    *,
    squaring: str,
    lungs: Lungs | None,
    find_lungs: FindLungs,
    excess_distance: float | None = None,
) -> tuple[str, ...]:
    """Return the reasons for doubt, none where the verdict is as good as any.

    `square` is the image as the network sees it, `shape` that of its file, `excess_distance` how far its features lie
    from those of normal images; `find_lungs` is asked about the negative of an image that shows no lungs, and about
    one turned whose lungs are not sure. Without a lungs head and without features only the shape tells.
    """
    found = []
    aspect = max(shape[:2]) / min(shape[:2])
    if squaring == "squeeze" and aspect > LARGEST_ASPECT:
        found.append(f"sides of {aspect:.2f} to 1, squeezed to a square")
    if excess_distance is not None and excess_distance > LARGEST_EXCESS:
        found.append("unlike any radiograph that the run was trained on")
    if lungs is not None and _shows_turned(square, lungs, find_lungs):
        found.append("lungs show better when the picture is turned")
    elif lungs is not None and not shows_lungs(square, lungs):
        negative = find_lungs(255 - square)
        shows = negative is not None and shows_lungs(255 - square, negative)
        found.append("lungs show in the negative alone" if shows else "no lungs found")
    return tuple(found)


def few_greys(image: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the doubt of an image (H, W) of a few grey values: a mask, or a picture cut to black and white."""
    return ("a few grey values alone, as in a mask",) if looks_like_mask(image) else ()


def _shows_turned(square: NDArray[np.uint8], lungs: Lungs, find_lungs: FindLungs) -> bool:
    """Say whether the lungs are surer when the image is turned by 180, 90 or 270 degrees."""
    own = _surety(lungs)
    for turns in (2, 1, 3) if own < SURE else ():
        turned = np.ascontiguousarray(np.rot90(square, turns))
        other = find_lungs(turned)
        if other is not None and _surety(other) > own + SURER and shows_lungs(turned, other):
            return True
    return False


def _surety(lungs: Lungs) -> float:
    """Return the Dice that the outline would have if the probabilities were right; 0 for an empty one."""
    marked = lungs >= 0.5
    expected = float(lungs[marked].sum())
    return 2 * expected / max(1e-6, float(lungs.sum()) + np.count_nonzero(marked))


def shows_lungs(square: NDArray[np.uint8], lungs: Lungs) -> bool:
    """Say whether both halves hold a lung field, darker than the tissue between and beside.

    The outline alone is not enough: networks outline lungs in negatives and in noise as well.
    """
    marked = lungs >= 0.5
    left, right = np.array_split(marked, 2, axis=1)
    if min(np.count_nonzero(left), np.count_nonzero(right)) < LEAST_LUNG * marked.size:
        return False
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside, grey = marked[box], squeeze_to(square, len(marked))[box]
    return bool((~inside).any() and grey[~inside].mean() - grey[inside].mean() >= LEAST_CONTRAST)
