"""Laws of the overlap figures and of the bootstrap."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchmetrics.functional.classification import binary_f1_score, binary_jaccard_index

from artasyn.data_manifests.errors import ConfigError
from artasyn.eval.metrics.bootstrap import Bootstrap, draw, group_codes
from artasyn.eval.metrics.overlap import dice, iou, pixel_counts, pooled_dice, weighted_mean, weighted_median

MASKS = arrays(np.bool_, (5, 6))


def test_overlap_done_in_the_head() -> None:
    truth = np.zeros((4, 4), bool)
    truth[:2, :2] = True
    predicted = np.roll(truth, 1, axis=1)  # two of four pixels shared
    assert pixel_counts(predicted, truth) == (2, 2, 2)
    assert dice(2, 2, 2) == 0.5
    assert iou(2, 2, 2) == pytest.approx(1 / 3)


def test_empty_truth_counts_one_only_against_an_empty_prediction() -> None:
    empty, full = np.zeros((3, 3), bool), np.ones((3, 3), bool)
    assert dice(*pixel_counts(empty, empty)) == iou(*pixel_counts(empty, empty)) == 1.0
    assert dice(*pixel_counts(full, empty)) == dice(*pixel_counts(empty, full)) == 0.0
    assert dice(*pixel_counts(full, full)) == 1.0


@given(MASKS, MASKS)
def test_overlap_equals_torchmetrics(predicted: np.ndarray, truth: np.ndarray) -> None:
    truth[0, 0] = True
    pair = torch.from_numpy(predicted).int(), torch.from_numpy(truth).int()
    counts = pixel_counts(predicted, truth)
    assert dice(*counts) == pytest.approx(binary_f1_score(*pair).item(), abs=1e-6)
    assert iou(*counts) == pytest.approx(binary_jaccard_index(*pair).item(), abs=1e-6)


@given(MASKS, MASKS)
def test_dice_is_symmetric_and_tied_to_iou(predicted: np.ndarray, truth: np.ndarray) -> None:
    counts = pixel_counts(predicted, truth)
    assert dice(*counts) == dice(*pixel_counts(truth, predicted))
    assert dice(*counts) == pytest.approx(2 * iou(*counts) / (1 + iou(*counts)))


@given(
    arrays(np.float64, 7, elements=st.floats(0, 1)),
    arrays(np.float64, 7, elements=st.integers(0, 4)),
)
def test_weighted_figures_equal_repeating(values: np.ndarray, weights: np.ndarray) -> None:
    weights[0] += 1
    repeated = np.repeat(values, weights.astype(int))
    assert weighted_mean(values, weights=weights[None])[0] == pytest.approx(repeated.mean(), abs=2**-30)
    assert weighted_median(values, weights=weights[None])[0] == np.median(repeated)


def test_a_draw_of_no_annotated_image_has_no_pooled_dice() -> None:
    counts = np.array([[3.0], [1.0], [1.0]])
    assert np.isnan(pooled_dice(*counts, weights=np.zeros((1, 1)))[0])


@pytest.mark.parametrize("groups", [[0], [0, 0, 0]])
def test_a_single_image_or_patient_has_no_interval(groups: list[int]) -> None:
    weights = Bootstrap(resamples=100).weights(np.array(groups))
    figure = draw(mean_of(np.full(len(groups), 0.4)), weights)["mean"]
    assert figure.value == pytest.approx(0.4)
    assert np.isnan(figure.interval()).all()


def test_pooled_dice_lets_large_images_weigh_more() -> None:
    tp, fp, fn = np.array([90.0, 0]), np.array([0.0, 0]), np.array([0.0, 20])
    assert pooled_dice(tp, fp, fn, weights=np.ones((1, 2)))[0] == pytest.approx(180 / 200)
    assert weighted_mean(dice(tp, fp, fn), weights=np.ones((1, 2)))[0] == 0.5


def mean_of(values: np.ndarray):  # type: ignore[no-untyped-def]
    return lambda weights: {"mean": weighted_mean(values, weights=weights)}


def test_same_seed_same_interval_whatever_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    values, groups = np.random.default_rng(1).random(50), np.arange(50)
    weights = Bootstrap(resamples=120).weights(groups)
    first = draw(mean_of(values), weights)["mean"]
    monkeypatch.setattr("artasyn.eval.metrics.bootstrap.BLOCK_VALUES", 350)  # seven resamples at a time
    again = draw(mean_of(values), Bootstrap(resamples=120).weights(groups))["mean"]
    np.testing.assert_array_equal(first.resampled, again.resampled)
    other = draw(mean_of(values), Bootstrap(resamples=120, seed=1).weights(groups))["mean"]
    assert (first.resampled != other.resampled).any()
    assert first.value == other.value == pytest.approx(values.mean())


def test_a_patients_images_are_drawn_together() -> None:
    groups = group_codes(["p", "q", "p", "", ""])
    assert groups[0] == groups[2]
    assert len(set(groups.tolist())) == 4
    weights = Bootstrap(resamples=100).weights(groups)
    assert (weights[0] == 1).all()  # the data as they are
    np.testing.assert_array_equal(weights[:, 0], weights[:, 2])
    assert (weights[:, [0, 1, 3, 4]].sum(1) == 4).all()
    assert len(np.unique(weights[:, 0])) > 2


def test_intervals_cover_about_95_percent() -> None:
    hits, widths, trials = 0, [], 200
    for trial in range(trials):
        # 30 patients of three images each that share their patient's mean: treating images as
        # independent would cover far less
        rng = np.random.default_rng((7, trial))
        values = (rng.normal(0, 1, 30)[:, None] + rng.normal(0, 0.3, (30, 3))).ravel()
        weights = Bootstrap(resamples=200, seed=trial).weights(np.arange(30).repeat(3))
        low, high = draw(mean_of(values), weights)["mean"].interval()
        hits += low <= 0 <= high
        widths.append(high - low)
    assert 0.88 <= hits / trials <= 0.99
    assert 0.5 < np.mean(widths) < 0.9  # 2 * 1.96 / sqrt(30) = 0.72


def test_too_few_resamples_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 100, got 10"):
        Bootstrap(resamples=10)
