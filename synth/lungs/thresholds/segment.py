"""Lung fields by progressive thresholding: many cuts, the best pair among all, edges refined."""

import numpy as np
from numpy.typing import NDArray

from artasyn.data_manifests.images.geometry import squeeze_to
from artasyn.synth.lungs.lung_field import LEFT, RIGHT
from artasyn.synth.lungs.morphology import reach_behind_ribs
from artasyn.synth.lungs.thresholds.candidates import WORK_SIZE, Candidate, find_candidates
from artasyn.synth.lungs.thresholds.edge_refinement import refine_edges
from artasyn.synth.lungs.thresholds.pairing import best_pair, render_mask

__all__ = ["refined_labels", "segment_by_thresholds"]


def segment_by_thresholds(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return labels (WORK_SIZE, WORK_SIZE) uint8 of the squeezed image: 0, RIGHT, LEFT; all 0 where no pair fits."""
    square = squeeze_to(image, WORK_SIZE)
    pair = best_pair(find_candidates(square))
    return np.zeros((WORK_SIZE, WORK_SIZE), np.uint8) if pair is None else refined_labels(square, pair)


def refined_labels(square: NDArray[np.uint8], pair: tuple[Candidate, Candidate]) -> NDArray[np.uint8]:
    """Return labels (WORK_SIZE, WORK_SIZE) of the pair, its edges moved to those of the image."""
    labels = np.zeros((WORK_SIZE, WORK_SIZE), np.uint8)
    right, left = refine_edges(square, render_mask(pair[0]), render_mask(pair[1]))
    labels[reach_behind_ribs(right, RIGHT) > 0] = RIGHT
    labels[reach_behind_ribs(left, LEFT) > 0] = LEFT
    return labels
