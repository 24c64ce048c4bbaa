"""The measured images as arrays: the few numbers an image that all figures are computed from."""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from artasyn.eval.metrics.bootstrap import Bootstrap, Weights, group_codes
from artasyn.eval.metrics.overlap import dice, iou
from artasyn.eval.metrics.ranking import Floats
from artasyn.eval.metrics.ratio import ratio
from artasyn.eval.scoring.image_statistics import MAPS, MASKS, SCORES
from artasyn.eval.scoring.journal import Journal
from artasyn.eval.scoring.pixel_pool import Pooled, pool
from artasyn.eval.scoring.selection import Selection

__all__ = ["ScoredImages", "load_results"]


@dataclass(frozen=True, kw_only=True)
class ScoredImages:
    """All scored images, in the order of the store's rows."""

    cases: Selection
    journal: Journal
    weights: Weights
    groups: NDArray[np.intp]
    """`(n,)`: the patient's number, or the image's own."""
    scores: Floats
    """`(n, S)`, one column each of `artasyn.eval.scoring.image_statistics.SCORES`."""
    counts: Floats
    """`(n, M, 5)`: true positive, false positive, false negative, marked, marked inside the lungs."""
    areas: Floats
    """`(n, 6)` pixels: image, lungs, truth, truth inside the lungs, human lungs, found lungs."""
    official: Floats
    """`(n, 4)`, see `artasyn.eval.metrics.published_protocol.published_counts`."""

    boxes: Floats
    """`(n, 5)`: boxes, pointing game, energy inside, boxes found, false marks; 0 where the store has none."""
    box_counts: Floats
    """As `counts`, against filled boxes."""
    points: Floats
    """`(n, K, 5)`: as `counts`, of the run at its further pixel thresholds."""
    findings: Floats
    """`(n, F, 4)`: pointing game, true positive, false positive, false negative of each finding of the store."""

    @functools.cached_property
    def pooled(self) -> dict[str, Pooled]:
        """Pixel histograms of each map method, summed under all weights; empty where no image is annotated."""
        if not self.cases.annotated.any():
            return {}
        names = MAPS if self.has_lungs.any() else MAPS[:1]
        methods = [MAPS.index(name) for name in names]
        sums = pool(
            self.journal, self.cases.annotated, self.weights, methods=methods, normal=~self.cases.abnormal
        )
        return dict(zip(names, sums, strict=True))

    def score(self, method: str) -> Floats:
        """Return the image scores of a method."""
        return self.scores[:, SCORES.index(method)]

    def dice(self, method: str) -> Floats:
        """Return every image's Dice; meaningful on annotated images."""
        return dice(*self.counts[:, MASKS.index(method), :3].T)

    def iou(self, method: str) -> Floats:
        """Return every image's intersection over union; meaningful on annotated images."""
        return iou(*self.counts[:, MASKS.index(method), :3].T)

    def marked_share(self, method: str) -> Floats:
        """Return the share of each image that is marked."""
        return self.counts[:, MASKS.index(method), 3] / self.areas[:, 0]

    def marked_share_of_lungs(self, method: str) -> Floats:
        """Return the share of each image's lungs that is marked; nan without lungs."""
        return ratio(self.counts[:, MASKS.index(method), 4], self.areas[:, 1])

    def marked_share_inside(self, method: str) -> Floats:
        """Return the share of each image's lungs that is marked; of the whole image where no lungs are known."""
        lungs = self.marked_share_of_lungs(method)
        return np.where(np.isfinite(lungs), lungs, self.marked_share(method))

    def lesion_share(self) -> Floats:
        """Return the true area inside the lungs as a share of them; nan without lungs or annotation."""
        share = ratio(self.areas[:, 3], self.areas[:, 1])
        return np.where(self.cases.annotated, share, np.nan)

    def available(self, method: str) -> NDArray[np.bool_]:
        """Tell for which images a mask method has what it needs."""
        column = {"run": 0, "human_lungs": 4, "found_lungs": 5, "brighter_half": 1}[method]
        return self.areas[:, column] > 0

    @property
    def has_lungs(self) -> NDArray[np.bool_]:
        """Whether the store knows an image's lungs."""
        return self.areas[:, 1] > 0


def load_results(cases: Selection, journal: Journal, bootstrap: Bootstrap) -> ScoredImages:
    """Gather the small statistics of a finished journal and draw the resamples."""
    boxed, named = bool(cases.annotations.boxed.any()), bool(cases.annotations.findings)
    counts = journal.gather("counts").astype(np.float64)
    groups = group_codes(cases.groups)
    return ScoredImages(
        cases=cases,
        journal=journal,
        weights=bootstrap.weights(groups),
        groups=groups,
        scores=journal.gather("scores"),
        counts=counts,
        areas=journal.gather("areas").astype(np.float64),
        official=journal.gather("official"),
        points=journal.gather("points").astype(np.float64),
        boxes=journal.gather("boxes") if boxed else np.zeros((len(cases), 5)),
        box_counts=journal.gather("box_counts").astype(np.float64) if boxed else np.zeros_like(counts),
        findings=journal.gather("findings") if named else np.zeros((len(cases), 0, 4)),
    )
