"""Laws of comparing sizes: boxes are found by marks inside them, thirds count every box once, tables are whole."""

import numpy as np
import pytest

from research.boxes_by_area import mark_boxes, thirds
from research.sizes import VIEWS, figures, table

FIGURE = {"value": 0.5, "low": 0.25, "high": 0.75}


def test_a_box_is_found_by_the_highest_mark_inside_it() -> None:
    anomaly = np.zeros((64, 64), np.float32)
    anomaly[10, 20], anomaly[40, 50], anomaly[60, 5] = 0.5, 0.8, 0.9
    boxes = np.array([[15.0, 5, 10, 10], [45, 35, 10, 10], [30, 20, 2, 2]])
    highest, false = mark_boxes(anomaly, boxes)
    assert highest == pytest.approx([0.5, 0.8, 0])
    assert false == pytest.approx([0.9])


def test_an_image_without_boxes_has_false_marks_alone() -> None:
    anomaly = np.zeros((64, 64), np.float32)
    anomaly[10, 20] = 0.5
    highest, false = mark_boxes(anomaly, np.zeros((0, 4)))
    assert not len(highest)
    assert false == pytest.approx([0.5])


def test_thirds_hold_every_box_once_the_small_ones_first() -> None:
    areas = np.array([0.3, 0.01, 0.02, 0.2, 0.05, 0.1, 0.04])
    counts = thirds(areas, areas < 0.05)
    assert list(counts.items()) == [
        ("1.0-4.0 %", "3 of 3"),
        ("5.0-10.0 %", "0 of 2"),
        ("20.0-30.0 %", "0 of 2"),
    ]


def test_stores_are_seen_at_the_size_that_is_said() -> None:
    assert all(view.seen * view.shrink == view.stored for view in VIEWS)


def test_the_table_has_a_line_for_each_figure_of_the_reports() -> None:
    pixel = {"run": {"dice_mean": FIGURE, "pixel_average_precision": FIGURE}}
    common = {
        "image_level": {"run": {"auroc": FIGURE}},
        "pixel_level": pixel,
        "on_normals": {"run": {"share_of_lungs": FIGURE}},
    }
    sizes = [{"from": 0.0, "to": 0.25, "images": 55, "dice_mean": {"run": FIGURE}}]
    boxes = {"run": {"pointing_game": FIGURE, "froc_2": FIGURE}}
    found = figures({**common, "by_lesion_size": sizes}, {**common, "box_level": boxes}, common)
    lines = table(["128 px", "256 px"], [found, found]).splitlines()
    assert lines[0] == "| seen at | 128 px | 256 px |"
    assert len(lines) == 2 + len(found)
    assert (
        "| COVID-QU-Ex: Dice, 0-25 % of the lungs, 55 images | 0.500 (0.250-0.750) | 0.500 (0.250-0.750) |"
        in lines
    )
