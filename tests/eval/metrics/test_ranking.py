"""Laws of the ranking figures: done in the head, equal to scikit-learn, blind to what must not matter."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import average_precision_score, roc_auc_score, roc_curve

from artasyn.eval.metrics.histogram import EDGES, LEVELS, histogram, level_of
from artasyn.eval.metrics.ranking import (
    aupro,
    auroc,
    average_precision,
    counts_per_level,
    sensitivity_at_specificity,
)
from artasyn.eval.metrics.regions import region_areas, region_shares

ONES = np.ones((1, 6))


@st.composite
def ranked(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores with many ties, labels of both classes, whole-number weights."""
    n = draw(st.integers(2, 30))
    scores = draw(arrays(np.float32, n, elements=st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])))
    positive = np.array([True, False, *draw(st.lists(st.booleans(), min_size=n - 2, max_size=n - 2))])
    weights = draw(arrays(np.float64, n, elements=st.integers(0, 3)))
    weights[:2] += 1
    return scores, positive, weights


def test_auroc_done_in_the_head() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    positive = np.array([False, False, True, False, True, True])  # one of nine pairs is the wrong way round
    assert auroc(*counts_per_level(scores, positive, weights=ONES)) == pytest.approx(8 / 9)


def test_average_precision_done_in_the_head() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.4, 0.5, 0.6])
    positive = np.array([False, False, True, False, True, True])  # precisions 1, 1, 3/4 at the three hits
    expected = (1 + 1 + 3 / 4) / 3
    assert average_precision(*counts_per_level(scores, positive, weights=ONES)) == pytest.approx(expected)


def test_sensitivity_done_in_the_head() -> None:
    scores = np.array([0.0, 1, 2, 3, 2.5, 3.5])
    positive = np.array([False, False, False, False, True, True])
    counts = counts_per_level(scores, positive, weights=ONES)
    assert sensitivity_at_specificity(*counts, specificity=0.75) == 1.0  # threshold 2.5 lets one of four pass
    assert sensitivity_at_specificity(*counts, specificity=0.95) == 0.5  # only 3.5 clears all normals


