"""A report says in words when its figures are not to be relied on."""

from typing import Any

import pytest

from artasyn.eval.summary.cautions import cautions
from artasyn.train.scoring.thresholds import FEWEST_NORMALS, Thresholds


def frozen(normal_images: int) -> Thresholds:
    return Thresholds(
        pixel=0.5,
        image=0.5,
        rule="",
        held_out_dice=0.5,
        best_dice_pixel=0.5,
        best_dice=0.5,
        false_positives=0.05,
        sensitivity=0.9,
        specificity=0.95,
        synthetic_images=100,
        normal_images=normal_images,
    )


def report(**changed: Any) -> dict[str, Any]:
    value = changed.get
    return {
        "images": {"normal": value("normal", 100), "abnormal": value("abnormal", 100)},
        "image_level": {
            "run": {"auroc": {"value": 0.9, "low": value("low", 0.8), "high": 0.95}},
            "mean_intensity": {"auroc": {"value": value("grey", 0.6)}},
        },
        "pixel_level": {
            "run": {"dice_mean": {"value": 0.5}, "pixel_average_precision": {"value": None}},
            "brighter_half": {"dice_mean": {"value": value("brighter", 0.4)}},
            "human_lungs": {"dice_mean": {"value": 0.9}},
            "intensity": {"pixel_average_precision": {"value": 0.9}},
        },
    }


def test_sound_figures_get_no_caution() -> None:
    assert cautions(report(), frozen(FEWEST_NORMALS)) == []
    assert cautions(report() | {"image_level": {}, "pixel_level": {}}, frozen(FEWEST_NORMALS)) == []


@pytest.mark.parametrize(
    ("changed", "held_out", "said"),
    [
        ({"normal": 19}, 20, "Few images: 19 normal"),
        ({"abnormal": 7}, 20, "Few images: 7 abnormal"),
        ({}, 19, "frozen on 19 held-out normal images"),
        ({"low": 0.5}, 20, "interval of AUROC holds 0.5"),
        ({"grey": 0.9}, 20, "AUROC (0.900) is not above what needs no training: the mean grey value 0.900"),
        ({"brighter": 0.6}, 20, "Mean Dice (0.500) is not above"),
    ],
)
def test_each_reason_is_told_alone(changed: dict[str, Any], held_out: int, said: str) -> None:
    (reason,) = cautions(report(**changed), frozen(held_out))
    assert said in reason


def test_a_class_that_is_absent_is_not_called_few() -> None:
    assert cautions(report(abnormal=0), frozen(FEWEST_NORMALS)) == []
