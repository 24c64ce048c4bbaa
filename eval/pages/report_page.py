"""Write a scoring as one HTML file that needs nothing else, and one line an image as CSV."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from artasyn.data_manifests.files import write_text
from artasyn.eval.pages.examples import heat_top, render_shelves
from artasyn.eval.pages.plots import render_plots
from artasyn.eval.pictures import colour_bar, data_uri
from artasyn.eval.score import Scored
from artasyn.eval.scoring.image_statistics import MASKS
from artasyn.eval.scoring.results import Table

__all__ = ["figure_html", "render_page", "write_images", "write_report"]

METHODS = {
    "run": "This run",
    "human_lungs": "Human lung mask as the prediction",
    "found_lungs": "Lung field found without labels as the prediction",
    "brighter_half": "Brighter half of the lungs",
    "intensity": "Grey value inside the lungs",
    "mean_intensity": "Mean grey value",
}

FIGURES = {
    "auroc": "AUROC",
    "average_precision": "Average precision",
    "sensitivity_at_95_specificity": "Sensitivity at 95\u00a0% specificity",
    "sensitivity": "Sensitivity, frozen threshold",
    "specificity": "Specificity, frozen threshold",
    "dice_mean": "Dice, mean",
    "dice_median": "Dice, median",
    "iou_mean": "IoU, mean",
    "dice_pooled": "Dice, pooled",
    "pixel_auroc": "Pixel AUROC",
    "pixel_average_precision": "Pixel AP",
    "aupro_30": "AUPRO to 30\u00a0%",
    "oracle_dice": "Oracle Dice*",
    "share_of_image": "Share of the image",
    "share_of_lungs": "Share of the lungs",
    "images_with_a_mark": "Images with any mark",
}


def write_report(scored: Scored, out: Path) -> Path:
    """Write `report.html` and `images.csv` into `out`; return the page's path."""
    write_images(scored.table, out / "images.csv", image_threshold=scored.run.thresholds.image)
    top = heat_top(scored.table, scored.run.thresholds.pixel)
    page = render_page(
        "report.html.j2",
        report=scored.report,
        plots=render_plots(scored.report, scored.table),
        shelves=render_shelves(scored.table, scored.run, scored.version, top=top),
        top=top,
        colour_bar=data_uri(colour_bar()),
    )
    path = out / "report.html"
    write_text(path, page)
    return path


def render_page(template: str, **values: Any) -> str:
    """Fill a template of `eval/templates`; whatever comes from data is escaped."""
    environment = Environment(
        loader=PackageLoader("artasyn.eval"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = figure_html
    environment.globals |= {"METHODS": METHODS, "FIGURES": FIGURES}
    return environment.get_template(template).render(values)


def figure_html(figure: Mapping[str, Any] | None) -> Markup:
    """Return a figure with its interval for a table cell."""
    if figure is None or figure["value"] is None:
        return Markup('<span class="none">–</span>')
    interval = "" if figure["low"] is None else f"{figure['low']:.3f}–{figure['high']:.3f}"
    return Markup("<b>{}</b><small>{}</small>").format(f"{figure['value']:.3f}", interval)


def write_images(table: Table, path: Path, *, image_threshold: float) -> None:
    """Write every image's label, scores and overlap; empty where a figure is not defined."""
    cases = table.cases
    dice = {
        name: np.where(cases.annotated & table.available(name), table.dice(name), np.nan) for name in MASKS
    }
    columns = {
        "image_id": cases.image_ids,
        "variant": cases.variants,
        "label": np.where(cases.abnormal, "abnormal", "normal").tolist(),
        "annotated": cases.annotated.astype(int).tolist(),
        "score": _texts(table.score("run")),
        "called_abnormal": (table.score("run") >= image_threshold).astype(int).tolist(),
        "mean_intensity": _texts(table.score("mean_intensity")),
        "lesion_share_of_lungs": _texts(table.lesion_share()),
        "marked_share_of_image": _texts(table.marked_share("run")),
        "marked_share_of_lungs": _texts(table.marked_share_of_lungs("run")),
    } | {f"dice_{name}": _texts(values) for name, values in dice.items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    write_text(path, text.getvalue())


def _texts(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[str]:
    return ["" if np.isnan(v) else f"{v:.6f}" for v in values]
