"""The figures of a report as a few lines of text."""

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["headline", "text_of"]

IMAGE = ("auroc", "average_precision", "sensitivity_at_95_specificity")
PIXEL = ("dice_mean", "dice_median", "pixel_average_precision", "aupro_30")


def headline(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the main figures with their 95 % intervals, one method a line."""
    images = report["images"]
    yield (
        f"{images['scored']} images: {images['normal']} normal, {images['abnormal']} abnormal "
        f"({images['annotated']} with a mask), prevalence {images['prevalence']:.3f}"
    )
    if report["leakage"]["exact"]:
        yield f"  {report['leakage']['exact']} images were trained on: these figures are not those of unseen images"
    for level, names in (("image_level", IMAGE), ("pixel_level", PIXEL)):
        for method, figures in report[level].items():
            known = [f"{name} {text_of(figures[name])}" for name in names if name in figures]
            yield f"  {method:15s} " + "   ".join(known)
    for method, figures in report["on_normals"].items():
        yield f"  {method:15s} marks {text_of(figures['share_of_image'])} of normal images"
    if report["box_level"]:
        found = report["box_level"]["run"]
        yield f"  boxes           pointing game {text_of(found['pointing_game'])}   FROC {text_of(found['froc_mean'])}"
    for reason in report["refused"]:
        yield f"  not computed: {reason}"
    if report["leakage"]["near"]:
        yield f"  {report['leakage']['near']} images nearly equal one of the training images"


def text_of(figure: Mapping[str, Any]) -> str:
    """Return `0.873 [0.841, 0.902]`, or a dash where the figure is undefined."""
    if figure["value"] is None:
        return "-"
    if figure["low"] is None:
        return f"{figure['value']:.3f} (too few for an interval)"
    return f"{figure['value']:.3f} [{figure['low']:.3f}, {figure['high']:.3f}]"
