"""Laws of the box figures: done in the head, equal to a slow reference, blind to mirrors and scales."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from artasyn.eval.metrics.boxes import (
    draw_boxes,
    energy_inside,
    fill_boxes,
    find_marks,
    intersections,
    match_boxes,
    pointing,
)
from artasyn.eval.metrics.histogram import LEVELS, level_of
from artasyn.eval.metrics.ranking import detection_precision, sensitivity_at_rate
from artasyn.eval.scoring.box_statistics import OVERLAPS, box_statistics
from tests.oracles.box_figures import reference_ap, reference_froc, reference_iou

whole = st.integers(0, 5)
boxes = st.tuples(whole, whole, st.integers(1, 4), st.integers(1, 4))
SIDE = 48


def blobs(seed: int) -> np.ndarray:
    """A smooth map of a few hills with distinct tops."""
    rng, (rows, columns) = np.random.default_rng((seed, 21)), np.mgrid[0:SIDE, 0:SIDE]
    hills = [
        rng.uniform(0.2, 0.9)
        * np.exp(-((rows - rng.uniform(0, SIDE)) ** 2 + (columns - rng.uniform(0, SIDE)) ** 2) / 30)
        for _ in range(5)
    ]
    return np.max(hills, axis=0).astype(np.float32)


def draw_truth(seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng((seed, 22))
    return np.concatenate([rng.integers(0, 28, (count, 2)), rng.integers(6, 20, (count, 2))], axis=1) * 1.0


def test_pointing_energy_and_filling_done_in_the_head() -> None:
    anomaly = np.zeros((4, 4), np.float32)
    anomaly[1, 1], anomaly[3, 3] = 0.6, 0.2
    filled = fill_boxes(np.array([[1.0, 1, 2, 1]]), (4, 4))
    assert filled.sum() == 2
    assert filled[1, 1:3].all()
    assert pointing(anomaly, filled) == 1.0
    assert energy_inside(anomaly, filled) == pytest.approx(0.75)
    assert (
        pointing(np.zeros((4, 4), np.float32), filled) == 2 / 16
    )  # a map that points nowhere hits by chance
    assert energy_inside(np.zeros((4, 4), np.float32), filled) == 0.0


def test_boxes_are_cut_at_the_border_and_never_vanish() -> None:
    assert fill_boxes(np.array([[2.0, 2, 9, 9]]), (4, 4)).sum() == 4
    assert fill_boxes(np.array([[1.1, 1.1, 0.2, 0.2]]), (4, 4))[1, 1]
    assert not fill_boxes(np.zeros((0, 4)), (4, 4)).any()


@given(boxes, boxes)
def test_overlap_of_two_boxes_equals_counting_cells(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    got = intersections(np.array([a], float), np.array([b], float))
    assert got[0, 0] == pytest.approx(reference_iou(a, b))
    assert got == pytest.approx(intersections(np.array([b], float), np.array([a], float)))


def test_a_true_box_is_found_once_and_by_the_highest() -> None:
    overlaps, values = np.array([[0.6, 0.0], [0.9, 0.5]]), np.array([0.9, 0.5], np.float32)
    assert match_boxes(overlaps, values, least=0.5).tolist() == [True, True]  # the second takes what is left
    assert match_boxes(overlaps[:, :1], values, least=0.5).tolist() == [True, False]
    assert match_boxes(overlaps, values, least=0.7).tolist() == [False, True]
    assert match_boxes(np.zeros((2, 0)), values, least=0.1).tolist() == [False, False]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000))
def test_marks_and_boxes_turn_with_the_image(seed: int) -> None:
    anomaly, truth = blobs(seed), draw_truth(seed, 2)
    turned = truth.copy()
    turned[:, 0] = SIDE - truth[:, 0] - truth[:, 2]
    here = box_statistics(anomaly, truth, threshold=0.3)
    there = box_statistics(np.ascontiguousarray(anomaly[:, ::-1]), turned, threshold=0.3)
    for name, values in here.items():
        np.testing.assert_allclose(values, there[name], atol=1e-6, err_msg=name)


def test_marks_are_tops_and_equal_neighbours_one_mark() -> None:
    flat = np.zeros((32, 32), np.float32)
    flat[4:7, 10:13], flat[20, 20] = 0.5, 0.8
    values, centres = find_marks(flat)
    assert sorted(zip(values.tolist(), centres.tolist(), strict=True)) == [
        (0.5, [11.5, 5.5]),
        (pytest.approx(0.8), [20.5, 20.5]),
    ]
    assert find_marks(np.zeros((8, 8), np.float32))[0].size == 0


def test_specks_give_no_box() -> None:
    anomaly = np.zeros((64, 64), np.float32)
    anomaly[10:14, 20:30], anomaly[50, 50] = 0.7, 0.9
    drawn, values = draw_boxes(anomaly, threshold=0.7 - 1e-6)
    assert drawn.tolist() == [[20, 10, 10, 4]]
    assert values == pytest.approx([0.7])
    assert draw_boxes(anomaly, threshold=0.95)[0].shape == (0, 4)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([0.25, 1.0, 4.0]), st.sampled_from(range(len(OVERLAPS))))
def test_froc_and_box_precision_equal_a_slow_reference(seed: int, rate: float, k: int) -> None:
    cases = [(blobs(seed + i), draw_truth(seed + i, i % 3)) for i in range(4)]
    cases[1] = (cases[1][0], draw_truth(seed, 2))
    kept = [box_statistics(anomaly, truth, threshold=0.3) for anomaly, truth in cases]
    sums = {name: sum(facts[name] for facts in kept) for name in kept[0]}
    images, targets = np.array([4.0]), np.array([sums["boxes"][0]])
    got = sensitivity_at_rate(sums["box_found"][None], sums["false_marks"][None], targets, images, rate=rate)
    marks = [(list(zip(*find_marks(a), strict=True)), truth.tolist()) for a, truth in cases]
    drawn = [
        (list(zip(*draw_boxes(a, threshold=0.3)[::-1], strict=True)), truth.tolist()) for a, truth in cases
    ]
    for scored in (marks, drawn):  # the fixed levels must keep the scores apart, or the reference breaks ties
        levels = [int(level_of(np.array([value]))[0]) for found, _ in scored for value, _ in found]
        assume(len(set(levels)) == len(levels))
    assert got[0] == pytest.approx(reference_froc(marks, rate=rate))
    precision = detection_precision(sums["drawn_true"][None, k], sums["drawn_false"][None, k], targets)
    assert precision[0] == pytest.approx(reference_ap(drawn, least=OVERLAPS[k]), abs=1e-9)


def test_nothing_drawn_scores_nothing_and_nothing_to_find_has_no_figure() -> None:
    none, some = np.zeros((1, LEVELS)), np.ones((1, LEVELS))
    assert detection_precision(none, none, np.array([3.0]))[0] == 0.0
    assert np.isnan(detection_precision(none, some, np.array([0.0]))[0])
    assert sensitivity_at_rate(some, 100 * some, np.array([9.0]), np.array([1.0]), rate=0.5)[0] == 0.0
