"""Confidence intervals by resampling patients: percentile bootstrap, seeded, all figures on the same draws."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data_manifests.errors import ConfigError
from eval.ranking import Floats

__all__ = ["Bootstrap", "Draws", "Gauge", "group_codes"]

Gauge = Callable[[Floats], Mapping[str, Floats]]
"""Computes named figures, `(B,)` each, from whole-number image weights `(B, n)`."""

BLOCK_VALUES = 4_000_000
"""Weights held in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """A figure and what became of it in each resample."""

    value: float
    resampled: NDArray[np.float64]
    """`(R,)`; nan where the figure was undefined, such as a resample without normal images."""

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the percentile interval over the resamples where the figure was defined."""
        defined = self.resampled[np.isfinite(self.resampled)]
        if not defined.size or not np.isfinite(self.value):
            return float("nan"), float("nan")
        low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
        return float(low), float(high)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bootstrap:
    """How intervals are made."""

    resamples: int = 1000
    """Number of resamples."""
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse too few resamples for a 95 % interval."""
        if self.resamples < 100:
            raise ConfigError("resamples", f"must be at least 100, got {self.resamples}", "use 1000 or more")

    def draw(self, gauge: Gauge, *, groups: NDArray[np.intp]) -> dict[str, Draws]:
        """Return every figure of `gauge` with its resamples; `groups` `(n,)` are drawn whole."""
        points = gauge(np.ones((1, len(groups))))
        blocks = [gauge(weights) for weights in self.weights(groups)]
        return {
            name: Draws(value=float(point[0]), resampled=np.concatenate([block[name] for block in blocks]))
            for name, point in points.items()
        }

    def weights(self, groups: NDArray[np.intp]) -> Iterator[Floats]:
        """Yield how often each image occurs in each resample, `(B, n)` at a time.

        Each resample has a generator of its own, so the draws do not depend on the block size.
        """
        count = int(groups.max()) + 1 if groups.size else 0
        block = max(1, BLOCK_VALUES // max(1, len(groups)))
        for first in range(0, self.resamples, block):
            members = range(first, min(first + block, self.resamples))
            yield np.stack([_times_drawn(count, seed=(self.seed, r))[groups] for r in members])


def _times_drawn(count: int, *, seed: tuple[int, int]) -> Floats:
    drawn = np.random.default_rng(seed).integers(0, count, size=count)
    return np.bincount(drawn, minlength=count).astype(np.float64)


def group_codes(patients: Sequence[str]) -> NDArray[np.intp]:
    """Return a group number for each image: one a patient, and one of its own where the patient is unknown."""
    names = [patient or f"\0{i}" for i, patient in enumerate(patients)]
    codes = {name: i for i, name in enumerate(dict.fromkeys(names))}
    return np.array([codes[name] for name in names], np.intp)
