"""The streamed thresholds equal those found by trying every one on every image."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from artasyn.data_manifests.errors import ConfigError
from artasyn.train.scoring.threshold_curves import BINS, ThresholdCurves
from artasyn.train.scoring.thresholds import ThresholdConfig, predicted_mask


def dice(found: np.ndarray, truth: np.ndarray) -> float:
    return float(2 * (found & truth).sum() / (found.sum() + truth.sum()))


def images(seed: int, count: int = 3) -> list[tuple[np.ndarray, np.ndarray]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        mask = rng.random((6, 7)) > 0.7
        mask[0, 0] = True
        pairs.append((np.clip(0.3 * mask + rng.random((6, 7)) * 0.7, 0, 1).astype(np.float32), mask))
    return pairs


@given(st.integers(0, 1000))
def test_dice_at_every_threshold_is_exact(seed: int) -> None:
    curves, pairs = ThresholdCurves(), images(seed)
    for anomaly_map, mask in pairs:
        curves.add_synthetic(anomaly_map, mask, score=0.5)
    tried = np.arange(1, BINS, 97)
    expected = [np.mean([dice(m >= np.float32(k / BINS), t) for m, t in pairs]) for k in tried]
    np.testing.assert_allclose(curves.mean_dice()[tried], expected)


def test_best_dice_of_a_perfect_map_is_one() -> None:
    curves = ThresholdCurves()
    mask = np.eye(5, dtype=bool)
    curves.add_synthetic(np.where(mask, 0.8, 0.1).astype(np.float32), mask, score=0.9)
    curves.add_normal(np.full((5, 5), 0.1, np.float32), np.ones((5, 5), bool), score=0.1)
    chosen = curves.choose(ThresholdConfig())
    assert chosen.held_out_dice == 1
    assert 0.1 < chosen.pixel <= 0.8
    assert chosen.false_positives == 0
    assert (chosen.sensitivity, chosen.synthetic_images, chosen.normal_images) == (1, 1, 1)


def test_false_positives_are_kept_within_the_lungs_share() -> None:
    curves = ThresholdCurves()
    values = np.linspace(0, 0.99, 100, dtype=np.float32).reshape(10, 10)
    lungs = np.zeros((10, 10), bool)
    lungs[5:] = True  # values 0.5 to 0.99
    curves.add_normal(values, lungs, score=0.5)
    curves.add_synthetic(values, lungs, score=0.5)
    chosen = curves.choose(ThresholdConfig(false_positives=0.1))
    assert chosen.false_positives <= 0.1
    assert ((values[lungs] >= chosen.pixel).mean()) == pytest.approx(chosen.false_positives)
    assert (values[lungs] >= chosen.pixel - 0.011).mean() > 0.1


def test_further_points_are_frozen_with_the_threshold() -> None:
    curves = ThresholdCurves()
    values = np.linspace(0, 0.99, 100, dtype=np.float32).reshape(10, 10)
    everywhere = np.ones((10, 10), bool)
    for k in range(101):
        curves.add_normal(values, everywhere, score=k / 100)
    curves.add_synthetic(values, values >= 0.97, score=1.0)
    chosen = curves.choose(ThresholdConfig())
    marked = {float(name.rpartition("_")[2]): t for name, t in chosen.pixel_at.items() if name != "cautious"}
    assert marked[0.05] == chosen.pixel  # the default's own rule
    for share, threshold in marked.items():  # the lowest that marks no more: a step of the map is 1 %
        assert share - 0.011 < (values >= threshold).mean() <= share
    assert chosen.pixel_at["cautious"] == chosen.best_dice_pixel > chosen.pixel
    assert chosen.image_at["specificity_0.95"] == chosen.image > chosen.image_at["specificity_0.9"]
    np.testing.assert_allclose(chosen.normal_scores, np.arange(101) / 100, atol=1e-12)


def test_a_cautious_threshold_never_marks_more() -> None:
    curves = ThresholdCurves()
    values = np.linspace(0, 0.99, 100, dtype=np.float32).reshape(10, 10)
    curves.add_normal(values, np.ones((10, 10), bool), score=0.5)
    curves.add_synthetic(values, values >= 0.2, score=1.0)
    chosen = curves.choose(ThresholdConfig())
    assert chosen.best_dice_pixel < chosen.pixel == chosen.pixel_at["cautious"]


def test_image_threshold_keeps_the_specificity() -> None:
    curves = ThresholdCurves()
    flat, mask = np.zeros((4, 4), np.float32), np.eye(4, dtype=bool)
    for k in range(100):
        curves.add_normal(flat, mask, score=k / 100)
        curves.add_synthetic(flat, mask, score=0.5 + k / 100)
    chosen = curves.choose(ThresholdConfig(specificity=0.9))
    assert chosen.specificity == pytest.approx(0.9, abs=0.011)
    assert chosen.sensitivity == pytest.approx(0.6, abs=0.02)


@given(
    st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.7, 1.0]), min_size=1, max_size=30),
    st.sampled_from([0.5, 0.9, 0.95, 0.99]),
)
def test_specificity_is_reached_by_the_lowest_threshold_that_can(scores: list[float], wanted: float) -> None:
    curves = ThresholdCurves()
    flat, mask = np.zeros((2, 2), np.float32), np.eye(2, dtype=bool)
    curves.add_synthetic(flat, mask, score=1.0)
    for score in scores:
        curves.add_normal(flat, mask, score=score)
    chosen = curves.choose(ThresholdConfig(specificity=wanted))
    assert chosen.specificity >= wanted - 1e-9
    lower = [score for score in scores if score < chosen.image]
    assert all(np.mean(np.array(scores) < score) < wanted for score in lower)


def test_a_share_that_no_threshold_keeps_is_not_claimed() -> None:
    curves = ThresholdCurves()
    bright, mask = np.full((4, 4), 0.9995, np.float32), np.eye(4, dtype=bool)
    curves.add_normal(bright, mask, score=0.5)
    curves.add_synthetic(bright, mask, score=0.5)
    chosen = curves.choose(ThresholdConfig())
    assert (chosen.pixel, chosen.false_positives) == ((BINS - 1) / BINS, 1)
    assert chosen.rule.startswith("the highest: none marks as little as 0.05")
    assert curves.quality(ThresholdConfig()) == 0


def test_quality_is_the_mean_dice_up_to_the_share() -> None:
    curves = ThresholdCurves()
    steps = np.linspace(0.005, 0.995, 100, dtype=np.float32).reshape(10, 10)  # k thresholds mark k percent
    found = np.where(steps > 0.97, steps, 0)
    curves.add_normal(steps, np.ones((10, 10), bool), score=0.5)
    curves.add_synthetic(found, found > 0, score=0.5)
    # of the three true pixels the thresholds that mark 2, 3, 4 and 5 percent of the normal image find 2, 3, 3 and 3
    assert curves.quality(ThresholdConfig(false_positives=0.05)) == pytest.approx((0.8 + 3) / 4)
    best = curves.choose(ThresholdConfig(false_positives=0.0))
    assert curves.quality(ThresholdConfig(false_positives=0.0)) == best.best_dice - best.false_positives


def test_ranges_are_checked() -> None:
    with pytest.raises(ConfigError, match=r"thresholds.false_positives: must be in \[0, 1\), got 1.0"):
        ThresholdConfig(false_positives=1.0)
    with pytest.raises(ConfigError, match=r"thresholds.specificity: must be in \(0, 1\), got 0.0"):
        ThresholdConfig(specificity=0.0)


def test_a_predicted_mask_is_the_same_in_numpy_in_torch_and_in_the_counts_at_every_threshold() -> None:
    edges = (np.arange(BINS) / BINS).astype(np.float32)
    values = np.sort(
        np.concatenate([np.nextafter(edges, np.float32(-1)), edges, np.nextafter(edges, np.float32(2))])
    )
    values = values[values >= 0]
    curves = ThresholdCurves()
    curves.add_normal(values[None], np.ones((1, values.size), bool), score=0.0)
    counted = curves.mean_marked() * values.size
    for k in range(1, BINS):
        found = predicted_mask(values, k / BINS)
        assert np.array_equal(found, values >= edges[k])
        assert np.array_equal(predicted_mask(torch.from_numpy(values), k / BINS).numpy(), found)
        assert found.sum() == round(counted[k])
