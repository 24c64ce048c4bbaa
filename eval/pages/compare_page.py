"""Show a comparison as text and as a self-contained page."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from artasyn.data_manifests.outputs import OutputFolder
from artasyn.eval.pages.report_page import made_by, render_page
from artasyn.eval.pages.terminal import text_of
from artasyn.eval.pages.words import FIGURES

__all__ = ["comparison_lines", "write_comparison"]

NAMES = FIGURES | {
    "share_of_image": "Falsely marked of the image",
    "share_of_lungs": "Falsely marked of the lungs",
    "images_with_a_mark": "Normal images with any mark",
}
"""Without the headings of a report, these say what they are of."""


def comparison_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield the differences to the first run, one line a figure and run, then each run's own figures."""
    first, *others = report["runs"]
    for run in report["runs"]:
        if run["leakage"]["exact"]:
            yield f"{run['name']} was trained on {run['leakage']['exact']} of these images: they are not unseen by it"
    for run in others:
        yield f"{run['name']} minus {first['name']}, on the same resamples; last: share of them in which it is better"
        yield from (_line(NAMES[name], _difference(delta)) for name, delta in run["differences"].items())
    for run in report["runs"]:
        yield f"{run['name']} ({run['pretrained']})" if run["pretrained"] else run["name"]
        yield from (_line(NAMES[name], text_of(figure)) for name, figure in run["figures"].items())


def write_comparison(report: Mapping[str, Any], out: Path, *, force: bool = False) -> Path:
    """Write `compare.html` into `out` and return its path. Raises OutputError."""
    page = render_page("compare.html.j2", report=report, names=NAMES, made=made_by())
    return OutputFolder(out, force=force).write_text("compare.html", page)


def _line(name: str, text: str) -> str:
    plain = name.replace("\u00a0", " ")
    return f"  {plain:31s} {text}"


def _difference(delta: Mapping[str, Any]) -> str:
    if delta["value"] is None or delta["low"] is None:
        return "-"
    interval = f"{delta['value']:+.3f} ({delta['low']:+.3f} to {delta['high']:+.3f})"
    return f"{interval}  {100 * delta['better_in']:5.1f} %"
