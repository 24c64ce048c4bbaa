"""Write a scoring as one HTML file that needs nothing else, with one line an image as CSV beside it."""

import functools
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from artasyn.data_manifests.outputs import OutputFolder
from artasyn.eval.metrics.bootstrap import FEW_GROUPS
from artasyn.eval.pages.examples import ExampleGroup, begin_examples, top_of_scale
from artasyn.eval.pages.images_table import images_csv
from artasyn.eval.pages.neighbours import neighbours
from artasyn.eval.pages.plots import render_plots
from artasyn.eval.pages.words import EXPLAINED, FIGURES, METHODS, RULES
from artasyn.eval.pictures import colour_bar, data_uri
from artasyn.eval.score import Measured, Scored
from artasyn.eval.scoring.worker_pool import WorkerPool

__all__ = ["begin_report", "made_by", "render_page", "write_report"]


def write_report(scored: Scored, *, force: bool = False) -> Path:
    """Write `report.html` and `images.csv` beside `report.json`; return the page's path. Raises OutputError."""
    return begin_report(scored, WorkerPool(), force=force)(scored)


def begin_report(measured: Measured, pool: WorkerPool, *, force: bool = False) -> Callable[[Scored], Path]:
    """Let the pool draw the pictures while the figures are computed; return what writes as `write_report` does."""
    outputs = OutputFolder(measured.folder, force=force)
    for name in ("images.csv", "report.html"):
        outputs.check(name)
    top = top_of_scale(measured.table, measured.run.thresholds.pixel)
    examples = begin_examples(measured, pool, top=top)
    return functools.partial(_write, outputs=outputs, top=top, examples=examples)


def _write(
    scored: Scored, *, outputs: OutputFolder, top: float, examples: Callable[[], Sequence[ExampleGroup]]
) -> Path:
    outputs.write_text("images.csv", images_csv(scored.table, image_threshold=scored.run.thresholds.image))
    page = render_page(
        "report.html.j2",
        report=scored.report,
        plots=render_plots(scored.report, scored.table),
        examples=examples(),
        top=top,
        colour_bar=data_uri(colour_bar()),
        made=made_by(),
        neighbours=neighbours(scored.folder, scored.run.path),
    )
    return outputs.write_text("report.html", page)


def made_by() -> str:
    """Say by what and when; the day alone, in universal time."""
    return f"artasyn {version('artasyn')}, {datetime.now(UTC):%Y-%m-%d}"


def render_page(template: str, **values: Any) -> str:
    """Fill a template of `eval/templates`; whatever comes from data is escaped."""
    environment = Environment(
        loader=PackageLoader("artasyn.eval"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["figure"] = _figure_html
    environment.globals |= {"METHODS": METHODS, "FIGURES": FIGURES, "EXPLAINED": EXPLAINED, "RULES": RULES}
    return environment.get_template(template).render(values)


def _figure_html(figure: Mapping[str, Any] | None) -> Markup:
    """Return a figure with its interval for a table cell."""
    if figure is None or figure["value"] is None:
        return Markup('<span class="none">–</span>')
    interval = _interval(figure)
    return Markup("<b>{}</b><small>{}</small>").format(f"{figure['value']:.3f}", interval)


def _interval(figure: Mapping[str, Any]) -> str:
    if figure["low"] is not None:
        few = f" (few: {figure['groups']})" if figure["groups"] < FEW_GROUPS else ""
        return f"{figure['low']:.3f}–{figure['high']:.3f}{few}"
    return f"too few: {figure['groups']}" if figure["groups"] < FEW_GROUPS else ""
