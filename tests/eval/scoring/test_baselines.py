"""Baselines done in the head, and sums over pixels in bounded memory."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from artasyn.eval.metrics.bootstrap import Bootstrap
from artasyn.eval.metrics.histogram import LEVELS, level_of
from artasyn.eval.metrics.ranking import aupimo, aupro, auroc, average_precision
from artasyn.eval.scoring.baselines import brighter_half, intensity_levels, mean_intensity
from artasyn.eval.scoring.journal import BLOCK_IMAGES, Journal
from artasyn.eval.scoring.pixel_pool import BLOCKS, pool


def test_baselines_done_in_the_head() -> None:
    image = np.array([[10, 20], [30, 250]], np.uint8)
    lungs = np.array([[True, True], [True, False]])
    assert brighter_half(image, lungs).tolist() == [[False, False], [True, False]]  # median 20
    assert not brighter_half(image, np.zeros((2, 2), bool)).any()
    expected = level_of(np.array([[10, 20], [30, 0]], np.float32) / 255)
    assert (intensity_levels(image, lungs) == expected).all()
    assert mean_intensity(image) == pytest.approx(310 / 4 / 255)


def test_memory_of_pooling_does_not_grow_with_the_images(tmp_path: Path) -> None:
    def peak(images: int) -> int:
        journal = Journal(folder=tmp_path / str(images), images=images)
        flat = np.ones((2, LEVELS), np.int32)
        one = {"positives": flat, "negatives": flat, "regions": flat.astype(float)}
        for block in range(journal.blocks):
            journal.write(block, [one] * len(journal.members(block)))
        weights = Bootstrap(resamples=100).weights(np.arange(images))
        tracemalloc.start()
        (pooled,) = pool(journal, np.ones(images, bool), weights, methods=[0])
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert pooled.positives[0].sum() == images * LEVELS
        return highest

    few, many = peak(2 * BLOCKS * BLOCK_IMAGES), peak(8 * BLOCKS * BLOCK_IMAGES)
    assert many < 1.1 * few


def test_what_ranks_pixels_needs_only_the_levels_that_pixels_have(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    journal = Journal(folder=tmp_path, images=20)
    held = rng.integers(0, 50, (20, 3, 1, LEVELS)) * (rng.random(LEVELS) < 0.1)  # a tenth of the levels
    names = ("positives", "negatives", "regions")
    journal.write(0, [dict(zip(names, image, strict=True)) for image in held])
    weights = Bootstrap(resamples=100).weights(np.arange(20))
    annotated = np.arange(20) < 12
    (pooled,) = pool(journal, annotated, weights, methods=[0], normal=~annotated)
    used = pooled.at_used_levels()
    assert used.positives.shape[1] < LEVELS / 5
    for rank in (auroc, average_precision):
        np.testing.assert_allclose(
            rank(used.positives, used.negatives), rank(pooled.positives, pooled.negatives)
        )
    np.testing.assert_allclose(aupro(used.regions, used.negatives), aupro(pooled.regions, pooled.negatives))
    low, high = 1e-3, 1e-1
    np.testing.assert_allclose(
        aupimo(used.recalls, used.normal, low=low, high=high),
        aupimo(pooled.recalls, pooled.normal, low=low, high=high),
    )
