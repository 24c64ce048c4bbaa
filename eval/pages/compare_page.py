"""Show a comparison as text and as a self-contained page."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from artasyn.data_manifests.outputs import OutputFolder
from artasyn.eval.pages.report_page import render_page
from artasyn.eval.pages.terminal import text_of
from artasyn.eval.pages.words import FIGURES

__all__ = ["comparison_lines", "write_comparison"]


def comparison_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line a figure and run; differences are to the first run."""
    first, *others = report["runs"]
    for run in report["runs"]:
        if run["leakage"]["exact"]:
            yield f"{run['name']} was trained on {run['leakage']['exact']} of these images: they are not unseen by it"
    for name in first["figures"]:
        yield FIGURES[name]
        yield f"  {first['name']:24s} {text_of(first['figures'][name])}"
        for run in others:
            delta = run["differences"][name]
            better = (
                "" if delta["better_in"] is None else f", better in {delta['better_in']:.1%} of resamples"
            )
            yield f"  {run['name']:24s} {text_of(run['figures'][name])}   difference {_signed(delta)}{better}"


def write_comparison(report: Mapping[str, Any], out: Path, *, force: bool = False) -> Path:
    """Write `compare.html` into `out` and return its path. Raises OutputError."""
    page = render_page("compare.html.j2", report=report)
    return OutputFolder(out, force=force).write_text("compare.html", page)


def _signed(delta: Mapping[str, Any]) -> str:
    if delta["value"] is None or delta["low"] is None:
        return "–"
    return f"{delta['value']:+.3f} [{delta['low']:+.3f}, {delta['high']:+.3f}]"