@given(ranked())
def test_ranking_figures_equal_scikit_learn(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    scores, positive, weights = case
    counts = counts_per_level(scores, positive, weights=weights[None])
    assert auroc(*counts)[0] == pytest.approx(roc_auc_score(positive, scores, sample_weight=weights))
    reference = average_precision_score(positive, scores, sample_weight=weights)
    assert average_precision(*counts)[0] == pytest.approx(reference)
    rate, hits, _ = roc_curve(positive, scores, sample_weight=weights, drop_intermediate=False)
    best = hits[1 - rate >= 0.95 - 1e-12].max()
    assert sensitivity_at_specificity(*counts)[0] == pytest.approx(best)


@given(ranked(), st.randoms(use_true_random=False))
def test_order_and_monotone_transforms_change_nothing(case, random) -> None:  # type: ignore[no-untyped-def]
    scores, positive, weights = case
    order = np.array(random.sample(range(len(scores)), len(scores)))
    counts = counts_per_level(scores, positive, weights=weights[None])
    moved = counts_per_level(np.exp(3 * scores[order]) - 7, positive[order], weights=weights[None, order])
    for figure in (auroc, average_precision, sensitivity_at_specificity):
        assert figure(*counts) == figure(*moved)


@given(ranked())
def test_turning_scores_round_turns_auroc_round(case: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    scores, positive, weights = case
    forth = auroc(*counts_per_level(scores, positive, weights=weights[None]))
    back = auroc(*counts_per_level(-scores, positive, weights=weights[None]))
    assert forth + back == pytest.approx(1.0)


def test_a_weight_counts_as_that_many_images() -> None:
    scores, positive = np.array([0.2, 0.4, 0.6]), np.array([False, True, False])
    weighted = counts_per_level(scores, positive, weights=np.array([[2.0, 3, 1]]))
    repeated = counts_per_level(np.repeat(scores, [2, 3, 1]), np.repeat(positive, [2, 3, 1]), weights=ONES)
    assert auroc(*weighted) == auroc(*repeated)


def test_one_class_gives_nan_not_a_number() -> None:
    counts = counts_per_level(np.array([0.1, 0.2]), np.array([True, True]), weights=np.ones((1, 2)))
    assert np.isnan(auroc(*counts)[0])
    assert np.isnan(sensitivity_at_specificity(*counts)[0])
    assert average_precision(*counts)[0] == 1.0
    assert np.isnan(average_precision(*counts[::-1])[0])


def test_binned_pixels_come_close_to_the_exact_figures() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(40_000) < 0.1
    probability = 1 / (1 + np.exp(-(rng.normal(-4, 2, truth.shape) + 3 * truth)))
    residual = probability * 0.05
    for scores in (probability, residual):
        levels = level_of(scores.astype(np.float32))
        counts = np.float64(histogram(levels[truth])), np.float64(histogram(levels[~truth]))
        assert auroc(*counts) == pytest.approx(roc_auc_score(truth, scores), abs=2e-4)
        assert average_precision(*counts) == pytest.approx(average_precision_score(truth, scores), abs=3e-3)


def test_levels_keep_order_and_ends() -> None:
    values = np.linspace(0, 1, 5001, dtype=np.float32)
    levels = level_of(values)
    assert (np.diff(levels) >= 0).all()
    assert (levels[0], levels[-1]) == (0, LEVELS - 1)
    assert (EDGES[levels] <= values + 0.5 / 65535 + 1e-7).all()
    grey = level_of(np.arange(256, dtype=np.float32) / 255)
    assert len(np.unique(grey)) == 256


def reference_aupro(maps: np.ndarray, truth: np.ndarray, limit: float) -> float:
    """Threshold by threshold, with scikit-image's labelling and numpy's trapezoid."""
    from skimage.measure import label

    regions = label(truth, connectivity=2)
    points = [(0.0, 0.0)]
    for threshold in np.unique(maps)[::-1]:
        marked = maps >= threshold
        overlap = np.mean([marked[regions == k].mean() for k in range(1, regions.max() + 1)])
        points.append((marked[~truth].mean(), overlap))
    x, y = np.array(points).T
    grid = np.unique(np.r_[x[x <= limit], limit])
    # at equal rates the last, highest overlap starts the next line; the first ends the line before
    area = 0.0
    for left, right in itertools.pairwise(grid):
        start, end = y[x <= left].max(), np.interp(right, *_next_points(x, y, left))
        area += (right - left) * (start + end) / 2
    return area / limit


def _next_points(x: np.ndarray, y: np.ndarray, left: float) -> tuple[list[float], list[float]]:
    after = np.flatnonzero(x > left)[0]
    return [left, x[after]], [y[x <= left].max(), y[after]]


@settings(max_examples=40)
@given(arrays(np.uint8, (6, 7), elements=st.integers(0, 5)), arrays(np.bool_, (6, 7)))
def test_aupro_equals_a_threshold_by_threshold_reference(grey: np.ndarray, truth: np.ndarray) -> None:
    truth[0, 0], truth[5, 6] = True, False
    maps = (grey / 5).astype(np.float32)
    levels = level_of(maps)
    got = aupro(region_shares(levels[truth], region_areas(truth)), np.float64(histogram(levels[~truth])))
    assert got == pytest.approx(reference_aupro(maps, truth, 0.3), abs=1e-7)


def test_aupro_counts_a_small_region_as_much_as_a_large_one() -> None:
    truth = np.zeros((10, 10), bool)
    truth[:4, :4], truth[9, 9] = True, True
    found_large = np.where(truth, 1.0, 0.0).astype(np.float32)
    found_large[9, 9] = 0.0
    levels = level_of(found_large)
    # the large region is found at rate 0; the small one only where everything is: overlap rises from 1/2 to 1
    got = aupro(region_shares(levels[truth], region_areas(truth)), np.float64(histogram(levels[~truth])))
    assert got == pytest.approx(0.5 + 0.5 * 0.3 / 2)
    perfect = level_of(truth.astype(np.float32))
    assert aupro(
        region_shares(perfect[truth], region_areas(truth)), np.float64(histogram(perfect[~truth]))
    ) == pytest.approx(1.0)
