"""The figures of a report as an aligned table of plain words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from artasyn.eval.metrics.bootstrap import FEWEST_GROUPS
from artasyn.eval.pages.words import FIGURES, RULES

__all__ = ["headline", "text_of"]

SHOWN = (
    (
        "image_level",
        ("auroc", "average_precision", "sensitivity", "specificity"),
        "mean_intensity",
        "mean grey value",
    ),
    ("pixel_level", ("dice_mean", "dice_median"), "brighter_half", "brighter half of lungs"),
    ("pixel_level", ("pixel_average_precision", "aupro_30"), "intensity", "grey value in the lungs"),
)
"""Part of the report, figures, the baseline beside them and its name."""

NAMED = {"share_of_lungs": "lungs falsely marked", "dice_mean": "Dice"}

BOXES = ("pointing_game", "box_recall", "false_marks_an_image", "froc_mean", "box_ap_0.5")


def headline(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the main figures with their 95 % intervals, one a line, and what a reader must know beside them."""
    images, leakage = report["images"], report["leakage"]
    yield (
        f"{images['scored']} images: {images['normal']} normal, {images['abnormal']} abnormal "
        f"({images['annotated']} with a mask, {images['boxed']} with boxes), "
        f"prevalence {100 * images['prevalence']:.1f} %"
    )
    if pretrained := report["run"]["pretrained"]:
        yield f"  {pretrained}"
    if leakage["exact"]:
        yield f"  {leakage['exact']} images were trained on: these figures are not those of unseen images"
    yield from _figures(report)
    yield from _marked(report["on_normals"])
    yield from _severity(report.get("severity", []))
    yield from _recalibrated(report.get("recalibrated", {}))
    yield from (f"  Warning: {reason}" for reason in report["cautions"])
    if warning := report["shift"].get("warning", ""):
        yield f"  Warning: {warning}"
    if too_few := report["shift"].get("too_few", ""):
        yield f"  {too_few}"
    for reason in report["refused"]:
        yield f"  not computed: {reason}"
    if leakage["near"]:
        yield f"  {leakage['near']} images nearly equal one of the training images"


def text_of(figure: Mapping[str, Any]) -> str:
    """Return `0.873 (0.841 to 0.902)`, or a dash where the figure is undefined."""
    if figure["value"] is None:
        return "-"
    if figure["low"] is None:
        few = f" (too few: {figure['groups']})" if figure["groups"] < FEWEST_GROUPS else ""
        return f"{figure['value']:.3f}{few}"
    return f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _figures(report: Mapping[str, Any]) -> Iterator[str]:
    if any("run" in report[level] for level, *_ in SHOWN):
        yield f"  {'':23s} {'this run (95 % interval)':24s} without training"
    for level, names, baseline, called in SHOWN:
        methods = report[level]
        for name in names if "run" in methods else ():
            if name in methods["run"]:
                other = methods.get(baseline, {}).get(name)
                beside = f"{called} {other['value']:.3f}" if other and other["value"] is not None else ""
                yield _line(FIGURES[name], methods["run"][name], beside)
    for name in BOXES if report["box_level"] else ():
        yield _line(FIGURES[name], report["box_level"]["run"][name], "")


def _line(name: str, figure: Mapping[str, Any], beside: str) -> str:
    plain = name.replace("\u00a0", " ")
    return f"  {plain:23s} {text_of(figure):24s} {beside}".rstrip()


def _marked(on_normals: Mapping[str, Any]) -> Iterator[str]:
    """Say in words what is marked on normal images."""
    run = on_normals.get("run")
    if run is None:
        return
    lungs, marked = run["share_of_lungs"]["value"], run["images_with_a_mark"]["value"]
    where = f"{100 * run['share_of_image']['value']:.1f} % of the normal images' area"
    where = where if lungs is None else f"{100 * lungs:.1f} % of the normal lungs"
    yield f"  falsely marked: {where}; {100 * marked:.0f} % of the normal images have a mark"


def _severity(columns: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for found in columns:
        yield f"  rank correlation with {found['column']} ({found['images']} images)"
        yield _line("  Marked share of lungs", found["spearman"]["marked_share_of_lungs"], "")
        grey = f"mean grey value {text_of(found['spearman']['mean_intensity'])}"
        yield _line("  Image score", found["spearman"]["image_score"], grey)


def _recalibrated(found: Mapping[str, Any]) -> Iterator[str]:
    """Tell figures at the thresholds of the place, apart from the frozen ones."""
    if not found:
        return
    images = f"{found['normal']} normal and {found['unlabelled']} unlabelled images"
    yield f"  at thresholds learnt from {images} of {found['store']}"
    for point in found["pixel"]:
        parts = [f"{NAMED[name]} {text_of(point[name])}" for name in NAMED if name in point]
        yield f"    {RULES[point['rule']]}: {', '.join(parts)}"
    for point in found["image"]:
        called = (f"{name} {text_of(point[name])}" for name in ("sensitivity", "specificity"))
        yield f"    {RULES[point['rule']]}: {', '.join(called)}"
    for reason, count in found["left_out"].items():
        yield f"    {count} left out: {reason}"
    if found["unlabelled"]:
        yield f"    {found['assumption']}"
