"""Laws of AUPIMO: done in the head, equal to a slow reference and near anomalib, blind to the order of images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artasyn.eval.metrics.histogram import histogram, level_of
from artasyn.eval.metrics.ranking import aupimo


def slow(maps: np.ndarray, truths: np.ndarray, normal: np.ndarray, *, low: float, high: float) -> float:
    """Walk over a fine grid of rates; take the lowest threshold whose rate is no higher; average the recalls."""
    grid = np.exp(np.linspace(np.log(low), np.log(high), 4001))
    grid = np.sqrt(grid[1:] * grid[:-1])
    thresholds = np.append(np.unique(np.concatenate([maps.ravel(), normal.ravel()])), np.inf)
    rates = np.array([(normal >= t).mean() for t in thresholds])
    recalls = [
        np.mean([(m >= t)[truth].mean() for m, truth in zip(maps, truths, strict=True)]) for t in thresholds
    ]
    return float(np.mean([recalls[int(np.flatnonzero(rates <= rate)[0])] for rate in grid]))


def levels(values: np.ndarray) -> np.ndarray:
    return np.bincount(values.ravel(), minlength=8).astype(float)


def got(maps: np.ndarray, truths: np.ndarray, normal: np.ndarray, *, low: float, high: float) -> float:
    recalls = sum(levels(m[truth]) / truth.sum() for m, truth in zip(maps, truths, strict=True))
    return float(aupimo(recalls[None], levels(normal)[None], low=low, high=high)[0])


def test_done_in_the_head() -> None:
    # half of the truth lies above all normal pixels, the rest below: recall 1/2 at every rate below 1
    maps, truths = np.array([[[7, 0]]]), np.ones((1, 1, 2), bool)
    assert got(maps, truths, np.full((1, 1, 4), 3), low=1e-5, high=1e-4) == pytest.approx(0.5)
    assert got(np.full((1, 1, 2), 7), truths, np.full((1, 1, 4), 3), low=1e-5, high=1e-4) == pytest.approx(
        1.0
    )
    assert got(np.full((1, 1, 2), 1), truths, np.full((1, 1, 4), 3), low=1e-5, high=1e-4) == pytest.approx(
        0.0
    )


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_equals_a_slow_reference_in_any_order(seed: int) -> None:
    rng = np.random.default_rng(seed)
    maps, normal, truths = (
        rng.integers(0, 8, (3, 4, 5)),
        rng.integers(0, 6, (4, 5, 5)),
        rng.random((3, 4, 5)) < 0.4,
    )
    truths[:, 0, 0] = True
    value = got(maps, truths, normal, low=1e-2, high=0.9)
    assert value == pytest.approx(slow(maps, truths, normal, low=1e-2, high=0.9), abs=1e-3)
    assert value == pytest.approx(got(maps[::-1], truths[::-1], normal[::-1], low=1e-2, high=0.9))


def test_nothing_to_compare_has_no_figure() -> None:
    assert np.isnan(aupimo(np.zeros((1, 3)), np.ones((1, 3)), low=1e-5, high=1e-4)[0])
    assert np.isnan(aupimo(np.ones((1, 3)), np.zeros((1, 3)), low=1e-5, high=1e-4)[0])


def toy(seed: int, *, lift: float, side: int = 128, half: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """Return maps and masks of `half` normal images and as many with a box of higher values."""
    rng = np.random.default_rng(seed)
    masks = np.zeros((2 * half, side, side), bool)
    for mask in masks[half:]:
        y, x = rng.integers(4, side - 24, 2)
        height, width = rng.integers(6, 20, 2)
        mask[y : y + height, x : x + width] = True
    logits = rng.normal(-2, 0.8, masks.shape) + masks * lift * 8 * rng.random((2 * half, 1, 1))
    return (1 / (1 + np.exp(-logits))).astype(np.float32), masks


@pytest.mark.parametrize(
    ("seed", "lift", "low", "high", "published"),
    [
        (0, 0.25, 1e-3, 1e-1, 0.248222),
        (0, 0.25, 1e-4, 1e-2, 0.093660),
        (1, 0.5, 1e-3, 1e-1, 0.487477),
        (1, 0.5, 1e-4, 1e-2, 0.301178),
        (2, 0.1, 1e-3, 1e-1, 0.064984),
        (2, 0.1, 1e-4, 1e-2, 0.009468),
    ],
)
def test_as_anomalib_has_it(seed: int, lift: float, low: float, high: float, published: float) -> None:
    # anomalib 2.7.0, metrics.pimo.functional.aupimo_scores(num_thresholds=100_000), mean of the abnormal images. It
    # joins thresholds by straight lines, where we take the stricter one, and begins at the thresholds nearest to the
    # rates: with 200,000 normal pixels that makes up to 0.002.
    maps, masks = toy(seed, lift=lift)
    found, abnormal = level_of(maps), masks.any((1, 2))
    pairs = zip(found[abnormal], masks[abnormal], strict=True)
    recalls = sum(histogram(image[mask]) / mask.sum() for image, mask in pairs)
    normal = histogram(found[~abnormal]).astype(float)
    got = aupimo(np.asarray(recalls)[None], normal[None], low=low, high=high)[0]
    assert got == pytest.approx(published, abs=0.002)
