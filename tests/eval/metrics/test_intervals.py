"""Laws of intervals: they hold the truth as often as they say, also where a radiograph meets its own opacities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest, norm
from sklearn.metrics import roc_auc_score

from artasyn.eval.metrics.bootstrap import Bootstrap, count_groups, draw, draws_of
from artasyn.eval.metrics.overlap import weighted_mean
from artasyn.eval.metrics.own_pairs import grouped_auroc
from artasyn.eval.metrics.ranking import auroc, counts_per_level
from research.coverage import covered, draw_held_out


def slow(scores: np.ndarray, positive: np.ndarray, groups: np.ndarray, copies: np.ndarray) -> float:
    """Write each copy of a group out, and leave out pairs of two copies of one group."""
    images = [
        (scores[i], positive[i], groups[i], copy)
        for i in range(len(scores))
        for copy in range(copies[groups[i]])
    ]
    won = total = 0.0
    for score, _, group, copy in (image for image in images if image[1]):
        for other, _, theirs, number in (image for image in images if not image[1]):
            if group == theirs and copy != number:
                continue
            won += (score > other) + (score == other) / 2
            total += 1
    return won / total if total else float("nan")


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
def test_grouped_auroc_equals_writing_the_copies_out(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 4, 9))
    scores, positive = rng.integers(0, 5, 9) / 4, rng.random(9) < 0.5
    copies = rng.integers(0, 3, 4)
    got = grouped_auroc(scores, positive, weights=copies[groups][None].astype(float), groups=groups)[0]
    assert got == pytest.approx(slow(scores, positive, groups, copies), nan_ok=True)


def test_the_data_themselves_give_the_usual_auroc() -> None:
    scores, positive, groups = draw_held_out(7, rng=np.random.default_rng(3))
    got = grouped_auroc(scores, positive, weights=np.ones((1, len(scores))), groups=groups)[0]
    assert got == pytest.approx(roc_auc_score(positive, scores))


def test_done_in_the_head() -> None:
    # one group drawn twice, its normal below its own abnormal image; the other group's normal is above both
    scores, positive = np.array([0.2, 0.4, 0.9]), np.array([False, True, False])
    groups, weights = np.array([0, 0, 1]), np.array([[2.0, 2, 1]])
    # two copies win against themselves and lose against the other group: 2 of 4; copy by copy it would be 4 of 6
    assert grouped_auroc(scores, positive, weights=weights, groups=groups)[0] == 0.5
    assert auroc(*counts_per_level(scores, positive, weights=weights))[0] == pytest.approx(4 / 6)


def test_resamples_of_a_held_out_part_lie_about_the_figure() -> None:
    scores, positive, groups = draw_held_out(12, rng=np.random.default_rng(5))
    weights = Bootstrap(resamples=400).weights(groups).astype(float)
    fixed = draws_of(grouped_auroc(scores, positive, weights=weights, groups=groups), groups=12)
    copied = draws_of(auroc(*counts_per_level(scores, positive, weights=weights)), groups=12)
    assert abs(fixed.resampled.mean() - fixed.value) < 0.01
    assert copied.resampled.mean() - copied.value > 0.02


def test_auroc_covers_where_copies_did_not() -> None:
    found = covered("held out", 20, studies=60, resamples=150)
    assert found["auroc"] >= 0.82
    assert found["copies"] < 0.75


def test_patients_of_several_images_are_covered() -> None:
    found = covered("patients", 40, studies=60, resamples=150)
    for name in ("auroc", "average_precision", "sensitivity", "sensitivity_at_95_specificity"):
        assert found[name] >= 0.85, name


def test_few_groups_get_no_interval_and_say_how_many() -> None:
    weights = Bootstrap(resamples=100).weights(np.arange(9).repeat(3))
    assert count_groups(weights) == 9
    figure = draw(lambda w: {"": w.mean(1)}, weights)[""].to_dict()
    assert (figure["low"], figure["high"], figure["groups"]) == (None, None, 9)
    enough = Bootstrap(resamples=100).weights(np.arange(10))
    assert draw(lambda w: {"": w[:, 0]}, enough)[""].to_dict()["low"] is not None


@settings(max_examples=20, deadline=None)
@given(st.integers(10, 60), st.integers(1, 3), st.booleans())
def test_where_all_are_right_or_none_the_interval_has_a_width(
    patients: int, images: int, right: bool
) -> None:
    weights = Bootstrap(resamples=100).weights(np.arange(patients).repeat(images))
    values = np.full(patients * images, float(right))

    def share(weights: np.ndarray) -> dict[str, np.ndarray]:
        return {"": weighted_mean(values, weights=weights)}

    figure = draw(share, weights, counted=True)[""]
    expected = binomtest(patients * right, patients).proportion_ci(method="wilson")
    assert figure.interval() == pytest.approx((expected.low, expected.high), abs=1e-6)
    assert draw(share, weights)[""].interval() == (right, right)  # a mean of areas may be known exactly


@pytest.mark.parametrize(("counted", "least", "most"), [(True, 0.9, 1.0), (False, 0.4, 0.75)])
def test_shares_near_one_are_covered_and_by_resamples_alone_are_not(
    counted: bool, least: float, most: float
) -> None:
    truth, weights = 0.97, Bootstrap(resamples=100).weights(np.arange(30))
    hits = []
    for study in range(200):
        right = (np.random.default_rng(study).random(30) < truth).astype(float)
        figure = draw(lambda w, right=right: {"": weighted_mean(right, weights=w)}, weights, counted=counted)
        low, high = figure[""].interval()
        hits.append(low <= truth <= high)
    assert least <= np.mean(hits) <= most


def test_an_auroc_of_one_is_not_taken_for_certain() -> None:
    truth, weights = (
        norm.cdf(3.29 / np.sqrt(2)),
        Bootstrap(resamples=100).weights(np.arange(40)).astype(float),
    )
    positive, hits = np.arange(40) >= 20, []
    for study in range(100):
        scores = np.random.default_rng(study).normal(3.29 * positive, 1)
        values = auroc(*counts_per_level(scores, positive, weights=weights))
        low, high = draws_of(values, groups=20, counted=True).interval()
        hits.append(low <= truth <= high)
    assert np.mean(hits) >= 0.9
