"""Choose the two lungs among all candidates, as a pair."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.morphology import MARGIN
from artasyn.synth.lungs.thresholds.candidates import WORK_SIZE, Candidate

__all__ = ["best_pair", "pair_score", "render_mask"]

_USUAL_AREA = 0.10


def best_pair(candidates: Sequence[Candidate]) -> tuple[Candidate, Candidate] | None:
    """Return the right and the left lung that look best together, or None where a side has no candidate."""
    rights = [c for c in candidates if c.side == RIGHT]
    lefts = [c for c in candidates if c.side == LEFT]
    if not rights or not lefts:
        return None
    scores = _scores(rights, lefts)
    right, left = np.unravel_index(scores.argmax(), scores.shape)
    return rights[int(right)], lefts[int(left)]


def pair_score(right: Candidate, left: Candidate) -> float:
    """Return how well the two go together; only comparisons have a meaning."""
    return float(_scores([right], [left])[0, 0])


def render_mask(lung: Candidate) -> NDArray[np.uint8]:
    """Return the candidate's outline on the whole square, (WORK_SIZE, WORK_SIZE) {0, 1}."""
    framed = np.zeros((WORK_SIZE + 2 * MARGIN, WORK_SIZE + 2 * MARGIN), np.uint8)
    row, column = lung.corner[0] + MARGIN, lung.corner[1] + MARGIN
    framed[row : row + lung.mask.shape[0], column : column + lung.mask.shape[1]] = lung.mask
    return framed[MARGIN:-MARGIN, MARGIN:-MARGIN]


def _scores(rights: Sequence[Candidate], lefts: Sequence[Candidate]) -> NDArray[np.float64]:
    return np.asarray(_alone(rights)[:, None] + _alone(lefts) + _together(rights, lefts))


def _column(candidates: Sequence[Candidate], name: str) -> NDArray[np.float64]:
    return np.array([getattr(c, name) for c in candidates], np.float64)


def _alone(lungs: Sequence[Candidate]) -> NDArray[np.float64]:
    """Score (n,) of each lung by itself: a sharp edge, a smooth and solid shape, dark all over, large but not huge."""
    size = np.log(_column(lungs, "area") / _USUAL_AREA)
    return np.asarray(
        2 * np.minimum(_column(lungs, "contrast"), 2)
        + 1.5 * _column(lungs, "solidity")
        + 0.5 * _column(lungs, "roundness")
        + _column(lungs, "darkness")
        + 0.5 * np.minimum(size, 0.4)
        - np.maximum(0, np.abs(size) - 0.2) ** 2
        - 3 * _column(lungs, "border")
    )


def _together(rights: Sequence[Candidate], lefts: Sequence[Candidate]) -> NDArray[np.float64]:
    """Score (rights, lefts), at most 0: alike in size (the left is a little smaller), level, the spine between."""

    def difference(of_right: str, of_left: str) -> NDArray[np.float64]:
        return np.asarray(_column(rights, of_right)[:, None] - _column(lefts, of_left))

    ratio = np.log(_column(rights, "area"))[:, None] - np.log(_column(lefts, "area")) - 0.1
    gap = -difference("right", "left")
    return np.asarray(
        -2 * np.maximum(0, np.abs(ratio) - 0.15) ** 2
        - 0.2 * (difference("top", "top") / 0.08) ** 2
        - 0.1 * (np.maximum(0, np.abs(difference("bottom", "bottom")) - 0.05) / 0.1) ** 2
        - 0.3 * (np.minimum(0, gap - 0.02) / 0.05) ** 2
        - 0.3 * (np.maximum(0, gap - 0.16) / 0.08) ** 2
    )
