"""Pixel histograms summed over images under every bootstrap weighting, streamed from the journal."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Weights, count_groups
from artasyn.eval.metrics.histogram import LEVELS
from artasyn.eval.metrics.overlap import dice, exact
from artasyn.eval.metrics.ranking import Floats, tail
from artasyn.eval.scoring.journal import Journal

__all__ = ["Pooled", "pool", "sum_levels"]

BLOCKS = 4
"""Blocks of the journal added at once: sums of all resamples are large, and adding to them takes most of the time."""


SUMMED = ("positives", "negatives", "regions", "recalls", "dice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Sums over the annotated images, `(1 + R, LEVELS)` each."""

    positives: Floats
    """Pixels of the truth at each level."""
    negatives: Floats
    """The other pixels at each level."""
    regions: Floats
    """Shares of true regions at each level."""
    recalls: Floats
    """Share of each image's truth at each level."""
    dice: Floats
    """Dice of each image, were its map cut at that level."""
    images: Floats
    """Number of images, `(1 + R,)`."""
    groups: int
    """Number of patients, or of images without one."""


def pool(
    journal: Journal, annotated: NDArray[np.bool_], weights: Weights, *, method: int, truth: str = ""
) -> Pooled:
    """Sum the histograms of one map method over the annotated images; all sums are exact.

    `truth` "box_" takes filled boxes in place of masks.
    """
    sums = {name: np.zeros((len(weights), LEVELS)) for name in SUMMED}
    names = ("positives", "negatives", "regions")
    for members, columns in journal.read_together([truth + name for name in names], blocks=BLOCKS):
        chosen = annotated[members.start : members.stop]
        values = {name: columns[truth + name][chosen, method].astype(float) for name in names}
        sizes = values["positives"].sum(1, keepdims=True)
        values["recalls"] = exact(
            np.divide(values["positives"], sizes, out=np.zeros_like(values["positives"]), where=sizes > 0)
        )
        values["dice"] = _dice_at_each_level(values["positives"], values["negatives"])
        block = weights[:, members.start : members.stop][:, chosen].astype(float)
        for name, value in values.items():
            sums[name] += block @ value
    return Pooled(
        **sums, images=weights[:, annotated].sum(1, dtype=float), groups=count_groups(weights[:, annotated])
    )


def sum_levels(
    journal: Journal, name: str, weights: Weights, *, chosen: NDArray[np.bool_], part: int | None = None
) -> Floats:
    """Sum a statistic `(LEVELS,)`, or one `part` of a `(P, LEVELS)`, over the chosen images -> `(1 + R, LEVELS)`."""
    total = np.zeros((len(weights), LEVELS))
    for members, values in journal.read(name):
        inside = chosen[members.start : members.stop]
        block = weights[:, members.start : members.stop][:, inside].astype(float)
        total += block @ (values if part is None else values[:, part])[inside].astype(float)
    return total


def _dice_at_each_level(positives: Floats, negatives: Floats) -> Floats:
    hits, false = tail(positives), tail(negatives)
    return exact(dice(hits, false, positives.sum(-1, keepdims=True) - hits))
