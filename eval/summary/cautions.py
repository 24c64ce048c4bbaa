"""Say in sentences when the figures of a report cannot be relied on."""

from collections.abc import Iterator, Mapping
from typing import Any

from artasyn.eval.metrics.bootstrap import FEW_GROUPS
from artasyn.train.scoring.thresholds import FEWEST_NORMALS, Thresholds

__all__ = ["cautions"]

UNTRAINED = (
    (
        "image_level",
        "auroc",
        "AUROC",
        {"mean_intensity": "the mean grey value"},
    ),
    (
        "pixel_level",
        "dice_mean",
        "Mean Dice",
        {
            "brighter_half": "the brighter half of the lungs",
            "found_lungs": "the lung field found without labels",
        },
    ),
    (
        "pixel_level",
        "pixel_average_precision",
        "Pixel AP",
        {"intensity": "the grey value in the lungs"},
    ),
)
"""Part of the report, figure, its name, and what needs no training with its name. Lung masks that people drew are left
out: where a lesion fills both lungs, they are nearly the truth."""


def cautions(report: Mapping[str, Any], thresholds: Thresholds) -> list[str]:
    """Return why figures of this report are not to be relied on, a sentence or two each; empty where nothing is."""
    return [*_few(report["images"]), *_coarse(thresholds), *_chance(report), *_no_better(report)]


def _few(images: Mapping[str, Any]) -> Iterator[str]:
    """Tell classes of few images; a class that is absent is told as refused."""
    counts = {name: images[name] for name in ("normal", "abnormal") if 0 < images[name] < FEW_GROUPS}
    if counts:
        few = " and ".join(f"{count} {name}" for name, count in counts.items())
        yield (
            f"Few images: {few}. The figures depend on chance, and intervals of fewer than {FEW_GROUPS} are too narrow."
        )


def _coarse(thresholds: Thresholds) -> Iterator[str]:
    if thresholds.normal_images < FEWEST_NORMALS:
        yield (
            f"The run's thresholds were frozen on {thresholds.normal_images} held-out normal images, fewer than "
            f"{FEWEST_NORMALS}. What they give (Dice, falsely marked, sensitivity, specificity) depends on chance; "
            "AUROC and AP do not use them."
        )


def _chance(report: Mapping[str, Any]) -> Iterator[str]:
    auroc = report["image_level"].get("run", {}).get("auroc", {})
    if auroc.get("low") is not None and auroc["low"] <= 0.5 <= auroc["high"]:
        yield "The interval of AUROC holds 0.5: the image score may be no better than guessing."


def _no_better(report: Mapping[str, Any]) -> Iterator[str]:
    """Tell each figure that something without training reaches as well."""
    for part, figure, name, baselines in UNTRAINED:
        methods = report[part]
        own = _value(methods, "run", figure)
        found = {said: _value(methods, key, figure) for key, said in baselines.items()}
        above = [f"{said} {value:.3f}" for said, value in found.items() if _reaches(value, own)]
        if above:
            yield (
                f"{name} ({own:.3f}) is not above what needs no training: {', '.join(above)}. "
                "On these images the network adds nothing to that."
            )


def _value(methods: Mapping[str, Any], method: str, figure: str) -> float | None:
    value: float | None = methods.get(method, {}).get(figure, {}).get("value")
    return value


def _reaches(value: float | None, own: float | None) -> bool:
    return value is not None and own is not None and value >= own
