"""AUROC of images that come in groups, such as a radiograph and its synthetic opacities, or a patient's images.

A resample that holds a group twice would compare its normal images with its own abnormal ones four times, copy by copy,
where the data have them once a group. With few groups that moves every resample towards the groups' own comparisons.
Here a copy is compared with itself and with other groups, never with another copy of its own group.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.ranking import Floats, counts_per_level
from artasyn.eval.metrics.ratio import ratio

__all__ = ["OwnPairs", "between_groups", "grouped_auroc", "own_pairs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPairs:
    """Comparisons inside each group that holds both classes."""

    firsts: NDArray[np.intp]
    """One image of each such group."""
    wins: Floats
    pairs: Floats


def grouped_auroc(
    scores: NDArray[np.floating],
    positive: NDArray[np.bool_],
    *,
    weights: Floats,
    groups: NDArray[np.intp],
) -> Floats:
    """Return the AUROC under each of the weights `(B, n)`, in which the images of a group `(n,)` weigh the same.

    Weights of 0 and 1 give the usual AUROC, ties counting half; nan where one class is empty.
    """
    counts = counts_per_level(scores, positive, weights=weights)
    return between_groups(*counts, own_pairs(scores, positive, groups), weights=weights)


def between_groups(positives: Floats, negatives: Floats, own: OwnPairs, *, weights: Floats) -> Floats:
    """Return the same from counts at each score level, `(B, L)`, and the comparisons inside the groups."""
    below = np.cumsum(negatives, axis=-1) - negatives / 2
    wins, pairs = (positives * below).sum(-1), positives.sum(-1) * negatives.sum(-1)
    copies = weights[:, own.firsts]
    extra = copies * (copies - 1)
    wins, pairs = wins - extra @ own.wins, pairs - extra @ own.pairs
    return ratio(wins, pairs)


def own_pairs(
    scores: NDArray[np.floating], positive: NDArray[np.bool_], groups: NDArray[np.intp]
) -> OwnPairs:
    """Return won and all comparisons inside each group with both classes."""
    mixed = np.intersect1d(groups[positive], groups[~positive])
    members = _split(groups, mixed)
    found = [_compared(scores[own], positive[own]) for own in members]
    firsts = np.array([own[0] for own in members], np.intp)
    wins, pairs = np.array(found, np.float64).reshape(-1, 2).T
    return OwnPairs(firsts=firsts, wins=wins, pairs=pairs)


def _split(groups: NDArray[np.intp], wanted: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    order = np.argsort(groups, kind="stable")
    ordered = groups[order]
    starts, stops = np.searchsorted(ordered, wanted), np.searchsorted(ordered, wanted, side="right")
    return [order[start:stop] for start, stop in zip(starts, stops, strict=True)]


def _compared(scores: NDArray[np.floating], positive: NDArray[np.bool_]) -> tuple[float, float]:
    higher, lower = scores[positive][:, None], scores[~positive][None, :]
    return float((higher > lower).sum() + (higher == lower).sum() / 2), float(higher.size * lower.size)
