"""Pixel histograms summed over images under every bootstrap weighting, streamed from the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Weights, count_groups
from artasyn.eval.metrics.histogram import LEVELS
from artasyn.eval.metrics.overlap import dice, exact
from artasyn.eval.metrics.ranking import Floats, tail
from artasyn.eval.metrics.ratio import ratio
from artasyn.eval.scoring.journal import Journal

__all__ = ["Pooled", "pool", "sum_levels"]

BLOCKS = 8
"""Blocks of the journal added at once: sums of all resamples are large, and adding to them takes most of the time."""

READ = ("positives", "negatives", "regions")
RANKED = (*READ, "recalls", "normal")
SUMMED = (*RANKED, "dice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Sums over the annotated images, `(1 + R, LEVELS)` each, of one map method."""

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
    normal: Floats
    """Pixels of the normal images at each level."""
    images: Floats
    """Number of images, `(1 + R,)`."""
    groups: int
    """Number of patients, or of images without one."""

    def rows(self, part: slice) -> "Pooled":
        """Return the same of some resamples."""
        return replace(self, images=self.images[part], **{name: getattr(self, name)[part] for name in SUMMED})

    def at_used_levels(self) -> "Pooled":
        """Return the same without the levels that no pixel has; what ranks pixels is equal, Dice is not of them."""
        used = np.any([getattr(self, name)[0] > 0 for name in RANKED], axis=0)
        return replace(self, **{name: getattr(self, name)[:, used] for name in RANKED})


def pool(
    journal: Journal,
    annotated: NDArray[np.bool_],
    weights: Weights,
    *,
    methods: Sequence[int],
    normal: NDArray[np.bool_] | None = None,
    truth: str = "",
) -> list[Pooled]:
    """Sum the histograms of map methods over the annotated images, and over the `normal` ones; all sums are exact.

    All methods in one reading of the journal. `truth` "box_" takes filled boxes in place of masks.
    """
    sums = [{name: np.zeros((len(weights), LEVELS)) for name in SUMMED} for _ in methods]
    for members, columns in journal.read_together([truth + name for name in READ], blocks=BLOCKS):
        part = slice(members.start, members.stop)
        block = weights[:, part]
        _add_images_(sums, methods, block, {name: columns[truth + name] for name in READ}, annotated[part])
        if normal is not None:
            _add_normals_(sums, methods, block, columns[truth + "negatives"], normal[part])
    images, groups = weights[:, annotated].sum(1, dtype=float), count_groups(weights[:, annotated])
    return [Pooled(**total, images=images, groups=groups) for total in sums]


Sums = Sequence[Mapping[str, Floats]]


def _add_images_(
    sums: Sums,
    methods: Sequence[int],
    weights: Weights,
    columns: Mapping[str, NDArray[Any]],
    chosen: NDArray[np.bool_],
) -> None:
    block = weights[:, chosen].astype(float)
    for method, total in zip(methods, sums, strict=True):
        values = {name: columns[name][chosen, method].astype(float) for name in READ}
        sizes = values["positives"].sum(1, keepdims=True)
        values["recalls"] = exact(ratio(values["positives"], sizes, empty=0.0))
        values["dice"] = _dice_at_each_level(values["positives"], values["negatives"])
        for name, value in values.items():
            _add_(total[name], block, value)


def _add_normals_(
    sums: Sums, methods: Sequence[int], weights: Weights, pixels: NDArray[Any], chosen: NDArray[np.bool_]
) -> None:
    block = weights[:, chosen].astype(float)
    for method, total in zip(methods, sums, strict=True):
        _add_(total["normal"], block, pixels[chosen, method].astype(float))


def _add_(total: Floats, weights: Floats, values: Floats) -> None:
    """Add weights @ values; levels that no image has, five of six where a map has 256 values, take no time."""
    used = np.asarray(values.any(axis=0))
    if 2 * np.count_nonzero(used) > len(used):
        total += weights @ values
    else:
        total[:, used] += weights @ values[:, used]


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
