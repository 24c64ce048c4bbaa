"""Laws of intervals: they hold the truth as often as they say, also where a radiograph meets its own opacities."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from artasyn.eval.metrics.bootstrap import Bootstrap, count_groups, draw, draws_of
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
