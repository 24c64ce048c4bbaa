"""artasyn-eval compare."""

import functools
from pathlib import Path
from typing import Any

import click

from artasyn.data_manifests.cli import FORCE
from artasyn.data_manifests.heavy_imports import heavy_imports
from artasyn.data_manifests.progress import ProgressBar
from artasyn.eval.commands.image_rate import ImageRate
from artasyn.eval.commands.options import JSON, scoring_options, tell

__all__ = ["compare"]


@click.command(short_help="Score several runs on the same images.")
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.argument("store", metavar="STORE[@TAG]")
@click.option(
    "--out",
    "--report",
    "out",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the comparison.",
)
@scoring_options
@FORCE
@JSON
def compare(
    runs: tuple[Path, ...],
    store: str,
    *,
    out: Path,
    as_json: bool,
    asked: dict[str, Any],
    force: bool,
) -> None:
    """Score RUNS on the same store; differences from the first get intervals from paired resamples.

    \b
    Example:
      artasyn-eval compare runs/paper runs/ours stores/hospital@test --out reports/duel
    """
    with heavy_imports():
        from artasyn.eval.compare import compare as compare_runs
        from artasyn.eval.pages.compare_page import comparison_lines, write_comparison
        from artasyn.eval.score import ScoreConfig

    finish = functools.partial(write_comparison, out=out, force=force)
    config = ScoreConfig(**asked)
    with ProgressBar("images") as progress:
        report = compare_runs(
            runs, store, out=out, config=config, progress=ImageRate(progress), finish=finish, force=force
        )
    tell(out / "compare.json", [*comparison_lines(report)], ("Table", out / "compare.html"), as_json=as_json)
