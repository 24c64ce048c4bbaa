"""artasyn-train show."""

from pathlib import Path

import click

from artasyn.data_manifests.cli import FORCE, say_path
from artasyn.data_manifests.heavy_imports import heavy_imports

__all__ = ["show"]


@click.command(short_help="Plot the curves of a run.")
@click.argument("run", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), help="PNG to write; RUN/curves.png if not given.")
@FORCE
def show(run: Path, out: Path | None, *, force: bool) -> None:
    """Plot the curves of RUN to a PNG.

    \b
    Example:
      artasyn-train show runs/first --out first.png
    """
    with heavy_imports():
        from artasyn.train.runs.plot_curves import plot_curves

    picture = out or run / "curves.png"
    plot_curves(run, picture, force=force)
    say_path("Curves", picture)
