"""Confidence intervals by resampling patients: percentile bootstrap, seeded, all figures on the same draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.errors import ConfigError
from artasyn.eval.metrics.proportion import wilson
from artasyn.eval.metrics.ranking import Floats

__all__ = [
    "FEWEST_GROUPS",
    "FEW_GROUPS",
    "Bootstrap",
    "Draws",
    "Statistic",
    "Weights",
    "count_groups",
    "draw",
    "draws_of",
    "group_codes",
]

Weights = NDArray[np.uint8]
"""How often each image occurs, `(1 + R, n)`: once in row 0, the data as they are, then R resamples."""

Statistic = Callable[[Floats], Mapping[str, Floats]]
"""Computes named figures, `(B,)` each, from image weights `(B, n)`."""

LEVEL = 0.95
"""Of the intervals."""

FEWEST_GROUPS = 10
"""Below so many patients (or images without one) a figure gets no interval: it would cover too seldom."""

FEW_GROUPS = 20
"""Below so many an interval covers the truth in some 85 to 90 % of studies in place of 95 (research/coverage.py)."""

TOLD_APART = 64
"""Resamples that tell groups apart: no two groups are drawn equally often in all of them."""

BLOCK_VALUES = 500_000
"""Weights that a statistic is given at once: some ten arrays of that many numbers, near the processor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """How intervals are made."""

    resamples: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse too few resamples for a 95 % interval, and a seed that is no start."""
        if self.seed < 0:
            raise ConfigError("seed", f"must be at least 0, got {self.seed}")
        if self.resamples < 100:
            raise ConfigError("resamples", f"must be at least 100, got {self.resamples}", "use 1000 or more")

    def weights(self, groups: NDArray[np.intp]) -> Weights:
        """Draw whole groups with replacement: `(n,)` group numbers -> `(1 + R, n)`, one byte each.

        A single group tells nothing of others: its resamples weigh nothing, so that no figure gets an interval.
        """
        count = int(groups.max()) + 1 if groups.size else 0
        weights = np.ones((1 + self.resamples, len(groups)), np.uint8)
        if count == 1:
            weights[1:] = 0
            return weights
        for r in range(self.resamples):
            drawn = np.random.default_rng((self.seed, r)).integers(0, count, size=count)
            weights[1 + r] = np.bincount(drawn, minlength=count)[groups]
        return weights


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """A figure and what became of it in each resample."""

    value: float
    resampled: Floats
    """`(R,)`; nan where the figure was undefined, as AUROC is in a resample without normal images."""

    groups: int
    """Patients, or images without one, behind the figure; of the smaller class where it compares two."""
    counted: bool = False
    """Whether it counts what is right, images or pairs of them. Where all are right, or none, the resamples are all
    alike and tell nothing: the interval is Wilson's then, each group counting once."""

    def interval(self) -> tuple[float, float]:
        """Return the 95 % percentile interval over the resamples where the figure was defined."""
        defined = self.resampled[np.isfinite(self.resampled)]
        if not defined.size or not np.isfinite(self.value) or self.groups < FEWEST_GROUPS:
            return float("nan"), float("nan")
        if self.counted and self.value in (0.0, 1.0):
            return wilson(self.value, self.groups)
        low, high = np.quantile(defined, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return float(low), float(high)

    def to_dict(self) -> dict[str, float | int | None]:
        """Return the value, its 95 % interval, the number of resamples that could not tell, and of groups."""
        low, high = self.interval()
        numbers = {"value": self.value, "low": low, "high": high}
        rounded = {key: round(x, 6) if np.isfinite(x) else None for key, x in numbers.items()}
        return {**rounded, "undefined": int(np.isnan(self.resampled).sum()), "groups": self.groups}


def draw(
    statistic: Statistic, weights: Weights, *, groups: int | None = None, counted: bool = False
) -> dict[str, Draws]:
    """Return every figure of `statistic` under all weights, few of them in memory at once.

    `groups` is how many the figure rests on, where that is fewer than the weights tell; `counted` as in `Draws`.
    """
    count = count_groups(weights) if groups is None else groups
    step = max(1, BLOCK_VALUES // max(1, weights.shape[1]))
    blocks = [
        statistic(weights[first : first + step].astype(np.float64)) for first in range(0, len(weights), step)
    ]
    return {
        name: draws_of(np.concatenate([block[name] for block in blocks]), groups=count, counted=counted)
        for name in blocks[0]
    }


def draws_of(values: Floats, *, groups: int, counted: bool = False) -> Draws:
    """Split `(1 + R,)` values into the figure and its resamples."""
    return Draws(value=float(values[0]), resampled=values[1:], groups=groups, counted=counted)


def count_groups(weights: Weights) -> int:
    """Return how many groups the images belong to: those of one are drawn equally often in every resample."""
    told = np.ascontiguousarray(weights[1 : 1 + TOLD_APART].T)
    return len({row.tobytes() for row in told})


def group_codes(groups: Sequence[str]) -> NDArray[np.intp]:
    """Return a group number for each image: one a name, and one of its own where the name is empty."""
    names = [group or f"\0{i}" for i, group in enumerate(groups)]
    codes = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([codes[name] for name in names], np.intp)
