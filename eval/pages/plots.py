"""The curves of a report as charts."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from markupsafe import Markup

from artasyn.eval.pages.svg_chart import Axes, band, bars, chart, dots, line
from artasyn.eval.scoring.results import ScoredImages

__all__ = ["Plot", "render_plots"]

Report = Mapping[str, Any]
Plot = tuple[str, str, Markup]
"""Title, caption, drawing."""

MOST_DOTS = 1500


def render_plots(report: Report, table: ScoredImages) -> list[Plot]:
    """Return the charts that this report has data for."""
    curves, plots = report["curves"], []
    if "roc" in curves:
        plots += [_roc(report), _precision_recall(report), _calibration(report)]
    if "thresholds" in curves:
        plots += [_thresholds(report), _dice_by_size(report, table)]
    if "froc" in curves:
        plots += [_froc(report)]
    return plots


def _roc(report: Report) -> Plot:
    axes = Axes(x="1 - specificity", y="sensitivity")
    curves = report["curves"]["roc"]
    called = report["image_level"]["run"]
    point = [[1 - called["specificity"]["value"], called["sensitivity"]["value"]]]
    marks = [
        line(axes, [[0, 0], [1, 1]], "chance"),
        line(axes, curves["mean_intensity"], "baseline"),
        line(axes, curves["run"], "run"),
        dots(axes, point, "frozen", names=["the run's frozen threshold"]),
    ]
    return (
        "ROC",
        "Image level. The ring is the run's frozen threshold.",
        chart(axes, marks, title="ROC curve"),
    )


def _precision_recall(report: Report) -> Plot:
    axes = Axes(x="sensitivity (recall)", y="precision")
    curves, prevalence = report["curves"]["precision_recall"], report["images"]["prevalence"]
    marks = [
        line(axes, [[0, prevalence], [1, prevalence]], "chance"),
        line(axes, curves["mean_intensity"], "baseline"),
        line(axes, curves["run"], "run"),
    ]
    drawing = chart(axes, marks, title="Precision-recall curve")
    return "Precision and recall", "Image level. The dotted line is the prevalence.", drawing


def _calibration(report: Report) -> Plot:
    points = report["curves"]["calibration"]
    scores = [p["score"] for p in points]
    low, high = min(scores), max(scores)
    margin = 0.05 * (high - low) or 0.05
    axes = Axes(
        x="mean score of a part of the images", y="share abnormal", x_range=(low - margin, high + margin)
    )
    prevalence = report["images"]["prevalence"]
    marks = [
        line(axes, [[axes.x_range[0], prevalence], [axes.x_range[1], prevalence]], "chance"),
        bars(axes, [[p["score"], p["low"], p["high"]] for p in points if p["low"] is not None], "run"),
        line(axes, [[p["score"], p["abnormal"]] for p in points], "run"),
        dots(axes, [[p["score"], p["abnormal"]] for p in points], "run"),
    ]
    caption = (
        f"Share of abnormal images in each of {len(points)} equal parts by score, with its 95 % interval. "
        "Dotted: the prevalence."
    )
    return "Calibration", caption, chart(axes, marks, title="Calibration of the image score")


def _froc(report: Report) -> Plot:
    points, called = report["curves"]["froc"], report["box_level"]["run"]
    axes = Axes(x="false marks an image", y="boxes found", x_range=(0.0, max(1.0, points[-1][0])))
    frozen = [[called["false_marks_an_image"]["value"], called["box_recall"]["value"]]]
    shown = [point for point in frozen if point[0] <= axes.x_range[1]]
    marks = [line(axes, points, "run"), dots(axes, shown, "frozen", names=["the run's frozen threshold"])]
    caption = "Share of the boxes found against false marks an image. The ring is the frozen pixel threshold."
    return "FROC", caption, chart(axes, marks, title="FROC curve")


def _thresholds(report: Report) -> Plot:
    points, frozen = report["curves"]["thresholds"], report["run"]["thresholds"]["pixel"]
    # the residual of a reconstruction lives far below 1: show the part where anything is marked
    used = [p["threshold"] for p in points if p["dice_mean"] > 0.01 or p["share_of_normal_image"] > 0.001]
    axes = Axes(x="pixel threshold", y="share", x_range=(0.0, min(1.0, 1.1 * max([frozen, *used]))))
    shown = [p for p in points if p["threshold"] <= axes.x_range[1]]
    marks = [
        line(axes, [[frozen, 0], [frozen, 1]], "frozen"),
        line(axes, [[p["threshold"], p["share_of_normal_image"]] for p in shown], "baseline"),
        line(axes, [[p["threshold"], p["dice_mean"]] for p in shown], "run"),
    ]
    caption = (
        "Mean Dice (solid), marked share of the normal images' area (dashed). Upright: the frozen threshold."
    )
    return "Threshold", caption, chart(axes, marks, title="Mean Dice against the pixel threshold")


def _dice_by_size(report: Report, table: ScoredImages) -> Plot:
    """Draw every annotated image's Dice against its lesion size, and the mean of each quarter."""
    axes = Axes(x="lesion as a share of the lungs", y="Dice")
    share, dice = table.lesion_share(), table.dice("run")
    known = np.flatnonzero(np.isfinite(share))
    known = (
        known[np.linspace(0, len(known) - 1, min(len(known), MOST_DOTS)).astype(np.intp)]
        if len(known)
        else known
    )
    points = [[min(1.0, float(share[i])), float(dice[i])] for i in known]
    parts = [p for p in report["by_lesion_size"] if p["dice_mean"]["run"]["low"] is not None]
    steps = [[p["from"], p["to"], p["dice_mean"]["run"]] for p in parts]
    ends = [
        [x, figure["low"], figure["high"]] for start, end, figure in steps for x in (start + 0.01, end - 0.01)
    ]
    marks = [dots(axes, points, "image", names=[table.cases.image_ids[i] for i in known])]
    for k in range(0, len(ends), 2):
        value = steps[k // 2][2]["value"]
        marks += [
            band(axes, ends[k : k + 2], "run"),
            line(axes, [[ends[k][0], value], [ends[k + 1][0], value]], "run"),
        ]
    caption = (
        "A dot is an image; line and band: mean and 95 % interval at 0-25, 25-50, 50-75 and 75-100 % of the lungs, "
        "of ten images or more."
    )
    return "Dice and lesion size", caption, chart(axes, marks, title="Dice against lesion size")
